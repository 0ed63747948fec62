import { beforeAll, describe, expect, it } from 'vitest';
import { partialSums } from '../../../server/kernels/partialsums.ts';
import { rmsnorm } from '../../../server/kernels/rmsnorm/index.ts';
import type { RmsnormParameters } from '../../../server/kernels/rmsnorm/parameters.ts';
import { drawn, drawnElement, drawnWord } from '../common/drawn.ts';
import { interleavedSum, rsqrt } from '../common/golden.ts';
import { toInt8 } from '../common/reference.ts';
import { type Case, type Elements, type Result, simulateEveryWay, uniform } from '../row-bench.ts';
import { bytes, floats, type Layout, positions, reader, streamOf } from '../tensor.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };
const f = Math.fround;

const shapes: Record<string, RmsnormParameters> = {
  'a column of 8 tokens': {
    ...{ rows: 24, columns: 96, word: { tokens: 8, columns: 1 }, ii: 1 },
    ...{ input: 'fp32', output: 'int8' },
  },
  'eight columns of one token': {
    ...{ rows: 3, columns: 128, word: { tokens: 1, columns: 8 }, ii: 1 },
    ...{ input: 'fp32', output: 'fp32' },
  },
  'ragged rows and columns': {
    ...{ rows: 7, columns: 83, word: { tokens: 2, columns: 4 }, ii: 1 },
    ...{ input: 'fp32', output: 'int8' },
  },
  'int8 in, every second cycle': {
    ...{ rows: 8, columns: 60, word: { tokens: 4, columns: 2 }, ii: 2 },
    ...{ input: 'int8', output: 'fp32' },
  },
  'a plain carried sum': {
    ...{ rows: 16, columns: 64, word: { tokens: 8, columns: 1 }, ii: 4 },
    ...{ input: 'fp32', output: 'fp32' },
  },
  'one row of one word': {
    ...{ rows: 1, columns: 4, word: { tokens: 1, columns: 4 }, ii: 1 },
    ...{ input: 'fp32', output: 'fp32' },
  },
  ...drawn(
    (dice): RmsnormParameters => ({
      ...{ rows: dice.from(1, 12), columns: dice.from(1, 60), word: drawnWord(dice), ii: dice.of([1, 2, 4]) },
      ...{ input: drawnElement(dice), output: drawnElement(dice) },
    }),
  ),
};
const names = Object.keys(shapes);
const scalars = { epsilon: 1e-5, in_scale: 0.037, out_inverse_scale: 21.5 };
const gain = (column: number) => f(1 + 0.3 * Math.sin(column));

function caseOf(p: RmsnormParameters, seed: number): Case {
  const next = uniform(seed);
  const layout: Layout = p;
  const x =
    p.input === 'int8'
      ? streamOf(layout, bytes, () => Math.trunc(127 * next()))
      : streamOf(layout, floats, (row) => 3 ** (row % 5) * next());
  const vector: Layout = { rows: 1, columns: p.columns, word: { tokens: 1, columns: p.word.columns } };
  const parameters = streamOf(vector, floats, (_, __, column) => gain(column));
  return { instance: rmsnorm.instantiate(p, target), inputs: { in: x, parameters }, scalars };
}

const cases = names.map((name, index) => caseOf(shapes[name]!, index + 71));
let sequential: Result[];
let fibres: Result[];
let sanitized: Result[];

beforeAll(async () => {
  ({ sequential, fibres, sanitized } = await simulateEveryWay(cases));
}, 300_000);

/** fp32 values of a row as the kernel sees them. */
function rowOf(p: RmsnormParameters, elements: Elements, r: number): number[] {
  const at = reader(p, elements);
  const scale = p.input === 'int8' ? f(scalars.in_scale) : 1;
  return Array.from({ length: p.columns }, (_, column) => f(at(r, 0, column) * scale));
}

function normalised(p: RmsnormParameters, x: readonly number[]): number[] {
  const squares = x.map((value) => f(value * value));
  const sum = interleavedSum(squares, p.word.columns, partialSums(p.ii));
  const factor = rsqrt(f(f(sum * f(1 / p.columns)) + f(scalars.epsilon)));
  return x.map((value, column) => f(f(value * factor) * gain(column)));
}

describe.each(names.map((name, index) => ({ name, index })))('rmsnorm: $name', ({ name, index }) => {
  const p = shapes[name]!;
  const inverse = f(scalars.out_inverse_scale);

  it('divides a row by the root of its mean square', () => {
    const y = reader(p, sequential[index]!.outputs.out!);
    for (let r = 0; r < p.rows; r++) {
      const x = rowOf(p, cases[index]!.inputs.in!, r);
      const root = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / p.columns + scalars.epsilon);
      for (let column = 0; column < p.columns; column++) {
        const exact = (x[column]! / root) * gain(column);
        if (p.output === 'fp32') expect(Math.abs(y(r, 0, column) - exact)).toBeLessThan(1e-5);
        else expect(Math.abs(y(r, 0, column) - Math.max(-128, Math.min(127, exact * inverse)))).toBeLessThan(0.501);
      }
    }
  });

  it('agrees to the bit with fp32 computed independently', () => {
    const y = reader(p, sequential[index]!.outputs.out!);
    for (let r = 0; r < p.rows; r++) {
      const expected = normalised(p, rowOf(p, cases[index]!.inputs.in!, r));
      const got = expected.map((_, column) => y(r, 0, column) + 0);
      expect(got).toEqual(expected.map((value) => (p.output === 'int8' ? toInt8(f(value * inverse)) : value) + 0));
    }
  });

  it('writes zeros behind the last column', () => {
    for (const { index: at, row, column } of positions(p))
      if (row < p.rows && column >= p.columns) expect(Math.abs(sequential[index]!.outputs.out![at]!)).toBe(0);
  });

  it('gives the same every way, in the cycles of its law', () => {
    expect(fibres[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(sanitized[index]!.outputs).toEqual(sequential[index]!.outputs);
    // the first word takes a cycle through the test bench's FIFO
    expect(fibres[index]!.cycles).toBe(rmsnorm.instantiate(p, target).law.cycles.value + 1);
  });
});
