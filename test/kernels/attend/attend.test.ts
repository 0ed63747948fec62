import { attend, attendRefusal } from '../../../server/kernels/attend/index.ts';
import type { AttendParameters } from '../../../server/kernels/attend/parameters.ts';
import { drawn } from '../common/drawn.ts';
import { describeExactKernel } from '../common/exactness.ts';
import { fromStream, type Matrix, product, randomMatrix, seeded, streamOrder, toInt8 } from '../common/reference.ts';

const u280 = { dspKind: 'DSP48E2', clock: 245e6 };
const scale = 2 ** -9;

function shape(
  operator: AttendParameters['operator'],
  [rows, heads, reduction, columns]: readonly [number, number, number, number],
  [tokens, outputs, dot]: readonly [number, number, number],
  rest: Partial<AttendParameters> = {},
): AttendParameters {
  const sizes = { rows, heads, reduction, columns, array: { tokens, outputs, dot } };
  return { operator, ...sizes, pack: 1, activations: 'int8', output: 'fp32', ...rest };
}

const shapes: Readonly<Record<string, AttendParameters>> = {
  'scores of one row, keys that do not divide': shape('scores', [1, 3, 16, 13], [1, 4, 8]),
  'scores, two products a DSP': shape('scores', [1, 2, 8, 12], [1, 2, 4], { pack: 2 }),
  'context of one row, keys that do not divide': shape('context', [1, 2, 13, 16], [1, 8, 4], { output: 'int8' }),
  'context of a block of rows': shape('context', [5, 2, 9, 8], [4, 4, 1]),
  ...drawn(
    (dice) => {
      const dot = dice.from(1, 8);
      const operator = dice.of(['scores', 'context'] as const);
      return shape(
        operator,
        // What a head of q has is a multiple of the dot products; keys are not.
        [
          dice.from(1, 6),
          dice.from(1, 3),
          operator === 'scores' ? dot * dice.from(1, 4) : dice.from(1, 20),
          dice.from(1, 20),
        ],
        [dice.from(1, 4), dice.from(1, 6), dot],
        { pack: dice.from(1, 2), output: dice.of(['int8', 'fp32']) },
      );
    },
    (parameters) => attendRefusal(parameters, u280),
  ),
};
const names = Object.keys(shapes);

/** The operands of a head: rows × reduction, reduction × columns. */
function problemOf({ rows, heads, reduction, columns }: AttendParameters, seed: number) {
  const random = seeded(seed);
  return Array.from({ length: heads }, () => ({
    left: randomMatrix(rows, reduction, 8, random),
    right: randomMatrix(reduction, columns, 8, random),
  }));
}

/** Block of rows, head, step; what pads the last step of the cache is zero, what pads `in` anything. */
function streamsOf(p: AttendParameters, heads: ReturnType<typeof problemOf>) {
  const { tokens, outputs, dot } = p.array;
  const wide = outputs * p.pack;
  const random = seeded(7);
  const input: number[] = [];
  const cache: number[] = [];
  for (let block = 0; block < p.rows; block += tokens)
    for (const { left, right } of heads) {
      const rows: Matrix = {
        rows: Math.min(tokens, p.rows - block),
        columns: p.reduction,
        values: left.values.slice(block * p.reduction, (block + tokens) * p.reduction),
      };
      input.push(...streamOrder(rows, tokens, dot, () => random(-128, 127)));
      for (let tile = 0; tile < p.columns; tile += wide)
        for (let step = 0; step < p.reduction; step += dot)
          for (let k = step; k < step + dot; k++)
            for (let n = tile; n < tile + wide; n++)
              cache.push(k < p.reduction && n < p.columns ? right.values[k * p.columns + n]! : 0);
    }
  return { [p.operator === 'scores' ? 'q' : 'in']: input, cache };
}

describeExactKernel({
  header: 'attend.h',
  cases: names.map((name) => ({ name, instance: attend.instantiate(shapes[name]!, u280) })),
  problem(index, seed) {
    const p = shapes[names[index]!]!;
    const problem = problemOf(p, seed);
    const expected: number[] = [];
    const products = problem.map(({ left, right }) => product(left, right));
    for (let r = 0; r < p.rows; r++)
      for (const { values } of products)
        for (const sum of values.slice(r * p.columns, (r + 1) * p.columns))
          expected.push(p.output === 'int8' ? toInt8(sum * scale) : Math.fround(sum * scale));
    return {
      inputs: { streams: streamsOf(p, problem), scalars: { scale } },
      expected,
      result: ({ out }) => fromStream(out!, p.rows, p.heads * p.columns, p.array.tokens).values,
    };
  },
  edge: 'context of one row, keys that do not divide',
  faults: {
    'rows of the first step in every step': {
      at: 'scores of one row, keys that do not divide',
      header: 'streamed_array.h',
      from: 'rows = block[real ? at : 0];',
      to: 'rows = block[0];',
    },
    'rows of the head before': {
      at: 'context of a block of rows',
      header: 'streamed_array.h',
      from: 'if (round < groups && real) {\n          rows = in.read();',
      to: 'if (round < groups && real) {\n          rows = in.read();\n          if (job % 2 == 1) rows = block[at];',
    },
    'sums that are not cleared': {
      at: 'scores, two products a DSP',
      header: 'streamed_array.h',
      from: 'clear<R, wide>(sums);',
      to: 'if (round == 0) clear<R, wide>(sums);',
    },
    'lanes of the cache in the wrong order': {
      at: 'scores of one row, keys that do not divide',
      header: 'multiply.h',
      from: 'd * wide + c)',
      to: 'c * D + d)',
    },
  },
});
