import type { WindowParameters } from '../common/window.ts';
import type { RowElement } from '../rows.ts';

export interface PoolParameters extends WindowParameters {
  readonly kind: 'greatest' | 'mean';
  /** The greatest is int8, in the steps of what comes in. */
  readonly output: RowElement;
}
