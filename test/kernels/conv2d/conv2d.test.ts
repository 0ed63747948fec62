import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { conv2d, conv2dRefusal } from '../../../server/kernels/conv2d/index.ts';
import type { Conv2dParameters } from '../../../server/kernels/conv2d/parameters.ts';
import { elementBits } from '../../../server/kernels/word.ts';
import { drawn } from '../common/drawn.ts';
import { faultsShow, type Trial } from '../common/faults.ts';
import { convolved, type Picture, randomPicture } from '../common/image.ts';
import { type Inputs, instanceBench } from '../common/instance-bench.ts';
import { fromStream, type Matrix, randomMatrix, seeded, streamOrder, toInt8 } from '../common/reference.ts';

const u280 = { dspKind: 'DSP48E2', clock: 300e6 };

function shape(
  [channels, height, width]: readonly [number, number, number],
  columns: number,
  [size, stride, pad]: readonly [number, number, number],
  [tokens, outputs, dot]: readonly [number, number, number],
  rest: Partial<Conv2dParameters> = {},
): Conv2dParameters {
  return {
    height,
    width,
    channels,
    columns,
    size,
    stride,
    pad,
    pixels: tokens,
    array: { tokens, outputs, dot },
    pack: 1,
    activations: 'int8',
    weights: 'int8',
    output: 'int8',
    activation: 'none',
    ...rest,
  };
}

const shapes: Readonly<Record<string, Conv2dParameters>> = {
  'as in VGG: 3 × 3, same size, rows that blocks divide': shape([8, 8, 16], 16, [3, 1, 1], [8, 4, 2], {
    pack: 2,
    activation: 'relu',
  }),
  'blocks that go over the ends of rows': shape([4, 7, 7], 12, [3, 1, 1], [4, 2, 2]),
  'rows shorter than a block': shape([4, 5, 3], 9, [3, 1, 1], [8, 2, 2]),
  'a stride of two, channels that dot products do not divide': shape([5, 9, 10], 6, [3, 2, 1], [4, 2, 2]),
  'as the first of ResNet: 7 × 7, stride two': shape([3, 14, 16], 8, [7, 2, 3], [8, 2, 1], {
    pack: 2,
    activation: 'relu',
  }),
  'a shortcut: 1 × 1, stride two, words of other pixels than the array has': shape([6, 8, 8], 8, [1, 2, 0], [4, 4, 3], {
    pixels: 6,
    weights: 'int4',
    pack: 2,
  }),
  'no edge, a result in fp32': shape([2, 6, 9], 5, [3, 1, 0], [4, 5, 1], { output: 'fp32' }),
  'more channels at once than there are tiles: the windows set the pace': shape([4, 6, 7], 8, [3, 1, 1], [4, 8, 1]),
  ...drawn(
    (dice) =>
      shape(
        [dice.from(1, 6), dice.from(2, 9), dice.from(2, 10)],
        dice.from(1, 12),
        [dice.from(1, 4), dice.from(1, 3), dice.from(0, 2)],
        [dice.from(1, 5), dice.from(1, 4), dice.from(1, 3)],
        {
          pixels: dice.from(1, 6),
          pack: dice.from(1, 2),
          weights: dice.of(['int2', 'int4', 'int8']),
          output: dice.of(['int8', 'fp32']),
          activation: dice.of(['none', 'relu']),
        },
      ),
    (parameters) => conv2dRefusal(parameters, u280),
  ),
};
const names = Object.keys(shapes);
const instances = Object.values(shapes).map((parameters) => conv2d.instantiate(parameters, u280));

interface Problem {
  readonly image: Picture;
  readonly w: Matrix;
  readonly multipliers: readonly number[];
  readonly biases: readonly number[];
}

/** Multipliers are powers of two, so that results fall on halves and rounding shows. */
function problemOf({ height, width, channels, columns, size, weights }: Conv2dParameters, seed: number): Problem {
  const random = seeded(seed);
  const reduction = size * size * channels;
  const spread = Math.log2(reduction) / 2 + 8 + elementBits[weights] - 10;
  return {
    image: randomPicture(height, width, channels, random),
    w: randomMatrix(reduction, columns, elementBits[weights], random),
    multipliers: Array.from({ length: columns }, () => 2 ** -Math.round(spread + random(0, 2))),
    biases: Array.from({ length: columns }, () => random(-40, 40) / 2),
  };
}

/** The streams of a problem, written from the header comment of conv2d.h. */
function inputsOf(parameters: Conv2dParameters, { image, w, multipliers, biases }: Problem, blocks: number): Inputs {
  const { channels, columns, size, array, pack, pixels } = parameters;
  const { outputs, dot } = array;
  const wide = outputs * pack;
  const weights: number[] = [];
  const scales: number[] = [];
  for (let block = 0; block < blocks; block++)
    for (let tile = 0; tile < columns; tile += wide) {
      for (let tap = 0; tap < size * size; tap++)
        for (let group = 0; group < channels; group += dot)
          for (let c = group; c < group + dot; c++)
            for (let n = tile; n < tile + wide; n++)
              weights.push(c < channels && n < columns ? w.values[(tap * channels + c) * columns + n]! : 0);
      for (let n = tile; n < tile + wide; n++) scales.push(multipliers[n] ?? 0, biases[n] ?? 0);
    }
  return { streams: { in: streamOrder(image.pixels, pixels, dot), weights, scales }, scalars: {} };
}

