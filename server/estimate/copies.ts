/** Layers that are on the chip at once, one behind the other. */
import type { Accelerator } from '../design/design.ts';
import { clean } from './amounts.ts';
import type { FlowRun } from './flow-result.ts';
import type { Unit } from './netlist.ts';
import type { Graph } from './timeline.ts';

export function copiesOf({ copies }: Accelerator): number {
  return Math.max(1, Math.floor(clean(copies.value)) || 1);
}

/**
 * Cycles by which a copy ends after the one before it. It begins with the first row that this one gives; and from the last row
 * on, it takes as long as a pass goes on after its last row was read: most of a pass where K and V have to be complete, all
 * of it where a token is the only row.
 */
export function behindOf(units: readonly Unit[], { processes }: Graph, run: FlowRun): number {
  let given = Number.POSITIVE_INFINITY;
  const taken = new Map<number, number>();
  processes.forEach(({ unit }, p) => {
    const { start, end } = run.processes[p]!;
    if (units[unit]!.role === 'store') given = Math.min(given, start);
    if (units[unit]!.role === 'load') taken.set(unit, Math.max(taken.get(unit) ?? 0, end));
  });
  // Of several readers the first: a residual that is read again later has its rows by then.
  const last = taken.size > 0 ? Math.min(...taken.values()) : 0;
  return Math.min(run.end, Math.max(clean(given), run.end - last));
}
