/** What the words behind the place of weights change. */
import { expect, test } from 'vitest';
import { uramBlocks } from '../../server/estimate/cost/memory.ts';
import { createEstimator } from '../../server/estimate/index.ts';
import { designOf } from './example.ts';

const estimateOf = (up: string, more = '') =>
  createEstimator().estimate(
    designOf(`accelerator a {
      device u280
      model  bert(layers: 2, hidden: 768, heads: 12, ffn: 3072)
      phase  forward(tokens: 32)
      precision W4A8
      kernel up array 8 x 16  pack 2  weights ${up}
      kernel down array 8 x 16  pack 2  weights hbm[4]
      ${more}
    }`),
  ).accelerators[0]!;

const kernelOf = (estimate: ReturnType<typeof estimateOf>, wanted: string) =>
  estimate.kernels.find(({ name }) => name === wanted)!;

test('a staging memory holds a tile of columns, with double two of them, and makes nothing slower', () => {
  const plain = estimateOf('hbm[4]');
  const [one, two] = [estimateOf('hbm[4] via uram'), estimateOf('hbm[4] double via uram')];
  // 768 words of 128 bits, four a beat of 512.
  expect(kernelOf(one, 'up').resources.uram.used).toBe(uramBlocks(768 / 4, 512));
  const beats = ({ netlist }: typeof plain) =>
    netlist.units.find(({ id }) => id === 'up_weights')!.instance.law.memories.find(({ name }) => name === 'beats')!;
  expect([plain, one, two].map(beats)).toMatchObject([
    { words: 32, storage: 'srl' },
    { words: 192, storage: 'uram' },
    { words: 384, storage: 'uram' },
  ]);
  for (const staged of [one, two])
    expect(staged.timing.perLayer).toBeLessThanOrEqual(plain.timing.perLayer * (1 + 1e-9));
});

test('weights on the chip come through the port that is written', () => {
  const bitsOf = (estimate: typeof narrow) =>
    estimate.netlist.units.find(({ id }) => id === 'up_weights')!.instance.memories.map(({ bits }) => bits);
  const narrow = estimateOf('uram port 128 bit burst 64');
  expect(bitsOf(narrow)).toEqual([128]);
  expect(bitsOf(estimateOf('uram'))).toEqual([512]);
  expect(narrow.netlist.units.find(({ id }) => id === 'up_weights')).toMatchObject({ burst: 64 });
});

test('gain and bias are read where the line of their kernel says', () => {
  const channelOf = (more: string) =>
    estimateOf('hbm[4]', more).netlist.units.find(({ id }) => id === 'norm1_parameters')!.channels.memory;
  expect(channelOf('kernel norm1 weights hbm[17]')).toEqual([{ memory: 'hbm', channel: 17 }]);
  expect(channelOf('region r weights hbm[18] { kernel norm1 }')).toEqual([{ memory: 'hbm', channel: 18 }]);
  expect(channelOf('')).not.toEqual(channelOf('kernel norm1 weights hbm[17]'));
});

test('K and V on the chip have the type of the activations: another one of the precision is said to be left out', () => {
  const of = (precision: string) =>
    createEstimator()
      .estimate(
        designOf(
          `accelerator a { device u280 model bert(layers: 1, hidden: 64, heads: 2, ffn: 128) phase forward(tokens: 16) precision ${precision} }`,
        ),
      )
      .accelerators[0]!.caveats.filter((text) => /is kept as it is read/.test(text));
  expect(of('W8A8')).toEqual([]);
  expect(of('W8A8KV4')).toEqual([
    'scores: on the chip K is kept as it is read, in int8, not in int4',
    'context: on the chip V is kept as it is read, in int8, not in int4',
  ]);
});
