/** What a kernel waits for: the lost cycles of the process that sets its pace, traced to whom it lost them. */

import { channelName } from './channels.ts';
import type { Wait } from './estimate.ts';
import type { FlowRun } from './flow-result.ts';
import { type Fifo, isLoader, type Unit } from './netlist.ts';
import type { Graph } from './timeline.ts';

/** Shorter waits than this share of the pass are not worth a line. */
const notable = 0.001;

export function waitsOf(
  kernel: string,
  units: readonly Unit[],
  fifos: readonly Fifo[],
  graph: Graph,
  run: FlowRun,
): Wait[] {
  const pace = paceSetter(kernel, units, graph);
  if (pace < 0 || !(run.end > 0)) return [];
  const lost = new Map<string, Wait>();
  const lose = (on: string, kind: Wait['kind'], cycles: number): void => {
    const key = `${kind} ${on}`;
    lost.set(key, { on, kind, share: (lost.get(key)?.share ?? 0) + cycles / run.end });
  };
  /** Who fills what a process has to have whole before it begins. */
  const behindBarrier = (p: number, waiting: string): string | undefined => {
    const { after } = graph.processes[p]!;
    const before = graph.processes[after ?? -1]?.transfers.find(({ direction }) => direction === 'read');
    const fifo = before && fifos[graph.fifoOf[before.channel]!];
    return fifo && sourceOf(fifo, waiting, place, fifos)?.kernel;
  };
  /** Who writes what a loader reads back, where that is what most of the wait is for. */
  const keptFor = (loader: Unit, cycles: number): string | undefined => {
    const p = graph.processes.findIndex(
      ({ unit: u }, i) => units[u] === loader && 2 * (run.processes[i]?.barrier ?? 0) >= cycles,
    );
    return p < 0 ? undefined : behindBarrier(p, loader.kernel);
  };
  const own = run.processes[pace]!;
  const unit = units[graph.processes[pace]!.unit]!;
  const place = new Map(units.map((other) => [other.id, other]));
  for (const { channel, kind, cycles } of own.waits) {
    // Waiting for the other half of the same unit is waiting for what that half waits for.
    const outer = graph.fifoOf[channel]! >= 0 ? channel : outerWait(graph.processes[pace]!.unit, kind, graph, run);
    const fifo = outer === undefined ? undefined : fifos[graph.fifoOf[outer]!];
    if (!fifo) continue;
    if (kind === 'room') lose(fifo.id, 'room', cycles);
    else {
      const source = sourceOf(fifo, unit.kernel, place, fifos);
      const memory = source && isLoader(source) ? Object.values(source.channels).flat()[0] : undefined;
      const kept = source && memory ? keptFor(source, cycles) : undefined;
      // A memory that has nothing to give yet is not slow: what is to be read is not written.
      if (kept) lose(kept, 'barrier', cycles);
      else if (memory) lose(channelName(memory), 'memory', cycles);
      else if (source) lose(source.kernel, 'input', cycles);
    }
  }
  if (own.slowed > 0) {
    const memory = Object.values(unit.channels).flat()[0];
    if (memory) lose(channelName(memory), 'memory', own.slowed);
  }
  // Turns on one piece of hardware are no wait: it is at work all the while.
  if (own.barrier > 0 && graph.processes[pace]!.hardware === undefined)
    lose(behindBarrier(pace, unit.kernel) ?? unit.kernel, 'barrier', own.barrier);
  return [...lost.values()].filter(({ share }) => share >= notable).sort((a, b) => b.share - a.share);
}

/** The process with most work among the operator units of a kernel. */
function paceSetter(kernel: string, units: readonly Unit[], graph: Graph): number {
  let most = -1;
  let best = -1;
  graph.processes.forEach(({ unit, jobs, active }, p) => {
    const { kernel: name, role } = units[unit]!;
    if (name !== kernel || role !== 'operator' || jobs * active <= most) return;
    most = jobs * active;
    best = p;
  });
  return best;
}

function outerWait(unit: number, kind: 'input' | 'room', graph: Graph, run: FlowRun): number | undefined {
  let longest = 0;
  let found: number | undefined;
  graph.processes.forEach((process, p) => {
    if (process.unit !== unit) return;
    for (const wait of run.processes[p]!.waits) {
      if (wait.kind !== kind || graph.fifoOf[wait.channel]! < 0 || wait.cycles <= longest) continue;
      longest = wait.cycles;
      found = wait.channel;
    }
  });
  return found;
}

/** Who fills the FIFO, past forks and converters that belong to the waiting kernel itself. */
function sourceOf(
  fifo: Fifo,
  kernel: string,
  place: ReadonlyMap<string, Unit>,
  fifos: readonly Fifo[],
): Unit | undefined {
  let unit = place.get(fifo.from.unit);
  for (let hops = 0; unit && hops < 8; hops++) {
    if (unit.role === 'operator' || isLoader(unit) || (unit.kernel !== kernel && unit.role !== 'fork')) return unit;
    const before = fifos.find(({ to }) => to.unit === unit!.id);
    if (!before) return unit;
    unit = place.get(before.from.unit);
  }
  return unit;
}
