import { beforeAll, describe, expect, it } from 'vitest';
import { add, mul } from '../../../server/kernels/combine/index.ts';
import type { CombineParameters } from '../../../server/kernels/combine/parameters.ts';
import type { RowElement } from '../../../server/kernels/rows.ts';
import { drawn, drawnElement, drawnWord } from '../common/drawn.ts';
import { toInt8 } from '../common/reference.ts';
import { type Case, type Result, simulateEveryWay, uniform } from '../row-bench.ts';
import { bytes, floats, positions, streamOf } from '../tensor.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };
const f = Math.fround;
const scalars = { a_scale: 0.043, b_scale: 0.021, out_inverse_scale: 17.3 };

const kernels = { add, mul };
const operations = { add: (a: number, b: number) => a + b, mul: (a: number, b: number) => a * b };

const shapes: (CombineParameters & { kernel: 'add' | 'mul' })[] = [
  { rows: 16, columns: 24, word: { tokens: 8, columns: 1 }, a: 'int8', b: 'fp32', output: 'fp32', kernel: 'add' },
  { rows: 3, columns: 30, word: { tokens: 1, columns: 4 }, a: 'fp32', b: 'fp32', output: 'int8', kernel: 'add' },
  { rows: 9, columns: 21, word: { tokens: 2, columns: 4 }, a: 'int8', b: 'int8', output: 'int8', kernel: 'add' },
  { rows: 16, columns: 24, word: { tokens: 8, columns: 1 }, a: 'fp32', b: 'fp32', output: 'int8', kernel: 'mul' },
  { rows: 5, columns: 27, word: { tokens: 1, columns: 8 }, a: 'int8', b: 'fp32', output: 'fp32', kernel: 'mul' },
  ...Object.values(
    drawn((dice) => ({
      ...{
        rows: dice.from(1, 20),
        columns: dice.from(1, 40),
        word: drawnWord(dice),
        kernel: dice.of(['add', 'mul'] as const),
      },
      ...{ a: drawnElement(dice), b: drawnElement(dice), output: drawnElement(dice) },
    })),
  ),
];

const cases: Case[] = shapes.map((p, index) => {
  const next = uniform(index + 51);
  const side = (element: RowElement) =>
    element === 'int8'
      ? streamOf(p, bytes, () => Math.max(-128, Math.floor(127.9 * next())))
      : streamOf(p, floats, () => 4 * next());
  return { instance: kernels[p.kernel].instantiate(p, target), inputs: { a: side(p.a), b: side(p.b) }, scalars };
});
let sequential: Result[];
let fibres: Result[];
let sanitized: Result[];

beforeAll(async () => {
  ({ sequential, fibres, sanitized } = await simulateEveryWay(cases));
}, 300_000);

describe.each(
  shapes.map((p, index) => ({
    name: `${p.kernel} of ${p.a} and ${p.b} to ${p.output}, ${p.rows} × ${p.columns} in ${p.word.tokens} × ${p.word.columns}`,
    index,
  })),
)('$name', ({ index }) => {
  const p = shapes[index]!;

  it('combines in fp32, to the bit', () => {
    const { a, b } = cases[index]!.inputs as Record<'a' | 'b', Float32Array>;
    const y = sequential[index]!.outputs.out!;
    for (const { index: at } of positions(p)) {
      const left = p.a === 'int8' ? f(a[at]! * f(scalars.a_scale)) : a[at]!;
      const right = p.b === 'int8' ? f(b[at]! * f(scalars.b_scale)) : b[at]!;
      const value = f(operations[p.kernel](left, right));
      expect(y[at]! + 0).toBe((p.output === 'int8' ? toInt8(f(value * f(scalars.out_inverse_scale))) : value) + 0);
    }
  });

  it('gives the same every way, in the cycles of its law', () => {
    expect(fibres[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(sanitized[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(fibres[index]!.cycles).toBe(kernels[p.kernel].instantiate(p, target).law.cycles.value + 1);
  });
});
