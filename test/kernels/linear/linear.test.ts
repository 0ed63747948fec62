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
      });
    },
    (parameters) => linearRefusal(parameters, u280),
  ),
};
const names = Object.keys(shapes);
const instances = Object.values(shapes).map((parameters) => linear.instantiate(parameters, u280));

/** Trained values; multipliers are powers of two, so that results fall on halves and rounding shows. */
interface Problem {
  readonly x: Matrix;
  readonly w: Matrix;
  readonly multipliers: readonly number[];
  readonly biases: readonly number[];
}

function problemOf(parameters: LinearParameters, seed: number): Problem {
  const random = seeded(seed);
  const { rows, reduction, columns, activations, weights } = parameters;
  const spread = Math.log2(reduction) / 2 + elementBits[activations] + elementBits[weights] - 10;
  return {
    x: randomMatrix(rows, reduction, elementBits[activations], random),
    w: randomMatrix(reduction, columns, elementBits[weights], random),
    multipliers: Array.from({ length: columns }, () => 2 ** -Math.round(spread + random(0, 2))),
    biases: Array.from({ length: columns }, () => random(-40, 40) / 2),
  };
}

/** The streams of a problem, written from the header comment of linear.h. */
function inputsOf(parameters: LinearParameters, problem: Problem): Inputs {
  const { rows, reduction, columns, array, pack } = parameters;
  const { tokens, outputs, dot } = array;
  const wide = outputs * pack;
  const weights: number[] = [];
  const scales: number[] = [];
  for (let block = 0; block < Math.ceil(rows / tokens); block++)
    for (let tile = 0; tile < columns; tile += wide) {
      for (let step = 0; step < reduction; step += dot)
        for (let k = step; k < step + dot; k++)
          for (let n = tile; n < tile + wide; n++)
            weights.push(k < reduction && n < columns ? problem.w.values[k * columns + n]! : 0);
      for (let n = tile; n < tile + wide; n++) scales.push(problem.multipliers[n] ?? 0, problem.biases[n] ?? 0);
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
  const sums = product(problem.x, problem.w);
  const values = sums.values.map((sum, i) => {
    const n = i % sums.columns;
    const scaled = Math.fround(Math.fround(sum) * problem.multipliers[n]!);
    const finished = activations[parameters.activation](Math.fround(scaled + problem.biases[n]!));
    if (parameters.output === 'fp32') return finished;
    return toInt8(
      foldsOutputScale(parameters.activation) ? finished : Math.fround(finished * Math.fround(outInverseScale)),
    );
  });
  return { ...sums, values };
}

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
      from: 'rows = block[step];',
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
  faultsShow(faults, (name) => {
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
    ['half a column', { ...whole, array: { tokens: 4, outputs: 2.5, dot: 1 } }, 'outputs of at least 1, not 2.5'],
  ] as const)('%s', (_, parameters, words) => {
    expect(linearRefusal(parameters, u280)).toContain(words);
  });

  it('packs two int8 products also on the 25-bit operand of a DSP48E1', () => {
    const packed = { ...whole, weights: 'int8', pack: 2 } as const;
    expect(linearRefusal(packed, { dspKind: 'DSP48E1', clock: 200e6 })).toBeUndefined();
  });
});
