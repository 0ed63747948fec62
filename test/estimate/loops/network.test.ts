import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Access, Guard, Loop, Nest } from '../../../server/estimate/loops/nest.ts';
import { type Channel, type Network, runNetwork } from '../../../server/estimate/loops/network.ts';
import { simulateCycles } from './cycle-simulator.ts';

/** Two loops that run as one pipeline, with an access to each FIFO in every iteration that the guard leaves. */
function nest(
  name: string,
  [outer, inner]: readonly [number, number],
  reads: Readonly<Record<string, Access['guard']>>,
  writes: Readonly<Record<string, Access['guard']>>,
): Nest {
  const loops: Loop[] = [
    { name: 'outer', trip: outer, parent: null, pipelined: false, unrolled: false },
    { name: 'inner', trip: inner, parent: 'outer', pipelined: true, unrolled: false },
  ];
  const accesses = (guards: Readonly<Record<string, Access['guard']>>): Access[] =>
    Object.entries(guards).map(([array, guard]) => {
      const pinned = (loop: string) => guard?.[loop] !== undefined;
      const transfers = (pinned('outer') ? 1 : outer) * (pinned('inner') ? 1 : inner);
      return { array, order: ['outer', 'inner'], loop: 'inner', guard, distinct: 1, transfers };
    });
  return { name, loops, operators: [], reads: accesses(reads), writes: accesses(writes), locals: [] };
}

const fifo = (name: string, from: string, to: string, depth: number): Channel => ({
  name,
  kind: 'fifo',
  from,
  to,
  depth,
  lanes: 1,
});

const every = (interval: number, depth: number) => () => ({ interval, depth, limit: 'none' }) as const;

describe('a network of loop nests', () => {
  it('passes words at full speed: one pipeline behind the other', () => {
    const network: Network = {
      nests: [nest('a', [10, 10], {}, { x: undefined }), nest('b', [10, 10], { x: undefined }, {})],
      channels: [fifo('x', 'a', 'b', 2)],
      concurrent: true,
    };
    const alone = runNetwork({ nests: [network.nests[0]!], channels: [], concurrent: true }, every(1, 5)).cycles!;
    expect(runNetwork(network, every(1, 5)).cycles).toBe(alone + 5);
  });

  it('waits at the FIFO that is full, and keeps waiting for ever where nobody reads', () => {
    const slow: Network = {
      nests: [nest('a', [4, 8], {}, { x: undefined }), nest('b', [4, 8], { x: undefined }, {})],
      channels: [fifo('x', 'a', 'b', 1)],
      concurrent: true,
    };
    const ends = runNetwork(slow, (one) => ({ interval: one.name === 'b' ? 7 : 1, depth: 3, limit: 'none' })).ends;
    expect(ends[0]).toBeGreaterThan(7 * 30);
    const stuck: Network = { ...slow, nests: [slow.nests[0]!, nest('b', [4, 8], { x: { inner: 'first' } }, {})] };
    expect(runNetwork(stuck, every(1, 3))).toMatchObject({ cycles: undefined, ends: [-1, expect.any(Number)] });
  });

  it('keeps the last words of a row in the pipeline until the next row comes', () => {
    // b copies 8 words a row; its pipeline holds the last ones while it waits for a, which rests between its rows.
    const resting = nest('a', [3, 100], {}, { x: { inner: { from: 0, count: 8 } } });
    const words = { ...resting.writes[0]!, transfers: 24 };
    const network: Network = {
      nests: [
        { ...resting, writes: [words] },
        nest('b', [3, 8], { x: undefined }, { y: undefined }),
        nest('c', [3, 8], { y: undefined }, {}),
      ],
      channels: [fifo('x', 'a', 'b', 64), fifo('y', 'b', 'c', 64)],
      concurrent: true,
    };
    const free = runNetwork(network, every(1, 2));
    const deep = runNetwork(network, (one) => ({ interval: 1, depth: one.name === 'b' ? 20 : 2, limit: 'none' }));
    expect(deep.ends[2]! - free.ends[2]!).toBe(18);
  });

  it('passes an array when its writer has ended', () => {
    const network: Network = {
      nests: [nest('a', [5, 5], {}, {}), nest('b', [5, 5], {}, {})],
      channels: [{ ...fifo('x', 'a', 'b', 2), kind: 'array' }],
      concurrent: true,
    };
    const [a, b] = runNetwork(network, every(1, 4)).ends;
    expect(b).toBe(2 * a!);
  });

  it('without a dataflow region runs nests side by side that need nothing of each other', () => {
    const nests = [nest('a', [5, 5], {}, {}), nest('b', [5, 50], {}, {}), nest('c', [5, 5], {}, {})];
    const channels: Channel[] = [{ ...fifo('x', 'a', 'c', 1), kind: 'array' }];
    const run = runNetwork({ nests, channels, concurrent: false }, every(1, 4));
    expect(run.ends[1]).toBeGreaterThan(run.ends[0]!);
    // c starts when both of the first state have ended
    expect(run.ends[2]).toBe(run.ends[1]! + run.ends[0]!);
  });

  const guard = fc.constantFrom<Record<string, Guard> | undefined>(
    undefined,
    { inner: 'first' },
    { inner: 'last' },
    { outer: 'first' },
    { outer: 'last' },
  );

  it('is what a simulation cycle by cycle says, deadlocks among them', () => {
    const node = fc.record({
      trips: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 })),
      reads: guard,
      writes: guard,
      interval: fc.integer({ min: 1, max: 4 }),
      depth: fc.integer({ min: 1, max: 12 }),
      room: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(fc.array(node, { minLength: 2, maxLength: 5 }), (chain) => {
        const nests = chain.map(({ trips, reads, writes }, i) =>
          nest(
            `n${i}`,
            trips,
            i > 0 ? { [`f${i - 1}`]: reads } : {},
            i + 1 < chain.length ? { [`f${i}`]: writes } : {},
          ),
        );
        const channels = chain.slice(1).map(({ room }, i) => fifo(`f${i}`, `n${i}`, `n${i + 1}`, room));
        const times = (one: Nest) => {
          const { interval, depth } = chain[nests.indexOf(one)]!;
          return { interval, depth, limit: 'none' as const };
        };
        const network = { nests, channels, concurrent: true };
        expect(runNetwork(network, times).ends).toEqual(simulateCycles(network, times));
      }),
      { numRuns: 200 },
    );
  });
});
