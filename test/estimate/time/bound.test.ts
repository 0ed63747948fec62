/** The longest way through a pass is never longer than the pass: a bound above the truth proves what is wrong. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEvaluator } from '../../../server/estimate/evaluate.ts';
import { createEstimator } from '../../../server/estimate/index.ts';
import { designOf } from '../example.ts';

const estimator = createEstimator();

const array = fc
  .tuple(fc.constantFrom(1, 1, 2, 3, 4), fc.constantFrom(1, 2, 3, 8), fc.constantFrom(1, 1, 2, 4, 8))
  .map((sides) => `array ${sides.join(' x ')}`);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | ''> => fc.oneof(fc.constant('' as const), value);

const ownClock = fc.constantFrom('at 500 MHz', 'at 125 MHz', 'at 300 MHz');

/** Kernels of the library, and some that it does not have: several side by side, products that a DSP does not pack. */
const kernel = (name: string): fc.Arbitrary<string> => {
  const attends = name === 'scores' || name === 'context';
  const store = attends
    ? fc.constantFrom('', 'cache uram', 'cache bram double', 'cache hbm[4..5]')
    : fc.constantFrom('', 'weights hbm[3]', 'weights uram', 'weights uram double', 'weights hbm[4..5]');
  const many = fc.constantFrom(
    ...['', '', 'replicate 2', 'replicate 4'].map((one) => (one && attends ? `${one} over heads` : one)),
  );
  return fc
    .tuple(array, many, maybe(fc.constantFrom('pack 1', 'pack 2')), store, maybe(ownClock))
    .map((clauses) => `kernel ${name} ${clauses.join(' ')}`);
};
const rows = (name: string) => fc.constantFrom(1, 2, 3, 8).map((lanes) => `kernel ${name} lanes ${lanes}`);

const accelerators: fc.Arbitrary<string> = fc
  .record({
    family: fc.constantFrom('llama', 'llama', 'gpt2', 'bert'),
    heads: fc.constantFrom(1, 2, 4, 8),
    shared: fc.constantFrom(1, 2, 4),
    width: fc.constantFrom(2, 4, 8, 16, 32),
    ffn: fc.constantFrom(8, 24, 64, 96),
    phase: fc.constantFrom(
      'decode(past: 0)',
      'decode(past: 7)',
      'decode(past: 300)',
      'prefill(tokens: 1)',
      'prefill(tokens: 24)',
    ),
    precision: fc.constantFrom('W8A8', 'W4A8', 'fp16', 'W4A16'),
    copies: fc.constantFrom(1, 1, 1, 2),
    products: fc.tuple(
      ...['q', 'k', 'v', 'scores', 'context', 'proj', 'up', 'down'].map((name) => maybe(kernel(name))),
    ),
    others: fc.tuple(...['softmax', 'norm1', 'norm2', 'add1'].map((name) => maybe(rows(name)))),
  })
  .map(({ family, heads, shared, width, ffn, phase, precision, copies, products, others }) => {
    const kv = family === 'llama' ? `, kv_heads: ${heads % shared === 0 ? shared : heads}` : '';
    return `accelerator a {
  device u280 at 250 MHz
  model ${family}(layers: 2, hidden: ${heads * width}, heads: ${heads}${kv}, ffn: ${ffn})
  phase ${family === 'bert' ? 'forward(tokens: 8)' : phase}
  precision ${precision}
  copies ${copies}
${[...products, ...others].map((line) => `  ${line}\n`).join('')}}`;
  });

test('no pass of a small accelerator is shorter than the longest way through it', () => {
  let alone = 0;
  fc.assert(
    fc.property(accelerators, (text) => {
      const [full] = estimator.estimate(designOf(text)).accelerators;
      if (!full || full.deadlock) return;
      alone += Number(full.netlist.refused.length > 0);
      const point = createEvaluator(full)({});
      expect(point.perLayer).toBeLessThanOrEqual(full.timing.perLayer * (1 + 1e-9));
      expect(point.interval).toBeLessThanOrEqual(full.timing.interval * (1 + 1e-9));
    }),
    { numRuns: 40 },
  );
  // What arithmetic alone prices is among them: its way was once taken for longer than the timeline had it.
  expect(alone).toBeGreaterThan(10);
});

test('arithmetic alone gives no more than a word a cycle, however wide the array', () => {
  const [full] = estimator.estimate(
    designOf(`accelerator a {
      device u280 at 250 MHz  model gpt2(layers: 1, hidden: 64, heads: 8, ffn: 96)  phase decode(past: 1)  precision fp16
      kernel scores array 3 x 8 x 4 replicate 4 over heads cache uram
    }`),
  ).accelerators;
  const scores = full!.kernels.find(({ name }) => name === 'scores')!;
  expect(scores.partial).toBe(true);
  // 64 columns of q in words of 4: the 128 products of the only row would be done in one cycle.
  expect(scores.cycles).toBe(16);
  expect(scores.formula.numeric).toMatch(/^128 \/ \d+, and no less than 1 · 16 words of a stream$/);
});
