/**
 * The disk of this machine, as the export writes to it. Every call blocks: an export makes hundreds, of some microseconds each,
 * and takes ten times as long where each of them waits for a thread.
 */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Disk } from './export-files.ts';

export const disk: Disk = {
  join,
  parent: dirname,
  async kindOf(path) {
    try {
      // A link is no file of ours: what it leads to is not written over.
      const found = lstatSync(path, { throwIfNoEntry: false });
      return found && (found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other');
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code === 'ENOTDIR') return 'blocked';
      throw problem;
    }
  },
  readFile: async (path) => readFileSync(path),
  list: async (folder) => readdirSync(folder),
  writeFile: async (path, content, executable) => writeFileSync(path, content, { mode: executable ? 0o755 : 0o644 }),
  mkdir: async (path) => void mkdirSync(path, { recursive: true }),
  scratch: async (folder) => mkdtempSync(join(folder, '.weft-export-')),
  rename: async (from, to) => renameSync(from, to),
  rm: async (path) => rmSync(path, { recursive: true, force: true }),
  rmdir: async (path) => rmdirSync(path),
};
