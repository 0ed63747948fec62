import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { greatestPack } from '../../../server/kernels/common/array.ts';
import { linear, linearRefusal } from '../../../server/kernels/linear/index.ts';
import { foldsOutputScale } from '../../../server/kernels/linear/law.ts';
import type { LinearParameters } from '../../../server/kernels/linear/parameters.ts';
import { elementBits } from '../../../server/kernels/word.ts';
import { drawn } from '../common/drawn.ts';
import { faultsShow } from '../common/faults.ts';
import { type Inputs, instanceBench } from '../common/instance-bench.ts';
import { fromStream, type Matrix, product, randomMatrix, seeded, streamOrder, toInt8 } from '../common/reference.ts';

const u280 = { dspKind: 'DSP48E2', clock: 245e6 };

/** What a test says of a shape; the rest is that of a W4A8 layer. */
function shape(
  [rows, reduction, columns]: readonly [number, number, number],
  [tokens, outputs, dot]: readonly [number, number, number],
  rest: Partial<LinearParameters> = {},
): LinearParameters {
  return {
    rows,
    reduction,
    columns,
    array: { tokens, outputs, dot },
    pack: 1,
    activations: 'int8',
    weights: 'int4',
    output: 'int8',
    activation: 'none',
    ...rest,
  };
}

const shapes: Readonly<Record<string, LinearParameters>> = {
  'a W4A8 array, two products a DSP': shape([16, 24, 32], [8, 4, 1], { pack: 2 }),
  'a W8A8 array, two products a DSP': shape([8, 40, 16], [4, 4, 1], { pack: 2, weights: 'int8' }),
  'three products of int2 a DSP': shape([4, 20, 12], [2, 2, 1], { pack: 3, weights: 'int2' }),
  'one product a DSP': shape([8, 30, 8], [8, 4, 1]),
  'rows, columns and reduction that do not divide': shape([11, 23, 21], [4, 3, 2], { pack: 2 }),
  'a decode array: one row, long dot products': shape([1, 64, 24], [1, 4, 16], { pack: 2 }),
  'a decode array that nothing divides': shape([1, 50, 10], [1, 3, 8]),
  'a reduction shorter than a tile is wide': shape([12, 6, 70], [4, 8, 1], { pack: 2 }),
  'int16 activations': shape([4, 30, 8], [2, 4, 1], { pack: 2, activations: 'int16' }),
  'a result in fp32': shape([8, 20, 12], [4, 3, 1], { output: 'fp32' }),
  'relu in the epilogue': shape([8, 20, 12], [4, 3, 1], { activation: 'relu' }),
  'gelu in the epilogue, then int8': shape([4, 20, 12], [4, 3, 1], { activation: 'gelu_tanh' }),
  'gelu in the epilogue': shape([4, 20, 12], [4, 3, 1], { activation: 'gelu_erf', output: 'fp32' }),
  'groups of a scale each': shape([6, 96, 20], [4, 4, 2], { pack: 2, group: 32 }),
  'a last group that is shorter, and a last dot product': shape([5, 41, 7], [2, 2, 3], { group: 9, output: 'fp32' }),
  'groups of two columns a tile, which wait for the adder': shape([4, 24, 5], [4, 1, 1], { pack: 2, group: 2 }),
  'groups, relu behind the last': shape([4, 40, 12], [4, 3, 4], { group: 20, activation: 'relu', weights: 'int8' }),
  'weights kept for two blocks of rows': shape([16, 24, 40], [4, 4, 1], { pack: 2, tile: 8 }),
  'weights kept for all rows': shape([12, 24, 16], [4, 4, 1], { tile: 64 }),
  'a last tile of one block, padded in rows, columns and reduction': shape([26, 23, 21], [4, 3, 2], {
    pack: 2,
    tile: 12,
  }),
  'tiles of rows whose results take longer than their products': shape([30, 6, 70], [3, 8, 1], { pack: 2, tile: 9 }),
  'a tile of one step, gelu behind it': shape([9, 3, 12], [2, 4, 4], { tile: 6, activation: 'gelu_tanh' }),
  ...drawn(
    (dice) => {
      const weights = dice.of(['int2', 'int4', 'int8', 'int16'] as const);
      const activations = dice.of(['int4', 'int8', 'int16'] as const);
      const tokens = dice.from(1, 5);
      return shape([dice.from(1, 13), dice.from(1, 40), dice.from(1, 30)], [tokens, dice.from(1, 5), dice.from(1, 4)], {
        weights,
        activations,
        pack: dice.from(1, greatestPack(weights, activations, u280.dspKind, tokens)),
        output: dice.of(['int8', 'fp32']),
        activation: dice.of(['none', 'relu']),
        ...dice.of([{}, { group: dice.from(1, 20) }, { tile: tokens * dice.from(1, 4) }]),
      });
    },
    (parameters) => linearRefusal(parameters, u280),
  ),
};
const names = Object.keys(shapes);
const instances = Object.values(shapes).map((parameters) => linear.instantiate(parameters, u280));

