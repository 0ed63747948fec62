import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { manifestOf, manifestPath, parseManifest } from '../../server/emit/manifest.ts';
import { type FolderState, planWrite } from '../../server/emit/plan-write.ts';
import type { Project } from '../../server/emit/project.ts';
import { sha256 } from '../../server/emit/sha256.ts';

type Texts = Record<string, string>;

const project = (texts: Texts): Project => ({
  name: 'p',
  files: Object.entries(texts).map(([path, content]) => ({ path, content })),
});
const folder = (onDisk: Texts, writtenByWeft?: Texts): FolderState => ({
  manifest: writtenByWeft && manifestOf(project(writtenByWeft).files),
  hashes: Object.fromEntries(Object.entries(onDisk).map(([path, text]) => [path, sha256(text)])),
});
const paths = (files: readonly { path: string }[]) => files.map((file) => file.path);

describe('the second export into a folder', () => {
  const before = { Makefile: 'a', 'src/up.cpp': 'b', 'src/gone.cpp': 'c' };
  const after = project({ Makefile: 'a', 'src/up.cpp': 'b2', 'src/new.cpp': 'd' });

  test('writes what changed, deletes what the project no longer has, leaves the rest', () => {
    const plan = planWrite(after, folder(before, before));
    expect(paths(plan.write)).toEqual(['src/up.cpp', 'src/new.cpp', manifestPath]);
    expect(plan.delete).toEqual(['src/gone.cpp']);
    expect(plan.keepBecauseEdited).toEqual([]);
    expect(plan.unchanged).toBe(1);
  });

  test('keeps what a person changed, and still knows it as changed the time after', () => {
    const edited = { ...before, 'src/up.cpp': 'mine', 'src/gone.cpp': 'mine too' };
    const plan = planWrite(after, folder(edited, before));
    expect(plan.keepBecauseEdited).toEqual([
      { path: 'src/up.cpp', reason: 'edited', blocks: true },
      { path: 'src/gone.cpp', reason: 'edited', blocks: false },
    ]);
    expect(plan.delete).toEqual([]);
    expect(paths(plan.write)).not.toContain('src/up.cpp');
    const manifest = parseManifest(plan.write.at(-1)!.content as string);
    const third = planWrite(after, { ...folder({ ...edited, 'src/new.cpp': 'd' }), manifest });
    expect(paths(third.keepBecauseEdited)).toEqual(['src/up.cpp', 'src/gone.cpp']);
  });

  test('overwrites an edit only when told to', () => {
    const plan = planWrite(after, folder({ ...before, 'src/up.cpp': 'mine' }, before), new Set(['src/up.cpp']));
    expect(paths(plan.write)).toContain('src/up.cpp');
    expect(plan.keepBecauseEdited).toEqual([]);
  });

  test('writes a deleted file again', () => {
    expect(paths(planWrite(after, folder({ Makefile: 'a', 'src/new.cpp': 'd' }, before)).write)).toContain(
      'src/up.cpp',
    );
  });

  test('does nothing when nothing has changed', () => {
    const all = project(before);
    const first = planWrite(all, folder({}));
    const manifest = first.write.at(-1)!.content as string;
    const again = planWrite(all, folder({ ...before, [manifestPath]: manifest }, before));
    expect(again).toEqual({ write: [], keepBecauseEdited: [], delete: [], unchanged: 3 });
  });
});

test('a folder that Weft never wrote to keeps its own files', () => {
  const plan = planWrite(project({ Makefile: 'ours' }), folder({ Makefile: 'theirs' }));
  expect(plan.keepBecauseEdited).toEqual([{ path: 'Makefile', reason: 'foreign', blocks: true }]);
});

test('whatever the history, no file is written or deleted whose text Weft did not write there last', () => {
  const texts = fc.dictionary(fc.constantFrom('a', 'b', 'c/d', 'c/e'), fc.constantFrom('1', '2', '3'));
  fc.assert(
    fc.property(texts, texts, texts, (wanted, onDisk, written) => {
      const plan = planWrite(project(wanted), folder(onDisk, written));
      const touched = [...paths(plan.write).filter((path) => path !== manifestPath), ...plan.delete];
      return touched.every((path) => onDisk[path] === undefined || onDisk[path] === written[path]);
    }),
  );
});

test.each([
  '',
  '[]',
  '{"format":1}',
  '{"format":1,"algorithm":"sha256","files":{"../../etc/passwd":"0"}}',
  '{"format":2,"algorithm":"sha256","files":{}}',
])('a manifest that is none is no manifest: %s', (text) => expect(parseManifest(text)).toBeUndefined());
