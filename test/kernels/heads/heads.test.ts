import { describe, expect, it } from 'vitest';
import { context, contextRefusal } from '../../../server/kernels/context/index.ts';
import type { ContextParameters } from '../../../server/kernels/context/parameters.ts';
import { heads, headsRefusal } from '../../../server/kernels/heads/index.ts';
import type { HeadsParameters } from '../../../server/kernels/heads/parameters.ts';
import { partialSums } from '../../../server/kernels/partialsums.ts';
import { scores, scoresRefusal } from '../../../server/kernels/scores/index.ts';
import type { ScoresParameters } from '../../../server/kernels/scores/parameters.ts';
import type { SoftmaxParameters } from '../../../server/kernels/softmax/parameters.ts';
import { contextReference, scoresReference } from '../common/attention.ts';
import { type Dice, drawn } from '../common/drawn.ts';
import { describeExactKernel } from '../common/exactness.ts';
import { exp, interleavedSum, reciprocal } from '../common/golden.ts';
import { fromStream, randomMatrix, seeded, streamOrder, toInt8 } from '../common/reference.ts';
import { floats, positions, reader, streamOf } from '../tensor.ts';

const u280 = { dspKind: 'DSP48E2', clock: 245e6 };
const scale = 2 ** -9;
const f = Math.fround;

type Sizes = readonly [rows: number, heads: number, kvHeads: number, headDim: number];
type Array3 = readonly [tokens: number, outputs: number, dot: number];

const shared = ([rows, heads, kvHeads, headDim]: Sizes, [tokens, outputs, dot]: Array3) => ({
  ...{ rows, keys: rows, heads, kvHeads, headDim, array: { tokens, outputs, dot }, pack: 1 },
  ...({ activations: 'int8', output: 'fp32', storage: 'uram', double: true } as const),
});

const scoresOf = (
  instances: number,
  sizes: Sizes,
  array: Array3,
  rest: Partial<ScoresParameters> = {},
): HeadsParameters => ({
  ...{ instances, kernel: 'scores' },
  of: { ...shared(sizes, array), keyTokens: array[0], ...rest },
});

const contextOf = (
  instances: number,
  sizes: Sizes,
  array: Array3,
  rest: Partial<ContextParameters> = {},
): HeadsParameters => ({
  ...{ instances, kernel: 'context' },
  of: { ...shared(sizes, array), valueTokens: array[0], ...rest },
});

function draw(dice: Dice): HeadsParameters {
  const instances = dice.from(2, 3);
  const kvHeads = instances * dice.from(1, 2);
  const dot = dice.from(1, 2);
  const sizes = [dice.from(1, 17), kvHeads * dice.from(1, 2), kvHeads, dot * dice.from(1, 4)] as const;
  const array = [dice.from(1, 4), dice.from(1, 6), dot] as const;
  const output = dice.of(['int8', 'fp32'] as const);
  return dice.from(0, 1) === 0
    ? scoresOf(instances, sizes, array, { output })
    : contextOf(instances, sizes, array, { output });
}

const cases: Readonly<Record<string, HeadsParameters>> = {
  'scores of two instances': scoresOf(2, [16, 4, 4, 8], [4, 4, 1]),
  'scores of heads that share k': scoresOf(2, [9, 8, 4, 6], [4, 2, 2], { pack: 2, output: 'int8' }),
  'scores that come faster than a word a cycle': scoresOf(4, [32, 4, 4, 4], [4, 8, 1]),
  'context of three instances': contextOf(3, [10, 6, 6, 5], [2, 4, 2]),
  'softmax of four, every fourth cycle': {
    ...{ instances: 4, kernel: 'softmax' },
    of: { rows: 7, heads: 8, keys: 37, word: { tokens: 2, columns: 2 }, ii: 4, causal: { past: 30 }, output: 'int8' },
  },
  ...drawn(draw, (parameters) =>
    parameters.kernel === 'scores'
      ? scoresRefusal(parameters.of, u280)
      : parameters.kernel === 'context'
        ? contextRefusal(parameters.of, u280)
        : headsRefusal(parameters),
  ),
};
const names = Object.keys(cases);
const instances = Object.values(cases).map((parameters) => heads.instantiate(parameters, u280));

/** Rows that pad a block hold anything. */
function product(parameters: Exclude<HeadsParameters, { kernel: 'softmax' }>, seed: number) {
  const { of, kernel } = parameters;
  const { rows, heads: all, kvHeads, headDim, array, output } = of;
  const random = seeded(seed);
  const anything = () => random(-128, 127);
  const kept = randomMatrix(rows, kvHeads * headDim, 8, random);
  const first = randomMatrix(rows, all * (kernel === 'scores' ? headDim : rows), 8, random);
  const columns = all * (kernel === 'scores' ? rows : headDim);
  const sums = kernel === 'scores' ? scoresReference(first, kept, of) : contextReference(first, kept, of);
  return {
    inputs: {
      streams:
        kernel === 'scores'
          ? {
              q: streamOrder(first, array.tokens, array.dot, anything),
              k: streamOrder(kept, of.keyTokens, array.dot, anything),
            }
          : {
              in: headByHead(first.values, rows, all, array),
              v: streamOrder(kept, of.valueTokens, 1, anything),
            },
      scalars: { scale },
    },
    expected: sums.values.map((sum) => (output === 'int8' ? toInt8(sum * scale) : f(sum * scale))),
    result: ({ out }: Readonly<Record<string, readonly number[]>>) =>
      fromStream([...out!], rows, columns, array.tokens).values,
  };
}

