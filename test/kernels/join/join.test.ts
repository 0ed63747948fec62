import { beforeAll, describe, expect, it } from 'vitest';
import { join, takeTurns } from '../../../server/kernels/join/index.ts';
import type { JoinParameters, TurnsParameters } from '../../../server/kernels/join/parameters.ts';
import { drawn } from '../common/drawn.ts';
import { type Case, type Result, simulateEveryWay, simulateFaulty } from '../row-bench.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };
const counted = (length: number, from: number) => new Int8Array(length).map((_, i) => ((from + 7 * i) % 251) - 125);
const floats = (length: number, from: number) => new Float32Array(length).map((_, i) => from + i / 8);

const sides: Readonly<Record<string, JoinParameters>> = {
  'three ports of two columns, four steps': { words: 5, rounds: 1, ports: 3, lanes: 2, dot: 4, element: 'int8' },
  ...drawn((dice) => ({
    ...{ words: dice.from(1, 12), rounds: 1, ports: dice.from(2, 6), lanes: dice.from(1, 5) },
    ...{ dot: dice.from(1, 5), element: 'int8' as const },
  })),
};
const turns: Readonly<Record<string, TurnsParameters>> = {
  'four ports, two words each': { turns: 3, rounds: 1, ports: 4, run: 2 },
  ...drawn((dice) => ({ turns: dice.from(1, 6), rounds: 1, ports: dice.from(2, 6), run: dice.from(1, 5) })),
};
const inputs = <T>(ports: number, of: (port: number) => T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: ports }, (_, port) => [`in${port}`, of(port)]));
const cases: Case[] = [
  ...Object.values(sides).map((side) => ({
    instance: join.instantiate(side, target),
    inputs: inputs(side.ports, (port) => counted(side.words * side.lanes * side.dot, 40 * port)),
  })),
  ...Object.values(turns).map((turn) => ({
    instance: takeTurns.instantiate(turn, target),
    inputs: inputs(turn.ports, (port) => floats(turn.turns * turn.run * 2, 100 * port)),
  })),
];
const inTurns = Object.keys(sides).length; // the first case of these
const faults = [
  ['ports in the wrong order', 0, 'i / LANES * PORTS + PORT', 'i / LANES * PORTS + PORTS - 1 - PORT'],
  ['steps across ports', 0, '(i / LANES * PORTS + PORT) * LANES', '(i / LANES + PORT * D) * LANES'],
  ['always the first', inTurns, 'read_one(taken, port, in...)', 'read_one(taken, 0, in...)'],
  [
    'word by word instead of run by run',
    inTurns,
    'read_one(taken, port, in...)',
    'read_one(taken, (port * RUN + i) % 4, in...)',
  ],
] as const;
let sequential: Result[];
let fibres: Result[];
let sanitized: Result[];
let wrong: (Result | string)[];

beforeAll(async () => {
  ({ sequential, fibres, sanitized } = await simulateEveryWay(cases));
  wrong = await simulateFaulty(faults.map(([, at, from, to]) => ({ header: 'join.h', from, to, at: cases[at]! })));
}, 300_000);

describe('join', () => {
  it.each(Object.keys(sides))('puts the shares of a word side by side, step by step: %s', (name) => {
    const { words, ports, lanes, dot } = sides[name]!;
    const at = Object.keys(sides).indexOf(name);
    const expected: number[] = [];
    for (let w = 0; w < words; w++)
      for (let d = 0; d < dot; d++)
        for (let port = 0; port < ports; port++)
          for (let lane = 0; lane < lanes; lane++)
            expected.push(cases[at]!.inputs[`in${port}`]![(w * dot + d) * lanes + lane]!);
    expect([...sequential[at]!.outputs.out!]).toEqual(expected);
  });

  it.each(Object.keys(turns))('takes scales in turns: %s', (name) => {
    const { turns: count, ports, run } = turns[name]!;
    const at = inTurns + Object.keys(turns).indexOf(name);
    const expected: number[] = [];
    for (let turn = 0; turn < count; turn++)
      for (let port = 0; port < ports; port++)
        for (let i = 0; i < run * 2; i++) expected.push(cases[at]!.inputs[`in${port}`]![turn * run * 2 + i]!);
    expect([...sequential[at]!.outputs.out!]).toEqual(expected);
  });

  it('gives the same every way, in the cycles of its law', () => {
    cases.forEach(({ instance }, index) => {
      expect(fibres[index]!.outputs).toEqual(sequential[index]!.outputs);
      expect(sanitized[index]!.outputs).toEqual(sequential[index]!.outputs);
      expect(fibres[index]!.cycles).toBe(instance.law.cycles.value + 1);
    });
  });

  it.each(faults.map(([name, at], fault) => ({ name, at, fault })))('a fault does not pass: $name', ({ at, fault }) => {
    expect(wrong[fault]).not.toEqual(sequential[at]);
  });
});
