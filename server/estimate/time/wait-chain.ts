/** Why a kernel waits: whom it waits for longest, whom that one waits for, and so on to who waits for nobody. */
import { type Grouped, grouped } from '../../grouped.ts';
import type { KernelEstimate, Wait, WaitStep } from '../estimate.ts';
import type { Fifo, Unit } from '../netlist.ts';

/** Shorter waits than this share of the pass are nobody's cause. */
const notable = 0.005;

/** A longer chain tells a person no more, and that of each of a thousand kernels in a row would be as long as the row. */
const mostSteps = 64;

export class WaitChains {
  private readonly kernels: ReadonlyMap<string, KernelEstimate>;
  private readonly kernelOf: ReadonlyMap<string, string>;
  private readonly named: Grouped<string, Fifo>;
  private readonly leaving: Grouped<string, Fifo>;

  constructor(kernels: ReadonlyMap<string, KernelEstimate>, units: readonly Unit[], fifos: readonly Fifo[]) {
    this.kernels = kernels;
    this.kernelOf = new Map(units.map((unit) => [unit.id, unit.kernel]));
    this.named = grouped(fifos, ({ id }) => id);
    this.leaving = grouped(fifos, ({ from }) => from.unit);
  }

  /** Steps from the kernel to the root: a memory channel, or a kernel that works while the others wait. */
  of(kernel: KernelEstimate): WaitStep[] {
    const chain: WaitStep[] = [];
    const seen = new Set<string>();
    for (let at: KernelEstimate | undefined = kernel; at && !seen.has(at.name) && chain.length < mostSteps; ) {
      seen.add(at.name);
      const longest: Wait | undefined = at.waits[0];
      if (!longest || longest.share < notable) break;
      // It works more than it waits: the others wait for its work.
      if (chain.length > 0 && at.busy >= longest.share) break;
      const { kind, share }: Wait = longest;
      const on: string | undefined = kind === 'room' ? this.readerOf(longest.on, at.name) : longest.on;
      if (on === undefined || seen.has(on)) break;
      chain.push({ kernel: at.name, on, kind, share, ...(kind === 'room' ? { fifo: longest.on } : {}) });
      at = kind === 'memory' ? undefined : this.kernels.get(on);
    }
    return chain;
  }

  /** The kernel that does not empty a FIFO, past forks and converters of the one that fills it. */
  private readerOf(id: string, writer: string): string | undefined {
    const open = this.named.of(id).map(({ to }) => to.unit);
    for (let i = 0; i < open.length && i < 16; i++) {
      const kernel = this.kernelOf.get(open[i]!);
      if (kernel !== writer) return kernel;
      open.push(...this.leaving.of(open[i]!).map(({ to }) => to.unit));
    }
    return undefined;
  }
}