/** Probabilities in words of D keys: a head's last word is filled up. */
function headByHead(
  values: readonly number[],
  rows: number,
  all: number,
  { tokens, dot }: { tokens: number; dot: number },
) {
  const layout = { rows, heads: all, columns: rows, word: { tokens, columns: dot } };
  return [...positions(layout)].map(({ row, head, column }) =>
    row < rows && column < rows ? values[row * all * rows + head * rows + column]! : 0,
  );
}

function softmaxProblem({ rows, heads: all, keys, word, ii, causal, output }: SoftmaxParameters, seed: number) {
  const layout = { rows, heads: all, columns: keys, word };
  const random = seeded(seed);
  const elements = streamOf(layout, floats, () => random(-4000, 4000) / 512);
  const at = reader(layout, elements);
  const real = [...positions(layout)].filter(({ row, column }) => row < rows && column < keys);
  return {
    inputs: { streams: { in: [...elements] }, scalars: {} },
    expected: real.map(({ row, head, column }) => {
      const seen = causal ? Math.min(keys, causal.past + row + 1) : keys;
      const x = Array.from({ length: seen }, (_, key) => at(row, head, key));
      const greatest = Math.max(...x);
      const e = Array.from({ length: keys }, (_, key) => (key < seen ? exp(f(x[key]! - greatest)) : 0));
      const inverse = reciprocal(interleavedSum(e, word.columns, partialSums(ii)));
      return output === 'int8' ? toInt8(f(e[column]! * f(inverse * 127))) : f(e[column]! * inverse);
    }),
    result: ({ out }: Readonly<Record<string, readonly number[]>>) => real.map(({ index }) => out![index]!),
  };
}

describeExactKernel({
  header: 'heads.h',
  cases: names.map((name, index) => ({ name, instance: instances[index]! })),
  problem(index, seed) {
    const parameters = cases[names[index]!]!;
    return parameters.kernel === 'softmax' ? softmaxProblem(parameters.of, seed) : product(parameters, seed);
  },
  edge: 'scores of heads that share k',
  faults: {
    'queries are dealt out one head at a time, whoever shares k': {
      at: 'scores of heads that share k',
      header: 'scores_heads.h',
      from: 'const int shares = HEADS / KV_HEADS;',
      to: 'const int shares = 1 + 0 * (HEADS / KV_HEADS);',
    },
    'the first instance gets the heads of the second': {
      at: 'scores of two instances',
      header: 'heads.h',
      from: 'if (i == turn) out[i].write(value);',
      to: 'if (i == N - 1 - turn) out[i].write(value);',
    },
    'results are gathered backwards': {
      at: 'context of three instances',
      header: 'heads.h',
      from: 'if (i == turn) value = in[i].read();',
      to: 'if (i == N - 1 - turn) value = in[i].read();',
    },
    'every instance scales by a step less': {
      at: 'scores of two instances',
      header: 'scores_heads.h',
      from: 'ks[i], outs[i], scale',
      to: 'ks[i], outs[i], scale / 2',
    },
  },
});

describe('what instances side by side cost', () => {
  const parameters = cases['scores of heads that share k']!;
  const { law } = heads.instantiate(parameters, u280);

  it('is the DSPs of one of them so many times, and its memories', () => {
    if (parameters.kernel !== 'scores') throw new Error('another case');
    const { of } = parameters;
    const one = scores.instantiate({ ...of, heads: of.heads / 2, kvHeads: of.kvHeads / 2 }, u280).law;
    expect(law.logic.dsp.used).toBe(2 * one.logic.dsp.used);
    expect(law.explanations.find(({ unit }) => unit === 'DSP')?.value).toBe(law.logic.dsp.used);
    for (const memory of one.memories) expect(law.memories).toContainEqual({ ...memory, parts: 2 * memory.parts });
  });

  it('keeps V of all heads in as many words as one instance would', () => {
    const contexts = contextOf(2, [16, 4, 4, 8], [4, 4, 1]);
    if (contexts.kernel !== 'context') throw new Error('another kernel');
    const bits = (memories: typeof law.memories) =>
      memories.filter(({ name }) => name === 'cache').reduce((sum, one) => sum + one.words * one.bits * one.parts, 0);
    const apart = heads.instantiate(contexts, u280).law.memories;
    expect(bits(apart)).toBe(bits(context.instantiate(contexts.of, u280).law.memories));
  });
});

it('says which heads cannot be dealt out', () => {
  expect(headsRefusal(scoresOf(3, [16, 8, 4, 8], [4, 4, 1]))).toBe(
    '3 instances cannot have as many of the 4 heads of k each',
  );
});
