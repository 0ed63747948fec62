import { describe, expect, it } from 'vitest';
import { windowRefusal } from '../../../server/kernels/common/window.ts';
import { pool } from '../../../server/kernels/pool/index.ts';
import type { PoolParameters } from '../../../server/kernels/pool/parameters.ts';
import { drawn } from '../common/drawn.ts';
import { faultsShow } from '../common/faults.ts';
import { type Picture, pooled, randomPicture } from '../common/image.ts';
import { instanceBench } from '../common/instance-bench.ts';
import { type Matrix, seeded, streamOrder, toInt8 } from '../common/reference.ts';
import { reader } from '../tensor.ts';

const u280 = { dspKind: 'DSP48E2', clock: 300e6 };

function shape(
  kind: PoolParameters['kind'],
  [channels, height, width]: readonly [number, number, number],
  [size, stride, pad]: readonly [number, number, number],
  [lanes, dot]: readonly [number, number],
  rest: Partial<PoolParameters> = {},
): PoolParameters {
  return {
    kind,
    channels,
    height,
    width,
    size,
    stride,
    pad,
    pixels: lanes,
    lanes,
    dot,
    input: 'int8',
    output: 'int8',
    ...rest,
  };
}

const shapes: Readonly<Record<string, PoolParameters>> = {
  'maxpool as in VGG': shape('greatest', [6, 8, 8], [2, 2, 0], [4, 1]),
  'maxpool as in ResNet, over the ends of rows': shape('greatest', [5, 9, 10], [3, 2, 1], [4, 2], { pixels: 8 }),
  'avgpool with an edge': shape('mean', [3, 6, 7], [3, 1, 1], [2, 3], { output: 'fp32' }),
  'a global avgpool': shape('mean', [10, 7, 7], [7, 7, 0], [8, 4]),
  ...drawn((dice) => {
    const kind = dice.of(['greatest', 'mean'] as const);
    return shape(
      kind,
      [dice.from(1, 6), dice.from(2, 9), dice.from(2, 10)],
      [dice.from(1, 4), dice.from(1, 3), dice.from(0, 2)],
      [dice.from(1, 5), dice.from(1, 4)],
      { pixels: dice.from(1, 6), output: kind === 'mean' ? dice.of(['int8', 'fp32']) : 'int8' },
    );
  }, windowRefusal),
};
const names = Object.keys(shapes);
const instances = Object.values(shapes).map((parameters) => pool.instantiate(parameters, u280));
const pictures = Object.values(shapes).map(({ height, width, channels }, i) =>
  randomPicture(height, width, channels, seeded(i + 1)),
);
const scale = Math.fround(0.03125);

function expected(parameters: PoolParameters, picture: Picture): Matrix {
  const { kind, output } = parameters;
  return pooled(picture, parameters, (values) => {
    if (kind === 'greatest') return Math.max(...values.map((value) => value ?? -128));
    const mean = Math.fround(values.reduce<number>((sum, value) => sum + (value ?? 0), 0) * scale);
    return output === 'fp32' ? mean : toInt8(mean);
  });
}

function inputsOf(index: number) {
  const { pixels, dot } = shapes[names[index]!]!;
  return { streams: { in: streamOrder(pictures[index]!.pixels, pixels, dot) }, scalars: { scale } };
}

/** Values of the result that are not those expected. */
function wrong(index: number, values: readonly number[]): number {
  const { lanes, dot } = shapes[names[index]!]!;
  const reference = expected(shapes[names[index]!]!, pictures[index]!);
  const { rows, columns } = reference;
  const found = reader({ rows, columns, word: { tokens: lanes, columns: dot } }, Float32Array.from(values));
  return reference.values.filter((value, i) => found(Math.floor(i / columns), 0, i % columns) !== value).length;
}

const { build } = instanceBench();

describe.each(['fibres', 'sanitized'] as const)('pool.h, %s', (mode) => {
  const program = build(instances, mode);

  it.each(names.map((name, index) => ({ name, index })))('pools exactly: $name', async ({ index }) => {
    const { outputs, cycles } = await (await program).simulate(index, inputsOf(index));
    expect(wrong(index, outputs.out!)).toBe(0);
    if (mode === 'fibres') expect(cycles).toBe(instances[index]!.law.cycles.value + 1);
  });
});

describe('a fault does not pass', () => {
  const faults = {
    'an edge of zeros under a maxpool': {
      at: 1,
      header: 'pool.h',
      from: 'padding = -(1 << (element<IN>::bits - 1))',
      to: 'padding = 0',
    },
    'the first of a window is what the last one left': {
      at: 0,
      header: 'pool.h',
      from: 'tap == 0 ? KIND::first() : so_far[n]',
      to: 'i == 0 ? KIND::first() : so_far[n]',
    },
    'the least for the greatest': { at: 0, header: 'pool.h', from: 'value > so_far', to: 'value < so_far' },
    'channels and taps change places': {
      at: 1,
      header: 'window.h',
      from: 'word_done && (TAPS_INSIDE ||',
      to: 'word_done && (!TAPS_INSIDE ||',
    },
  };
  faultsShow(faults, (index) => ({
    instance: instances[index]!,
    inputs: inputsOf(index),
    isRight: ({ outputs }) => wrong(index, outputs.out!) === 0,
  }));
});
