import { expect, test } from 'vitest';
import type { Accelerator, Kernel } from '../../../server/design/design.ts';
import { acceleratorOf, designOf } from '../../kit/sources.ts';

const bert = (statements: string): string =>
  `accelerator a { device u280 at 245 MHz model bert_base phase forward(tokens: 512) precision W4A8 ${statements} }`;
const gpt2 = (statements: string): string =>
  `accelerator a { device u280 model gpt2_small phase decode(past: 64) ${statements} }`;

function kernelOf(text: string, name: string): Kernel {
  const kernel = acceleratorOf(text).kernels.find((candidate) => candidate.name === name);
  if (!kernel) throw new Error(`no kernel ${name}`);
  return kernel;
}
const turnsOf = (kernel: Kernel): string[] =>
  kernel.turns.map((turn) => turn.map((operator) => operator.name).join('+'));
const names = (operators: Accelerator['unmapped']): string[] => operators.map((operator) => operator.name);

test('a kernel computes the operator of its name, or those that it names', () => {
  expect(turnsOf(kernelOf(bert('kernel q'), 'q'))).toEqual(['q']);
  expect(turnsOf(kernelOf(bert('kernel gemm : q, k, up + act'), 'gemm'))).toEqual(['q', 'k', 'up+act']);
  expect(turnsOf(kernelOf(bert('kernel up : act + up'), 'up'))).toEqual(['up+act']);
  expect(turnsOf(kernelOf(bert('kernel q : block.q'), 'q'))).toEqual(['q']);
});

test('the only embedding of a model may be called by its kind', () => {
  const accelerator = acceleratorOf(gpt2('kernel cpu : embed, lm_head on host'));
  expect(accelerator.kernels[0]).toMatchObject({ name: 'cpu', onHost: true });
  expect(names(accelerator.host)).toEqual(['x', 'last', 'lm_head']);
});

test('clauses, with where they come from', () => {
  const text = bert(
    'region r on slr1 pack 2 { kernel up array 8 x 16 weights hbm[5] double via uram port 256 bit burst 32 at 200 MHz }',
  );
  const kernel = kernelOf(text, 'up');
  expect(kernel).toMatchObject({
    region: 'r',
    array: { value: { tokens: 8, outputs: 16, dot: 1 }, origin: 'written' },
    pack: { value: 2, origin: 'region' },
    dies: { value: ['slr1'], origin: 'region' },
    clock: { value: 200e6, origin: 'written' },
    ii: { value: 1, origin: 'auto' },
    weights: {
      origin: 'written',
      value: { kind: 'channels', memory: 'hbm', channels: [5], double: true, via: 'uram', portBits: 256, burst: 32 },
    },
  });
  const { start, end } = kernel.array!.span!;
  expect(text.slice(start, end)).toBe('array 8 x 16');
});

test('a clause of a kernel stands before that of its region, a wrong one does not fall back to it', () => {
  expect(kernelOf(bert('region r array 4 x 4 { kernel q array 8 x 8 }'), 'q').array?.value).toMatchObject({
    tokens: 8,
  });
  expect(kernelOf(bert('region r array 4 x 4 { kernel q array 0 x 8 }'), 'q').array).toMatchObject({ origin: 'auto' });
  expect(kernelOf(bert('region r array 4 x 4 { kernel softmax lanes 8 }'), 'softmax')).not.toHaveProperty('array');
});

test('places of weights and caches', () => {
  const place = (clause: string) => kernelOf(bert(`kernel q weights ${clause}`), 'q').weights?.value;
  expect(place('hbm[0..3, 7]')).toMatchObject({ channels: [0, 1, 2, 3, 7] });
  expect(place('ddr[1]')).toMatchObject({ memory: 'ddr', channels: [1] });
  expect(place('bram double')).toEqual({ kind: 'on-chip', storage: 'bram', double: true });
  const cache = kernelOf(bert('kernel scores cache uram double'), 'scores').cache?.value;
  expect(cache).toEqual({ kind: 'on-chip', storage: 'uram', double: true });
});

