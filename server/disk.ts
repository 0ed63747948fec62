/** The disk of this machine, as the export writes to it. */
import { lstat, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Disk } from './export-files.ts';

export const disk: Disk = {
  join,
  parent: dirname,
  async kindOf(path) {
    try {
      const found = await lstat(path); // a link is no file of ours: what it leads to is not written over
      return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
    } catch (problem) {
      const { code } = problem as NodeJS.ErrnoException;
      if (code === 'ENOTDIR') return 'blocked';
      if (code === 'ENOENT') return undefined;
      throw problem;
    }
  },
  readFile: (path) => readFile(path),
  writeFile: (path, content, executable) => writeFile(path, content, { mode: executable ? 0o755 : 0o644 }),
  mkdir: async (path) => void (await mkdir(path, { recursive: true })),
  rename,
  rm: (path) => rm(path, { recursive: true, force: true }),
  rmdir: (path) => rmdir(path),
};
