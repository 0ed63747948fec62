import { beforeAll, describe, expect, it } from 'vitest';
import { join, takeTurns } from '../../../server/kernels/join/index.ts';
import { type Case, type Result, simulateEveryWay, simulateFaulty } from '../row-bench.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };
const counted = (length: number, from: number) => new Int8Array(length).map((_, i) => ((from + 7 * i) % 251) - 125);
const floats = (length: number, from: number) => new Float32Array(length).map((_, i) => from + i / 8);

const side = { words: 5, rounds: 1, ports: 3, lanes: 2, dot: 4, element: 'int8' } as const;
const turns = { turns: 3, rounds: 1, ports: 4, run: 2 };
const cases: Case[] = [
  {
    instance: join.instantiate(side, target),
    inputs: Object.fromEntries([0, 1, 2].map((port) => [`in${port}`, counted(40, 40 * port)])),
  },
  {
    instance: takeTurns.instantiate(turns, target),
    inputs: Object.fromEntries([0, 1, 2, 3].map((port) => [`in${port}`, floats(12, 100 * port)])),
  },
];
const faults = [
  ['ports in the wrong order', 0, 'i / LANES * PORTS + PORT', 'i / LANES * PORTS + PORTS - 1 - PORT'],
  ['steps across ports', 0, '(i / LANES * PORTS + PORT) * LANES', '(i / LANES + PORT * D) * LANES'],
  ['always the first', 1, 'read_one(taken, port, in...)', 'read_one(taken, 0, in...)'],
  [
    'word by word instead of run by run',
    1,
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
  it('puts the shares of a word side by side, step by step', () => {
    const expected: number[] = [];
    for (let w = 0; w < side.words; w++)
      for (let d = 0; d < side.dot; d++)
        for (let port = 0; port < side.ports; port++)
          for (let lane = 0; lane < side.lanes; lane++)
            expected.push(cases[0]!.inputs[`in${port}`]![(w * side.dot + d) * side.lanes + lane]!);
    expect([...sequential[0]!.outputs.out!]).toEqual(expected);
  });

  it('takes scales in turns', () => {
    const expected: number[] = [];
    for (let turn = 0; turn < turns.turns; turn++)
      for (let port = 0; port < turns.ports; port++)
        for (let i = 0; i < turns.run * 2; i++)
          expected.push(cases[1]!.inputs[`in${port}`]![turn * turns.run * 2 + i]!);
    expect([...sequential[1]!.outputs.out!]).toEqual(expected);
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
