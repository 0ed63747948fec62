import type { ArrayShape, StorageKind } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import type { RowElement } from '../rows.ts';

export interface ScoresParameters {
  /** Query rows of a pass, and rows of K that each of them meets (of this pass and of the past). */
  readonly rows: number;
  readonly keys: number;
  readonly heads: number;
  /** Fewer than `heads` where heads share K. */
  readonly kvHeads: number;
  readonly headDim: number;
  readonly array: ArrayShape;
  readonly pack: number;
  /** Tokens side by side in the words of k: rows of the array upstream. */
  readonly keyTokens: number;
  readonly activations: ElementType;
  readonly output: RowElement;
  readonly storage: Exclude<StorageKind, 'srl'>;
  /** K of the next pass is stored while this one is read. */
  readonly double: boolean;
}
