/** Writes an exported project into a folder, wherever that is: all of it or nothing, and never over a person's edits. */
import { isSafePath, type Manifest, manifestPath, parseManifest } from './emit/manifest.ts';
import { type FolderState, planWrite, type WritePlan } from './emit/plan-write.ts';
import type { Project } from './emit/project.ts';
import { sha256 } from './emit/sha256.ts';
import { enumeration } from './format.ts';
import type { ExportParams, ExportResult } from './requests.ts';

/** What can go wrong with the folder, in words for the user. */
export class ExportError extends Error {}

/**
 * Where files are: a disk, or what an editor has in the place of one. Paths are whatever `join` makes of a folder.
 * Every call but `kindOf` rejects where it cannot do what it says.
 */
export interface Disk {
  /** @param below a path inside of the folder, with slashes */
  join(folder: string, below: string): string;
  parent(path: string): string;
  /** 'blocked': something that is no folder stands where one would have to be on the way. */
  kindOf(path: string): Promise<'file' | 'folder' | 'other' | 'blocked' | undefined>;
  readFile(path: string): Promise<Uint8Array>;
  /** Names of what is in a folder. */
  list(folder: string): Promise<readonly string[]>;
  writeFile(path: string, content: string | Uint8Array, executable: boolean): Promise<void>;
  /** With its parents, where they are missing. */
  mkdir(path: string): Promise<void>;
  /** A folder of a new name inside of another one. */
  scratch(folder: string): Promise<string>;
  rename(from: string, to: string): Promise<void>;
  /** A file, or a folder with all that is in it; nothing happens where there is nothing. */
  rm(path: string): Promise<void>;
  /** Only an empty folder. */
  rmdir(path: string): Promise<void>;
}

/** What a person has agreed to. */
export interface Consent {
  /** Changed files that may be lost. */
  readonly overwrite?: ReadonlySet<string>;
  /** Changed files stay as they are, and the others are written. */
  readonly keep?: boolean;
  /** The project may go between files of a folder that no export of Weft's is in. */
  readonly add?: boolean;
}

/** What came of it: nothing is written into a folder of somebody else's, or while a changed file stands in the way. */
export interface WriteResult extends WritePlan {
  readonly written: boolean;
  /** Names of what is in the folder, where Weft never wrote to it and nobody said that it may; else none. */
  readonly foreign: readonly string[];
}

/**
 * Writes the project into a folder, or asks first: nothing is touched where the folder holds other things than an export, or
 * a changed file stands in the way, until the person has agreed.
 * @throws ExportError when the disk refuses; the old state is back then.
 */
export async function writeProject(
  disk: Disk,
  folder: string,
  project: Project,
  { overwrite = new Set(), keep = false, add = false }: Consent = {},
): Promise<WriteResult> {
  const state = await readFolderState(disk, folder, project);
  const plan = planWrite(project, state, overwrite);
  const foreign = add || state.manifest ? [] : await namesIn(disk, folder);
  const written = foreign.length === 0 && (keep || !plan.keepBecauseEdited.some((file) => file.blocks));
  if (written) await applyWritePlan(disk, folder, plan);
  return { ...plan, written, foreign };
}

/** What is in a folder; nothing where there is none. */
async function namesIn(disk: Disk, folder: string): Promise<string[]> {
  if ((await disk.kindOf(folder)) === undefined) return [];
  try {
    return [...(await disk.list(folder))].sort();
  } catch (problem) {
    throw new ExportError(`${folder} cannot be read: ${reason(problem)}`);
  }
}

/** The same for the editor's request, whose folder is a URI: what the client is to be told. */
export async function answerExport(
  disk: Disk,
  folder: string,
  project: Project,
  request: ExportParams,
): Promise<ExportResult> {
  try {
    const { overwrite, keep = false, add = false } = request;
    const plan = await writeProject(disk, folder, project, { overwrite: new Set(overwrite), keep, add });
    const kept = plan.keepBecauseEdited;
    if (plan.foreign.length > 0) return { kind: 'foreign', holds: enumeration(plan.foreign) };
    return plan.written
      ? { kind: 'written', folder: request.folder, files: plan.write.length, kept: kept.map(({ path }) => path) }
      : { kind: 'ask', edited: kept.filter(({ blocks }) => blocks).map(({ path }) => path) };
  } catch (error) {
    if (error instanceof ExportError) return { kind: 'refused', reasons: [error.message] };
    throw error;
  }
}

/**
 * Manifest and hashes of what lies in `folder` (it need not exist), for planWrite().
 * @throws ExportError where a directory or something else stands in a file's place.
 */
