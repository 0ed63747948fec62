/** The timeline of one pass with the FIFO depths that it needs, and what a die takes by itself. */
import type { Accelerator } from '../../design/design.ts';
import type { FlowRun } from '../flow/result.ts';
import type { Fifo, Unit } from '../netlist.ts';
import { Bound } from './bound.ts';
import {
  type Graph,
  graphOf,
  type Pacing,
  type RunningTimeline,
  runGraph,
  startGraph,
  type Timeline,
  withDepths,
} from './timeline.ts';

export interface Schedule {
  readonly graph: Graph;
  /** The pass as it is built; where it deadlocks, as it would be if no FIFO were too short. */
  readonly run: FlowRun;
  /** Depth of each FIFO of the netlist, as far as the spec does not say. */
  readonly depths: readonly number[];
  /** Runs of the design as it stands that did not end. */
  readonly deadlocked?: { readonly graph: Graph; readonly run: FlowRun };
  /** Seconds from the first input to the last output of a die, its inputs always ready and its outputs always taken. */
  readonly alone: (die: string) => number;
}

/** Deeper FIFOs must make the pass faster by this factor to be built. */
const worthwhile = 1.002;

/** A pass this near to the longest way through it has too little to gain from deeper FIFOs for the blocks that they cost. */
const NEAR_THE_BOUND = 1.02;

/** Times that FIFOs get room: who waits first hides who would wait next. */
const MOST_ROUNDS = 4;

/** Words of a FIFO that nobody has asked to be deeper. */
const SHALLOWEST = 2;

/** Room beyond the greatest number of words seen, for what the timeline does not see: see docs/limits.md. */
const margin = 2;

/** Runs a graph whose depths are settled; the estimator remembers what came of the same graph. */
export type RunOf = (graph: Graph) => FlowRun;

export function scheduleOf(
  accelerator: Accelerator,
  units: readonly Unit[],
  fifos: readonly Fifo[],
  pacing: Pacing,
  runOf: RunOf = (graph) => runGraph(graph, { grow: true }).run,
): Schedule {
  const clock = accelerator.clock.value;
  const asked = (fifo: Fifo, open: number): number => (fifo.asked === 'auto' ? open : fifo.asked);
  const shallow = graphOf(units, fifos, (fifo) => asked(fifo, SHALLOWEST), clock, pacing);
  const begin = (rooms: readonly number[]): RunningTimeline =>
    startGraph(
      withDepths(shallow, (i) => asked(fifos[i]!, rooms[i]!)),
      { grow: true },
    );
  const chosen = deepened(fifos.length, begin, nearTheBound(shallow, units));
  if (chosen.run.status === 'deadlock') {
    // As deep as the circle needs and no deeper: a FIFO that is too short must not make its neighbours look expensive.
    const open = { ...shallow, growable: shallow.fifoOf.map((fifo) => (fifo >= 0 ? 1 : 0)) };
    const mended = runGraph(open, { grow: true });
    const depths = fifos.map((fifo, i) => asked(fifo, built(mended.run, i)));
    const alone = dieAlone(units, fifos, depths, clock, pacing, runOf);
    return { graph: mended.graph, run: mended.run, depths, deadlocked: chosen, alone };
  }
  const depths = fifos.map((fifo, i) => asked(fifo, built(chosen.run, i)));
  const { end } = chosen.run;
  // One die alone is the whole pass.
  const alone = units.every(({ die }) => die === units[0]!.die)
    ? (die: string) => (die === units[0]?.die ? end / clock : 0)
    : dieAlone(units, fifos, depths, clock, pacing, runOf);
  return { graph: chosen.graph, run: chosen.run, depths, alone };
}

/**
 * The pass with FIFOs as shallow as can be (without bound only where nothing could go on otherwise), or with those deeper that
 * make it faster. A run is left as soon as it is sure to be too slow.
 *
 * @param near cycles up to which deeper FIFOs have too little to gain
 */
