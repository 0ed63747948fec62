import { describe, expect, it } from 'vitest';
import { context, contextRefusal } from '../../../server/kernels/context/index.ts';
import type { ContextParameters } from '../../../server/kernels/context/parameters.ts';
import { contextReference } from '../common/attention.ts';
import { drawn } from '../common/drawn.ts';
import { describeExactKernel } from '../common/exactness.ts';
import { fromStream, type Matrix, randomMatrix, seeded, slice, streamOrder, toInt8 } from '../common/reference.ts';

const u280 = { dspKind: 'DSP48E2', clock: 245e6 };

function shape(
  [rows, heads, headDim]: readonly [number, number, number],
  [tokens, outputs, dot]: readonly [number, number, number],
  rest: Partial<ContextParameters> = {},
): ContextParameters {
  return {
    rows,
    keys: rows,
    heads,
    kvHeads: heads,
    headDim,
    array: { tokens, outputs, dot },
    pack: 1,
    valueTokens: tokens,
    activations: 'int8',
    output: 'int8',
    storage: 'uram',
    double: true,
    ...rest,
  };
}

const shapes: Readonly<Record<string, ContextParameters>> = {
  'a word of v for eight cycles': shape([16, 2, 16], [8, 8, 1]),
  'rows and columns that do not divide': shape([13, 2, 7], [4, 3, 1]),
  'two products a DSP': shape([12, 2, 16], [4, 4, 1], { pack: 2 }),
  'dot products within a word': shape([12, 2, 8], [8, 4, 2], { storage: 'bram' }),
  'dot products over several banks': shape([10, 2, 8], [2, 4, 4], { valueTokens: 2 }),
  'dot products that the keys do not divide': shape([13, 3, 6], [4, 3, 4]),
  'heads that share v': shape([8, 4, 6], [4, 3, 1], { kvHeads: 2 }),
  'v by single tokens': shape([9, 2, 12], [2, 4, 1], { valueTokens: 1, double: false }),
  'fewer keys than a tile is wide': shape([4, 2, 32], [4, 16, 1], { storage: 'lutram' }),
  'context in fp32': shape([16, 2, 8], [8, 8, 1], { output: 'fp32' }),
  ...drawn(
    (dice) => {
      const kvHeads = dice.from(1, 2);
      return shape(
        [dice.from(1, 17), kvHeads * dice.from(1, 2), dice.from(1, 20)],
        [dice.from(1, 6), dice.from(1, 6), dice.from(1, 4)],
        {
          kvHeads,
          pack: dice.from(1, 2),
          valueTokens: dice.from(1, 8),
          output: dice.of(['int8', 'fp32']),
          storage: dice.of(['uram', 'bram', 'lutram']),
          double: dice.of([true, false]),
        },
      );
    },
    (parameters) => contextRefusal(parameters, u280),
  ),
};
const names = Object.keys(shapes);
const instances = Object.values(shapes).map((parameters) => context.instantiate(parameters, u280));
const scale = 2 ** -9;

function problemOf({ rows, keys, heads, kvHeads, headDim }: ContextParameters, seed: number): { p: Matrix; v: Matrix } {
  const random = seeded(seed);
  return { p: randomMatrix(rows, heads * keys, 8, random), v: randomMatrix(keys, kvHeads * headDim, 8, random) };
}

/** Padded rows hold anything, and so do keys that pad a step: the kernel must not look at them. */
function inputsOf({ heads, keys, array, valueTokens }: ContextParameters, { p, v }: { p: Matrix; v: Matrix }) {
  const random = seeded(99);
  const anything = () => random(-128, 127);
  const { tokens, dot } = array;
  const perHead = Array.from({ length: heads }, (_, head) =>
    streamOrder(slice(p, head * keys, keys), tokens, dot, anything),
  );
  // Block by block, within it head by head.
  const block = Math.ceil(keys / dot) * dot * tokens;
  const order: number[] = [];
  for (let at = 0; at < perHead[0]!.length; at += block)
    for (const head of perHead) order.push(...head.slice(at, at + block));
  return { streams: { in: order, v: streamOrder(v, valueTokens, 1, anything) }, scalars: { scale } };
}

function expected(parameters: ContextParameters, { p, v }: { p: Matrix; v: Matrix }): readonly number[] {
  const sums = contextReference(p, v, parameters);
  return sums.values.map((sum) => (parameters.output === 'int8' ? toInt8(sum * scale) : Math.fround(sum * scale)));
}

describeExactKernel({
  header: 'context.h',
  cases: names.map((name, index) => ({ name, instance: instances[index]! })),
  problem(index, seed) {
    const parameters = shapes[names[index]!]!;
    const { rows, heads, headDim, array } = parameters;
    const problem = problemOf(parameters, seed);
    return {
      inputs: inputsOf(parameters, problem),
      expected: expected(parameters, problem),
      result: ({ out }) => fromStream(out!, rows, heads * headDim, array.tokens).values,
    };
  },
  edge: 'dot products that the keys do not divide',
  faults: {
    'the mask of padded keys is off by one': {
      at: 'dot products that the keys do not divide',
      header: 'context.h',
      from: 'd < KEYS % D;',
      to: 'd <= KEYS % D;',
    },
    'the borrow of packed products is not given back': {
      at: 'two products a DSP',
      header: 'multiply.h',
      from: 'field < 0 ? 1 : 0',
      to: '0 * field',
    },
    'always the first row of a cache word': {
      at: 'a word of v for eight cycles',
      header: 'context.h',
      from: '(part * D + d) % VALUE_TOKENS',
      to: 'd % VALUE_TOKENS',
    },
    'a head that is no multiple of a tile runs into the next': {
      at: 'rows and columns that do not divide',
      header: 'context.h',
      from: 'bank == WIDE - 1 || column == HEAD_DIM - 1',
      to: 'bank == WIDE - 1',
    },
  },
});

describe('what context has no array for', () => {
  const whole = shape([16, 4, 8], [8, 8, 1]);
  it.each([
    ['values of earlier passes', { ...whole, keys: 17 }, '16 rows cannot meet 17 values'],
    ['heads that cannot share', { ...whole, kvHeads: 3 }, '4 heads cannot share 3 heads of v'],
    [
      'rows of v that do not fit a step',
      { ...whole, array: { tokens: 8, outputs: 8, dot: 3 } },
      'one must be a multiple of the other',
    ],
  ] as const)('%s', (_, parameters, words) => {
    expect(contextRefusal(parameters, u280)).toContain(words);
  });
});
