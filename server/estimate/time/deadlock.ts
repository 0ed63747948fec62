/** A pass that cannot end: who waits for whom, and the least depth that opens the circle. */
import type { Deadlock } from '../estimate.ts';
import type { Stuck } from '../flow/result.ts';
import type { Fifo, Unit } from '../netlist.ts';
import { type Graph, runGraph, type Timeline } from './timeline.ts';

export function deadlockOf(
  { graph, run }: Timeline,
  units: readonly Unit[],
  fifos: readonly Fifo[],
): Deadlock | undefined {
  const full = run.circle.filter(
    ({ kind, channel }) => kind === 'full' && channel !== undefined && graph.fifoOf[channel]! >= 0,
  );
  const culprit = full.at(-1)?.channel;
  if (culprit === undefined) return undefined;
  return {
    chain: chainOf(run.circle, graph, units, fifos),
    culprit: fifos[graph.fifoOf[culprit]!]!.id,
    depth: leastDepth(graph, culprit),
  };
}

function chainOf(
  circle: readonly Stuck[],
  graph: Graph,
  units: readonly Unit[],
  fifos: readonly Fifo[],
): Deadlock['chain'] {
  const kernelOf = (process: number): string => units[graph.processes[process]?.unit ?? -1]?.kernel ?? '';
  return circle.flatMap(({ process, channel, kind, on }) => {
    const fifo = channel === undefined ? undefined : fifos[graph.fifoOf[channel]!];
    // Steps inside of a kernel are its own affair.
    if (!fifo || kernelOf(process) === kernelOf(on)) return [];
    return {
      kernel: kernelOf(process),
      waitsFor: kernelOf(on),
      fifo: fifo.id,
      kind: kind === 'full' ? ('full' as const) : ('empty' as const),
    };
  });
}

/** By halving between the depth that is there and the most that is ever needed. */
export function leastDepth(graph: Graph, culprit: number): number {
  const withDepth = (depth: number): Timeline =>
    runGraph(
      { ...graph, channels: graph.channels.map((channel, c) => (c === culprit ? { ...channel, depth } : channel)) },
      { grow: true },
    );
  const endless = withDepth(Number.POSITIVE_INFINITY);
  const most = Math.max(graph.channels[culprit]!.depth + 1, Math.ceil(endless.run.peaks[culprit]!));
  // One FIFO alone may not be enough; then this much is what it needs before the next one holds everything up.
  if (endless.run.status !== 'finished') return most;
  let low = graph.channels[culprit]!.depth;
  let high = most;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (withDepth(middle).run.status === 'finished') high = middle;
    else low = middle;
  }
  return high;
}
