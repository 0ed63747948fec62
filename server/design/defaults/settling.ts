/** What `auto` values are settled from, and how: what is asked stays, the rest is a default. */

import type { Kernel, Reserve, Setting } from '../design.ts';
import type { Device } from '../hardware.ts';
import type { Given } from '../mapping/clauses.ts';
import type { Phase, Precision } from '../workload.ts';

/** What defaults are made from. `drafts` come in dataflow order. */
export interface Surroundings {
  readonly device: Device;
  readonly clock: Setting<number>;
  readonly precision: Precision;
  readonly phase: Phase;
  readonly reserves: readonly Reserve[];
  /** Passes through the repeated layer: each has its own weights, and its own K and V of the past. */
  readonly repeat: number;
  /** Token passes behind this one, one by one on the same hardware. */
  readonly tokensBehind: number;
  /** Channels of the first memory that streams use: rows, not weights. */
  readonly rowChannels: readonly number[];
  /** Kernels of the parts of the work that come before: a kernel of the same name is the same hardware. */
  readonly built: ReadonlyMap<string, Kernel>;
}

export const auto = <T>(value: T, given?: Given<unknown>): Setting<T> =>
  given ? { value, origin: 'auto', span: given.span } : { value, origin: 'auto' };

/** What is asked, or the default. */
export function settle<T>(given: Given<T> | undefined, fallback: () => T): Setting<T> {
  return given?.value === undefined
    ? auto(fallback(), given)
    : { value: given.value, origin: given.origin, span: given.span };
}

/** What units without an array keep up with: cycles of the slowest array, and the tokens side by side in its words. */
export interface Pace {
  readonly cycles: number;
  readonly tokens: number;
  /** Most lanes that there is room for. */
  readonly lanes: number;
}

export type Built = Required<Pick<Kernel, 'array' | 'pack' | 'replicate'>> & Pick<Kernel, 'sides'>;
