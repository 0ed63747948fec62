import { beforeAll, describe, expect, it } from 'vitest';
import { convert } from '../../server/kernels/convert/index.ts';
import { gelu } from '../../server/kernels/elementwise/index.ts';
import { layernorm } from '../../server/kernels/layernorm/index.ts';
import { load } from '../../server/kernels/load/index.ts';
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
    ...{ case: causal, header: 'softmax.h', from: 'key <= PAST + row', to: 'key < PAST + row' },
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
