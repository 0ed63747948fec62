import { beforeAll, describe, expect, it } from 'vitest';
import { convert } from '../../../server/kernels/convert/index.ts';
import type { ConvertParameters } from '../../../server/kernels/convert/parameters.ts';
import type { WordShape } from '../../../server/kernels/rows.ts';
import { drawn, drawnElement, drawnWord } from '../common/drawn.ts';
import { type Case, type Result, simulateEveryWay } from '../row-bench.ts';
import { bytes, floats, type Layout, streamOf } from '../tensor.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };

function shape(from: [number, number], to: [number, number], rest: Partial<ConvertParameters> = {}): ConvertParameters {
  const word = ([tokens, columns]: [number, number]): WordShape => ({ tokens, columns });
  return { rows: 24, heads: 1, columns: 24, element: 'int8', from: word(from), to: word(to), ...rest };
}
const shapes: Record<string, ConvertParameters> = {
  'columns side by side': shape([8, 1], [8, 8]),
  'columns one after the other': shape([4, 8], [4, 2], { element: 'fp32' }),
  'columns that do not divide each other': shape([2, 6], [2, 4]),
  'ragged columns of two heads': shape([2, 4], [2, 6], { columns: 21, heads: 2 }),
  'tokens one after the other': shape([8, 1], [1, 1]),
  'tokens side by side': shape([1, 2], [8, 2]),
  'a column of 8 tokens to a row of 8 columns': shape([8, 1], [1, 8]),
  'a row of 4 columns to a column of 8 tokens': shape([1, 4], [8, 1], { element: 'fp32' }),
  'tokens that do not divide each other': shape([4, 2], [6, 2]),
  'ragged rows': shape([8, 1], [1, 4], { rows: 11, columns: 10 }),
  'ragged rows, more tokens': shape([2, 3], [4, 2], { rows: 5, columns: 10, heads: 2 }),
  ...drawn(
    (dice): ConvertParameters => ({
      ...{ rows: dice.from(1, 20), heads: dice.from(1, 2), columns: dice.from(1, 30), element: drawnElement(dice) },
      ...{ from: drawnWord(dice), to: drawnWord(dice) },
    }),
  ),
};
const names = Object.keys(shapes);

const value = (row: number, head: number, column: number) => ((row * 37 + head * 11 + column * 5) % 250) - 124;
const layout = (p: ConvertParameters, word: WordShape): Layout => ({ ...p, word });
const stream = (p: ConvertParameters, word: WordShape) =>
  p.element === 'fp32' ? streamOf(layout(p, word), floats, value) : streamOf(layout(p, word), bytes, value);

const cases: Case[] = names.map((name) => {
  const p = shapes[name]!;
  return { instance: convert.instantiate(p, target), inputs: { in: stream(p, p.from) } };
});
let sequential: Result[];
let fibres: Result[];
let sanitized: Result[];

beforeAll(async () => {
  ({ sequential, fibres, sanitized } = await simulateEveryWay(cases));
}, 300_000);

describe.each(names.map((name, index) => ({ name, index })))('convert: $name', ({ name, index }) => {
  const p = shapes[name]!;

  it('gives the same tensor in other words', () => {
    expect(sequential[index]!.outputs.out).toEqual(stream(p, p.to));
  });

  it('gives the same every way, in the cycles of its law', () => {
    expect(fibres[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(sanitized[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(fibres[index]!.cycles).toBe(cases[index]!.instance.law.cycles.value + 1);
  });
});
