import { beforeAll, describe, expect, it } from 'vitest';
import { partialSums } from '../../../server/kernels/partialsums.ts';
import { softmax } from '../../../server/kernels/softmax/index.ts';
import type { SoftmaxParameters } from '../../../server/kernels/softmax/parameters.ts';
import { drawn, drawnElement, drawnWord } from '../common/drawn.ts';
import { exp, interleavedSum, reciprocal } from '../common/golden.ts';
import { toInt8 } from '../common/reference.ts';
import { type Result, simulateEveryWay, uniform } from '../row-bench.ts';
import { floats, type Layout, positions, reader, streamOf } from '../tensor.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };
const f = Math.fround;

const shapes: Record<string, SoftmaxParameters> = {
  'a column of 8 tokens': { rows: 32, heads: 2, keys: 48, word: { tokens: 8, columns: 1 }, ii: 1, output: 'int8' },
  'four columns of one token': { rows: 5, heads: 3, keys: 64, word: { tokens: 1, columns: 4 }, ii: 1, output: 'fp32' },
  'ragged rows and columns': { rows: 7, heads: 2, keys: 39, word: { tokens: 2, columns: 4 }, ii: 1, output: 'int8' },
  'every second cycle': { rows: 9, heads: 2, keys: 70, word: { tokens: 4, columns: 2 }, ii: 2, output: 'fp32' },
  'a plain carried sum': { rows: 16, heads: 1, keys: 50, word: { tokens: 8, columns: 1 }, ii: 4, output: 'int8' },
  'causal after 3 tokens': {
    rows: 12,
    heads: 2,
    keys: 15,
    word: { tokens: 4, columns: 1 },
    ii: 1,
    causal: { past: 3 },
    output: 'fp32',
  },
  'fewer keys than partial sums': {
    rows: 4,
    heads: 1,
    keys: 3,
    word: { tokens: 2, columns: 1 },
    ii: 1,
    output: 'fp32',
  },
  'one key': { rows: 3, heads: 2, keys: 1, word: { tokens: 1, columns: 4 }, ii: 1, output: 'int8' },
  ...drawn((dice): SoftmaxParameters => {
    const keys = dice.from(1, 40);
    return {
      ...{ rows: dice.from(1, 12), heads: dice.from(1, 3), keys, word: drawnWord(dice), ii: dice.of([1, 2, 4]) },
      ...{ output: drawnElement(dice), ...(dice.from(0, 1) === 1 ? { causal: { past: dice.from(0, keys - 1) } } : {}) },
    };
  }),
};

const layoutOf = (p: SoftmaxParameters): Layout => ({ rows: p.rows, heads: p.heads, columns: p.keys, word: p.word });
const names = Object.keys(shapes);
const inputs = names.map((name, index) => {
  const next = uniform(index + 1);
  // rows of very different size: without its maximum a row would overflow or vanish
  return streamOf(layoutOf(shapes[name]!), floats, (row) => 12 * next() + (row % 3) * 90 - 90);
});
let sequential: Result[];
let fibres: Result[];
let sanitized: Result[];

beforeAll(async () => {
  const cases = names.map((name, index) => ({
    instance: softmax.instantiate(shapes[name]!, target),
    inputs: { in: inputs[index]! },
  }));
  ({ sequential, fibres, sanitized } = await simulateEveryWay(cases));
}, 120_000);

const visible = (p: SoftmaxParameters, row: number) => (p.causal ? Math.min(p.keys, p.causal.past + row + 1) : p.keys);

describe.each(names.map((name, index) => ({ name, index })))('softmax: $name', ({ name, index }) => {
  const parameters = shapes[name]!;
  const layout = layoutOf(parameters);
  const row = (r: number, head: number) => {
    const at = reader(layout, inputs[index]!);
    return Array.from({ length: visible(parameters, r) }, (_, key) => at(r, head, key));
  };

  it('gives the probabilities of every row', () => {
    const p = reader(layout, sequential[index]!.outputs.out!);
    const int8 = parameters.output === 'int8';
    for (let r = 0; r < parameters.rows; r++)
      for (let head = 0; head < parameters.heads; head++) {
        const x = row(r, head);
        const greatest = Math.max(...x);
        const sum = x.reduce((total, value) => total + Math.exp(value - greatest), 0);
        for (let key = 0; key < parameters.keys; key++) {
          const exact = key < x.length ? Math.exp(x[key]! - greatest) / sum : 0;
          const tolerance = int8 ? 0.5001 : 4e-6 * exact;
          expect(Math.abs(p(r, head, key) - exact * (int8 ? 127 : 1))).toBeLessThanOrEqual(tolerance);
        }
      }
  });

  it('agrees to the bit with fp32 computed independently', () => {
    const elements = sequential[index]!.outputs.out!;
    for (const position of positions(layout)) {
      if (position.row >= parameters.rows) continue;
      const x = row(position.row, position.head);
      const greatest = Math.max(...x);
      const exponentials = x.map((value) => exp(f(value - greatest)));
      const padded = Array.from({ length: parameters.keys }, (_, key) => exponentials[key] ?? 0);
      const inverse = reciprocal(interleavedSum(padded, parameters.word.columns, partialSums(parameters.ii)));
      const e = exponentials[position.column] ?? 0;
      const expected = parameters.output === 'int8' ? toInt8(f(e * f(inverse * 127))) : f(e * inverse);
      expect(elements[position.index]).toBe(expected);
    }
  });

  it('gives the same every way, in the cycles of its law', () => {
    expect(fibres[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(sanitized[index]!.outputs).toEqual(sequential[index]!.outputs);
    // the first word takes a cycle through the test bench's FIFO
    expect(fibres[index]!.cycles).toBe(softmax.instantiate(parameters, target).law.cycles.value + 1);
  });
});