test('clauses of a region reach the kernels that they mean something to', () => {
  const region = bert(
    'region r array 8 x 8 lanes 16 weights hbm[9] cache uram { kernel q kernel softmax kernel norm1 }',
  );
  expect(kernelOf(region, 'q')).not.toHaveProperty('lanes');
  expect(kernelOf(region, 'q')).not.toHaveProperty('cache');
  expect(kernelOf(region, 'softmax')).not.toHaveProperty('weights');
  expect(kernelOf(region, 'softmax').lanes).toMatchObject({ value: 16, origin: 'region' });
  // gain and bias of a layer norm
  expect(kernelOf(region, 'norm1').weights?.value).toMatchObject({ channels: [9] });
  expect(kernelOf(bert('kernel norm1'), 'norm1')).not.toHaveProperty('weights');
});

test('operators that nobody names get kernels of their own, and are listed once others are named', () => {
  const named = acceleratorOf(bert('kernel q kernel k'));
  expect(named.kernels.slice(0, 2).map(({ name, auto }) => [name, auto])).toEqual([
    ['q', false],
    ['k', false],
  ]);
  expect(named.kernels.slice(2).map(({ name }) => name)).toEqual(names(named.unmapped));
  expect(named.unmapped).toHaveLength(12);
  expect(acceleratorOf(bert('')).unmapped).toEqual([]);
});

test('causal masks and activations that cost little fuse into their producer, a gelu does not', () => {
  const { kernels } = acceleratorOf(gpt2(''));
  expect(kernels.map((kernel) => turnsOf(kernel).join())).toContain('scores+masked');
  expect(kernels.map(({ name }) => name)).toContain('act');
  expect(kernels.map(({ name }) => name)).not.toContain('masked');
  const own = 'model m { input x : [tokens, 8]  y = linear(x, 8)  r = relu(y)  z = add(y, r)  output z }\n';
  const forked = acceleratorOf(`${own}accelerator a { device u280 model m phase forward(tokens: 8) }`);
  // y is read by z too: there is a place for r only behind the fork.
  expect(forked.kernels.map(({ name }) => name)).toEqual(['y', 'r', 'z']);
});

test('operators outside of the layer run on the host unless a kernel names them', () => {
  expect(names(acceleratorOf(gpt2('')).host)).toEqual(['x', 'last', 'lm_head']);
  const accelerator = acceleratorOf(gpt2('kernel head : lm_head'));
  expect(names(accelerator.host)).toEqual(['x', 'last']);
  expect(kernelOf(gpt2('kernel head : lm_head'), 'head').turns[0]?.[0]?.columns).toBe(50_257);
});

test('kernels of a mistaken name are left out, and their operators get others', () => {
  const { accelerators } = designOf(bert('kernel softmx lanes 8 kernel q'));
  expect(accelerators[0]?.kernels.map(({ name }) => name)).not.toContain('softmx');
  expect(accelerators[0]?.kernels.find(({ name }) => name === 'softmax')?.auto).toBe(true);
});

test('names of kernels are unique, whatever is written', () => {
  const { accelerators } = designOf(bert('kernel q : k kernel k : v kernel q kernel a : scores kernel a : proj'));
  const all = accelerators[0]!.kernels.map(({ name }) => name);
  expect(new Set(all).size).toBe(all.length);
});

test('a kernel for a phase serves that phase only', () => {
  const text =
    'accelerator a { device u280 model gpt2_small phase decode(past: 8) kernel q for decode kernel gemm : q for prefill }';
  const { accelerators, problems } = designOf(text);
  expect(accelerators[0]?.kernels.filter(({ auto }) => !auto)).toMatchObject([{ name: 'q', phases: ['decode'] }]);
  expect(problems).toMatchObject([{ code: 'not-modelled' }]);
});

test('constants and the first choice of a knob', () => {
  const text = bert('let wide = 2 * rows  choose rows from 4, 8..10  kernel q array rows x wide');
  expect(kernelOf(text, 'q').array?.value).toEqual({ tokens: 4, outputs: 8, dot: 1 });
  expect(acceleratorOf(text).choices).toMatchObject([{ name: 'rows', values: [4, 8, 9, 10] }]);
});

test('reserve, copies and cards', () => {
  const accelerator = acceleratorOf(bert('reserve dsp 20%, slr0.bram 15%  copies 3 of block'));
  expect(accelerator.reserves).toMatchObject([
    { resource: 'dsp', share: 0.2 },
    { resource: 'bram36', share: 0.15, die: 'slr0' },
  ]);
  expect(accelerator.copies).toMatchObject({ value: 3, origin: 'written' });
  expect(acceleratorOf(bert('').replace('u280', '4 x u280')).cards).toBe(4);
});