function deepened(fifos: number, begin: (rooms: readonly number[]) => RunningTimeline, near: number): Timeline {
  let rooms = Array.from({ length: fifos }, () => SHALLOWEST);
  const shallow = begin(rooms);
  let chosen = shallow.until(near);
  let seen = chosen ?? shallow.soFar();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (chosen && !(chosen.run.status === 'finished' && chosen.run.end > near)) break;
    // Room for a job of the reader where a FIFO holds its writer up: if that makes the pass faster, it is worth its blocks.
    const deeper = rooms.map((room, i) => Math.max(room, grown(seen, i) ? Number.POSITIVE_INFINITY : burstOf(seen, i)));
    if (deeper.every((room, i) => room === rooms[i])) break;
    rooms = deeper;
    const next = begin(rooms).until(chosen ? chosen.run.end / worthwhile : Number.POSITIVE_INFINITY);
    const end = next?.run.status === 'finished' ? next.run.end * worthwhile : Number.POSITIVE_INFINITY;
    // The shallow run that was left goes on as far as shows that the other one is faster.
    const before: Timeline | undefined = chosen ?? shallow.until(end);
    if (before && !(end < before.run.end)) return before;
    if (!next) break;
    chosen = next;
    seen = next;
  }
  return chosen ?? (shallow.until(Number.POSITIVE_INFINITY) as Timeline);
}

/** A little longer than the pass with FIFOs without bound. */
function nearTheBound(graph: Graph, units: readonly Unit[]): number {
  const bound = new Bound();
  bound.run([bound.unitsOf(units, graph)]);
  return NEAR_THE_BOUND * bound.end;
}

function grown({ run, graph }: Timeline, channel: number): boolean {
  return run.depths[channel] === Number.POSITIVE_INFINITY && graph.growable[channel]! > 0;
}

/** Depth that a channel of the run is built with. */
function built(run: FlowRun, channel: number): number {
  const depth = run.depths[channel]!;
  return Number.isFinite(depth) ? depth : finite(run.peaks[channel]! + margin);
}

function finite(depth: number): number {
  return Math.max(SHALLOWEST, Math.ceil(Number.isFinite(depth) ? depth : SHALLOWEST));
}

/** The words of one job of the reader, where the writer was held up by the channel; trained values can wait. */
function burstOf({ run, graph }: { run: FlowRun; graph: Graph }, channel: number): number {
  const waited = run.processes.some(({ waits }) =>
    waits.some((wait) => wait.channel === channel && wait.kind === 'room'),
  );
  if (!waited || graph.trained[channel]) return SHALLOWEST;
  let words = SHALLOWEST;
  for (const { transfers } of graph.processes) {
    for (const transfer of transfers) {
      if (transfer.channel === channel && transfer.direction === 'read') words = Math.max(words, transfer.words);
    }
  }
  return words;
}

/** Runs a die by itself when it is first asked for: an edit is seldom looked at that closely. */
function dieAlone(
  units: readonly Unit[],
  fifos: readonly Fifo[],
  depths: readonly number[],
  clock: number,
  pacing: Pacing,
  runOf: RunOf,
): Schedule['alone'] {
  const known = new Map<string, number>();
  return (die) => {
    const before = known.get(die);
    if (before !== undefined) return before;
    const own = units.filter((unit) => unit.die === die);
    const names = new Set(own.map(({ id }) => id));
    const inside: Fifo[] = [];
    const inner: number[] = [];
    fifos.forEach((fifo, i) => {
      if (!names.has(fifo.from.unit) || !names.has(fifo.to.unit)) return;
      inside.push(fifo);
      inner.push(depths[i]!);
    });
    const seconds = own.length > 0 ? runOf(graphOf(own, inside, (_, i) => inner[i]!, clock, pacing)).end / clock : 0;
    known.set(die, seconds);
    return seconds;
  };
}
