import type { WindowParameters } from '../common/window.ts';
import type { RowElement } from '../rows.ts';

export interface PoolParameters extends WindowParameters {
  readonly kind: 'greatest' | 'mean';
  /** Integers. */
  readonly input: RowElement;
  /** The greatest has the type and the steps of what comes in. */
  readonly output: RowElement;
}
