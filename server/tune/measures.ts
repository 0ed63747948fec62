/** Measures of kernels that stand alone, by all that they depend on: of one search, or of several threads' shares of it. */
import type { Measured } from './measure.ts';

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
