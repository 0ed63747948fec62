/** Files of trained values on disk, for the doors that have one. They may be larger than memory: read by ranges. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { CheckpointError, type OpenFile } from './weights/checkpoint.ts';

/** The most that one call of the system reads. */
const greatestRead = 2 ** 30;

/** Opens files, with relative paths from `folder` on; `close` closes all that were opened. */
export function parameterFiles(folder: string): { readonly open: OpenFile; readonly close: () => void } {
  const opened: number[] = [];
  return {
    open(path) {
      try {
        const file = openSync(resolve(folder, path), 'r');
        opened.push(file);
        const found = fstatSync(file);
        if (!found.isFile()) return { problem: 'it is not a file' };
        return { size: found.size, read: (offset, length) => read(path, file, offset, length) };
      } catch (error) {
        return { problem: reasonOf(error as NodeJS.ErrnoException) };
      }
    },
    close() {
      for (const file of opened.splice(0)) closeSync(file);
    },
  };
}

/** Where a file is that a spec of `folder` names, and why it cannot be read. */
export function parameterFile(folder: string, path: string): { readonly path: string; readonly problem?: string } {
  const { open, close } = parameterFiles(folder);
  const found = open(path);
  close();
  return { path: resolve(folder, path), ...('problem' in found && { problem: found.problem }) };
}

function read(path: string, file: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  try {
    for (let done = 0; done < length; ) {
      const count = readSync(file, bytes, done, Math.min(length - done, greatestRead), offset + done);
      if (count === 0) throw new Error(`it became shorter while it was read: it ends at byte ${offset + done}`);
      done += count;
    }
  } catch (error) {
    throw new CheckpointError(`${path}: ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
  return bytes;
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOENT' ? 'there is no such file' : message;
}
