import { beforeAll, describe, expect, it } from 'vitest';
import { cache, cacheRefusal } from '../../../server/kernels/cache/index.ts';
import { cacheLayout, cachePorts } from '../../../server/kernels/cache/layout.ts';
import type { CacheParameters } from '../../../server/kernels/cache/parameters.ts';
import { drawn } from '../common/drawn.ts';
import { randomMatrix, seeded } from '../common/reference.ts';
import { type Case, type Result, simulateEveryWay, simulateFaulty } from '../row-bench.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };

interface Shape extends CacheParameters {
  readonly past: number;
}

function shape(
  of: CacheParameters['of'],
  [keys, heads, kvHeads, headDim]: readonly [number, number, number, number],
  [tileColumns, dot, ports, port]: readonly [number, number, number, number],
  past: number,
): Shape {
  const sizes = { keys, heads, kvHeads, headDim, tileColumns, dot, ports, port };
  return { of, ...sizes, element: 'int8', storage: 'lutram', content: 'K', past };
}

const shapes: Record<string, Shape> = {
  'keys behind one port': shape('keys', [9, 2, 2, 16], [2, 4, 1, 0], 8),
  'keys, the first of two ports, which has the new one': shape('keys', [12, 2, 2, 16], [4, 8, 2, 0], 9),
  'keys, the second of two ports, which does not have it': shape('keys', [12, 2, 2, 16], [4, 8, 2, 1], 9),
  'keys that four heads share, an early step': shape('keys', [17, 4, 1, 8], [2, 4, 1, 0], 5),
  'values behind one port': shape('values', [9, 2, 2, 16], [8, 1, 1, 0], 8),
  'values, the last of four ports, several rows a step': shape('values', [13, 2, 2, 16], [16, 4, 4, 3], 12),
  'values that heads share, an early step': shape('values', [15, 6, 2, 8], [4, 4, 2, 1], 4),
  'values of the first step': shape('values', [8, 1, 1, 8], [8, 2, 1, 0], 0),
  'keys staged in block RAM, two heads': {
    ...shape('keys', [40, 2, 2, 16], [2, 4, 1, 0], 38),
    staging: { storage: 'bram', heads: 2 },
  },
  ...drawn((dice) => {
    const of = dice.of(['keys', 'values'] as const);
    const dot = dice.of([1, 2, 4]);
    const tileColumns = dice.of([2, 4, 8, 16]);
    const headDim = (of === 'keys' ? dot : tileColumns) * dice.from(1, 4);
    const keys = dice.from(1, 18);
    const kvHeads = dice.from(1, 2);
    const ports = cachePorts({ of, keys, headDim, tileColumns, dot, element: 'int8' }, dice.from(1, 3));
    const sizes = [keys, kvHeads * dice.from(1, 2), kvHeads, headDim] as const;
    return shape(of, sizes, [tileColumns, dot, ports, dice.from(0, ports - 1)], keys - 1);
  }, cacheRefusal),
};
const names = Object.keys(shapes);

/** Rows of every key, column by column of every head; what lies behind the last row is whatever was there. */
function problemOf(p: Shape, index: number) {
  const { outer, inner, lanes } = cacheLayout(p);
  const rows = randomMatrix(p.keys + 64, p.kvHeads * p.headDim, 8, seeded(index + 1));
  const value = (key: number, head: number, column: number) =>
    rows.values[key * rows.columns + head * p.headDim + column]!;
  /** Key and column of an element, from the description in cache.h. */
  const place = (o: number, i: number, d: number, lane: number) => {
    const across = o * p.tileColumns + p.port * lanes + lane;
    const along = i * p.dot + d;
    return p.of === 'keys' ? { key: across, column: along } : { key: along, column: across };
  };
  const memory: number[] = [];
  const grown: number[] = [];
  const out: number[] = [];
  for (let head = 0; head < p.kvHeads; head++) {
    const words: number[] = [];
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const all = Array.from({ length: p.dot * lanes }, (_, n) => place(o, i, Math.floor(n / lanes), n % lanes));
        const block = p.of === 'keys' ? p.tileColumns : p.dot;
        const changes = all.some(({ key }) => Math.floor(key / block) === Math.floor(p.past / block));
        for (const { key, column } of all) {
          const here = value(key, head, column);
          const before = key === p.past ? 77 : here;
          memory.push(before);
          words.push(p.of === 'values' && key > p.past ? 0 : here);
          grown.push(changes ? here : 0);
        }
      }
    for (let member = 0; member < p.heads / p.kvHeads; member++) out.push(...words);
  }
  const row = Array.from({ length: p.kvHeads * p.headDim }, (_, n) => rows.values[p.past * rows.columns + n]!);
  return { memory, grown, out, row };
}

