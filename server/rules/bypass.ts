/** Whether a FIFO is the short way of two. */
import type { Fifo, Netlist } from '../estimate/netlist.ts';
import { enumeration } from '../format.ts';
import { quoted } from './words.ts';

/**
 * Kernels on the longer ways from a FIFO's writer to its reader, in dataflow order: what the FIFO is a bypass around.
 * Empty where it is the only way.
 */
export function aroundWhat({ fifos, units }: Netlist, bypass: Fifo): string[] {
  const [first, last] = [bypass.from.unit, bypass.to.unit];
  const reached = (start: string, next: (unit: string) => string[]): Set<string> => {
    const seen = new Set<string>();
    const open = [start];
    for (let unit = open.pop(); unit !== undefined; unit = open.pop()) {
      for (const other of next(unit)) {
        if (seen.has(other)) continue;
        seen.add(other);
        open.push(other);
      }
    }
    return seen;
  };
  const others = fifos.filter((fifo) => fifo !== bypass);
  // A fork hands the same words to both ways: it is where they part, not the kernel that wrote them.
  const behind = reached(first, (unit) => others.filter(({ from }) => from.unit === unit).map(({ to }) => to.unit));
  const before = reached(last, (unit) => others.filter(({ to }) => to.unit === unit).map(({ from }) => from.unit));
  const kernelOf = new Map(units.map(({ id, kernel }) => [id, kernel]));
  const ends = new Set([kernelOf.get(first), kernelOf.get(last)]);
  const between = units.filter(({ id, kernel }) => behind.has(id) && before.has(id) && !ends.has(kernel));
  return [...new Set(between.map(({ kernel }) => kernel))];
}

/** ' The FIFO is the bypass around ‘up’, ‘act’ and ‘down’ …', or nothing. */
export function bypassWords(netlist: Netlist, fifo: Fifo | undefined): string {
  const around = fifo ? aroundWhat(netlist, fifo) : [];
  if (around.length === 0) return '';
  return ` The FIFO is the bypass around ${enumeration(around.map((name) => quoted(name)))}, and too shallow for the rows that they have in flight.`;
}
