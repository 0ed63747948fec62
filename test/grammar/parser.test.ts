import { describe, expect, test } from 'vitest';
import { MAX_NESTING, parse } from '../../grammar/parser.ts';
import { WeftParser } from '../../grammar/productions/declarations.ts';
import * as t from '../../grammar/tokens.ts';
import type { Accelerator, Kernel, Model, Sheet, Stream } from '../../grammar/tree.ts';
import { all, SPECS, shape, tokensOf } from './support.ts';

const accelerator = (body: string): Accelerator => {
  const { tree, problems } = parse(`accelerator a {\n${body}\n}`);
  expect(problems).toEqual([]);
  return tree.declarations[0] as Accelerator;
};
const kinds = (body: string): string[] => accelerator(body).statements.map(({ kind }) => kind);
const kernel = (line: string): Kernel => accelerator(line).statements[0] as Kernel;
const stream = (line: string): Stream => accelerator(line).statements[0] as Stream;
const sheet = (text: string): Sheet => {
  const { tree, problems } = parse(text);
  expect(problems).toEqual([]);
  return tree.declarations[0] as Sheet;
};

test('the grammar has no ambiguity that the parser generator can find', () => {
  expect(() => new WeftParser(true, false)).not.toThrow();
});

test.each(SPECS)('%s parses without a problem', (_, text) => {
  expect(parse(text).problems).toEqual([]);
});

test.each(SPECS)('%s: every node lies inside its parent and says what it covers', (_, text) => {
  const { tree } = parse(text);
  for (const node of all(tree)) {
    expect(node.range.start).toBeLessThanOrEqual(node.range.end);
    if (node.kind === 'name')
      expect(text.slice(node.range.start, node.range.end)).toBe((node as { text?: string }).text);
  }
  const last = tokensOf(text).at(-1)!;
  expect(tree.declarations.at(-1)!.range.end).toBe(last.startOffset + last.image.length);
});

test.each(SPECS)('%s reads the same with Windows line ends', (_, text) => {
  expect(shape(parse(text.replaceAll('\n', '\r\n')).tree)).toEqual(shape(parse(text).tree));
});

describe('words', () => {
  test('a statement word ends the clauses before it: nothing is swallowed', () => {
    const settings = 'copies 1 reserve lut 10% precision W4A8 phase decode model m device d choose n from 1, 2';
    expect(kinds(`kernel q array 8 x 16 ${settings} compare b`)).toEqual([
      ...['kernel', 'copies', 'reserve', 'use-precision', 'phase', 'use-model', 'device', 'choose', 'compare'],
    ]);
  });

  test('operator kinds, metrics, memories and modifiers are ordinary names', () => {
    const { problems } = parse(`model m(repeat, x, double, port) {
      input of : [x]
      linear = linear(of, x)   single = linear(double, burst: repeat)
      output single
    }`);
    expect(problems).toEqual([]);
  });

  test('a label or a data-sheet key may be any word but one that starts a declaration', () => {
    expect(sheet('device d { port: 1, on: slr0, weights: 2, depth: 3 }').items.map(({ key }) => key.text)).toEqual([
      ...['port', 'on', 'weights', 'depth'],
    ]);
    expect(parse('device d { model: 1 }').problems).toHaveLength(1);
    expect(parse('let a = f(weights: 1, in: 2)').problems).toEqual([]);
  });

  test('names of accelerators, regions and kernels may be missing', () => {
    const { statements } = accelerator('region on slr0 { kernel array 8 x 8 }');
    expect(shape(statements[0])).toMatchObject({
      kind: 'region',
      body: [{ kind: 'kernel', clauses: [{ word: 'array' }] }],
    });
    expect(statements[0]).not.toHaveProperty('name');
    expect(parse('accelerator { }').problems).toEqual([]);
  });
});

test('no word is of two families: a clause never swallows a statement, nor a statement a declaration', () => {
  const families = [
    t.DECLARATION_WORDS,
    t.STATEMENT_WORDS,
    t.CLAUSE_WORDS,
    t.MODIFIER_WORDS,
  ] as readonly (readonly string[])[];
  const words = families.flat();
  expect(new Set(words).size).toBe(words.length);
});

