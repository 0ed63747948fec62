import type { ArrayShape, StorageKind } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import type { RowElement } from '../rows.ts';

export interface ContextParameters {
  /** Query rows of a pass, and rows of V that each of them weighs. */
  readonly rows: number;
  readonly keys: number;
  readonly heads: number;
  /** Fewer than `heads` where heads share V. */
  readonly kvHeads: number;
  readonly headDim: number;
  readonly array: ArrayShape;
  readonly pack: number;
  /** Tokens side by side in the words of v: rows of the array upstream. */
  readonly valueTokens: number;
  /** Of the probabilities and of V. */
  readonly activations: ElementType;
  readonly output: RowElement;
  readonly storage: Exclude<StorageKind, 'srl'>;
  /** V of the next pass is stored while this one is read. */
  readonly double: boolean;
}
