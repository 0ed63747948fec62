/** Why a kernel waits: whom it waits for longest, whom that one waits for, and so on to who waits for nobody. */
import type { KernelEstimate, Wait, WaitStep } from './estimate.ts';
import type { Fifo, Unit } from './netlist.ts';

/** Shorter waits than this share of the pass are nobody's cause. */
const notable = 0.005;

/** Steps from the kernel to the root: a memory channel, or a kernel that works while the others wait. */
export function waitChain(
  kernel: KernelEstimate,
  kernels: ReadonlyMap<string, KernelEstimate>,
  units: readonly Unit[],
  fifos: readonly Fifo[],
): WaitStep[] {
  const chain: WaitStep[] = [];
  const seen = new Set<string>();
  for (let at: KernelEstimate | undefined = kernel; at && !seen.has(at.name); ) {
    seen.add(at.name);
    const longest: Wait | undefined = at.waits[0];
    if (!longest || longest.share < notable) break;
    // It works more than it waits: the others wait for its work.
    if (chain.length > 0 && at.busy >= longest.share) break;
    const { kind, share }: Wait = longest;
    const on: string | undefined = kind === 'room' ? readerOf(longest.on, at.name, units, fifos) : longest.on;
    if (on === undefined || seen.has(on)) break;
    chain.push({ kernel: at.name, on, kind, share, ...(kind === 'room' ? { fifo: longest.on } : {}) });
    at = kind === 'memory' ? undefined : kernels.get(on);
  }
  return chain;
}

/** The kernel that does not empty a FIFO, past forks and converters of the one that fills it. */
function readerOf(id: string, writer: string, units: readonly Unit[], fifos: readonly Fifo[]): string | undefined {
  const kernelOf = new Map(units.map((unit) => [unit.id, unit.kernel]));
  const open = fifos.filter((fifo) => fifo.id === id).map(({ to }) => to.unit);
  for (let i = 0; i < open.length && i < 16; i++) {
    const kernel = kernelOf.get(open[i]!);
    if (kernel !== writer) return kernel;
    open.push(...fifos.filter(({ from }) => from.unit === open[i]).map(({ to }) => to.unit));
  }
  return undefined;
}
