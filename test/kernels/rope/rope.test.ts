import { beforeAll, describe, expect, it } from 'vitest';
import { rope, ropeRefusal, turnsTensor } from '../../../server/kernels/rope/index.ts';
import type { RopeParameters } from '../../../server/kernels/rope/parameters.ts';
import { drawn, drawnElement, drawnWord } from '../common/drawn.ts';
import { toInt8 } from '../common/reference.ts';
import { type Case, type Result, simulateEveryWay, uniform } from '../row-bench.ts';
import { bytes, floats, type Layout, reader, streamOf } from '../tensor.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };
const f = Math.fround;
const scalars = { in_scale: 0.037, out_inverse_scale: 31.5 };

const shapes: Record<string, RopeParameters> = {
  'a column of 8 rows': {
    ...{ rows: 16, heads: 3, headDim: 12, word: { tokens: 8, columns: 1 } },
    ...{ input: 'fp32', output: 'int8' },
  },
  'four columns of one row': {
    ...{ rows: 5, heads: 2, headDim: 16, word: { tokens: 1, columns: 4 } },
    ...{ input: 'fp32', output: 'fp32' },
  },
  'int8 in, rows that do not divide': {
    ...{ rows: 7, heads: 2, headDim: 8, word: { tokens: 4, columns: 2 } },
    ...{ input: 'int8', output: 'int8' },
  },
  'half a head a word, one head': {
    ...{ rows: 3, heads: 1, headDim: 8, word: { tokens: 1, columns: 4 } },
    ...{ input: 'int8', output: 'fp32' },
  },
  ...drawn(
    (dice): RopeParameters => ({
      ...{ rows: dice.from(1, 12), heads: dice.from(1, 3), headDim: 2 * dice.from(1, 8), word: drawnWord(dice) },
      ...{ input: drawnElement(dice), output: drawnElement(dice) },
    }),
    ropeRefusal,
  ),
};
const names = Object.keys(shapes);

/** Position 300 is the first. */
const angle = (p: RopeParameters, row: number, pair: number) => (300 + row) * 10_000 ** ((-2 * pair) / p.headDim);
const cosine = (p: RopeParameters, row: number, pair: number) => f(Math.cos(angle(p, row, pair)));
const sine = (p: RopeParameters, row: number, pair: number) => f(Math.sin(angle(p, row, pair)));
const layoutOf = ({ rows, heads, headDim, word }: RopeParameters): Layout => ({ rows, columns: heads * headDim, word });

function caseOf(p: RopeParameters, seed: number): Case {
  const next = uniform(seed);
  const x =
    p.input === 'int8'
      ? streamOf(layoutOf(p), bytes, () => Math.trunc(127 * next()))
      : streamOf(layoutOf(p), floats, () => 4 * next());
  const turns = streamOf(turnsTensor(p), floats, (row, _, column) =>
    (column % 2 === 0 ? cosine : sine)(p, row, Math.floor(column / 2)),
  );
  return { instance: rope.instantiate(p, target), inputs: { in: x, turns }, scalars };
}

const cases = names.map((name, index) => caseOf(shapes[name]!, index + 91));
let sequential: Result[];
let fibres: Result[];
let sanitized: Result[];

beforeAll(async () => {
  ({ sequential, fibres, sanitized } = await simulateEveryWay(cases));
}, 300_000);

describe.each(names.map((name, index) => ({ name, index })))('rope: $name', ({ name, index }) => {
  const p = shapes[name]!;
  const half = p.headDim / 2;

  it('turns every pair by the angle of its row, to the bit', () => {
    const x = reader(layoutOf(p), cases[index]!.inputs.in!);
    const y = reader(layoutOf(p), sequential[index]!.outputs.out!);
    const value = (row: number, column: number) =>
      p.input === 'int8' ? f(x(row, 0, column) * f(scalars.in_scale)) : x(row, 0, column);
    for (let row = 0; row < p.rows; row++)
      for (let column = 0; column < p.heads * p.headDim; column++) {
        const pair = column % half;
        const low = column % p.headDim < half;
        const own = f(value(row, column) * cosine(p, row, pair));
        const other = f(value(row, low ? column + half : column - half) * sine(p, row, pair));
        const turned = f(low ? own - other : own + other);
        const expected = p.output === 'int8' ? toInt8(f(turned * f(scalars.out_inverse_scale))) : turned;
        expect(y(row, 0, column) + 0, `row ${row}, column ${column}`).toBe(expected + 0);
      }
  });

  it('keeps the length of every pair', () => {
    if (p.output !== 'fp32') return expect(p.output).toBe('int8');
    const x = reader(layoutOf(p), cases[index]!.inputs.in!);
    const y = reader(layoutOf(p), sequential[index]!.outputs.out!);
    const scale = p.input === 'int8' ? scalars.in_scale : 1;
    for (let row = 0; row < p.rows; row++)
      for (let pair = 0; pair < half; pair++) {
        const before = Math.hypot(x(row, 0, pair), x(row, 0, pair + half)) * scale;
        expect(Math.abs(Math.hypot(y(row, 0, pair), y(row, 0, pair + half)) - before)).toBeLessThan(1e-5);
      }
  });

  it('gives the same every way, in the cycles of its law', () => {
    expect(fibres[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(sanitized[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(fibres[index]!.cycles).toBe(rope.instantiate(p, target).law.cycles.value + 1);
  });
});

it('wants words that stay inside half a head', () => {
  const p = shapes['four columns of one row']!;
  expect(ropeRefusal(p)).toBeUndefined();
  expect(ropeRefusal({ ...p, word: { tokens: 1, columns: 16 } })).toContain('do not divide half a head of 16');
});