function expected(parameters: Conv2dParameters, { image, w, multipliers, biases }: Problem): Matrix {
  const sums = convolved(image, parameters, w);
  const values = sums.values.map((sum, i) => {
    const n = i % sums.columns;
    const scaled = Math.fround(Math.fround(Math.fround(sum) * multipliers[n]!) + biases[n]!);
    const finished = parameters.activation === 'relu' ? Math.max(0, scaled) : scaled;
    return parameters.output === 'fp32' ? finished : toInt8(finished);
  });
  return { ...sums, values };
}

const blocksOf = (index: number): number => {
  const { streams } = instances[index]!;
  return streams.find(({ name }) => name === 'out')!.words / shapes[names[index]!]!.columns;
};

const { build } = instanceBench();

describe('conv2d.h, with bounded FIFOs', () => {
  const program = build(instances, 'fibres');

  it.each(names.map((name, index) => ({ name, index })))('convolves exactly: $name', async ({ name, index }) => {
    const parameters = shapes[name]!;
    const problem = problemOf(parameters, index + 1);
    const inputs = inputsOf(parameters, problem, blocksOf(index));
    const { outputs, cycles } = await (await program).simulate(index, inputs);
    const reference = expected(parameters, problem);
    const result = fromStream(outputs.out!, reference.rows, parameters.columns, parameters.array.tokens);
    expect(result.values).toEqual(reference.values);
    // The test bench's first words can be read in cycle 1, not 0.
    expect(cycles).toBe(instances[index]!.law.cycles.value + 1);
  });
});

it('conv2d.h has no undefined behaviour where nothing divides', async () => {
  const name = 'a stride of two, channels that dot products do not divide';
  const index = names.indexOf(name);
  const program = await build([instances[index]!], 'sanitized');
  const inputs = inputsOf(shapes[name]!, problemOf(shapes[name]!, 1), blocksOf(index));
  const outcome = await program.attempt(0, inputs);
  expect(outcome.stderr).toBe('');
  expect(outcome.code).toBe(0);
});

describe('a fault in the windows does not pass', () => {
  const same = 'as in VGG: 3 × 3, same size, rows that blocks divide';
  const over = 'blocks that go over the ends of rows';
  const faults = {
    'the edge is not masked on the right': {
      at: same,
      header: 'window.h',
      from: 'column < SHAPE::width &&',
      to: '',
    },
    'the ring begins a row too far': {
      at: same,
      header: 'window.h',
      from: 'SHAPE::capacity - SHAPE::pad',
      to: 'SHAPE::capacity - SHAPE::size',
    },
    'windows over the end of a row keep its line': {
      at: over,
      header: 'window.h',
      from: 'start = wrapped(start + STRIDE * WIDTH % capacity);',
      to: 'start = wrapped(start);',
    },
    'a block does not wait for its last pixel': {
      at: over,
      header: 'window.h',
      from: 'bottom * WIDTH + right',
      to: 'bottom * WIDTH + right - 2 * WIDTH',
    },
    'taps are taken column by column': {
      at: same,
      header: 'window.h',
      from: 'tap_line = tap_y == SIZE - 1 ? 0 :',
      to: 'tap_line = tap_y == 0 ? 0 :',
    },
    'no borrow correction': { at: same, header: 'multiply.h', from: 'field < 0 ? 1 : 0', to: '0' },
  };
  const trialOf = (name: string): Trial => {
    const parameters = shapes[name]!;
    const index = names.indexOf(name);
    const problem = problemOf(parameters, index + 1);
    const reference = expected(parameters, problem);
    return {
      instance: instances[index]!,
      inputs: inputsOf(parameters, problem, blocksOf(index)),
      isRight({ outputs }) {
        const result = fromStream(outputs.out!, reference.rows, parameters.columns, parameters.array.tokens);
        return isDeepStrictEqual(result.values, reference.values);
      },
    };
  };
  faultsShow(faults, trialOf);

  it('a ring that is a row of banks too short', async () => {
    const { instance, inputs, isRight } = trialOf(over);
    const short = instance.call.templateArguments.map(({ name, value }) => ({
      name,
      value: name === 'RING_ROWS' ? String(Number(value) - 1) : value,
    }));
    const program = await build([{ ...instance, call: { ...instance.call, templateArguments: short } }], 'sequential');
    expect(isRight(await program.simulate(0, inputs))).toBe(false);
  });
});

describe('what conv2d has no array for', () => {
  const whole = shape([8, 8, 8], 8, [3, 1, 1], [4, 4, 1]);
  it.each([
    ['an edge as wide as the window', { ...whole, pad: 3 }, 'would lie outside of the image'],
    ['a window larger than the image', { ...whole, size: 11 }, 'does not fit an image of 8 × 8'],
    ['three W8A8 products', { ...whole, pack: 3 }, 'a DSP48E2 gives at most 2 products of int8 and int8'],
    ['uint8 activations', { ...whole, activations: 'uint8' }, 'bf16 or fp32 activations, not uint8'],
  ] as const)('%s', (_, parameters, words) => {
    expect(conv2dRefusal(parameters, u280)).toContain(words);
  });
});
