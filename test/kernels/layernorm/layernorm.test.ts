import { beforeAll, describe, expect, it } from 'vitest';
import { layernorm } from '../../../server/kernels/layernorm/index.ts';
import type { LayernormParameters } from '../../../server/kernels/layernorm/parameters.ts';
import { partialSums } from '../../../server/kernels/partialsums.ts';
import { drawn, drawnElement, drawnWord } from '../common/drawn.ts';
import { interleavedSum, rsqrt } from '../common/golden.ts';
import { toInt8 } from '../common/reference.ts';
import { type Case, type Elements, type Result, simulateEveryWay, uniform } from '../row-bench.ts';
import { bytes, floats, type Layout, positions, reader, streamOf } from '../tensor.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };
const f = Math.fround;

const shapes: Record<string, LayernormParameters> = {
  'a column of 8 tokens, two types': {
    ...{ rows: 24, columns: 96, word: { tokens: 8, columns: 1 }, ii: 1 },
    ...{ input: 'fp32', outputs: ['int8', 'fp32'] },
  },
  'eight columns of one token': {
    ...{ rows: 3, columns: 128, word: { tokens: 1, columns: 8 }, ii: 1 },
    ...{ input: 'fp32', outputs: ['fp32'] },
  },
  'ragged rows and columns': {
    ...{ rows: 7, columns: 83, word: { tokens: 2, columns: 4 }, ii: 1 },
    ...{ input: 'fp32', outputs: ['int8'] },
  },
  'int8 in, every second cycle': {
    ...{ rows: 8, columns: 60, word: { tokens: 4, columns: 2 }, ii: 2 },
    ...{ input: 'int8', outputs: ['fp32', 'int8'] },
  },
  'a plain carried sum': {
    ...{ rows: 16, columns: 64, word: { tokens: 8, columns: 1 }, ii: 4 },
    ...{ input: 'fp32', outputs: ['fp32'] },
  },
  'a row of one word': {
    ...{ rows: 5, columns: 4, word: { tokens: 1, columns: 4 }, ii: 1 },
    ...{ input: 'fp32', outputs: ['fp32'] },
  },
  ...drawn(
    (dice): LayernormParameters => ({
      ...{ rows: dice.from(1, 12), columns: dice.from(2, 60), word: drawnWord(dice), ii: dice.of([1, 2, 4]) },
      ...{ input: drawnElement(dice), outputs: dice.of([['int8'], ['fp32'], ['int8', 'fp32'], ['fp32', 'int8']]) },
    }),
  ),
};
const names = Object.keys(shapes);
const scalars = { epsilon: 1e-5, in_scale: 0.037, out_inverse_scale: 21.5, out2_inverse_scale: 33.25 };

const gain = (column: number) => f(1 + 0.3 * Math.sin(column));
const bias = (column: number) => f(0.2 * Math.cos(3 * column));

function caseOf(p: LayernormParameters, seed: number): Case {
  const next = uniform(seed);
  const layout: Layout = p;
  // a mean a hundred times the spread: a variance from sums of squares would lose most of its digits
  const mean = Array.from({ length: p.rows }, () => (p.input === 'int8' ? 30 * next() : 100 * next()));
  const value = (row: number) => mean[row]! + (p.input === 'int8' ? 90 : 1) * next();
  const x =
    p.input === 'int8' ? streamOf(layout, bytes, (row) => Math.trunc(value(row))) : streamOf(layout, floats, value);
  const vectors: Layout = { rows: 2, columns: p.columns, word: { tokens: 2, columns: p.word.columns } };
  const parameters = streamOf(vectors, floats, (which, _, column) => (which === 0 ? gain(column) : bias(column)));
  return { instance: layernorm.instantiate(p, target), inputs: { in: x, parameters }, scalars };
}

const cases = names.map((name, index) => caseOf(shapes[name]!, index + 11));
let sequential: Result[];
let fibres: Result[];
let sanitized: Result[];

beforeAll(async () => {
  ({ sequential, fibres, sanitized } = await simulateEveryWay(cases));
}, 120_000);

/** fp32 values of a row as the kernel sees them. */
function rowOf(p: LayernormParameters, elements: Elements, r: number): number[] {
  const at = reader(p, elements);
  const scale = p.input === 'int8' ? f(scalars.in_scale) : 1;
  return Array.from({ length: p.columns }, (_, column) => f(at(r, 0, column) * scale));
}

function normalised(p: LayernormParameters, x: readonly number[]): number[] {
  const perColumn = f(1 / p.columns);
  const sum = (values: readonly number[]) => interleavedSum(values, p.word.columns, partialSums(p.ii));
  const mean = f(sum(x) * perColumn);
  const deviations = x.map((value) => f(value - mean));
  const variance = f(sum(deviations.map((value) => f(value * value))) * perColumn);
  const factor = rsqrt(f(variance + f(scalars.epsilon)));
  return deviations.map((value, column) => f(f(f(value * factor) * gain(column)) + bias(column)));
}

describe.each(names.map((name, index) => ({ name, index })))('layernorm: $name', ({ name, index }) => {
  const p = shapes[name]!;
  const outputs = p.outputs.map((element, k) => {
    const port = k === 0 ? 'out' : 'out2';
    return { port, element, inverse: f(k === 0 ? scalars.out_inverse_scale : scalars.out2_inverse_scale) };
  });

  it('gives rows of mean 0 and variance 1, times gain, plus bias', () => {
    for (let r = 0; r < p.rows; r++) {
      const x = rowOf(p, cases[index]!.inputs.in!, r);
      const mean = x.reduce((a, b) => a + b, 0) / p.columns;
      const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / p.columns;
      for (const { port, element, inverse } of outputs) {
        const y = reader(p, sequential[index]!.outputs[port]!);
        for (let column = 0; column < p.columns; column++) {
          const unit = (x[column]! - mean) / Math.sqrt(variance + scalars.epsilon);
          const exact = unit * gain(column) + bias(column);
          if (element === 'fp32') expect(Math.abs(y(r, 0, column) - exact)).toBeLessThan(1e-4);
          else
            expect(Math.abs(y(r, 0, column) - Math.max(-128, Math.min(127, exact * inverse)))).toBeLessThan(0.5 + 2e-3);
        }
      }
    }
  });

  it('agrees to the bit with fp32 computed independently', () => {
    for (let r = 0; r < p.rows; r++) {
      const expected = normalised(p, rowOf(p, cases[index]!.inputs.in!, r));
      for (const { port, element, inverse } of outputs) {
        const y = reader(p, sequential[index]!.outputs[port]!);
        const got = expected.map((_, column) => y(r, 0, column));
        expect(got).toEqual(element === 'int8' ? expected.map((value) => toInt8(f(value * inverse))) : expected);
      }
    }
  });

  it('writes zeros behind the last column', () => {
    for (const { port } of outputs)
      for (const { index: at, row, column } of positions(p))
        if (row < p.rows && column >= p.columns) expect(Math.abs(sequential[index]!.outputs[port]![at]!)).toBe(0);
  });

  it('gives the same every way, in the cycles of its law', () => {
    expect(fibres[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(sanitized[index]!.outputs).toEqual(sequential[index]!.outputs);
    // the first word takes a cycle through the test bench's FIFO
    expect(fibres[index]!.cycles).toBe(layernorm.instantiate(p, target).law.cycles.value + 1);
  });
});
