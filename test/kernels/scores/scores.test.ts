import { describe, expect, it } from 'vitest';
import { scores, scoresRefusal } from '../../../server/kernels/scores/index.ts';
import type { ScoresParameters } from '../../../server/kernels/scores/parameters.ts';
import { scoresReference } from '../common/attention.ts';
import { drawn } from '../common/drawn.ts';
import { describeExactKernel } from '../common/exactness.ts';
import { fromStream, type Matrix, randomMatrix, seeded, streamOrder, toInt8 } from '../common/reference.ts';

const u280 = { dspKind: 'DSP48E2', clock: 245e6 };

function shape(
  [rows, heads, headDim]: readonly [number, number, number],
  [tokens, outputs, dot]: readonly [number, number, number],
  rest: Partial<ScoresParameters> = {},
): ScoresParameters {
  return {
    rows,
    keys: rows,
    heads,
    kvHeads: heads,
    headDim,
    array: { tokens, outputs, dot },
    pack: 1,
    keyTokens: tokens,
    activations: 'int8',
    output: 'fp32',
    storage: 'uram',
    double: true,
    ...rest,
  };
}

const shapes: Readonly<Record<string, ScoresParameters>> = {
  'as many keys a cycle as a word has': shape([16, 2, 8], [8, 8, 1]),
  'rows that do not divide': shape([13, 2, 8], [4, 4, 1]),
  'two products a DSP, two banks': shape([12, 2, 6], [4, 4, 1], { pack: 2 }),
  'a word with more keys than the array takes': shape([22, 2, 8], [8, 2, 1]),
  'dot products of 4': shape([10, 3, 16], [4, 4, 4], { storage: 'bram' }),
  'heads that share k': shape([8, 4, 6], [4, 4, 1], { kvHeads: 2 }),
  'k by single tokens': shape([9, 2, 12], [2, 3, 2], { keyTokens: 1, double: false }),
  'a head shorter than a tile is wide': shape([24, 2, 4], [4, 16, 1], { storage: 'lutram' }),
  'scores in int8': shape([16, 2, 8], [8, 8, 1], { output: 'int8' }),
  ...drawn(
    (dice) => {
      const kvHeads = dice.from(1, 2);
      const dot = dice.from(1, 4);
      return shape(
        [dice.from(1, 17), kvHeads * dice.from(1, 2), dot * dice.from(1, 6)],
        [dice.from(1, 6), dice.from(1, 6), dot],
        {
          kvHeads,
          pack: dice.from(1, 2),
          keyTokens: dice.from(1, 8),
          output: dice.of(['int8', 'fp32']),
          storage: dice.of(['uram', 'bram', 'lutram']),
          double: dice.of([true, false]),
        },
      );
    },
    (parameters) => scoresRefusal(parameters, u280),
  ),
};
const names = Object.keys(shapes);
const instances = Object.values(shapes).map((parameters) => scores.instantiate(parameters, u280));
const scale = 2 ** -9;

function problemOf({ rows, heads, kvHeads, headDim }: ScoresParameters, seed: number): { q: Matrix; k: Matrix } {
  const random = seeded(seed);
  return {
    q: randomMatrix(rows, heads * headDim, 8, random),
    k: randomMatrix(rows, kvHeads * headDim, 8, random),
  };
}

/** Rows that pad a block hold anything: whatever the array upstream made of zeros. */
function inputsOf({ array, keyTokens }: ScoresParameters, { q, k }: { q: Matrix; k: Matrix }) {
  const random = seeded(99);
  const anything = () => random(-128, 127);
  return {
    streams: {
      q: streamOrder(q, array.tokens, array.dot, anything),
      k: streamOrder(k, keyTokens, array.dot, anything),
    },
    scalars: { scale },
  };
}

function expected(parameters: ScoresParameters, { q, k }: { q: Matrix; k: Matrix }): readonly number[] {
  const sums = scoresReference(q, k, parameters);
  return sums.values.map((sum) => (parameters.output === 'int8' ? toInt8(sum * scale) : Math.fround(sum * scale)));
}

describeExactKernel({
  header: 'scores.h',
  cases: names.map((name, index) => ({ name, instance: instances[index]! })),
  problem(index, seed) {
    const parameters = shapes[names[index]!]!;
    const { rows, heads, keys, array } = parameters;
    const problem = problemOf(parameters, seed);
    return {
      inputs: inputsOf(parameters, problem),
      expected: expected(parameters, problem),
      result: ({ out }) => fromStream(out!, rows, heads * keys, array.tokens).values,
    };
  },
  edge: 'a word with more keys than the array takes',
  faults: {
    'always the first part of a cache word': {
      at: 'a word with more keys than the array takes',
      header: 'scores.h',
      from: '(part * wide + c) % KEY_TOKENS',
      to: 'c % KEY_TOKENS',
    },
    'every head reads the first head of k': {
      at: 'heads that share k',
      header: 'scores.h',
      from: 'int row = kv_head * STEPS;',
      to: 'int row = 0 * kv_head;',
    },
    'the borrow of packed products is not given back': {
      at: 'two products a DSP, two banks',
      header: 'multiply.h',
      from: 'field < 0 ? 1 : 0',
      to: '0 * field',
    },
    'banks are filled in the wrong order': {
      at: 'two products a DSP, two banks',
      header: 'scores.h',
      from: 'if (b == bank)',
      to: 'if (b == BANKS - 1 - bank)',
    },
  },
});

describe('what scores has no array for', () => {
  const whole = shape([16, 4, 8], [8, 8, 1]);
  it.each([
    ['keys of earlier passes', { ...whole, keys: 17 }, '16 rows cannot meet 17 keys'],
    ['heads that cannot share', { ...whole, kvHeads: 3 }, '4 heads cannot share 3 heads of k'],
    ['keys that do not fit a tile', { ...whole, keyTokens: 3 }, 'one must be a multiple of the other'],
    [
      'dot products across heads',
      { ...whole, array: { tokens: 8, outputs: 8, dot: 3 } },
      'do not divide the head dimension 8',
    ],
  ] as const)('%s', (_, parameters, words) => {
    expect(scoresRefusal(parameters, u280)).toContain(words);
  });
});
