/**
 * Every pair of types that a product has: one small array each, in one program, against sums in plain numbers. Values are
 * small enough that sums of fp32 are exact in any order, so that floating point is compared bit by bit, too.
 */
import { expect, it } from 'vitest';
import type { ElementType } from '../../../server/design/workload.ts';
import { greatestPack } from '../../../server/kernels/common/array.ts';
import { linear } from '../../../server/kernels/linear/index.ts';
import type { LinearParameters } from '../../../server/kernels/linear/parameters.ts';
import type { RowElement } from '../../../server/kernels/rows.ts';
import { elementBits, isInteger } from '../../../server/kernels/word.ts';
import { instanceBench } from '../common/instance-bench.ts';
import { fromStream, type Matrix, product, randomMatrix, seeded, streamOrder } from '../common/reference.ts';

const u280 = { dspKind: 'DSP48E2', clock: 245e6 };
const integerWeights = ['int2', 'int4', 'int8', 'int16'] as const;
const integerActivations = ['int4', 'int8', 'int16'] as const;
const floats = ['fp16', 'bf16', 'fp32'] as const;

/** Rows and columns that no array divides; as many products a DSP block as there are. */
function shape(weights: ElementType, activations: RowElement, tokens: number, output = activations): LinearParameters {
  const pack = isInteger(activations) ? greatestPack(weights, activations, u280.dspKind, tokens) : 1;
  const array = { tokens, outputs: 2, dot: weights === 'int4' || weights === 'bf16' ? 3 : 1 };
  return { rows: 3, reduction: 14, columns: 9, array, pack, activations, weights, output, activation: 'none' };
}

const shapes: LinearParameters[] = [
  ...integerActivations.flatMap((activations) => integerWeights.map((weights) => shape(weights, activations, 2))),
  shape('int4', 'int4', 1),
  ...floats.flatMap((activations) => integerWeights.map((weights) => shape(weights, activations, 2))),
  ...floats.map((type) => shape(type, type, 2)),
  shape('bf16', 'fp16', 2, 'fp32'),
  shape('fp16', 'fp32', 1, 'int8'),
];
const nameOf = ({ weights, activations, output, pack }: LinearParameters): string =>
  `${weights} by ${activations} to ${output}, ${pack} a DSP block`;

/** Bits of a small whole number as fp16 or bf16; what it is in any other type. */
function coded(value: number, type: ElementType): number {
  if ((type !== 'fp16' && type !== 'bf16') || value === 0) return value;
  const [bias, fraction] = type === 'fp16' ? [15, 10] : [127, 7];
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const rest = (Math.abs(value) / 2 ** exponent - 1) * 2 ** fraction;
  if (!Number.isInteger(rest)) throw new Error(`${value} is no ${type}`);
  return (value < 0 ? 0x8000 : 0) | ((exponent + bias) << fraction) | rest;
}

/** To the nearest number of `fraction` bits behind the first, ties to even: sums here are far from the ends of the types. */
function rounded(value: number, output: RowElement): number {
  const bits = elementBits[output];
  const grid = output === 'fp16' ? 2 ** -10 : output === 'bf16' ? 2 ** -7 : 0;
  const step = isInteger(output) ? 1 : grid * 2 ** Math.floor(Math.log2(Math.abs(value) || 1));
  if (step === 0) return value;
  const below = Math.floor(value / step);
  const rest = value / step - below;
  const nearest = (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below) * step;
  return isInteger(output) ? Math.min(2 ** (bits - 1) - 1, Math.max(-(2 ** (bits - 1)), nearest)) : nearest;
}

function valuesOf(rows: number, columns: number, type: ElementType, random: ReturnType<typeof seeded>): Matrix {
  // Eight significant bits fit every type with a fraction.
  return randomMatrix(rows, columns, isInteger(type) ? elementBits[type] : 8, random);
}

const { build } = instanceBench();

it('gives every product of its types, in the cycles of its law', async () => {
  const instances = shapes.map((parameters) => linear.instantiate(parameters, u280));
  const program = await build(instances, 'fibres');
  for (const [index, parameters] of shapes.entries()) {
    const { rows, reduction, columns, activations, weights, output, pack } = parameters;
    const { tokens, outputs, dot } = parameters.array;
    const random = seeded(index + 1);
    const x = valuesOf(rows, reduction, activations, random);
    const w = valuesOf(reduction, columns, weights, random);
    const wide = outputs * pack;
    // A sum fits the 24 bits of a significand, so that scaling it by a power of two is exact; then it falls on halves.
    const size =
      (isInteger(activations) ? elementBits[activations] : 8) + (isInteger(weights) ? elementBits[weights] : 8);
    const multiplier = 2 ** -Math.max(0, size + 1 - elementBits[output]);
    const body: number[] = [];
    const scales: number[] = [];
    for (let block = 0; block < rows; block += tokens)
      for (let tile = 0; tile < columns; tile += wide) {
        for (let step = 0; step < reduction; step += dot)
          for (let k = step; k < step + dot; k++)
            for (let n = tile; n < tile + wide; n++)
              body.push(k < reduction && n < columns ? w.values[k * columns + n]! : 0);
        for (let n = tile; n < tile + wide; n++) scales.push(multiplier, n % 3);
      }
    const codedStream = (values: readonly number[], type: ElementType) => values.map((value) => coded(value, type));
    const { outputs: found, cycles } = await program.simulate(index, {
      streams: {
        in: codedStream(streamOrder(x, tokens, dot), activations),
        weights: codedStream(body, weights),
        scales,
      },
    });
    const sums = product(x, w);
    const expected = sums.values.map((sum, i) => {
      const value = Math.fround(Math.fround(Math.fround(sum) * multiplier) + ((i % columns) % 3));
      return coded(rounded(value, output), output) + 0;
    });
    expect(fromStream(found.out!, rows, columns, tokens).values, nameOf(parameters)).toEqual(expected);
    expect(cycles, nameOf(parameters)).toBe(instances[index]!.law.cycles.value + 1);
  }
});
