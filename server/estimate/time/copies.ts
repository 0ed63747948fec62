/** Layers that are on the chip at once, one behind the other. */
import type { Accelerator } from '../../design/design.ts';
import { clean } from '../amounts.ts';
import type { FlowRun } from '../flow/result.ts';
import { rowsOf, type Unit } from '../netlist.ts';
import type { Graph } from './timeline.ts';

export function copiesOf({ copies }: Accelerator): number {
  return Math.max(1, Math.floor(clean(copies.value)) || 1);
}

/**
 * Cycles by which a copy ends after the one before it. It begins with the first row that this one gives; and from the last row
 * on, it takes as long as a pass goes on after its last row was read: most of a pass where K and V have to be complete, all
 * of it where a token is the only row. What stands outside of the repeated layer is no part of a copy.
 */
export function behindOf({ inputs, outputs }: Ends, units: readonly Unit[], graph: Graph, run: FlowRun): number {
  const loads = spansOf(units, graph, run, 'load', inputs);
  const stores = spansOf(units, graph, run, 'store', outputs);
  const ended = stores.length > 0 ? Math.max(...stores.map(({ end }) => end)) : run.end;
  const given = stores.length > 0 ? Math.min(...stores.map(({ start }) => start)) : run.end;
  const begun = loads.length > 0 ? Math.min(...loads.map(({ start }) => start)) : 0;
  // Of several readers the first: a residual that is read again later has its rows by then.
  const taken = loads.length > 0 ? Math.min(...loads.map(({ end }) => end)) : 0;
  return Math.min(run.end, Math.max(0, given - begun, ended - taken));
}

interface Ends {
  readonly inputs: readonly { readonly name: string }[];
  readonly outputs: readonly string[];
}

/** From the first to the last cycle of the units that move rows of these tensors; of all of their role where there is none. */
function spansOf(
  units: readonly Unit[],
  { processes }: Graph,
  run: FlowRun,
  role: 'load' | 'store',
  tensors: readonly (string | { readonly name: string })[],
): readonly { readonly start: number; readonly end: number }[] {
  const contents = new Set(tensors.map((tensor) => rowsOf(typeof tensor === 'string' ? tensor : tensor.name)));
  const all = units.map((unit, u) => ({ unit, u })).filter(({ unit }) => unit.role === role);
  const own = all.filter(({ unit }) => unit.instance.memories.some(({ content }) => contents.has(content)));
  return (own.length > 0 ? own : all).map(({ u }) => {
    const runs = run.processes.filter((_, p) => processes[p]!.unit === u);
    return { start: Math.min(...runs.map(({ start }) => start)), end: Math.max(0, ...runs.map(({ end }) => end)) };
  });
}