describe('numbers', () => {
  const value = (text: string) => shape((parse(`let a = ${text}`).tree.declarations[0] as { value?: object }).value);

  test.each([
    ['245 MHz', 245, 'MHz'],
    ['14.4GB/s', 14.4, 'GB/s'],
    ['80%', 80, '%'],
    ['200 tok/s', 200, 'tok/s'],
    ['1_024 KiB', 1024, 'KiB'],
    ['1.5e3 W', 1500, 'W'],
  ])('%s is one quantity', (text, number, unit) => {
    expect(value(text)).toEqual({ kind: 'quantity', value: number, unit, text });
  });

  test('a unit ends where the word ends: `2 weights`, `1 ms1`, `3 sets` hold no unit', () => {
    const { clauses } = kernel('kernel q pack 2 weights hbm[3]');
    expect(shape(clauses[0])).toMatchObject({ word: 'pack', value: { kind: 'number', value: 2 } });
    expect(tokensOf('1 ms1 3 sets 4 m').map(({ image }) => image)).toEqual(['1', 'ms1', '3', 'sets', '4', 'm']);
  });

  test('a unit on the next line is a name', () => {
    expect(tokensOf('let a = 4\ns = 1').map(({ image }) => image)).toEqual(['let', 'a', '=', '4', 's', '=', '1']);
  });

  test('`0..7` is a range, `5.` is not a number', () => {
    expect(shape(kernel('kernel q weights hbm[0..7]').clauses[0])).toMatchObject({
      place: { parts: [{ index: [{ from: { value: 0 }, to: { value: 7 } }] }] },
    });
    expect(parse('let a = 5.').problems).toHaveLength(1);
    expect(parse('let a = .5').problems).toHaveLength(1);
  });

  test.each(['8x16', '8 x 16', '8×16', '8 × 16', '8x 16'])('`array %s` has two factors', (factors) => {
    expect(kernel(`kernel q array ${factors}`).clauses[0]).toMatchObject({ dims: [{ value: 8 }, { value: 16 }] });
  });

  test('`x` is a name where no times sign may stand', () => {
    expect(kernel('kernel x : x + xs array x x 8').clauses[0]).toMatchObject({
      dims: [{ kind: 'reference', path: [{ text: 'x' }] }, { value: 8 }],
    });
    expect(stream('stream x -> b 8 x int8')).toMatchObject({
      width: { value: 8 },
      element: { name: { text: 'int8' } },
    });
  });

  test('`device 4 x u280` and `device n x u280` are counts, `device x` is a card', () => {
    expect(accelerator('device 4 x u280').statements[0]).toMatchObject({ count: { value: 4 }, name: { text: 'u280' } });
    expect(accelerator('device n x u280').statements[0]).toMatchObject({ count: { kind: 'reference' } });
    expect(accelerator('device x at 1 MHz').statements[0]).toMatchObject({ name: { text: 'x' }, clock: { value: 1 } });
  });
});

describe('clauses', () => {
  test('storage takes its modes', () => {
    expect(shape(kernel('kernel q weights hbm[0..7] double via uram port 512 bit burst 64').clauses[0])).toMatchObject({
      place: { parts: [{ name: { text: 'hbm' } }] },
      modes: [
        { word: 'double' },
        { word: 'via', name: { text: 'uram' } },
        { word: 'port', value: { value: 512, unit: 'bit' } },
        { word: 'burst', value: { value: 64 } },
      ],
    });
  });

  test('turns are separated by commas, fused operators by plus signs', () => {
    const { turns } = kernel('kernel mpu : q, up + act, block[0].k');
    expect(turns?.map(({ operators }) => operators.length)).toEqual([1, 2, 1]);
  });

  test('`auto` stands for a dimension, a place and a storage', () => {
    expect(kernel('kernel q array auto x 8 weights auto on auto').clauses).toMatchObject([
      { dims: [{ kind: 'auto' }, {}] },
      { auto: true },
      { auto: true, places: [] },
    ]);
  });

  test('a stream fans out and has a width, a depth and a storage', () => {
    expect(stream('stream a -> b, c tp * 2 x fixed(8) depth 2 * 64 in srl')).toMatchObject({
      to: [{}, {}],
      width: { kind: 'binary', operator: '*' },
      element: { name: { text: 'fixed' }, arguments: [{}] },
      attributes: [{ word: 'depth' }, { word: 'in' }],
    });
  });
});

describe('expressions', () => {
  const tree = (text: string): unknown => {
    const strip = (node: Record<string, unknown>): unknown =>
      node.kind === 'binary'
        ? [strip(node.left as never), node.operator, strip(node.right as never)]
        : node.kind === 'unary'
          ? ['-', strip(node.operand as never)]
          : node.kind === 'parenthesised'
            ? strip(node.inner as never)
            : (node.value ?? (node.path as { text: string }[]).map((name) => name.text).join('.'));
    return strip(
      (parse(`let v = ${text}`).tree.declarations[0] as unknown as { value: Record<string, unknown> }).value,
    );
  };

  test.each([
    ['1 + 2 * 3 - 4', [[1, '+', [2, '*', 3]], '-', 4]],
    ['8 / 4 / 2', [[8, '/', 4], '/', 2]],
    ['-a.b * (1 + 2)', [['-', 'a.b'], '*', [1, '+', 2]]],
    ['a + 1 <= b', [['a', '+', 1], '<=', 'b']],
  ])('%s', (text, expected) => {
    expect(tree(text)).toEqual(expected);
  });
});

