/** Groups of weights that share a scale: what they cost an array, its loader and its memory. */
import { expect, test } from 'vitest';
import { weightBytes } from '../../server/design/defaults/stored.ts';
import { createEstimator } from '../../server/estimate/index.ts';
import { designOf } from './example.ts';

/** A layer whose only product has 1,024 rows and 256 columns of weights. */
const estimateOf = (group: number, array = '4 x 8 x 4', type = 'int4') =>
  createEstimator().estimate(
    designOf(`precision mine { weights: ${type}, activations: int8, group: ${group} }
    model one { input x : [tokens, 1024]  up = linear(x, 256)  act = gelu(up)  output act }
    accelerator a {
      device u280 at 245 MHz
      model one
      phase forward(tokens: 16)
      precision mine
      kernel up array ${array}  pack 2  weights hbm[4]  on slr0
      kernel act lanes 4  on slr0
    }`),
  ).accelerators[0]!;

const kernel = (estimate: ReturnType<typeof estimateOf>) => estimate.kernels.find(({ name }) => name === 'up')!;
const bytes = (estimate: ReturnType<typeof estimateOf>) =>
  estimate.memories.flatMap(({ contents }) => contents).find(({ what }) => /^weights of up/.test(what))!.bytes;

test('sums are handed over a group, with what an array loses each time', () => {
  const [one, eight] = [estimateOf(0), estimateOf(128)];
  const overhead = kernel(one).explanations.find(({ unit }) => unit === 'cycles a tile')!.value;
  // 4 blocks, 16 tiles; 256 steps of 4 in one, 32 of them in eight.
  const drain = kernel(one).cycles - 4 * 16 * (256 + overhead);
  expect(drain).toBeGreaterThan(16);
  expect(kernel(eight).cycles).toBe(4 * 16 * 8 * (32 + overhead) + drain);
  expect(eight.timing.perLayer).toBeGreaterThan(one.timing.perLayer);
  expect(eight.deadlock).toBeUndefined();
  expect(kernel(eight).resources.dsp).toEqual(kernel(one).resources.dsp);
  const logic = ({ netlist }: typeof one) => netlist.units.find(({ id }) => id === 'up')!.instance.law.logic.lut.used;
  expect(logic(eight)).toBeGreaterThan(logic(one));
});

test('a group’s scale is 8 bytes a column in memory, and is kept by the loader', () => {
  const [one, eight] = [estimateOf(0), estimateOf(128)];
  expect(bytes(eight) - bytes(one)).toBe(256 * 7 * 8);
  const table = (estimate: typeof one) =>
    estimate.netlist.units
      .find(({ id }) => id === 'up_weights')!
      .instance.law.memories.find(({ name }) => name === 'table')!.words;
  expect(table(eight)).toBe(8 * table(one));
});

test('groups that an array’s columns are too few to add up wait for the adder', () => {
  const narrow = kernel(estimateOf(8, '4 x 1 x 8'));
  // Two columns a tile, 128 groups of one step: what is kept of a column must be added when it comes again.
  expect(narrow.cycles).toBeGreaterThan(4 * 128 * 128 * 7);
});

test.each([
  ['as long as a column', 1024],
  ['longer', 4096],
])('a group %s is one scale a channel', (_, group) => {
  expect(estimateOf(group).timing).toEqual(estimateOf(0).timing);
});

test('a group that does not divide a column ends it with a shorter one, and nothing is lost on the way', () => {
  const odd = estimateOf(96);
  expect(odd.deadlock).toBeUndefined();
  expect(bytes(odd)).toBeGreaterThan(bytes(estimateOf(128)));
  expect(odd.timing.perLayer).toBeLessThan(1.5 * estimateOf(128).timing.perLayer);
});

test('several ports deal out the columns of a group', () => {
  const text = (channels: string) => `precision mine { weights: int4, activations: int8, group: 128 }
    model one { input x : [tokens, 1024]  up = linear(x, 256)  output up }
    accelerator a { device u280 model one phase forward(tokens: 16) precision mine
      kernel up array 4 x 8 x 4 pack 2 weights hbm[${channels}] }`;
  const of = (channels: string) => createEstimator().estimate(designOf(text(channels))).accelerators[0]!;
  const sum = (estimate: ReturnType<typeof of>) =>
    estimate.memories
      .flatMap(({ contents }) => contents)
      .reduce((all, one) => all + (/weights/.test(one.what) ? one.bytes : 0), 0);
  expect(of('4..7').netlist.units.filter(({ role }) => role === 'weights')).toHaveLength(4);
  expect(sum(of('4..7'))).toBe(sum(of('4')));
  expect(of('4..7').deadlock).toBeUndefined();
});

test('an array in turn is counted with one scale a channel, and says so', () => {
  const turn = createEstimator().estimate(
    designOf(`precision mine { weights: int4, activations: int8, group: 128 }
    accelerator a { device u280 model bert(layers: 1, hidden: 256, heads: 4, ffn: 512) phase forward(tokens: 16) precision mine
      kernel gemm : q, k, v array 4 x 8 }`),
  ).accelerators[0]!;
  expect(turn.caveats.filter((text) => /one scale/.test(text))).toHaveLength(3);
});

test('channels that nobody names are as many as hold the scales of groups, too', () => {
  const { accelerators } = createEstimator().estimate(
    designOf(`precision mine { weights: int4, activations: int8, group: 128 }
    model m { input x : [tokens, 4096]  layer block(x) repeat 29 { up = linear(x, 4096)  output up }  output block }
    accelerator a { device u280 model m phase forward(tokens: 1) precision mine }`),
  );
  const { accelerator, memories } = accelerators[0]!;
  const { precision, phase, model, kernels } = accelerator;
  const kept = memories.flatMap(({ contents }) => contents).filter(({ what }) => what.startsWith('weights'));
  const wanted = weightBytes(kernels[0]!, { precision, phase, repeat: model.layer.repeat });
  expect(wanted / kept.reduce((sum, one) => sum + one.bytes, 0)).toBeCloseTo(1, 2);
});