/** Weights of a column that share a multiplier, and how many of these a column has. */
const groupsOf = ({ reduction, group = reduction }: LinearParameters) => {
  const length = Math.min(group, reduction);
  return { length, count: Math.ceil(reduction / length) };
};

/** Trained values; multipliers are powers of two, so that results fall on halves and rounding shows. */
interface Problem {
  readonly x: Matrix;
  readonly w: Matrix;
  /** One a group and column, group by group. */
  readonly multipliers: readonly number[];
  readonly biases: readonly number[];
}

function problemOf(parameters: LinearParameters, seed: number): Problem {
  const random = seeded(seed);
  const { rows, reduction, columns, activations, weights } = parameters;
  const { length, count } = groupsOf(parameters);
  const spread = Math.log2(length) / 2 + elementBits[activations] + elementBits[weights] - 10;
  return {
    x: randomMatrix(rows, reduction, elementBits[activations], random),
    w: randomMatrix(reduction, columns, elementBits[weights], random),
    multipliers: Array.from({ length: count * columns }, () => 2 ** -Math.round(spread + random(0, 2))),
    biases: Array.from({ length: columns }, () => random(-40, 40) / 2),
  };
}

/** The streams of a problem, written from the header comments of linear.h, grouped_linear.h and tiled_linear.h. */
function inputsOf(parameters: LinearParameters, problem: Problem): Inputs {
  const { rows, reduction, columns, array, pack } = parameters;
  const { tokens, outputs, dot } = array;
  const wide = outputs * pack;
  const { length, count } = groupsOf(parameters);
  const weights: number[] = [];
  const scales: number[] = [];
  for (let read = 0; read < Math.ceil(rows / (parameters.tile ?? tokens)); read++)
    for (let tile = 0; tile < columns; tile += wide)
      for (let group = 0; group < count; group++) {
        for (let step = 0; step < length; step += dot)
          for (let d = 0; d < dot; d++)
            for (let n = tile; n < tile + wide; n++) {
              const k = group * length + step + d;
              weights.push(k < reduction && n < columns ? problem.w.values[k * columns + n]! : 0);
            }
        for (let n = tile; n < tile + wide; n++)
          scales.push(n < columns ? problem.multipliers[group * columns + n]! : 0, problem.biases[n] ?? 0);
      }
  return {
    streams: { in: streamOrder(problem.x, tokens, dot), weights, scales },
    scalars: { out_inverse_scale: outInverseScale },
  };
}

/** Steps of an int8 result that make up 1, where a function stands between the multiplier and the result. */
const outInverseScale = 3.7;

