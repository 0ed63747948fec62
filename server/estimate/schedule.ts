/** The timeline of one pass with the FIFO depths that it needs, and what the dies take by themselves. */
import type { Accelerator } from '../design/design.ts';
import type { FlowRun } from './flow-run.ts';
import type { Fifo, Unit } from './netlist.ts';
import { type Graph, graphOf, type Pacing, runGraph } from './timeline.ts';

export interface Schedule {
  readonly graph: Graph;
  /** The pass as it is built; where it deadlocks, as it would be if every FIFO were deep enough. */
  readonly run: FlowRun;
  /** Depth of each FIFO of the netlist, as far as the spec does not say. */
  readonly depths: readonly number[];
  /** Runs of the design as it stands that did not end. */
  readonly deadlocked?: { readonly graph: Graph; readonly run: FlowRun };
  readonly dies: ReadonlyMap<string, number>;
}

/** A pass that is this much slower than with unlimited FIFOs is given deeper ones. */
const tolerated = 1.002;

/** Room beyond the greatest number of words seen, for what the timeline does not see: see docs/limits.md. */
const margin = 2;

export function scheduleOf(
  accelerator: Accelerator,
  units: readonly Unit[],
  fifos: readonly Fifo[],
  pacing: Pacing,
): Schedule {
  const clock = accelerator.clock.value;
  const graph = (depthOf: (fifo: Fifo, index: number) => number): Graph =>
    graphOf(units, fifos, depthOf, clock, pacing);
  const asked = (fifo: Fifo, open: number): number => (fifo.asked === 'auto' ? open : fifo.asked);

  // What the spec asks for and no limits elsewhere: no choice of depths can be faster.
  const unlimited = runGraph(graph((fifo) => asked(fifo, Number.POSITIVE_INFINITY)));
  if (unlimited.run.status !== 'finished') {
    const free = runGraph(graph(() => Number.POSITIVE_INFINITY));
    const depths = fifos.map((fifo, i) => asked(fifo, finite(free.run.peaks[i]!)));
    const dies = diesOf(units, fifos, depths, clock, pacing);
    return { graph: free.graph, run: free.run, depths, deadlocked: unlimited, dies };
  }

  // As shallow as can be, deeper only where nothing could go on otherwise; if that is slower, a job of the reader as well.
  let chosen = runGraph(
    graph((fifo) => asked(fifo, 2)),
    { grow: true },
  );
  if (!goodEnough(chosen.run, unlimited.run)) {
    const deeper = fifos.map((fifo, i) => asked(fifo, burstOf(chosen, i)));
    const second = runGraph(
      graph((_, i) => deeper[i]!),
      { grow: true },
    );
    chosen = goodEnough(second.run, unlimited.run) || second.run.end < chosen.run.end ? second : chosen;
    if (chosen.run.status !== 'finished') chosen = unlimited;
  }
  const depths = fifos.map((fifo, i) => asked(fifo, built(chosen.run, i)));
  return { graph: chosen.graph, run: chosen.run, depths, dies: diesOf(units, fifos, depths, clock, pacing) };
}

function goodEnough(run: FlowRun, best: FlowRun): boolean {
  return run.status === 'finished' && run.end <= best.end * tolerated;
}

/** Depth that a channel of the run is built with. */
function built(run: FlowRun, channel: number): number {
  const depth = run.depths[channel]!;
  return Number.isFinite(depth) ? depth : finite(run.peaks[channel]! + margin);
}

function finite(depth: number): number {
  return Math.max(2, Math.ceil(Number.isFinite(depth) ? depth : 2));
}

/** The words of one job of the reader, where the writer was held up by the channel; trained values can wait. */
function burstOf({ run, graph }: { run: FlowRun; graph: Graph }, channel: number): number {
  const waited = run.processes.some(({ waits }) =>
    waits.some((wait) => wait.channel === channel && wait.kind === 'room'),
  );
  if (!waited || graph.trained[channel]) return 2;
  let words = 2;
  for (const { transfers } of graph.processes) {
    for (const transfer of transfers) {
      if (transfer.channel === channel && transfer.direction === 'read') words = Math.max(words, transfer.words);
    }
  }
  return words;
}

/** Seconds from the first input to the last output of each die, its inputs always ready and its outputs always taken. */
function diesOf(
  units: readonly Unit[],
  fifos: readonly Fifo[],
  depths: readonly number[],
  clock: number,
  pacing: Pacing,
): Map<string, number> {
  const latency = new Map<string, number>();
  for (const die of new Set(units.map((unit) => unit.die))) {
    const own = units.filter((unit) => unit.die === die);
    const names = new Set(own.map(({ id }) => id));
    const inside: Fifo[] = [];
    const inner: number[] = [];
    fifos.forEach((fifo, i) => {
      if (!names.has(fifo.from.unit) || !names.has(fifo.to.unit)) return;
      inside.push(fifo);
      inner.push(depths[i]!);
    });
    const { run } = runGraph(
      graphOf(own, inside, (_, i) => inner[i]!, clock, pacing),
      { grow: true },
    );
    latency.set(die, run.end / clock);
  }
  return latency;
}