describe('documentation', () => {
  test('belongs to what starts on the next line', () => {
    const { declarations } = parse('/// One.\n///   Two.\nlet a = 1\n/// Lost.\n\nlet b = 2').tree;
    expect(declarations).toMatchObject([{ doc: 'One.\nTwo.' }, {}]);
    expect(declarations[1]).not.toHaveProperty('doc');
  });

  test('is found in front of kernels and data-sheet entries, with any line ends', () => {
    const { statements } = accelerator('/// The unit.\r\nkernel q array 8 x 8');
    expect(statements[0]).toMatchObject({ doc: 'The unit.' });
    expect(sheet('device d {\n  /// Usable.\n  lut: 1\n}').items[0]).toMatchObject({ doc: 'Usable.' });
  });

  test('a comment behind code or with four strokes documents nothing', () => {
    const { declarations } = parse('let a = 1 /// of a\nlet b = 2\n//// ----\nlet c = 3').tree;
    expect(declarations.map((one) => 'doc' in one)).toEqual([false, false, false]);
  });

  test('comments are kept in order', () => {
    expect(
      parse('// a\nlet b = 1 // c\n/// d\nlet e = 1').comments.map(({ text, documentation }) => [text, documentation]),
    ).toEqual([
      ['// a', false],
      ['// c', false],
      ['/// d', true],
    ]);
  });
});

test('models: inputs, layers, operators, outputs, instances', () => {
  const { tree } =
    parse(`model m(a, b = 2) { input i : [3, n] layer l(i) repeat a { q = f(i, k: b) output q } output l, i }
    model n = m(a: 1) model o = import "config.json" model p = n`);
  expect(shape((tree.declarations[0] as Model).body)).toMatchObject([
    { kind: 'input', shape: [{ value: 3 }, {}] },
    {
      kind: 'layer',
      parameters: [{ name: { text: 'i' } }],
      repeat: {},
      body: [{ kind: 'operation' }, { kind: 'output' }],
    },
    { kind: 'output', names: [{ text: 'l' }, { text: 'i' }] },
  ]);
  expect(tree.declarations.slice(1)).toMatchObject([
    { instance: { name: { text: 'm' }, arguments: [{ label: { text: 'a' } }] } },
    { instance: { importPath: { value: 'config.json' } } },
    { instance: { name: { text: 'n' } } },
  ]);
});

test('data sheets: entries, sections, lists, ranges, entries with arguments', () => {
  const { items } = sheet(
    'baseline b { channels: 0..31 ports: [0, 1], die a, b { lut: 1 } generate(prompt: 64): 800 ms }',
  );
  expect(shape(items)).toMatchObject([
    { key: { text: 'channels' }, value: { kind: 'span', from: { value: 0 }, to: { value: 31 } } },
    { key: { text: 'ports' }, value: { kind: 'list', items: [{ value: 0 }, { value: 1 }] } },
    { key: { text: 'die' }, names: [{ text: 'a' }, { text: 'b' }], items: [{ key: { text: 'lut' } }] },
    {
      key: { text: 'generate' },
      arguments: [{ label: { text: 'prompt' } }],
      value: { from: { value: 800, unit: 'ms' } },
    },
  ]);
});

describe('bounds', () => {
  test('10,000 brackets are one problem', () => {
    for (const [open, close] of ['()', '[]', '{}']) {
      const { problems } = parse(`let a = ${open!.repeat(10_000)}1${close!.repeat(10_000)}`);
      expect(problems).toHaveLength(1);
    }
    expect(parse(`let a = ${'('.repeat(10_000)}1${')'.repeat(10_000)}`).problems[0]!.kind).toBe('nesting');
    expect(parse(`let a = ${'('.repeat(MAX_NESTING)}1${')'.repeat(MAX_NESTING)}`).problems).toEqual([]);
  });

  test('what stands behind too deep a nesting is still read', () => {
    const { tree } = parse(`let a = ${'('.repeat(100)}1${')'.repeat(100)}\nlet b = 2`);
    expect(tree.declarations[1]).toMatchObject({ name: { text: 'b' }, value: { value: 2 } });
  });

  test('a chain of operators does not become a tree that overflows the stack of its readers', () => {
    const { tree, problems } = parse(`let a = ${'1 + '.repeat(20_000)}1`);
    expect(problems).toMatchObject([{ kind: 'nesting' }]);
    expect(() => all(tree)).not.toThrow();
  });

  test('a text of five megabytes is refused unread', () => {
    expect(parse('x'.repeat(5_000_000))).toMatchObject({
      tree: { declarations: [] },
      problems: [{ kind: 'too-large' }],
    });
  });

  test('a text with NUL characters is a binary file: one problem', () => {
    expect(parse(`accelerator a {\0${'\u00ff%'.repeat(1_000)}`)).toMatchObject({
      tree: { declarations: [] },
      problems: [{ kind: 'binary' }],
    });
  });

  test.each([
    ['lone surrogates', '\ud800'.repeat(1_000)],
    ['bytes of an image', String.fromCharCode(...Array.from({ length: 4_000 }, (_, index) => (index * 7919) % 256))],
  ])('%s are a few problems, not an exception', (_, text) => {
    const { problems } = parse(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(100);
  });

  test('an empty text is an empty tree', () => {
    expect(parse('')).toEqual({
      tree: { kind: 'tree', range: { start: 0, end: 0 }, declarations: [] },
      problems: [],
      comments: [],
    });
    expect(parse('\ufeff\n').problems).toEqual([]);
  });
});
