/** Which files of an exported folder to write again, to leave alone and to remove. */
import { type Manifest, manifestOf, manifestPath, printManifest } from './manifest.ts';
import type { Project, ProjectFile } from './project.ts';

/** The folder as it is now. */
export interface FolderState {
  /** What the last export wrote; undefined where there was none, or its manifest cannot be read. */
  readonly manifest: Manifest | undefined;
  /** SHA-256 of the files that are there, by path; at least of those in the manifest and in the project. */
  readonly hashes: Readonly<Record<string, string>>;
}

export interface KeptFile {
  readonly path: string;
  /** 'edited': Weft wrote it and a person changed it; 'foreign': Weft never wrote it. */
  readonly reason: 'edited' | 'foreign';
  /** The project has a file for this path too, which is therefore not written; otherwise it is only not deleted. */
  readonly blocks: boolean;
}

export interface WritePlan {
  /** To be written in this order, all or none; the manifest is last, and absent where it need not change. */
  readonly write: readonly ProjectFile[];
  /** Files as a person left them: ask before passing them in `overwrite`. */
  readonly keepBecauseEdited: readonly KeptFile[];
  /** Files of an earlier export that the project no longer has and nobody changed. */
  readonly delete: readonly string[];
  /** How many files are as they should be. */
  readonly unchanged: number;
}

/** `overwrite`: paths of changed files that the person has agreed to lose. */
export function planWrite(
  project: Project,
  folder: FolderState,
  overwrite: ReadonlySet<string> = new Set(),
): WritePlan {
  const written = folder.manifest ?? {};
  const files = project.files.filter((file) => file.path !== manifestPath);
  const wanted = manifestOf(files);
  const write: ProjectFile[] = [];
  const kept: KeptFile[] = [];
  const remove: string[] = [];
  const next: Record<string, string> = {};
  let unchanged = 0;

  const sortOfChange = (path: string): KeptFile['reason'] | undefined => {
    if (overwrite.has(path) || folder.hashes[path] === undefined || folder.hashes[path] === written[path])
      return undefined;
    return written[path] === undefined ? 'foreign' : 'edited';
  };

  for (const file of files) {
    const hash = wanted[file.path]!;
    const change = sortOfChange(file.path);
    if (folder.hashes[file.path] === hash) {
      unchanged++;
      next[file.path] = hash;
    } else if (change) {
      kept.push({ path: file.path, reason: change, blocks: true });
      // The hash of what Weft wrote stays, so that the file goes on being known as edited.
      if (written[file.path] !== undefined) next[file.path] = written[file.path]!;
    } else {
      write.push(file);
      next[file.path] = hash;
    }
  }
  for (const path of Object.keys(written)) {
    if (wanted[path] !== undefined || folder.hashes[path] === undefined) continue;
    if (sortOfChange(path)) {
      kept.push({ path, reason: 'edited', blocks: false });
      next[path] = written[path]!;
    } else {
      remove.push(path);
    }
  }
  const manifest = printManifest(next);
  if (manifestOf([manifest])[manifestPath] !== folder.hashes[manifestPath]) write.push(manifest);
  return { write, keepBecauseEdited: kept, delete: remove.sort(), unchanged };
}
