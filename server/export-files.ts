/** Writes an exported project to disk for the doors that have one: all of it or nothing, and never over a person's edits. */
import { randomBytes } from 'node:crypto';
import * as disk from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSafePath, type Manifest, manifestPath, parseManifest } from './emit/manifest.ts';
import { type FolderState, planWrite, type WritePlan } from './emit/plan-write.ts';
import type { Project } from './emit/project.ts';
import { sha256 } from './emit/sha256.ts';

/** What can go wrong with the folder, in words for the user. */
export class ExportError extends Error {}

/** The calls that change the disk; a test makes one of them fail in the middle. */
export interface Disk {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  writeFile(path: string, content: string | Uint8Array, options: { mode: number }): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { recursive: true; force: true }): Promise<void>;
  rmdir(path: string): Promise<void>;
}

/** What came of it: nothing is written while a file that a person changed stands in the way of a new version of it. */
export interface WriteResult extends WritePlan {
  readonly written: boolean;
}

/**
 * Writes the project into a folder, or asks first: with a changed file in the way, nothing is touched until its path is in
 * `overwrite`, or `keep` says that such files are to stay as the person left them.
 * @throws ExportError when the disk refuses; the old state is back then.
 */
export async function writeProject(
  folder: string,
  project: Project,
  overwrite: ReadonlySet<string> = new Set(),
  keep = false,
): Promise<WriteResult> {
  const plan = planWrite(project, await readFolderState(folder, project), overwrite);
  const written = keep || !plan.keepBecauseEdited.some((file) => file.blocks);
  if (written) await applyWritePlan(folder, plan);
  return { ...plan, written };
}

/**
 * Manifest and hashes of what lies in `folder` (it need not exist), for planWrite().
 * @throws ExportError where a directory or something else stands in a file's place.
 */
export async function readFolderState(folder: string, project: Project): Promise<FolderState> {
  const manifestText = await readRegularFile(folder, manifestPath);
  const manifest: Manifest | undefined =
    manifestText === undefined ? undefined : parseManifest(manifestText.toString('utf8'));
  const hashes: Record<string, string> = {};
  for (const path of new Set([
    ...project.files.map((file) => file.path),
    ...Object.keys(manifest ?? {}),
    manifestPath,
  ])) {
    const content = path === manifestPath ? manifestText : await readRegularFile(folder, path);
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
export async function applyWritePlan(folder: string, plan: WritePlan, to: Disk = disk): Promise<void> {
  const unsafe = [...plan.write.map((file) => file.path), ...plan.delete].find((path) => !isSafePath(path));
  if (unsafe !== undefined) throw new ExportError(`${unsafe} is not a path inside the exported folder`);
  if (plan.write.length === 0 && plan.delete.length === 0) return;

  const staging = join(dirname(folder), `.weft-export-${randomBytes(6).toString('hex')}`);
  const undo: (() => Promise<void>)[] = [];
  const undoParents: (() => Promise<void>)[] = [];
  const makeDirectory = async (path: string, steps = undo): Promise<void> => {
    // Directories are made one by one, so that exactly those which were not there are removed again.
    if (await exists(path)) return;
    await makeDirectory(dirname(path), steps);
    await to.mkdir(path, { recursive: true });
    steps.push(() => to.rmdir(path));
  };
  const setAside = async (path: string): Promise<void> => {
    if (!(await exists(join(folder, path)))) return;
    const aside = join(staging, 'old', path);
    await to.mkdir(dirname(aside), { recursive: true });
    await to.rename(join(folder, path), aside);
    undo.push(() => to.rename(aside, join(folder, path)));
  };

  try {
    await makeDirectory(dirname(folder), undoParents);
    for (const file of plan.write) {
      const staged = join(staging, 'new', file.path);
      await to.mkdir(dirname(staged), { recursive: true });
      await to.writeFile(staged, file.content, { mode: file.executable ? 0o755 : 0o644 });
    }
    await makeDirectory(folder);
    for (const path of plan.delete) await setAside(path);
    for (const file of plan.write) {
      const target = join(folder, file.path);
      await makeDirectory(dirname(target));
      await setAside(file.path);
      await to.rename(join(staging, 'new', file.path), target);
      undo.push(() => to.rm(target, { recursive: true, force: true }));
    }
  } catch (problem) {
    const lost = await rollBack(undo);
    if (lost.length > 0)
      throw new ExportError(
        `Writing to ${folder} failed (${reason(problem)}) and so did restoring it (${lost.join('; ')}). What was there is in ${join(staging, 'old')}.`,
      );
    await to.rm(staging, { recursive: true, force: true });
    await rollBack(undoParents);
    throw new ExportError(`Nothing was written to ${folder}: ${reason(problem)}`);
  }
  await to.rm(staging, { recursive: true, force: true });
  await removeEmptyDirectories(folder, plan.delete, to);
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
async function removeEmptyDirectories(folder: string, deleted: readonly string[], to: Disk): Promise<void> {
  for (const path of deleted) {
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
      const emptied = await to.rmdir(join(folder, parent)).then(
        () => true,
        () => false,
      );
      if (!emptied) break;
    }
  }
}

async function readRegularFile(folder: string, path: string): Promise<Buffer | undefined> {
  const full = join(folder, path);
  try {
    if (!(await disk.lstat(full)).isFile())
      throw new ExportError(`${full} is not a regular file: move it away, then export again`);
    return await disk.readFile(full);
  } catch (problem) {
    if (problem instanceof ExportError) throw problem;
    const code = (problem as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR')
      throw new ExportError(`A file stands where ${dirname(full)} should be a folder: move it away, then export again`);
    throw new ExportError(`${full} cannot be read: ${reason(problem)}`);
  }
}

const exists = (path: string): Promise<boolean> =>
  disk.lstat(path).then(
    () => true,
    () => false,
  );

const reason = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem));
