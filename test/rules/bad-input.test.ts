/** Input that nobody would write on purpose: a diagnostic each, and nothing crashes or hangs. */
import { describe, expect, test } from 'vitest';
import bert from '../../examples/bert_u280.weft';
import { MAX_TEXT } from '../../grammar/parser.ts';
import { analysisOf, codesOf, diagnosticsOf } from '../kit/analyses.ts';

const LAYER = `model m(layers) {
  input x : [tokens, 64]
  layer block(x) repeat layers { y = linear(x, 64) output y }
  output block
}
`;
const using = (model: string, kernel = '') =>
  `${LAYER}accelerator a { device u280 model ${model} phase forward(tokens: 8) ${kernel} }`;

describe('a diagnostic each', () => {
  test.each<[what: string, text: string, codes: string[]]>([
    ['a binary file', `${'\0\u0001\u0002PK\u0003\u0004'.repeat(1000)}`, ['syntax-error']],
    ['5 MB of text', 'let a = 1 + 2 // and so on\n'.repeat(200_000).slice(0, 5_000_000), ['syntax-error']],
    ['5 MB in one line', 'x'.repeat(5_000_000), ['syntax-error']],
    ['10,000 open brackets', '('.repeat(10_000), ['syntax-error']],
    ['10,000 brackets in an expression', `let a = ${'('.repeat(10_000)}1${')'.repeat(10_000)}`, ['syntax-error']],
    ['10,000 brackets in an index', `accelerator a { kernel q weights hbm${'['.repeat(10_000)}`, ['syntax-error']],
    ['10,000 braces', '{'.repeat(10_000), ['syntax-error']],
    ['a repeat of 10^9', using('m(layers: 1_000_000_000)'), ['invalid-value']],
    [
      'an array of 10^9 x 10^9',
      using('m(layers: 2)', 'kernel y array 1_000_000_000 x 1_000_000_000'),
      ['invalid-value'],
    ],
    ['a depth of 10^9', `${bert.replace('depth 3072', 'depth 1_000_000_000')}`, ['invalid-value']],
    ['a number without end', `let a = ${'9'.repeat(1000)}`, ['invalid-value']],
  ])('%s', (_, text, codes) => {
    expect(codesOf(text)).toEqual(codes);
  });

  test('a long sum of brackets is refused once, at the bracket that is too deep', () => {
    const [diagnostic] = diagnosticsOf(`let a = ${'('.repeat(10_000)}`);
    expect(diagnostic?.message).toBe('Brackets are nested too deep: 64 levels are enough for any spec.');
  });

  test('a text that is just short enough is read', () => {
    const line = 'let a = 1 // and so on\n';
    const codes = new Set(codesOf(line.repeat(Math.floor(MAX_TEXT / line.length))));
    expect([...codes]).toEqual(['duplicate-name']);
  });
});

describe('nothing to complain of', () => {
  test.each([
    ['an empty file', ''],
    ['blanks', ' \n\t\r\n'],
    ['a comment', '// nothing here yet'],
  ])('%s', (_, text) => {
    expect(codesOf(text)).toEqual([]);
    expect(analysisOf(text).estimate.accelerators).toEqual([]);
  });
});

describe('imports that lead nowhere', () => {
  const main = (path: string) => `import "${path}"\n${bert}`;
  const folder = 'file:///workspace/';

  test('a circle is said once, with its way round', () => {
    const diagnostics = diagnosticsOf(main('b.weft'), {
      [`${folder}b.weft`]: 'import "c.weft"',
      [`${folder}c.weft`]: 'import "main.weft"',
    });
    expect(diagnostics.map((one) => one.message)).toEqual([
      'Nothing is imported from ‘main.weft’: the imports form a circle (main.weft → b.weft → c.weft → main.weft).',
    ]);
  });

  test.each([
    ['no-such.weft', 'Nothing is imported from ‘no-such.weft’: there is no such file.'],
    [
      'config.json',
      'Nothing is imported from ‘config.json’: the configuration of a model is ‘model NAME = import "config.json"’.',
    ],
    [
      '../../outside.weft',
      'Nothing is imported from ‘../../outside.weft’: a path is relative to this file and stays inside the workspace.',
    ],
  ])('%s', (path, message) => {
    expect(diagnosticsOf(main(path)).map((one) => one.message)).toEqual([message]);
    expect(analysisOf(main(path)).estimate.accelerators).toHaveLength(1);
  });
});
