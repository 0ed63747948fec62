/** What stands together in one top of the exported hardware, and the order in which data passes the tops. */
import { grouped } from '../grouped.ts';
import type { AcceleratorEstimate } from './estimate.ts';

/** What stands in one top: a die; an array that takes turns, with its loaders, is a top of its own. */
export function placesOf(estimate: AcceleratorEstimate): ReadonlyMap<string, string> {
  const { units, fifos } = estimate.netlist;
  const own = new Set(units.filter(({ turns }) => turns).map(({ id }) => id));
  const loads = new Set(units.filter(({ role }) => role === 'weights' || role === 'join').map(({ id }) => id));
  const into = grouped(fifos, ({ to }) => to.unit);
  // Words of several ports, side by side, are too wide to go from one top to another.
  for (const unit of own) for (const { from } of into.of(unit)) if (loads.has(from.unit)) own.add(from.unit);
  return new Map(units.map(({ id, die, kernel }) => [id, own.has(id) ? `${die} ${kernel}` : die]));
}

/** Whether data comes back to a top that it has left: only kernels side by side can do that, never one after the other. */
export function isCircular({ netlist }: AcceleratorEstimate): boolean {
  return netlist.units.some(({ turns }) => turns);
}

/**
 * Dies, and arrays that take turns, in an order in which every stream goes forward. Where an array takes turns there is none,
 * and any order will do, since such tops run side by side; undefined where two dies feed each other.
 */
export function dieOrder(estimate: AcceleratorEstimate): string[] | undefined {
  const dieOf = placesOf(estimate);
  let left = [...new Set(dieOf.values())];
  if (isCircular(estimate)) return left;
  const order: string[] = [];
  while (left.length > 0) {
    const isFed = (die: string) =>
      estimate.fifos.some(({ fifo }) => {
        const from = dieOf.get(fifo.from.unit)!;
        return from !== die && left.includes(from) && dieOf.get(fifo.to.unit) === die;
      });
    const next = left.find((die) => !isFed(die));
    if (next === undefined) return undefined;
    order.push(next);
    left = left.filter((die) => die !== next);
  }
  return order;
}
