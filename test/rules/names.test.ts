import { expect, test } from 'vitest';
import { meant, near } from '../../server/rules/names.ts';

test.each([
  ['softmx', ['softmax', 'scores'], ['softmax']],
  ['SOFTMAX', ['softmax'], ['softmax']],
  ['wegihts', ['weights', 'lanes'], ['weights']],
  ['sof', ['softmax', 'scores'], ['softmax']],
  ['bert_bse', ['bert_base', 'bert_large', 'bert'], ['bert_base']],
  ['norm', ['norm1', 'norm2'], ['norm1', 'norm2']],
  ['k', ['q', 'v'], []],
  ['kk', ['k', 'q'], ['k']],
  ['act', ['context', 'down'], []],
  ['', ['q'], []],
])('‘%s’ among %j is %j', (name, candidates, guesses) => {
  expect(near(name, candidates)).toEqual(guesses);
});

test.each([
  ['softmx', ['softmax'], ['softmax']],
  ['swish', ['gelu', 'silu'], ['silu']],
  ['int8', ['W4A8', 'W8A8'], ['W8A8']],
  ['bert_base_uncased', ['bert', 'bert_large', 'bert_base'], ['bert_base', 'bert']],
  ['alveo_u250', ['u280', 'u250', 'a100'], ['u250']],
  ['constructor', ['linear'], []],
  ['sigmoid', ['gelu', 'silu'], []],
])('‘%s’ means, among %j, %j', (name, candidates, guesses) => {
  expect(meant(name, candidates)).toEqual(guesses);
});