function erf(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 1; n < 80; n++) {
    term *= (-z * z) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const activations = {
  none: (x: number) => x,
  relu: (x: number) => Math.max(0, x),
  silu: (x: number) => x / (1 + Math.exp(-x)),
  // Beyond 6 the tail is below 1e-9, and the series would lose what it has.
  gelu_erf: (x: number) => (x < -6 ? 0 : x > 6 ? x : (x / 2) * (1 + erf(x / Math.SQRT2))),
  gelu_tanh: (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};

function expected(parameters: LinearParameters, problem: Problem): Matrix {
  const { rows, columns } = parameters;
  const { length, count } = groupsOf(parameters);
  const added = Array.from({ length: rows * columns }, (_, i) => problem.biases[i % columns]!);
  for (let group = 0; group < count; group++) {
    const [from, to] = [group * length, (group + 1) * length];
    const sums = product(columnsBetween(problem.x, from, to), rowsBetween(problem.w, from, to));
    for (const [i, sum] of sums.values.entries())
      added[i] = Math.fround(
        Math.fround(Math.fround(sum) * problem.multipliers[group * columns + (i % columns)]!) + added[i]!,
      );
  }
  const values = added.map((sum) => {
    const finished = activations[parameters.activation](sum);
    if (parameters.output === 'fp32') return finished;
    return toInt8(
      foldsOutputScale(parameters.activation) ? finished : Math.fround(finished * Math.fround(outInverseScale)),
    );
  });
  return { rows, columns, values };
}

const rowsBetween = ({ rows, columns, values }: Matrix, from: number, to: number): Matrix => ({
  ...{ rows: Math.min(to, rows) - from, columns },
  values: values.slice(from * columns, Math.min(to, rows) * columns),
});
const columnsBetween = ({ rows, columns, values }: Matrix, from: number, to: number): Matrix => ({
  ...{ rows, columns: Math.min(to, columns) - from },
  values: values.filter((_, i) => i % columns >= from && i % columns < to),
});

const { build } = instanceBench();

describe.each(['sequential', 'fibres'] as const)('linear.h, %s', (mode) => {
  const program = build(instances, mode);

  it.each(names.map((name, index) => ({ name, index })))('multiplies exactly: $name', async ({ name, index }) => {
    const parameters = shapes[name]!;
    const problem = problemOf(parameters, index + 1);
    const { outputs, cycles } = await (await program).simulate(index, inputsOf(parameters, problem));
    const result = fromStream(outputs.out!, parameters.rows, parameters.columns, parameters.array.tokens);
    const reference = expected(parameters, problem);
    if (parameters.output === 'fp32' && parameters.activation === 'gelu_erf') {
      // gelu.h promises 2^-22 of |x|, and what it takes in is rounded to fp32.
      for (const [i, value] of result.values.entries()) expect(value).toBeCloseTo(reference.values[i]!, 6);
    } else expect(result.values).toEqual(reference.values);
    // The test bench's first words can be read in cycle 1, not 0.
    if (mode === 'fibres') expect(cycles).toBe(instances[index]!.law.cycles.value + 1);
  });
});

it('linear.h has no undefined behaviour at its edges, and needs no optimisation', async () => {
  const name = 'rows, columns and reduction that do not divide';
  const parameters = shapes[name]!;
  const program = await build([instances[names.indexOf(name)]!], 'sanitized');
  const outcome = await program.attempt(0, inputsOf(parameters, problemOf(parameters, 1)));
  expect(outcome.stderr).toBe('');
  expect(outcome.code).toBe(0);
});

describe('a fault in the arithmetic does not pass', () => {
  const faults = {
    'no borrow correction': {
      at: 'a W4A8 array, two products a DSP',
      header: 'multiply.h',
      from: 'field < 0 ? 1 : 0',
      to: '0',
    },
    'truncation for rounding': {
      at: 'a W4A8 array, two products a DSP',
      header: 'word.h',
      from: 'rest > half || (rest == half && (whole & 1) != 0)',
      to: 'rest > half && half == 0',
    },
    'ties away from zero': {
      at: 'a W4A8 array, two products a DSP',
      header: 'word.h',
      from: 'rest == half && (whole & 1) != 0',
      to: 'rest == half',
    },
    'no saturation': {
      at: 'one product a DSP',
      header: 'word.h',
      from: 'return magnitude < limit ? magnitude : limit - 1;',
      to: 'return magnitude;',
    },
    'the row block is not kept': {
      at: 'a W4A8 array, two products a DSP',
      header: 'streamed_array.h',
      from: 'rows = block[real ? at : 0];',
      to: 'rows = block[0];',
    },
    'multiplier and bias swapped': {
      at: 'one product a DSP',
      header: 'epilogue.h',
      from: 'scaled + scale[1]',
      to: 'scaled + scale[0]',
    },
    'a padded column is written': {
      at: 'rows, columns and reduction that do not divide',
      header: 'epilogue.h',
      from: 'index < COLUMNS',
      to: 'index <= COLUMNS',
    },
  };
  const ofGroups = {
    'the bias in every group': {
      at: 'groups of a scale each',
      header: 'grouped_linear.h',
      from: '(group == 0 ? scale[1] : before[r])',
      to: '(group == 0 ? scale[1] : before[r] + scale[1])',
    },
    'the last group alone': {
      at: 'groups of a scale each',
      header: 'grouped_linear.h',
      from: 'group == 0 ? scale[1]',
      to: 'group >= 0 ? scale[1]',
    },
    'what is kept of another column': {
      at: 'groups of a scale each',
      header: 'grouped_linear.h',
      from: 'before = partial[slot]',
      to: 'before = partial[0]',
    },
    'the rows of the first group for all': {
      at: 'groups of a scale each',
      header: 'streamed_array.h',
      from: 'const int at = first + step;',
      to: 'const int at = (round < groups ? first : 0) + step;',
    },
  };
  const ofTiles = {
    'weights of the tile before': {
      at: 'weights kept for two blocks of rows',
      header: 'tiled_linear.h',
      from: 'kept[half ? 1 : 0][at]',
      to: 'kept[0][at]',
    },
    'results as they leave the array': {
      at: 'weights kept for two blocks of rows',
      header: 'tiled_linear.h',
      from: 'held[block * COLUMNS + first + column] = result;',
      to: 'held[i] = result;',
    },
    'a last tile as high as the others': {
      at: 'a last tile of one block, padded in rows, columns and reduction',
      header: 'tiled_linear.h',
      from: 'const int blocks = job == JOBS - 1 ? LAST : BLOCKS;\n    int first',
      to: 'const int blocks = job == JOBS - 1 ? BLOCKS : BLOCKS;\n    int first',
    },
    'the rows of the first block for all': {
      at: 'weights kept for two blocks of rows',
      header: 'streamed_array.h',
      from: 'first = first + STEPS >= groups * STEPS ? 0 : first + STEPS;',
      to: 'first = 0;',
    },
  };
  faultsShow({ ...faults, ...ofGroups, ...ofTiles }, (name) => {
    const index = names.indexOf(name);
    const parameters = shapes[name]!;
    const problem = problemOf(parameters, index + 1);
    const { rows, columns, array } = parameters;
    return {
      instance: instances[index]!,
      inputs: inputsOf(parameters, problem),
      isRight: ({ outputs }) =>
        isDeepStrictEqual(
          fromStream(outputs.out!, rows, columns, array.tokens).values,
          expected(parameters, problem).values,
        ),
    };
  });
});

describe('what linear has no array for', () => {
  const whole = shape([8, 8, 8], [4, 4, 1]);
  it.each([
    [
      'three W8A8 products',
      { ...whole, weights: 'int8', pack: 3 },
      'a DSP48E2 gives at most 2 products of int8 and int8',
    ],
    ['uint8 activations', { ...whole, activations: 'uint8' }, 'bf16 or fp32 activations, not uint8'],
    ['int32 weights', { ...whole, weights: 'int32' }, 'not int32'],
    ['two products of fp16', { ...whole, weights: 'fp16', pack: 2 }, 'at most 1 product of fp16 and int8'],
    [
      'four products of int4 with an odd number of rows',
      { ...whole, activations: 'int4', pack: 4, array: { tokens: 3, outputs: 4, dot: 1 } },
      'at most 3 products of int4 and int4 with an odd number of rows',
    ],
    ['an array of no rows', { ...whole, array: { tokens: 0, outputs: 4, dot: 1 } }, 'tokens of at least 1, not 0'],
    [
      'a group that dot products do not divide',
      { ...whole, reduction: 24, group: 6, array: { tokens: 4, outputs: 4, dot: 4 } },
      'a group of 6 weights is no whole number of dot products of 4',
    ],
    ['half a column', { ...whole, array: { tokens: 4, outputs: 2.5, dot: 1 } }, 'outputs of at least 1, not 2.5'],
  ] as const)('%s', (_, parameters, words) => {
    expect(linearRefusal(parameters, u280)).toContain(words);
  });

  it('packs two int8 products also on the 25-bit operand of a DSP48E1', () => {
    const packed = { ...whole, weights: 'int8', pack: 2 } as const;
    expect(linearRefusal(packed, { dspKind: 'DSP48E1', clock: 200e6 })).toBeUndefined();
  });
});
