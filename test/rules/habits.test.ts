/** Habits of other languages: one message, which says how it is written here. */
import { expect, test } from 'vitest';
import { diagnosticsOf, fixed, fixesOf } from '../kit/analyses.ts';

const spec = `accelerator a {
  device u280 at 245 MHz
  model bert_base
  phase forward(tokens: 512)
  kernel q array 8 x 16 weights hbm[3]
  require latency < 600 ms
}`;

const errors = (text: string) => diagnosticsOf(text).filter(({ severity }) => severity === 'error');

test.each<[before: string, after: string, message: string]>([
  [
    'accelerator',
    '# mine\naccelerator',
    '‘#’ means nothing in Weft: a comment begins with ‘//’ and ends with its line.',
  ],
  [
    'accelerator',
    '/* mine */\naccelerator',
    '‘/* mine */’ cannot stand here: a comment begins with ‘//’ and ends with its line.',
  ],
  ['512)', '512);', '‘;’ means nothing in Weft: a statement ends with its line.'],
  ['bert_base', '“bert_base”', '‘“’ means nothing in Weft: a text stands between two ‘"’, a name without quotes.'],
  ['bert_base', '"bert_base"', '‘import’ is missing before ‘"bert_base"’: a name is written without quotes.'],
  ['bert_base', 'bert-base', '‘-base’ cannot stand here in the name of a model: names have letters, digits and ‘_’.'],
  ['accelerator a', 'accelerator größe', '‘öß’ means nothing in Weft: names have letters from a to z, digits and ‘_’.'],
  [
    'hbm[3]',
    'hbm(3)',
    '‘(3)’ cannot stand here in the clause ‘weights’: a channel stands in square brackets, as in ‘hbm[3]’.',
  ],
  [
    'hbm[3]',
    'hbm[0:3]',
    '‘:’ cannot stand here in the clause ‘weights’: several channels are ‘hbm[0..3]’, both ends included.',
  ],
  ['8 x 16', '[8, 16]', '‘[8, 16]’ cannot stand here in the clause ‘array’: its sides are written ‘8 x 16’.'],
  ['tokens: 512', 'seq_len: 512', 'There is no argument ‘seq_len’. Known: tokens and batch.'],
  ['bert_base', 'bert_base_uncased', 'There is no model ‘bert_base_uncased’. Did you mean ‘bert_base’?'],
  ['latency < 600 ms', 'dsp < 80%', 'There is no metric ‘dsp’. Did you mean ‘use(dsp)’?'],
])('‘%s’ written ‘%s’', (before, after, message) => {
  expect(errors(spec.replace(before, after)).map((one) => one.message)).toEqual([message]);
});

test.each([
  ['add(down, x)', 'down + x', '‘r’: expected an operator of tensors, as in add(down, x), found down + x.'],
  ['add(down, x)', 'down * x', '‘r’: expected an operator of tensors, as in mul(down, x), found down * x.'],
  ['add(down, x)', '2 * x', '‘r’: expected an operator of tensors, as in add(a, b) or mul(a, b), found 2 * x.'],
])('of a model: ‘%s’ written ‘%s’ is one error', (before, after, message) => {
  const text = `model m { input x : [tokens, 64]  down = linear(x, 64)  r = add(down, x)  n = layernorm(r)  output n }
    accelerator a { device u280  model m  phase forward(tokens: 8) }`;
  expect(errors(text)).toEqual([]);
  expect(errors(text.replace(before, after)).map((one) => one.message)).toEqual([message]);
});

test('the share of a resource is mended by its fix', () => {
  const text = spec.replace('latency < 600 ms', 'dsp < 80%');
  const [error] = errors(text);
  const [fix] = fixesOf(error!, text);
  expect(errors(fixed(text, fix!))).toEqual([]);
});
