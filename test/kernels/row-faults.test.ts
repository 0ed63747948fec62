import { beforeAll, describe, expect, it } from 'vitest';
import { add, mul } from '../../server/kernels/combine/index.ts';
import { convert } from '../../server/kernels/convert/index.ts';
import { gelu, relu, silu } from '../../server/kernels/elementwise/index.ts';
import { fork } from '../../server/kernels/fork/index.ts';
import { layernorm } from '../../server/kernels/layernorm/index.ts';
import { load } from '../../server/kernels/load/index.ts';
import { rmsnorm } from '../../server/kernels/rmsnorm/index.ts';
import { rope } from '../../server/kernels/rope/index.ts';
import { softmax } from '../../server/kernels/softmax/index.ts';
import { store } from '../../server/kernels/store/index.ts';
import type { Fault } from './common/instance-bench.ts';
import { type Case, type Elements, type Result, simulate, simulateFaulty, uniform } from './row-bench.ts';
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
const clipping: Case = {
  instance: relu.instantiate({ rows: 6, columns: 22, word, input: 'int8', output: 'int8' }, target),
  inputs: { in: counted(144).map((value) => value - 50) },
  scalars: { in_scale: 0.5, out_inverse_scale: 3 },
};
const adding: Case = {
  instance: add.instantiate({ rows: 6, columns: 22, word, a: 'int8', b: 'int8', output: 'int8' }, target),
  inputs: { a: counted(144), b: counted(144).map((value) => 50 - value) },
  scalars: { a_scale: 0.5, b_scale: 0.25, out_inverse_scale: 1.5 },
};
const multiplying: Case = {
  instance: mul.instantiate({ rows: 6, columns: 22, word, a: 'int8', b: 'int8', output: 'int8' }, target),
  inputs: { a: counted(144), b: counted(144).map((value) => 50 - value) },
  scalars: { a_scale: 0.5, b_scale: 0.25, out_inverse_scale: 0.2 },
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

const forking: Case = {
  instance: fork.instantiate(
    { rows: 6, columns: 24, word: { tokens: 2, columns: 4 }, element: 'int8', copies: 2 },
    target,
  ),
  inputs: { in: counted(144) },
};

/** A header with a passage replaced: a slip that somebody could make. Four or more for each kernel. */
const faults: Record<string, Fault & { case: Case }> = {
  'a row that is divided by another row’s sum': {
    ...{ case: causal, header: 'softmax.h', from: 'e[i] * factor[i % T]', to: 'e[i] * factor[0]' },
  },
  'a sum over what the mask hides': {
    ...{
      case: causal,
      header: 'softmax.h',
      from: 'w * C + i / T, past) ? e : 0.0f',
      to: 'w * C + i / T, past) ? e : e',
    },
  },
  'a mean of another row': {
    ...{ case: norm, header: 'layernorm.h', from: 'x[i] - mean_of_row[i % T]', to: 'x[i] - mean_of_row[0]' },
  },
  'a function of the element beside it': {
    ...{
      case: activation,
      header: 'elementwise.h',
      from: 'dequantise<IN>(x[i], in_scale)',
      to: 'dequantise<IN>(x[0], in_scale)',
    },
  },
  'a magnitude that is shifted one bit too little': {
    ...{ case: activation, header: 'gelu.h', from: '(shift - 1))) >> shift', to: '(shift - 1))) >> (shift - 1)' },
  },
  'the negative half for the positive one': {
    ...{ case: clipping, header: 'relu.h', from: '? 0.0f : x', to: '? x : 0.0f' },
  },
  'a sign that is looked for in the exponent': {
    ...{ case: clipping, header: 'relu.h', from: 'bits_of(x) >> 31', to: 'bits_of(x) >> 30' },
  },
  'steps of the input for those of the result': {
    ...{
      case: clipping,
      header: 'elementwise.h',
      from: '(x[i], in_scale)), inverse_scale)',
      to: '(x[i], in_scale)), in_scale + 0.0f * inverse_scale)',
    },
  },
  'a word whose last lane is left alone': {
    ...{
      case: clipping,
      header: 'elementwise.h',
      from: 'FUNCTION::apply(dequantise<IN>(x[i], in_scale))',
      to: '(i == LANES - 1 ? dequantise<IN>(x[i], in_scale) : FUNCTION::apply(dequantise<IN>(x[i], in_scale)))',
    },
  },
  'a residual that is left out': {
    ...{
      case: adding,
      header: 'combine.h',
      from: 'return a + b;',
      to: 'return a + 0.0f * b;',
    },
  },
  'the scale of the other side': {
    ...{ case: adding, header: 'combine.h', from: '(y[i], b_scale)', to: '(y[i], a_scale + 0.0f * b_scale)' },
  },
  'a sum without its own scale': {
    ...{
      case: adding,
      header: 'combine.h',
      from: '(value, inverse_scale)',
      to: '(value, 1.0f + 0.0f * inverse_scale)',
    },
  },
  'the lane beside': { ...{ case: adding, header: 'combine.h', from: '(x[i], a_scale)', to: '(x[0], a_scale)' } },
  'one element of a beat for a whole word': {
    ...{
      case: loading,
      header: 'load.h',
      from: 'result[step * BEAT + i] = held[i];',
      to: 'result[step * BEAT + i] = held[0];',
    },
  },
  'half a word of a beat': {
    ...{ case: loading, header: 'load.h', from: 'i < least(N, BEAT); i++', to: 'i < least(N, BEAT) / 2; i++' },
  },
  'a beat that is read too early': {
    ...{
      case: loading,
      header: 'load.h',
      from: 'slot == layout::words_of_beat - 1 ? 0',
      to: 'slot == layout::words_of_beat - 2 ? 0',
    },
  },
  'one element for a whole word': {
    ...{ case: storing, header: 'store.h', from: '(value)held[from] : value(0)', to: '(value)held[0] : value(0)' },
  },
  'words that run out of their slot': {
    ...{ case: storing, header: 'store.h', from: 'step * BEAT + i % N;', to: 'step * BEAT + i;' },
  },
  'a last beat that is not written': {
    ...{ case: storing, header: 'store.h', from: ' || w == WORDS - 1) beat.write', to: ') beat.write' },
  },
  'rows and columns of a word exchanged': {
    ...{
      case: converting,
      header: 'convert.h',
      from: 'result[c * T2 + row % T2] = part[c];',
      to: 'result[row % T2 * C + c] = part[c];',
    },
  },
  'a word that is not moved on': {
    ...{ case: converting, header: 'convert.h', from: 'held[i] = held[i + N];', to: 'held[i] = held[i];' },
  },
  'a wide word that is gathered from its first part': {
    ...{ case: converting, header: 'convert.h', from: 'if (i / N == slot) {', to: 'if (i / N == 0) {' },
  },
  'a branch that gets nothing': {
    ...{ case: forking, header: 'fork.h', from: '  write_all(value, rest...);', to: '  (void)sizeof...(rest);' },
  },
  'a branch that gets everything twice': {
    ...{ case: forking, header: 'fork.h', from: '  out.write(value);', to: '  out.write(value);\n  out.write(value);' },
  },
  'a fork that is one word short': { ...{ case: forking, header: 'fork.h', from: 'w < WORDS;', to: 'w < WORDS - 1;' } },
  'a fork that copies a lane': {
    case: forking,
    header: 'fork.h',
    from: 'const word<ELEMENT, N> value = in.read();',
    to: 'word<ELEMENT, N> value = in.read();\n    value[0] = value[N - 1];',
  },
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
      to: 'const float along = own * (cosine - cosine + sine)',
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
  'an overflow that is no number': {
    case: { ...gating, inputs: { in: noise(5).map((x, index) => (index % 3 === 0 ? -100 : x)) } },
    ...{ header: 'silu.h', from: '== 0x7f800000 ? 0.0f', to: '== 0x7f800000 ? x' },
  },
  'a gate that is not multiplied': {
    ...{ case: gating, header: 'silu.h', from: 'x * share', to: '1.0f * share' },
  },
  'a denominator without its one': {
    ...{ case: gating, header: 'silu.h', from: '1.0f + power', to: '0.5f + power' },
  },
  'the product of a side with itself': {
    ...{ case: multiplying, header: 'combine.h', from: 'return a * b;', to: 'return a * a + 0.0f * b;' },
  },
  'a sum for a product': {
    ...{ case: multiplying, header: 'combine.h', from: 'return a * b;', to: 'return a + b;' },
  },
  'a factor of the lane beside': {
    ...{ case: multiplying, header: 'combine.h', from: '(y[i], b_scale)', to: '(y[0], b_scale)' },
  },
  'steps that are not those of the result': {
    ...{
      case: multiplying,
      header: 'combine.h',
      from: '(value, inverse_scale)',
      to: '(value, a_scale + 0.0f * inverse_scale)',
    },
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

it('each of these kernels has four faults', () => {
  const count = new Map<string, number>();
  for (const { case: one } of Object.values(faults))
    count.set(one.instance.kernel, (count.get(one.instance.kernel) ?? 0) + 1);
  const four = [...count].filter(([, faulty]) => faulty >= 4).map(([kernel]) => kernel);
  expect(four.sort()).toEqual([
    'add',
    'convert',
    'fork',
    'gelu',
    'layernorm',
    'load',
    'mul',
    'relu',
    'rmsnorm',
    'rope',
    'silu',
    'softmax',
    'store',
  ]);
});

let right: Result[];
let wrong: (Result | string)[];
beforeAll(async () => {
  right = await simulate(cases, 'sequential');
  wrong = await simulateFaulty(Object.values(faults).map(({ case: at, ...fault }) => ({ ...fault, at })));
}, 300_000);

describe('a fault does not pass', () => {
  it.each(Object.entries(faults).map(([name, fault], index) => ({ name, index, ...fault })))(
    '$name',
    ({ case: one, index }) => {
      expect(wrong[index]).not.toEqual(right[cases.indexOf(one)]);
    },
  );
});