export async function readFolderState(disk: Disk, folder: string, project: Project): Promise<FolderState> {
  if ((await disk.kindOf(folder)) === undefined) return { manifest: undefined, hashes: {} };
  const manifestText = await readRegularFile(disk, folder, manifestPath);
  const manifest: Manifest | undefined =
    manifestText === undefined ? undefined : parseManifest(new TextDecoder().decode(manifestText));
  const hashes: Record<string, string> = {};
  for (const path of new Set([
    ...project.files.map((file) => file.path),
    ...Object.keys(manifest ?? {}),
    manifestPath,
  ])) {
    const content = path === manifestPath ? manifestText : await readRegularFile(disk, folder, path);
    if (content !== undefined) hashes[path] = sha256(content);
  }
  return { manifest, hashes };
}

/**
 * Carries the plan out. Everything is first written into a new folder beside `folder`, on the same file system; then each
 * file is moved into place by a rename, and what it replaces is kept until all are there. Where a step fails, all that was
 * moved is moved back.
 * @throws ExportError after the old state has been restored.
 */
export async function applyWritePlan(disk: Disk, folder: string, plan: WritePlan): Promise<void> {
  const unsafe = [...plan.write.map((file) => file.path), ...plan.delete].find((path) => !isSafePath(path));
  if (unsafe !== undefined) throw new ExportError(`${unsafe} is not a path inside the exported folder`);
  if (plan.write.length === 0 && plan.delete.length === 0) return;

  const { join, parent } = disk;
  const undo: (() => Promise<void>)[] = [];
  const undoParents: (() => Promise<void>)[] = [];
  const there = new Set<string>();
  const makeDirectory = async (path: string, steps = undo): Promise<void> => {
    if (there.has(path)) return;
    there.add(path);
    // Directories are made one by one, so that exactly those which were not there are removed again.
    if (path === parent(path) || (await disk.kindOf(path))) return;
    await makeDirectory(parent(path), steps);
    await disk.mkdir(path);
    steps.push(() => disk.rmdir(path));
  };
  let staging = ''; // not yet made
  const setAside = async (path: string): Promise<void> => {
    if (!(await disk.kindOf(join(folder, path)))) return;
    const aside = join(staging, `old/${path}`);
    await disk.mkdir(parent(aside));
    await disk.rename(join(folder, path), aside);
    undo.push(() => disk.rename(aside, join(folder, path)));
  };

  try {
    await makeDirectory(parent(folder), undoParents);
    staging = await disk.scratch(parent(folder));
    const staged = (path: string): string => join(staging, `new/${path}`);
    for (const inside of new Set(plan.write.map((file) => parent(staged(file.path))))) await disk.mkdir(inside);
    for (const file of plan.write) await disk.writeFile(staged(file.path), file.content, file.executable === true);
    await makeDirectory(folder);
    for (const path of plan.delete) await setAside(path);
    for (const file of plan.write) {
      const target = join(folder, file.path);
      await makeDirectory(parent(target));
      await setAside(file.path);
      await disk.rename(staged(file.path), target);
      undo.push(() => disk.rm(target));
    }
  } catch (problem) {
    const lost = await rollBack(undo);
    if (lost.length > 0)
      throw new ExportError(
        `Writing to ${folder} failed (${reason(problem)}) and so did restoring it (${lost.join('; ')}). What was there is in ${join(staging, 'old')}.`,
      );
    if (staging) await disk.rm(staging);
    await rollBack(undoParents);
    throw new ExportError(`Nothing was written to ${folder}: ${reason(problem)}`);
  }
  await disk.rm(staging);
  await removeEmptyDirectories(disk, folder, plan.delete);
}

async function rollBack(undo: readonly (() => Promise<void>)[]): Promise<string[]> {
  const lost: string[] = [];
  for (const step of [...undo].reverse()) {
    try {
      await step();
    } catch (problem) {
      lost.push(reason(problem));
    }
  }
  return lost;
}

/** Directories that only held deleted files go too; one that still holds something stays. */
async function removeEmptyDirectories(disk: Disk, folder: string, deleted: readonly string[]): Promise<void> {
  for (const path of deleted) {
    for (const folders = path.split('/').slice(0, -1); folders.length > 0; folders.pop()) {
      const emptied = await disk.rmdir(disk.join(folder, folders.join('/'))).then(
        () => true,
        () => false,
      );
      if (!emptied) break;
    }
  }
}

async function readRegularFile(disk: Disk, folder: string, path: string): Promise<Uint8Array | undefined> {
  const full = disk.join(folder, path);
  try {
    const kind = await disk.kindOf(full);
    if (kind === undefined) return undefined;
    if (kind === 'blocked')
      throw new ExportError(
        `A file stands where ${disk.parent(full)} should be a folder: move it away, then export again`,
      );
    if (kind !== 'file') throw new ExportError(`${full} is not a regular file: move it away, then export again`);
    return await disk.readFile(full);
  } catch (problem) {
    if (problem instanceof ExportError) throw problem;
    throw new ExportError(`${full} cannot be read: ${reason(problem)}`);
  }
}

const reason = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem));
