/** A text is read in pieces, and what has been read is taken over: both must make what reading it whole makes. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parse, parseAfter, parseBeside } from '../../grammar/parser.ts';
import { type Piece, piecesOf, startsOf } from '../../grammar/pieces.ts';
import { SEED } from '../kit/dice.ts';
import { randomEdits } from '../kit/random-edits.ts';

const example = readFileSync('examples/bert_u280.weft', 'utf8');

/** The first lines of the pieces. */
const heads = (text: string) => startsOf(text).map((start) => text.slice(start).split(/[\r\n]/, 1)[0]);

test.each([
  ['declarations', 'let a = 1\nlet b = 2\n', ['let a = 1', 'let b = 2']],
  [
    'comments go with what they stand above',
    'let a = 1 // a\n\n// b\r\n/// c\r\nlet b = 2',
    ['let a = 1 // a', '// b'],
  ],
  ['a comment further up belongs to what is before it', 'let a = 1\n// c\n\nlet b = 2', ['let a = 1', 'let b = 2']],
  [
    'statements are no declarations',
    'accelerator a {\nmodel m\n  let x = 1\n}\nmodel m {}',
    ['accelerator a {', 'model m {}'],
  ],
  [
    'an open brace spoils one declaration',
    'accelerator a {\n  device u280\n\naccelerator b {}',
    ['accelerator a {', 'accelerator b {}'],
  ],
  ['nor does a brace too many', 'accelerator a { }}\n  device u280\nlet a = 1', ['accelerator a { }}', 'let a = 1']],
  [
    'braces in comments and texts are none',
    'model m = import "{" // {\nlet a = 1',
    ['model m = import "{" // {', 'let a = 1'],
  ],
  [
    'what follows a text on its line is no text',
    'accelerator a { require "" model\nimport "{" }\nlet a = 1',
    ['accelerator a { require "" model', 'let a = 1'],
  ],
  ['an imported model', 'model m =\n// from\nimport "m.json"\nimport "a.weft"', ['model m =', 'import "a.weft"']],
  [
    'a model that is imported in a clause, however it is laid out',
    'accelerator a\n{\nmodel\n// from\nimport\n"m.json"\n}\nimport "a.weft"',
    ['accelerator a', 'import "a.weft"'],
  ],
  ['a model that has only begun', 'let a = 1\nmodel\nimport "a.weft"', ['let a = 1', 'model', 'import "a.weft"']],
  [
    'a line of slashes behind an equals sign',
    `let a = ${'/'.repeat(200)} x\nlet b = 1`,
    [`let a = ${'/'.repeat(200)} x`, 'let b = 1'],
  ],
  ['a word that only begins alike', 'let a = 1\nletter\nlet_b', ['let a = 1']],
])('pieces: %s', (_, text, expected) => {
  expect(heads(text)).toEqual(expected);
});

/** Lines that begin, end and hide pieces. */
const line = fc.constantFrom(
  ...[
    'let a = 1',
    'let',
    'model',
    'model m =',
    'import "a.weft"',
    '  model m',
    'accelerator a {',
    '}',
    '{',
    '// c',
    '  // d',
  ],
  ...['', 'device d {', '"', 'x'],
);
const lines = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r', ' ')), { maxLength: 8 });
const written = lines.map((all) => all.flat().join(''));

test('whatever is put in anywhere, the pieces begin where they do in a text that is read anew', () => {
  const read = (text: string, at: number): Piece => ({
    text,
    anchor: { at },
    declarations: [],
    problems: [],
    comments: [],
  });
  const cut = fc.array(fc.nat(), { minLength: 2, maxLength: 2 });
  fc.assert(
    fc.property(written, written, cut, fc.boolean(), (before, put, cuts, moving) => {
      const [from, to] = cuts.map((one) => one % (before.length + 1)).sort((a, b) => a - b) as [number, number];
      const after = before.slice(0, from) + put + before.slice(to);
      const pieces = piecesOf(after, piecesOf(before, [], false, read), moving, read);
      expect(pieces.map(({ anchor }) => anchor.at)).toEqual(startsOf(after));
      expect(pieces.map(({ text }) => text).join('')).toBe(after);
    }),
    { numRuns: 2000 },
  );
});

test('what was read before is read no second time, wherever it stands now', () => {
  const before = parse('let a = 1\nlet b = 2\nlet c = 3\n');
  const [a, b, c] = before.tree.declarations;
  const { tree } = parseAfter(before, 'let z = 0\nlet c = 3\nlet a = 1\nlet b = 22\n');
  expect(tree.declarations[1]).toBe(c);
  expect(tree.declarations[2]).toBe(a);
  expect(tree.declarations[3]).not.toBe(b);
  expect(c!.range).toMatchObject({ start: 10, end: 19 });
  expect(tree).toEqual(parse('let z = 0\nlet c = 3\nlet a = 1\nlet b = 22\n').tree);
});

test('a text that is tried out leaves the tree that it stands beside alone', () => {
  const text = 'let a = 1\nlet b = 2\nlet c = 3\n';
  const own = parse(text);
  const other = parseBeside(own, 'let a = 1\nlet b = 22\nlet c = 3\n');
  expect(other.tree.declarations[0]).toBe(own.tree.declarations[0]);
  expect(other.tree.declarations[2]).not.toBe(own.tree.declarations[2]);
  expect(own).toEqual(parse(text));
  expect(other).toEqual(parse('let a = 1\nlet b = 22\nlet c = 3\n'));
});

test('after random edits a tree that was taken over is that of the text read anew', () => {
  const whole = `let rows = 64\n\n/// A model.\nmodel m = bert(layers: 2)\n${example}\nlet last = rows\n${example}`;
  const next = randomEdits(whole, SEED);
  let document = TextDocument.create('file:///m.weft', 'weft', 0, whole);
  let parsed = parse(whole);
  for (let edit = 1; edit <= 240; edit++) {
    const { change } = next(document);
    document = TextDocument.update(document, [change], edit);
    const text = document.getText();
    parsed = parseAfter(parsed, text);
    if (edit % 4 === 0) expect(parsed, `edit ${edit}: ${JSON.stringify(text)}`).toEqual(parse(text));
  }
});

test('what says the same is the same, and stands where it stands now', () => {
  const before = parse('accelerator a {\n  device u280 // a\n  kernel up array 8 x 16\n}\nlet b = 1 + 2\n');
  const [a, b] = before.tree.declarations;
  const text =
    '/// Not said before.\naccelerator a {\n\n  device u280 // another\n  kernel up array 8 x 16 wei\n}\nlet b = 1 +  2\n';
  const undocumented = text.slice(text.indexOf('accelerator'));
  const now = parseAfter(before, undocumented);
  expect(now.problems).toHaveLength(1);
  expect(now.tree.declarations[0]).toBe(a);
  expect(now.tree.declarations[1]).not.toBe(b); // expressions are shown as they are written
  expect(now).toEqual(parse(undocumented));
  expect(parseAfter(now, text).tree.declarations[0]).not.toBe(a);
});
