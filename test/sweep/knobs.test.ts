import { describe, expect, test } from 'vitest';
import { knobsOf, MOST_POINTS, nameOf, pointsOf, settingOf, textOf, turned } from '../../server/sweep/knobs.ts';
import { analysisOf } from '../kit/analyses.ts';

const one = (name: string, more: string) => `accelerator ${name} {
  device    u280
  model     bert(layers: 2, hidden: 64, heads: 2, ffn: 128)
  phase     forward(tokens: 16)
  precision W8A8
  ${more}
}
`;
const text = `let clock = 200 MHz
${one('a', 'choose rows from 4, 8\n  choose out from 1..3\n  let wide = 2 * 8')}${one('b', 'choose rows from 2, 16 // as far as it goes')}`;
const analysis = analysisOf(text);
const knobs = knobsOf(analysis);
const named = (name: string) => knobs.find((knob) => knob.name === name);

describe('knobs', () => {
  test('have the values that are written; ranges are numbers; names that two accelerators have are told apart', () => {
    expect(knobs.map(({ name, values }) => [name, values])).toEqual([
      ['device', []],
      ['model', []],
      ['precision', []],
      ['a.rows', ['4', '8']],
      ['out', ['1', '2', '3']],
      ['wide', []],
      ['b.rows', ['2', '16']],
      ['clock', []],
    ]);
    expect(knobsOf(analysis, 'b').map(({ name }) => name)).toEqual(['device', 'model', 'precision', 'rows', 'clock']);
  });

  test('a card, a model and a precision are those of all accelerators', () => {
    for (const name of ['device', 'model', 'precision']) expect(named(name)?.places).toHaveLength(2);
  });

  test('every point is the spec with its values, and has no problem that the spec has not', () => {
    const used = turned(knobs, [settingOf('device=u55c')!, settingOf('clock = 150 MHz, 250 MHz')!]);
    if (typeof used === 'string') throw new Error(used);
    const points = pointsOf(used);
    expect(points).toHaveLength(2 * 3 * 2 * 2);
    expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(points.length);
    const codes = (spec: string) =>
      analysisOf(spec)
        .diagnostics.filter(({ severity }) => severity === 'error')
        .map(({ code }) => code);
    const last = textOf(text, used, points.at(-1)!);
    expect(last).toContain('let clock = 250 MHz');
    expect(last).toContain('choose rows from 8\n');
    expect(last).toContain('choose out from 3\n');
    expect(last).toContain('choose rows from 16 // as far as it goes');
    expect(last.match(/device {4}u55c/g)).toHaveLength(2);
    expect(codes(last)).toEqual(codes(text));
  });
});

describe('settings', () => {
  test.each([
    ['rows=4,8', ['4', '8']],
    ['rows = 1..3, 9', ['1', '2', '3', '9']],
    ['model=bert(layers: 2, hidden: 64),gpt2', ['bert(layers: 2, hidden: 64)', 'gpt2']],
    ['clock=245 MHz', ['245 MHz']],
    ['rows=3..1', ['3..1']], // for the spec to complain of
  ])('%s', (written, values) => expect(settingOf(written)?.values).toEqual(values));

  test.each(['rows', 'rows=', 'rows=4,,8', '=4', 'a b=4'])('%s is none', (written) =>
    expect(settingOf(written)).toBeUndefined(),
  );

  test('the later of two counts, and a value is looked at once', () => {
    const used = turned(knobs, [settingOf('out=1')!, settingOf('out=7,7')!]);
    if (typeof used === 'string') throw new Error(used);
    expect(used.find(({ name }) => name === 'out')?.values).toEqual(['7']);
  });

  test('too many points are counted, not made', () => {
    const many = turned(knobs, [settingOf(`out=1..${MOST_POINTS}`)!]);
    expect(many).toBe('40,000 points are more than 10,000: take fewer values (--set), or let weft tune search.');
  });
});

test('names of folders are safe, and sort as the points do', () => {
  expect(nameOf(7, 120, { model: '../x y', rows: '8' })).toBe('007-model=.._x_y,rows=8');
});
