/** What a kernel waits for: the lost cycles of the process that sets its pace, traced to whom it lost them. */

import { type Grouped, grouped } from '../../grouped.ts';
import type { Wait } from '../estimate.ts';
import { overJobs } from '../flow/compile.ts';
import type { FlowRun } from '../flow/result.ts';
import { type Fifo, isLoader, type Unit } from '../netlist.ts';
import { channelName } from './channels.ts';
import type { Graph } from './timeline.ts';

/** Shorter waits than this share of the pass are not worth a line. */
const notable = 0.001;

export class Waits {
  private readonly units: readonly Unit[];
  private readonly fifos: readonly Fifo[];
  private readonly graph: Graph;
  private readonly run: FlowRun;
  private readonly place: ReadonlyMap<string, Unit>;
  private readonly into: Grouped<string, Fifo>;
  /** Processes by their unit, and the one of each kernel that sets its pace. */
  private readonly processesOf: Grouped<Unit, number>;
  private readonly pace: ReadonlyMap<string, number>;

  constructor(units: readonly Unit[], fifos: readonly Fifo[], graph: Graph, run: FlowRun) {
    this.units = units;
    this.fifos = fifos;
    this.graph = graph;
    this.run = run;
    this.place = new Map(units.map((unit) => [unit.id, unit]));
    this.into = grouped(fifos, ({ to }) => to.unit);
    this.processesOf = grouped(graph.processes.keys(), (p) => units[graph.processes[p]!.unit]);
    this.pace = paceSetters(units, graph);
  }

  of(kernel: string): Wait[] {
    const { units, fifos, graph, run } = this;
    const pace = this.pace.get(kernel);
    if (pace === undefined || !(run.end > 0)) return [];
    const lost = new Map<string, Wait>();
    const lose = (on: string, kind: Wait['kind'], cycles: number): void => {
      const key = `${kind} ${on}`;
      lost.set(key, { on, kind, share: (lost.get(key)?.share ?? 0) + cycles / run.end });
    };
    const own = run.processes[pace]!;
    const unit = units[graph.processes[pace]!.unit]!;
    for (const { channel, kind, cycles } of own.waits) {
      // Waiting for the other half of the same unit is waiting for what that half waits for.
      const outer = graph.fifoOf[channel]! >= 0 ? channel : this.outerWait(unit, kind);
      const fifo = outer === undefined ? undefined : fifos[graph.fifoOf[outer]!];
      if (!fifo) continue;
      if (kind === 'room') lose(fifo.id, 'room', cycles);
      else {
        const source = this.sourceOf(fifo, unit.kernel);
        const memory = source && isLoader(source) ? Object.values(source.channels).flat()[0] : undefined;
        const kept = source && memory ? this.keptFor(source, cycles) : undefined;
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
      lose(this.behindBarrier(pace, unit.kernel) ?? unit.kernel, 'barrier', own.barrier);
    return [...lost.values()].filter(({ share }) => share >= notable).sort((a, b) => b.share - a.share);
  }

  /** Who fills what a process has to have whole before it begins. */
  private behindBarrier(p: number, waiting: string): string | undefined {
    const { processes, fifoOf } = this.graph;
    const before = processes[processes[p]!.after ?? -1]?.transfers.find(({ direction }) => direction === 'read');
    const fifo = before && this.fifos[fifoOf[before.channel]!];
    return fifo && this.sourceOf(fifo, waiting)?.kernel;
  }

  /** Who writes what a loader reads back, where that is what most of the wait is for. */
  private keptFor(loader: Unit, cycles: number): string | undefined {
    const p = this.processesOf.of(loader).find((one) => 2 * (this.run.processes[one]?.barrier ?? 0) >= cycles);
    return p === undefined ? undefined : this.behindBarrier(p, loader.kernel);
  }

  private outerWait(unit: Unit, kind: 'input' | 'room'): number | undefined {
    let longest = 0;
    let found: number | undefined;
    for (const p of this.processesOf.of(unit))
      for (const wait of this.run.processes[p]!.waits) {
        if (wait.kind !== kind || this.graph.fifoOf[wait.channel]! < 0 || wait.cycles <= longest) continue;
        longest = wait.cycles;
        found = wait.channel;
      }
    return found;
  }

  /** Who fills the FIFO, past forks and converters that belong to the waiting kernel itself. */
  private sourceOf(fifo: Fifo, kernel: string): Unit | undefined {
    let unit = this.place.get(fifo.from.unit);
    for (let hops = 0; unit && hops < 8; hops++) {
      if (unit.role === 'operator' || isLoader(unit) || (unit.kernel !== kernel && unit.role !== 'fork')) return unit;
      const before = this.into.of(unit.id)[0];
      if (!before) return unit;
      unit = this.place.get(before.from.unit);
    }
    return unit;
  }
}

/** The process with most work among the operator units of each kernel. */
function paceSetters(units: readonly Unit[], graph: Graph): ReadonlyMap<string, number> {
  const best = new Map<string, { readonly p: number; readonly work: number }>();
  graph.processes.forEach((process, p) => {
    const { kernel, role } = units[process.unit]!;
    const work = overJobs<{ readonly active: number }>(process, ({ active }) => active);
    if (role === 'operator' && work > (best.get(kernel)?.work ?? -1)) best.set(kernel, { p, work });
  });
  return new Map([...best].map(([kernel, { p }]) => [kernel, p]));
}
