/**
 * The manifest of an exported folder: the hash of every file as Weft wrote it, so that the next export tells what a person
 * has changed since from what is merely old.
 */
import type { ProjectFile } from './project.ts';
import { sha256 } from './sha256.ts';

export const manifestPath = '.weft-manifest.json';

/** Path → SHA-256 of what Weft wrote there. */
export type Manifest = Readonly<Record<string, string>>;

/** Hashes of files as they were emitted: the manifest is made with the project, and again where it is written. */
const known = new WeakMap<ProjectFile, string>();

function hashOf(file: ProjectFile): string {
  const hash = known.get(file) ?? sha256(file.content);
  known.set(file, hash);
  return hash;
}

export function manifestOf(files: readonly ProjectFile[]): Manifest {
  return Object.fromEntries(files.map((file) => [file.path, hashOf(file)]));
}

/** The manifest as a file, sorted by path. */
export function printManifest(manifest: Manifest): ProjectFile {
  const files = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { path: manifestPath, content: `${JSON.stringify({ format: 1, algorithm: 'sha256', files }, null, 2)}\n` };
}

/** What a manifest says; undefined where it is not one, so that nothing counts as written by Weft. */
export function parseManifest(text: string): Manifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || value.format !== 1 || value.algorithm !== 'sha256' || !isRecord(value.files))
    return undefined;
  const entries = Object.entries(value.files);
  const wellFormed = entries.every(([path, hash]) => isSafePath(path) && typeof hash === 'string');
  return wellFormed ? (Object.fromEntries(entries) as Manifest) : undefined;
}

/** Relative, forward slashes, and it stays inside the folder: a manifest may have been edited to point elsewhere. */
export function isSafePath(path: string): boolean {
  return path !== '' && !/[\\:\0]/.test(path) && path.split('/').every((part) => !['', '.', '..'].includes(part));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
