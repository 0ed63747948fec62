/** The same network stepped cycle by cycle: slow, simple, and obviously right. Nests of one pipeline of two loops each. */
import type { Access, Nest } from '../../../server/estimate/loops/nest.ts';
import type { Network, Scheduler } from '../../../server/estimate/loops/network.ts';

interface Event {
  readonly at: number;
  readonly array: string;
  readonly write: boolean;
}

interface Process {
  readonly events: readonly Event[];
  readonly length: number;
  done: number;
  /** Cycles of the pipeline's own clock that have passed. */
  place: number;
  end: number;
}

/** @returns the cycle in which each nest ends, -1 for one that never does */
export function simulateCycles(network: Network, schedule: Scheduler): number[] {
  const processes = network.nests.map((nest) => processOf(nest, schedule));
  const written = new Map<string, number[]>();
  const read = new Map<string, number[]>();
  const times = (of: Map<string, number[]>, array: string): number[] => {
    if (!of.has(array)) of.set(array, []);
    return of.get(array)!;
  };
  const isReady = ({ array, write }: Event, now: number): boolean => {
    const before = (list: readonly number[]) => list.filter((time) => time < now).length;
    const depth = network.channels.find(({ name }) => name === array)!.depth;
    if (write) return times(written, array).length - before(times(read, array)) < depth;
    return before(times(written, array)) > times(read, array).length;
  };
  let idle = 0;
  for (let now = 1; idle < 500 && processes.some(({ end }) => end < 0); now++) {
    idle++;
    for (const process of processes) {
      if (process.end >= 0) continue;
      let next = process.events[process.done];
      while (next && next.at === process.place && isReady(next, now)) {
        times(next.write ? written : read, next.array).push(now);
        next = process.events[++process.done];
        idle = 0;
      }
      if (next && next.at === process.place) continue; // all of it waits
      process.place++;
      idle = 0;
      if (process.place === process.length) process.end = now + 1;
    }
  }
  return processes.map(({ end }) => end);
}

function processOf(nest: Nest, schedule: Scheduler): Process {
  const [outer, inner] = nest.loops;
  const pipeline = { kind: 'pipeline', loops: nest.loops, unrolled: [], trip: outer!.trip * inner!.trip } as const;
  const { interval, depth } = schedule(nest, pipeline);
  const events: Event[] = [];
  for (let i = 0; i < outer!.trip; i++) {
    for (let j = 0; j < inner!.trip; j++) {
      const issue = (i * inner!.trip + j) * interval;
      const happens = ({ guard }: Access): boolean =>
        is(guard?.outer, i, outer!.trip) && is(guard?.inner, j, inner!.trip);
      for (const { array } of nest.reads.filter(happens)) events.push({ at: issue, array, write: false });
      for (const { array } of nest.writes.filter(happens)) events.push({ at: issue + depth - 1, array, write: true });
    }
  }
  events.sort((a, b) => a.at - b.at || Number(a.write) - Number(b.write));
  return { events, length: (pipeline.trip - 1) * interval + depth, done: 0, place: 0, end: -1 };
}

function is(guard: unknown, index: number, trip: number): boolean {
  if (guard === undefined) return true;
  return guard === 'first' ? index === 0 : guard === 'last' && index === trip - 1;
}
