/** When the units of a netlist are at work in the pass. */

import { overJobs } from '../flow/compile.ts';
import type { FlowRun } from '../flow/result.ts';
import type { Fifo, Unit } from '../netlist.ts';
import { readersIn } from './readers.ts';
import type { Graph, Timeline } from './timeline.ts';

/** From the first to the last cycle at work, seconds. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** A window, and the share of what moves in a pass that moves in it. */
export interface Turn extends Window {
  readonly share: number;
}

/** Of units, and of those that take in what they send. */
export interface Windows {
  /** From the beginning to the end of the pass. */
  readonly pass: Window;
  of(unit: Unit): Window | undefined;
  /** Of an array that takes turns, one each; otherwise one. */
  ofReaders(unit: Unit): readonly Turn[] | undefined;
}

export function windowsOf(
  units: readonly Unit[],
  fifos: readonly Fifo[],
  { graph, run }: Timeline,
  clock: number,
): Windows {
  const windows = units.map(() => ({ start: Number.POSITIVE_INFINITY, end: 0 }));
  graph.processes.forEach(({ unit }, p) => {
    const window = windows[unit]!;
    window.start = Math.min(window.start, run.processes[p]!.start / clock);
    window.end = Math.max(window.end, run.processes[p]!.end / clock);
  });
  const index = new Map(units.map((unit, i) => [unit.id, i]));
  const readersOf = readersIn(units, fifos, graph);
  return {
    pass: { start: 0, end: run.end / clock },
    of: (unit) => {
      const window = windows[index.get(unit.id) ?? -1];
      return window && Number.isFinite(window.start) ? window : undefined;
    },
    ofReaders: (unit) => {
      const readers = readersOf(index.get(unit.id) ?? -1);
      if (readers.length === 0) return undefined;
      const turns = readers.map((p): Window => {
        return { start: atWork(graph, run, p) / clock, end: run.processes[p]!.end / clock };
      });
      const hardware = new Set(readers.map((p) => graph.processes[p]!.hardware ?? p));
      if (hardware.size > 1 || turns.length === 1)
        return [
          whole({ start: Math.min(...turns.map(({ start }) => start)), end: Math.max(...turns.map(({ end }) => end)) }),
        ];
      const work = readers.map((p) =>
        overJobs<{ readonly active: number }>(graph.processes[p]!, ({ active }) => active),
      );
      const all = work.reduce((sum, cycles) => sum + cycles, 0);
      return turns.map((turn, i) => ({ ...turn, share: all > 0 ? work[i]! / all : 0 }));
    },
  };
}

/** Of all that moves in a pass. */
export function whole(window: Window): Turn {
  return { ...window, share: 1 };
}

/**
 * From when on a process takes what a loader sends at its full pace. One job reads its rows with the first tile of its columns, and
 * whatever it waits for them it waits there, with nearly all of the loader's words still to come.
 */
function atWork({ processes, trained }: Graph, run: FlowRun, p: number): number {
  const { start, waits } = run.processes[p]!;
  if (processes[p]!.jobs !== 1) return start;
  const rows = waits.reduce(
    (sum, { channel, kind, cycles }) => (kind === 'input' && !trained[channel] ? sum + cycles : sum),
    0,
  );
  return Math.max(start, rows);
}
