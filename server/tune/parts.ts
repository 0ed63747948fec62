/** In how many parts each stream is looked at: as many as its reader has jobs, the heads of attention. */

import type { Fifo } from '../estimate/netlist.ts';
import type { PartsOf } from '../estimate/time/marks.ts';
import type { Graph } from '../estimate/time/timeline.ts';
import type { Boundary } from './boundaries.ts';

/** Of more parts, one is little of a pass: nothing is to be gained by looking at it. */
const MOST_PARTS = 64;

/** Parts of the streams between kernels, by their sources: the same whatever is chosen. */
export type Parts = ReadonlyMap<string, number>;

/** Of each stream between kernels, as many as the reader of most has jobs. */
export function partsOf(graph: Graph, fifos: readonly Fifo[], kernels: readonly Boundary[]): Parts {
  const jobs = jobsOfReaders(graph);
  const channelOf = channelsOf(graph, fifos);
  const parts = new Map<string, number>();
  for (const { inputs } of kernels) {
    for (const { source, fifos: all, inOrder } of inputs) {
      if (!inOrder) continue;
      parts.set(source, Math.max(parts.get(source) ?? 1, ...all.map((id) => jobs[channelOf(id)]!)));
    }
  }
  return parts;
}

/** Parts of each channel of a graph. Inside of a kernel as many as the reader has jobs, or as what the kernel gives has parts. */
export function partsOfChannels(
  graph: Graph,
  fifos: readonly Fifo[],
  kernels: readonly Boundary[],
  between: Parts,
): PartsOf {
  const parts = jobsOfReaders(graph);
  const channelOf = channelsOf(graph, fifos);
  for (const { own, outputs } of kernels) {
    const given = Math.max(1, ...outputs.map(({ source }) => between.get(source) ?? 1));
    const inside = new Set(own);
    for (const { unit, transfers } of graph.processes)
      if (inside.has(unit))
        for (const { channel, direction } of transfers)
          if (direction === 'read' && parts[channel] === 1) parts[channel] = given;
  }
  // What a reader takes in another order has no parts in common with what is written.
  for (const { inputs, outputs } of kernels)
    for (const { source, fifos: all, inOrder } of [...outputs, ...inputs])
      for (const id of all) parts[channelOf(id)] = inOrder ? (between.get(source) ?? 1) : 1;
  return (channel) => parts[channel]!;
}

function channelsOf({ fifoOf }: Graph, fifos: readonly Fifo[]): (id: string) => number {
  const channels = new Map(fifoOf.flatMap((fifo, channel) => (fifo < 0 ? [] : [[fifos[fifo]!.id, channel]])));
  return (id) => channels.get(id)!;
}

/** Jobs of the reader of each channel; 1 where they are too many, or where its two ends do not agree on what goes through. */
function jobsOfReaders({ processes, channels }: Graph): number[] {
  const ends = channels.map(() => ({ jobs: 1, written: 0, read: 0 }));
  for (const { jobs, transfers, rest } of processes) {
    for (const { channel, direction, words } of transfers) {
      const end = ends[channel]!;
      if (direction === 'read') end.jobs = rest ? 1 : jobs;
      end[direction === 'read' ? 'read' : 'written'] += jobs * words;
    }
  }
  return ends.map(({ jobs, written, read }) => (jobs > MOST_PARTS || Math.abs(written - read) > 1e-6 ? 1 : jobs));
}