const problems = names.map((name, index) => problemOf(shapes[name]!, index));
const cases: Case[] = names.map((name, index) => ({
  instance: cache.instantiate(shapes[name]!, target),
  inputs: { memory: Int8Array.from(problems[index]!.memory), row: Int8Array.from(problems[index]!.row) },
  scalars: { past: shapes[name]!.past },
}));
let sequential: Result[];
let fibres: Result[];
let sanitized: Result[];

beforeAll(async () => {
  ({ sequential, fibres, sanitized } = await simulateEveryWay(cases));
}, 300_000);

describe.each(names.map((name, index) => ({ name, index })))('cache: $name', ({ name, index }) => {
  it('gives the rows so far in the order of the array', () => {
    expect([...sequential[index]!.outputs.out!]).toEqual(problems[index]!.out);
  });

  it('writes back the words that the new row changes, and no others', () => {
    expect([...sequential[index]!.outputs.grown!]).toEqual(problems[index]!.grown);
  });

  it('gives the same every way, in the cycles of its law', () => {
    expect(fibres[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(sanitized[index]!.outputs).toEqual(sequential[index]!.outputs);
    // The law is of the last step; before, nothing is written back behind the last word.
    const p = shapes[name]!;
    const { span } = cacheLayout(p);
    const early = p.heads === p.kvHeads && Math.floor(p.past / span) < Math.floor((p.keys - 1) / span);
    expect(fibres[index]!.cycles, name).toBe(cache.instantiate(p, target).law.cycles.value - (early ? 1 : 0));
  });
});

describe('a fault does not pass', () => {
  const faults = [
    ['the new row one place too far', 'keys behind one port', 'past % KIND::span', '(past + 1) % KIND::span'],
    [
      'written back to the first tile',
      'keys behind one port',
      'return block * inner + n;',
      'return 0 * block * inner + n;',
    ],
    [
      'the share of another port',
      'values, the last of four ports, several rows a step',
      'FIRST + lane == column',
      'lane == column',
    ],
    ['what is behind the last row counts', 'values that heads share, an early step', 'inner > block || (', '('],
    [
      'heads that share do not get the new row',
      'keys that four heads share, an early step',
      'KIND::put(now, row.read(), place);',
      'row.read();',
    ],
  ] as const;
  let wrong: Awaited<ReturnType<typeof simulateFaulty>>;

  beforeAll(async () => {
    const seeds = faults.map(([, name, from, to]) => ({
      header: 'cache.h',
      from,
      to,
      at: cases[names.indexOf(name)]!,
    }));
    wrong = await simulateFaulty(seeds);
  }, 120_000);

  it.each(faults.map(([fault, name], index) => ({ fault, name, index })))('$fault', ({ name, index }) => {
    expect(wrong[index]).toHaveProperty('outputs');
    expect((wrong[index] as Result).outputs).not.toEqual(sequential[names.indexOf(name)]!.outputs);
  });
});

describe('the ports', () => {
  const gpt2 = { of: 'keys', keys: 257, headDim: 64, tileColumns: 8, dot: 64, element: 'int8' } as const;

  it('are as many as have whole beats for their share', () => {
    expect(cachePorts(gpt2, 8)).toBe(8);
    expect(cachePorts(gpt2, 6)).toBe(0); // 4 ports would have beats of 128 bytes
    expect(cachePorts({ ...gpt2, dot: 16 }, 8)).toBe(8);
    expect(cachePorts({ ...gpt2, dot: 16 }, 5)).toBe(4);
    expect(cachePorts({ ...gpt2, tileColumns: 3, dot: 1 }, 4)).toBe(0);
  });

  it('read every beat once, however many heads share it', () => {
    const shared = { ...shapes['keys that four heads share, an early step']!, heads: 8 };
    const [read] = cache.instantiate(shared, target).law.traffic;
    expect(read!.bytes).toBe(cache.instantiate(shared, target).memories[0]!.bytes);
  });

  it('are refused with the reason', () => {
    const whole = shape('keys', [9, 2, 2, 16], [2, 4, 1, 0], 8);
    expect(cacheRefusal(whole)).toBeUndefined();
    expect(cacheRefusal({ ...whole, kvHeads: 3 })).toContain('2 heads cannot share 3');
    expect(cacheRefusal({ ...whole, dot: 3 })).toContain('dot products of 3 do not divide the head dimension 16');
    expect(cacheRefusal({ ...whole, of: 'values', tileColumns: 5 })).toContain('tiles of 5 columns do not divide');
    expect(cacheRefusal({ ...whole, ports: 0 })).toContain('8, 16, 32 or 64 bytes');
    expect(cacheRefusal({ ...whole, element: 'int2' })).toContain('not int2');
  });
});
