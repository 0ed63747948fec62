import { expect, test } from 'vitest';
import { resolve } from '../../../server/design/resolve.ts';
import { join } from '../../../server/design/terms/scope.ts';
import { designOf, MAIN, sourceSet } from '../../kit/sources.ts';

test('relative paths are resolved from the folder of the file', () => {
  expect(join('file:///a/b/c.weft', 'd.weft')).toBe('file:///a/b/d.weft');
  expect(join('file:///a/b/c.weft', './x/../d.weft')).toBe('file:///a/b/d.weft');
  expect(join('file:///a/b/c.weft', '../d e.weft')).toBe('file:///a/d%20e.weft');
  expect(join('vscode-vfs://github/a/b.weft', 'c.weft')).toBe('vscode-vfs://github/a/c.weft');
  expect(join('weft-library:/devices/u280.weft', 'u250.weft')).toBe('weft-library:/devices/u250.weft');
});

test('paths that leave the root or are absolute have no meaning', () => {
  expect(join('file:///a/b.weft', '../../c.weft')).toBeUndefined();
  expect(join('file:///a/b.weft', '/c.weft')).toBeUndefined();
  expect(join('file:///a/b.weft', 'http://x/c.weft')).toBeUndefined();
  expect(join('file:///a/b.weft', 'c:\\d.weft')).toBeUndefined();
});

const cards = 'file:///workspace/lib/cards.weft';
const use = 'import "lib/cards.weft"\naccelerator a { device tiny model bert_base phase forward(tokens: 8) }';
const tiny = 'let many = 100\ndevice tiny { clock: 100 MHz die only { dsp: many } }';

test('a card of an imported file, with the constants of its own file', () => {
  const design = designOf(use, { [cards]: tiny });
  expect(design.problems).toEqual([]);
  expect(design.accelerators[0]?.device).toMatchObject({ name: 'tiny', clock: 100e6 });
  expect(design.accelerators[0]?.device.dies[0]?.resources.dsp).toBe(100);
  const binding = design.bindings.find(({ target }) => target.name === 'tiny');
  expect(binding?.target.span.file).toBe(cards);
});

test('the constants of an imported file are known, those of what it imports are not', () => {
  const deep = 'file:///workspace/lib/deep.weft';
  const files = { [cards]: `import "deep.weft"\n${tiny}`, [deep]: 'let hidden_one = 1' };
  expect(designOf('import "lib/cards.weft"\nlet a = many', files).problems).toEqual([]);
  expect(designOf('import "lib/cards.weft"\nlet a = hidden_one', files).problems).toMatchObject([
    { code: 'unknown-name' },
  ]);
});

test('what is wrong in an imported file is said of that file', () => {
  const { problems } = designOf(use, { [cards]: tiny.replace('100 MHz', '100') });
  expect(problems.map(({ code, span }) => [code, span.file])).toEqual([
    ['unit-mismatch', cards],
    ['missing-part', cards],
  ]);
});

test('a circle of imports is reported where it closes, and ends', () => {
  const { problems } = designOf(use, { [cards]: `import "../main.weft"\n${tiny}` });
  expect(problems).toMatchObject([{ code: 'import-failed', reason: 'cycle', chain: [MAIN, cards, MAIN] }]);
  expect(problems[0]?.span.file).toBe(cards);
});

test('a file imported twice, by two ways, is no circle', () => {
  const other = 'file:///workspace/other.weft';
  const files = { [cards]: tiny, [other]: 'import "lib/cards.weft"' };
  expect(designOf(`import "other.weft"\n${use}`, files).problems).toEqual([]);
});

test('the reason of a missing file is the workspace’s', () => {
  const sources = { ...sourceSet({ [MAIN]: 'import "x.weft"' }), reason: () => 'outside-workspace' as const };
  expect(resolve(MAIN, sources).problems).toMatchObject([{ code: 'import-failed', reason: 'outside-workspace' }]);
});

test('a declaration of the file stands before that of the library', () => {
  const own = 'device u280 { clock: 100 MHz die only { dsp: 10 } }\n';
  const design = designOf(`${own}accelerator a { device u280 model bert_base phase forward(tokens: 8) }`);
  expect(design.accelerators[0]?.device.dies).toHaveLength(1);
});

test('a file that is not there is empty', () => {
  expect(resolve('file:///nowhere.weft', sourceSet({}))).toMatchObject({
    accelerators: [],
    problems: [],
    definitions: [],
  });
});
