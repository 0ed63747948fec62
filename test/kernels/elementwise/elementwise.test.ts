import { beforeAll, describe, expect, it } from 'vitest';
import { gelu, relu, silu } from '../../../server/kernels/elementwise/index.ts';
import type { ElementwiseParameters } from '../../../server/kernels/elementwise/parameters.ts';
import type { Instance } from '../../../server/kernels/kernel.ts';
import { drawn, drawnElement, drawnWord } from '../common/drawn.ts';
import { gelu as geluOf, silu as siluOf } from '../common/golden.ts';
import { toInt8 } from '../common/reference.ts';
import { type Case, type Result, simulateEveryWay, uniform } from '../row-bench.ts';
import { bytes, floats, positions, streamOf } from '../tensor.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };
const f = Math.fround;
const scalars = { in_scale: 0.05, out_inverse_scale: 20.25 };

const shapes: Record<string, { parameters: ElementwiseParameters; instance: Instance; of: (x: number) => number }> = {};
function shape(name: string, kernel: 'relu' | 'silu' | 'gelu erf' | 'gelu tanh', parameters: ElementwiseParameters) {
  const form = kernel === 'gelu tanh' ? 'tanh' : 'erf';
  shapes[`${kernel}, ${name}`] =
    kernel === 'relu' || kernel === 'silu'
      ? {
          parameters,
          instance: (kernel === 'relu' ? relu : silu).instantiate(parameters, target),
          of: kernel === 'relu' ? (x) => Math.max(x, 0) : siluOf,
        }
      : { parameters, instance: gelu.instantiate({ ...parameters, form }, target), of: (x) => geluOf(x, form) };
}
const tall = { rows: 20, columns: 30, word: { tokens: 8, columns: 1 } };
const wide = { rows: 3, columns: 37, word: { tokens: 1, columns: 4 } };
const square = { rows: 7, columns: 18, word: { tokens: 2, columns: 4 } };
shape('fp32 to int8', 'gelu erf', { ...tall, input: 'fp32', output: 'int8' });
shape('fp32 to fp32', 'gelu tanh', { ...wide, input: 'fp32', output: 'fp32' });
shape('int8 to int8', 'gelu erf', { ...square, input: 'int8', output: 'int8' });
shape('fp32 to fp32', 'silu', { ...tall, input: 'fp32', output: 'fp32' });
shape('int8 to int8', 'silu', { ...wide, input: 'int8', output: 'int8' });
shape('fp32 to int8', 'relu', { ...wide, input: 'fp32', output: 'int8' });
shape('int8 to fp32', 'relu', { ...tall, input: 'int8', output: 'fp32' });
const any = drawn((dice) => ({
  ...{ kernel: dice.of(['relu', 'silu', 'gelu erf', 'gelu tanh'] as const), rows: dice.from(1, 20) },
  ...{ columns: dice.from(1, 40), word: drawnWord(dice), input: drawnElement(dice), output: drawnElement(dice) },
}));
for (const [name, { kernel, ...parameters }] of Object.entries(any)) shape(name, kernel, parameters);

const names = Object.keys(shapes);
const cases: Case[] = names.map((name, index) => {
  const { parameters, instance } = shapes[name]!;
  const next = uniform(index + 31);
  const x =
    parameters.input === 'int8'
      ? streamOf(parameters, bytes, () => Math.max(-128, Math.floor(127.9 * next())))
      : streamOf(parameters, floats, () => 8 * next());
  return { instance, inputs: { in: x }, scalars };
});
let sequential: Result[];
let fibres: Result[];
let sanitized: Result[];

beforeAll(async () => {
  ({ sequential, fibres, sanitized } = await simulateEveryWay(cases));
}, 120_000);

describe.each(names.map((name, index) => ({ name, index })))('$name', ({ name, index }) => {
  const { parameters, instance, of } = shapes[name]!;

  it('applies the function to every element, to the bit', () => {
    const x = cases[index]!.inputs.in!;
    const y = sequential[index]!.outputs.out!;
    for (const { index: at } of positions(parameters)) {
      const value = of(parameters.input === 'int8' ? f(x[at]! * f(scalars.in_scale)) : x[at]!);
      const expected = parameters.output === 'int8' ? toInt8(f(value * f(scalars.out_inverse_scale))) : value;
      expect(y[at]! + 0).toBe(expected + 0);
    }
  });

  it('gives the same every way, in the cycles of its law', () => {
    expect(fibres[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(sanitized[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(fibres[index]!.cycles).toBe(instance.law.cycles.value + 1);
  });
});
