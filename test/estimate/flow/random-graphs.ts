/** Small dataflow graphs for property tests: layered, with forks and joins, jobs of different sizes and FIFOs of any depth. */
import fc from 'fast-check';
import type { FlowGraph, FlowJob, FlowProcess, FlowTransfer } from '../../../server/estimate/flow/compile.ts';

const wordsOfPass = 48;
/** Words of a job. */
const evenSizes = [48, 24, 16, 12, 8, 6, 4];

/** By most of these a pass is not to be divided: the last job has fewer words. */
const raggedSizes = [48, 16, 4, 5, 7, 10, 13, 20, 31];

interface Wire {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly latency: number;
}

/** Where in its job a transfer lies, as shares of what the job leaves free. */
interface Placing {
  readonly start: number;
  readonly spread: number;
}

/**
 * @param generous FIFOs hold a whole pass, so that nothing ever waits for room.
 * @param rounds how often each process does its jobs: a long pass repeats.
 * @param irregular last jobs have fewer words than the others, and words leave pipelines late
 */
export function flowGraphs(generous: boolean, rounds = 1, irregular = false): fc.Arbitrary<FlowGraph> {
  return fc.integer({ min: 2, max: 6 }).chain((size) =>
    fc
      .record({
        processes: fc.array(
          fc.record({
            size: fc.constantFrom(...(irregular ? raggedSizes : evenSizes)),
            idle: fc.integer({ min: 0, max: 40 }),
            stretch: fc.integer({ min: 1, max: 4 }),
          }),
          { minLength: size, maxLength: size },
        ),
        wires: fc.array(
          fc.record({
            from: fc.integer({ min: 0, max: size - 2 }),
            hop: fc.integer({ min: 1, max: 3 }),
            depth: fc.integer({ min: 2, max: wordsOfPass }),
            latency: fc.integer({ min: 0, max: 6 }),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        placings: fc.array(
          fc.record({
            start: fc.double({ min: 0, max: 1, noNaN: true }),
            spread: fc.double({ min: 0, max: 1, noNaN: true }),
          }),
          {
            minLength: 12,
            maxLength: 12,
          },
        ),
      })
      .map(({ processes, wires, placings }) =>
        build(
          processes,
          wires.map(({ from, hop, depth, latency }) => ({
            from,
            to: Math.min(size - 1, from + hop),
            depth: generous ? 2 * wordsOfPass : depth,
            latency,
          })),
          placings,
          rounds * wordsOfPass,
          irregular,
        ),
      ),
  );
}

/**
 * Passes with rounds within rounds: a process does all of a pass in one job (a loader), a part of it (rows) or the least
 * (pixels, heads), and one may wait until another one has ended.
 */
export function nestedGraphs(generous: boolean, rounds: number): fc.Arbitrary<FlowGraph> {
  return fc
    .record({
      graph: flowGraphs(generous, rounds),
      merged: fc.array(fc.constantFrom(1, 1, 4, 10, rounds), { minLength: 6, maxLength: 6 }),
      barrier: fc.option(fc.record({ process: fc.nat(5), after: fc.nat(5) }), { freq: 3 }),
    })
    .map(({ graph, merged, barrier }) => ({
      channels: graph.channels,
      processes: graph.processes.map((process, p) => {
        const times = merged[p]!;
        const stretched = (at: number, words: number): number => (words > 1 ? (at + 1) * times - 1 : at * times);
        const after = barrier?.process === p && barrier.after < p ? { after: barrier.after } : {};
        return {
          ...process,
          ...after,
          jobs: process.jobs / times,
          cycles: process.cycles * times,
          transfers: process.transfers.map((transfer) => ({
            ...transfer,
            words: transfer.words * times,
            first: transfer.first * times,
            last: Math.max(
              stretched(transfer.last, transfer.words),
              transfer.first * times + transfer.words * times - 1,
            ),
          })),
        };
      }),
    }));
}

/**
 * The same pass with processes cut into two or three that do their jobs in turn, on the same hardware: what they read and write is
 * handed over from the one to the next.
 */
export function cutGraphs(graphs: fc.Arbitrary<FlowGraph>): fc.Arbitrary<{ whole: FlowGraph; cut: FlowGraph }> {
  const places = fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 2 }), {
    minLength: 6,
    maxLength: 6,
  });
  return fc.record({ whole: graphs, places }).map(({ whole, places: all }) => {
    const processes: FlowProcess[] = [];
    whole.processes.forEach(({ rest, ...process }, p) => {
      const { jobs } = process;
      const ends = [...new Set([...all[p]!.map((share) => Math.ceil(share * (jobs - 1))), jobs])];
      let begin = 0;
      for (const end of ends.filter((one) => one > 0).sort((a, b) => a - b)) {
        processes.push({
          ...process,
          hardware: process.name,
          jobs: end - begin,
          ...(rest && end === jobs ? { rest } : {}),
          ...(begin > 0 ? { after: processes.length - 1 } : {}),
        });
        begin = end;
      }
    });
    return { whole, cut: { ...whole, processes } };
  });
}

function build(
  processes: readonly { size: number; idle: number; stretch: number }[],
  wires: readonly Wire[],
  placings: readonly Placing[],
  all: number,
  late: boolean,
): FlowGraph {
  let placed = 0;
  return {
    channels: wires.map(({ depth, latency }, i) => ({ name: `wire${i}`, depth, latency })),
    processes: processes.map(({ size, idle, stretch }, p) => {
      const own = wires.flatMap(({ from, to }, channel) =>
        from !== p && to !== p ? [] : [{ channel, writes: from === p, ...placings[placed++ % placings.length]! }],
      );
      const jobOf = (words: number): FlowJob => {
        const cycles = words * stretch + idle;
        const room = cycles - words;
        const firstOf = ({ start }: Placing): number => Math.floor(start * room);
        // One pipeline gives all that a process writes.
        const depth = late ? Math.min(20, ...own.filter(({ writes }) => writes).map(firstOf)) : 0;
        const transfers = own.map(({ channel, writes, ...placing }): FlowTransfer => {
          const first = firstOf(placing);
          const last = first + (words - 1) + Math.floor(placing.spread * (room - first));
          const place = { channel, words, first, last: words === 1 ? first : last };
          if (!writes) return { ...place, direction: 'read' };
          return { ...place, direction: 'write', ...(late ? { late: depth } : {}) };
        });
        return { cycles, transfers };
      };
      const jobs = Math.ceil(all / size);
      const left = all - (jobs - 1) * size;
      return { name: `process${p}`, jobs, ...jobOf(size), ...(left < size ? { rest: jobOf(left) } : {}) };
    }),
  };
}
