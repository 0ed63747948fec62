import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { disk } from '../server/disk.ts';
import { planWrite } from '../server/emit/plan-write.ts';
import type { Project } from '../server/emit/project.ts';
import { applyWritePlan, type Disk, ExportError, readFolderState, writeProject } from '../server/export-files.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weft-export-'));
  folder = join(root, 'deep', 'out');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const project = (texts: Record<string, string>): Project => ({
  name: 'p',
  files: Object.entries(texts).map(([path, content]) => ({ path, content, executable: path.endsWith('.sh') })),
});

async function exportTo(wanted: Project, to: Disk = disk): Promise<void> {
  await applyWritePlan(to, folder, planWrite(wanted, await readFolderState(to, folder, wanted)));
}

/** Every file under the test's root with its text. */
async function snapshot(): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found: Record<string, string> = {};
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    found[path.slice(root.length + 1)] = entry.isFile() ? await readFile(path, 'utf8') : '<directory>';
  }
  return found;
}

const first = project({ Makefile: 'a', 'src/up.cpp': 'b', 'old/gone.cpp': 'c' });
const second = project({ Makefile: 'a2', 'src/up.cpp': 'b2', 'new/one.cpp': 'd', 'run.sh': 'e' });

test('writes a new folder with everything in it and leaves nothing beside it', async () => {
  await exportTo(first);
  expect(Object.keys(await snapshot()).sort()).toEqual([
    'deep',
    'deep/out',
    'deep/out/.weft-manifest.json',
    'deep/out/Makefile',
    'deep/out/old',
    'deep/out/old/gone.cpp',
    'deep/out/src',
    'deep/out/src/up.cpp',
  ]);
});

test('the next export replaces, deletes with the emptied directory, and keeps edits', async () => {
  await exportTo(first);
  await writeFile(join(folder, 'Makefile'), 'mine');
  await writeFile(join(folder, 'notes.txt'), 'mine');
  await exportTo(second);
  const now = await snapshot();
  expect(now['deep/out/Makefile']).toBe('mine');
  expect(now['deep/out/notes.txt']).toBe('mine');
  expect(now['deep/out/src/up.cpp']).toBe('b2');
  expect(now['deep/out/old']).toBeUndefined();
  expect((await lstat(join(folder, 'run.sh'))).mode & 0o111).not.toBe(0);
});

describe('where a step fails', () => {
  /** A disk whose n-th change fails. */
  function failingAt(n: number): Disk {
    let left = n;
    const orFail = <Result>(change: () => Promise<Result>): Promise<Result> =>
      left-- === 0 ? Promise.reject(new Error('no space left on device')) : change();
    return {
      ...disk,
      mkdir: (path) => orFail(() => disk.mkdir(path)),
      writeFile: (path, content, executable) => orFail(() => disk.writeFile(path, content, executable)),
      rename: (from, to) => orFail(() => disk.rename(from, to)),
    };
  }

  test.each([...Array(24).keys()])(
    'the old state is left exactly as it was (change %i of the second export)',
    async (n) => {
      await exportTo(first);
      await writeFile(join(folder, 'src', 'up.cpp'), 'b');
      const before = await snapshot();
      const failed = await exportTo(second, failingAt(n)).then(
        () => false,
        (problem) => problem,
      );
      if (failed) {
        expect(failed).toBeInstanceOf(ExportError);
        expect(failed.message).toMatch(/Nothing was written.*no space left/);
        expect(await snapshot()).toEqual(before);
      } else {
        expect((await snapshot())['deep/out/Makefile']).toBe('a2');
      }
    },
  );

  test('a first export leaves no folder behind', async () => {
    await expect(exportTo(first, failingAt(9))).rejects.toThrow(ExportError);
    expect(await snapshot()).toEqual({});
  });
});

test('nothing goes between the files of somebody else until that is agreed to; an empty folder is nobody’s', async () => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'notes.txt'), 'mine');
  const before = await snapshot();
  for (const consent of [{}, { keep: true }, { overwrite: new Set(['Makefile']) }]) {
    expect(await writeProject(disk, folder, first, consent)).toMatchObject({ written: false, foreign: ['notes.txt'] });
    expect(await snapshot()).toEqual(before);
  }
  // A manifest that says nothing is none.
  await writeFile(join(folder, '.weft-manifest.json'), '{}');
  expect((await writeProject(disk, folder, first)).foreign).toEqual(['.weft-manifest.json', 'notes.txt']);
  expect(await writeProject(disk, folder, first, { add: true })).toMatchObject({ written: true, foreign: [] });
  expect(await snapshot()).toMatchObject({ 'deep/out/notes.txt': 'mine', 'deep/out/Makefile': 'a' });
  // From now on the folder is known.
  expect(await writeProject(disk, folder, second)).toMatchObject({ written: true, foreign: [] });
  await mkdir(join(root, 'empty'));
  expect((await writeProject(disk, join(root, 'empty'), first)).written).toBe(true);
});

test('says what stands in the way', async () => {
  await mkdir(join(folder, 'Makefile'), { recursive: true });
  await expect(exportTo(first)).rejects.toThrow(/Makefile is not a regular file/);
  await rm(folder, { recursive: true });
  await mkdir(folder);
  await writeFile(join(folder, 'src'), '');
  await expect(exportTo(first)).rejects.toThrow(/stands where .*src should be a folder/);
});

test('never leaves the folder, whatever a plan says', async () => {
  const plan = { write: [{ path: '../escaped', content: '' }], delete: [], keepBecauseEdited: [], unchanged: 0 };
  await expect(applyWritePlan(disk, folder, plan)).rejects.toThrow(/not a path inside/);
  expect(await snapshot()).toEqual({});
});
