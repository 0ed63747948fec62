import { beforeAll, describe, expect, it } from 'vitest';
import { convert } from '../../server/kernels/convert/index.ts';
import { gelu, silu } from '../../server/kernels/elementwise/index.ts';
import { layernorm } from '../../server/kernels/layernorm/index.ts';
import { load } from '../../server/kernels/load/index.ts';
import { rmsnorm } from '../../server/kernels/rmsnorm/index.ts';
import { rope } from '../../server/kernels/rope/index.ts';
import { softmax } from '../../server/kernels/softmax/index.ts';
import { store } from '../../server/kernels/store/index.ts';
import type { Fault } from './common/instance-bench.ts';
import { type Case, type Elements, type Result, simulate, uniform } from './row-bench.ts';
import { floats, type Layout, streamOf } from './tensor.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };
const word = { tokens: 2, columns: 4 };
const layout: Layout = { rows: 6, columns: 22, word };
const noise = (seed: number) => {
  const next = uniform(seed);
  return streamOf(layout, floats, () => 4 * next());
};
const counted = (length: number): Elements => new Int8Array(length).map((_, index) => index % 101);

const scores = { rows: 6, heads: 1, keys: 22, word, ii: 1, output: 'int8' } as const;
const causal: Case = {
  instance: softmax.instantiate({ ...scores, causal: { past: 16 } }, target),
  inputs: { in: noise(1) },
};
const ragged: Case = { instance: softmax.instantiate(scores, target), inputs: { in: noise(1) } };
const norm: Case = {
  instance: layernorm.instantiate({ rows: 6, columns: 22, word, ii: 1, input: 'fp32', outputs: ['fp32'] }, target),
  inputs: {
    in: noise(2).map((x) => x + 50),
    parameters: new Float32Array(48).map((_, index) => (index % 2 === 0 ? 1 : index / 10)),
  },
  scalars: { epsilon: 1e-5 },
};
const activation: Case = {
  instance: gelu.instantiate({ rows: 6, columns: 22, word, form: 'erf', input: 'fp32', output: 'int8' }, target),
  inputs: { in: noise(3) },
  scalars: { out_inverse_scale: 25 },
};
const rooted: Case = {
  instance: rmsnorm.instantiate({ rows: 6, columns: 22, word, ii: 1, input: 'fp32', output: 'int8' }, target),
  inputs: { in: noise(4), parameters: new Float32Array(24).map((_, index) => 1 + index / 10) },
  scalars: { epsilon: 1e-5, out_inverse_scale: 30 },
};
const turning: Case = {
  instance: rope.instantiate({ rows: 4, heads: 2, headDim: 16, word, input: 'fp32', output: 'fp32' }, target),
  inputs: {
    in: new Float32Array(128).map((_, index) => index % 31),
    turns: new Float32Array(64).map((_, index) => Math.sin(index)),
  },
};
const gating: Case = {
  instance: silu.instantiate({ rows: 6, columns: 22, word, input: 'fp32', output: 'int8' }, target),
  inputs: { in: noise(5) },
  scalars: { out_inverse_scale: 25 },
};
const rows = { rows: 6, columns: 24, word: { tokens: 2, columns: 8 }, element: 'int8', content: 'x' } as const;
const loading: Case = {
  instance: load.instantiate(rows, target),
  inputs: { memory: counted(192) },
  scalars: { offset: 0 },
};
const storing: Case = {
  instance: store.instantiate(rows, target),
  inputs: { in: counted(144) },
  scalars: { offset: 0 },
};
const shapes = { from: { tokens: 2, columns: 2 }, to: { tokens: 4, columns: 3 } };
const converting: Case = {
  instance: convert.instantiate({ rows: 6, heads: 1, columns: 22, element: 'int8', ...shapes }, target),
  inputs: { in: counted(132) },
};

