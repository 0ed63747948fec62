/** A kernel on several dies: each has an equal share of it. */
import { expect, test } from 'vitest';
import { createEvaluator } from '../../server/estimate/evaluate.ts';
import { createEstimator } from '../../server/estimate/index.ts';
import { designOf } from './example.ts';

const estimateOf = (device: string, place: string) =>
  createEstimator().estimate(
    designOf(`accelerator a { device ${device} model bert(layers: 2, hidden: 256, heads: 4, ffn: 512) phase forward(tokens: 16)
      kernel up array 8 x 32  on ${place}  kernel down array 8 x 8 on slr2 }`),
  ).accelerators[0]!;
const dsp = (estimate: ReturnType<typeof estimateOf>) =>
  Object.fromEntries(estimate.dies.map(({ name, resources }) => [name, resources.dsp.used]));

test('DSPs are shared out, and the card has as many as before', () => {
  const [one, two] = [estimateOf('u280', 'slr0'), estimateOf('u280', 'slr0, slr1')];
  const whole = one.kernels.find(({ name }) => name === 'up')!.resources.dsp.used;
  expect(dsp(one).slr0! - dsp(two).slr0!).toBeCloseTo(whole / 2, 9);
  expect(two.resources.dsp.used).toBeCloseTo(one.resources.dsp.used, 9);
  expect(two.dies.filter(({ kernels }) => kernels.includes('up')).map(({ name }) => name)).toEqual(['slr0', 'slr1']);
  expect(two.caveats.some((text) => text.startsWith('up is placed on slr0 and slr1'))).toBe(true);
});

test('the search prices them alike', () => {
  const estimate = estimateOf('u280', 'slr0, slr1');
  const point = createEvaluator(estimate)({});
  for (const { name, used } of point.dies) expect(used.dsp, name).toBeCloseTo(dsp(estimate)[name]!, 6);
});

test('on two cards, dies of each', () => {
  const { slr0, slr1, ...rest } = dsp(estimateOf('2 x u280', 'card[1].slr0, card[1].slr1')) as Record<string, number>;
  expect([slr0, slr1]).toEqual([undefined, undefined]);
  expect(rest['card[1].slr1']!).toBeGreaterThan(0);
});
