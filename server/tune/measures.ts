/** Measures of kernels that stand alone, by all that they depend on: of one search, or of several threads' shares of it. */

export interface Measured {
  /** 'q.out': ports of other kernels' operators that it reads, and its own that others may read. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** `Bound.through` of these: a row for each event of each output and for the end, in cycles. */
  readonly delays: readonly (readonly number[])[];
  /** Cycles in which it fills memories on the chip through the channel where all such weights lie. */
  readonly fills: number;
  /** Of each of `RESOURCES`, and ports of each of `Measure.memories`. */
  readonly use: readonly number[];
  /** The library does not build it. */
  readonly refused: boolean;
}

/** A measure with what it is of, as it goes from thread to thread. */
export type Entry = readonly [likeness: string, option: string, measured: Measured];

export class Measures {
  private readonly known = new Map<string, Map<string, Measured>>();

  get(likeness: string, option: string, make: () => Measured): Measured {
    const alike = this.alike(likeness);
    const found = alike.get(option) ?? make();
    alike.set(option, found);
    return found;
  }

  entries(): Entry[] {
    return [...this.known].flatMap(([likeness, alike]) =>
      [...alike].map(([option, measured]): Entry => [likeness, option, measured]),
    );
  }

  add(entries: readonly Entry[]): void {
    for (const [likeness, option, measured] of entries) this.alike(likeness).set(option, measured);
  }

  private alike(likeness: string): Map<string, Measured> {
    const found = this.known.get(likeness) ?? new Map<string, Measured>();
    this.known.set(likeness, found);
    return found;
  }
}