/** A header with a passage replaced: a slip that somebody could make. */
const faults: Record<string, Fault & { case: Case }> = {
  'a mask that is off by one': {
    ...{ case: causal, header: 'softmax.h', from: 'key <= past + row', to: 'key < past + row' },
  },
  'lanes behind the last key that count': {
    ...{ case: ragged, header: 'softmax.h', from: 'return key < KEYS && (', to: 'return (' },
  },
  'a partial sum that is left out': {
    ...{ case: causal, header: 'reduce.h', from: '(p == 0 ? 0.0f : sum[t]) + in[t]', to: 'in[t]' },
  },
  'a partial sum of the row before': {
    ...{ case: norm, header: 'reduce.h', from: 'w < PARTIALS ? 0.0f', to: 'w < PARTIALS - 1 ? 0.0f' },
  },
  'squares of what is behind the last column': {
    ...{ case: norm, header: 'layernorm.h', from: 'SHAPE::real(w * C + i / T) ? square : 0.0f', to: 'square' },
  },
  'gain and bias swapped': {
    ...{ case: norm, header: 'layernorm.h', from: 'unit * gain[i / T * 2];', to: 'unit * gain[i / T * 2 + 1];' },
  },
  'squares of the row before': {
    ...{ case: rooted, header: 'rmsnorm.h', from: 'if (w == 0) factor_of_row', to: 'if (w == 1) factor_of_row' },
  },
  'a mean of the wrong number of columns': {
    ...{ case: rooted, header: 'rmsnorm.h', from: '1.0f / COLUMNS', to: '1.0f / (shape::words * C)' },
  },
  'a root without its epsilon': {
    case: { ...rooted, inputs: { ...rooted.inputs, in: noise(4).map((x) => x / 1000) } },
    ...{ header: 'rmsnorm.h', from: 'rsqrt(mean + epsilon)', to: 'rsqrt(mean)' },
  },
  'gains of the wrong columns': {
    ...{ case: rooted, header: 'rmsnorm.h', from: 'unit * gain[i / T]', to: 'unit * gain[i % T]' },
  },
  'halves turned the other way': {
    ...{ case: turning, header: 'rope.h', from: 'lower ? -across : across', to: 'lower ? across : -across' },
  },
  'sines for cosines': {
    ...{
      case: turning,
      header: 'rope.h',
      from: 'const float along = own * cosine',
      to: 'const float along = own * sine',
    },
  },
  'the turns of the block before': {
    ...{ case: turning, header: 'rope.h', from: 'head == 0', to: 'head == HEADS - 1' },
  },
  'neighbours for halves': {
    ...{ case: turning, header: 'rope.h', from: 'low[w - HALF]', to: 'low[(w - HALF + 1) % HALF]' },
  },
  'a logistic function of the wrong sign': {
    ...{ case: gating, header: 'silu.h', from: 'bits_of(x) ^ 0x80000000', to: 'bits_of(x)' },
  },
  'truncation for rounding': {
    ...{ case: activation, header: 'word.h', from: '(up ? 1u : 0u)', to: '(up ? 0u : 0u)' },
  },
  'the tail on the wrong side': {
    ...{ case: activation, header: 'gelu.h', from: 'negative ? tail :', to: '!negative ? tail :' },
  },
  'a beat that is not moved on': {
    case: loading,
    header: 'load.h',
    from: 'held[i] = held[i + N];',
    to: 'held[i] = held[i];',
  },
  'a last beat with words of the one before': {
    ...{ case: storing, header: 'store.h', from: 'if (slot == 0 || i / N == slot)', to: 'if (i / N == slot)' },
  },
  'rows dealt out to the wrong FIFO': {
    ...{ case: converting, header: 'convert.h', from: 'part[c] = x[c * T1 + row % T1];', to: 'part[c] = x[c * T1];' },
  },
};

const cases = [...new Set(Object.values(faults).map((fault) => fault.case))];
let right: Result[];
beforeAll(async () => {
  right = await simulate(cases, 'sequential');
}, 60_000);

describe('a fault does not pass', () => {
  it.each(Object.entries(faults))('%s', async (_, { case: one, ...fault }) => {
    const wrong = await simulate([one], 'sequential', fault).catch((error: Error) => {
      // a program that stops has noticed; one that does not compile says nothing
      if (!error.message.startsWith('the simulation ended')) throw error;
      return [error.message];
    });
    expect(wrong[0]).not.toEqual(right[cases.indexOf(one)]);
  });
});
