import type { ArrayShape } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import type { RowElement } from '../rows.ts';

export interface AttentionParameters {
  /** Query rows of a pass, and keys that each of them meets. */
  readonly rows: number;
  readonly keys: number;
  readonly heads: number;
  readonly headDim: number;
  /** Keys of a tile. */
  readonly tile: number;
  /** Of either of the two products. */
  readonly array: ArrayShape;
  readonly pack: number;
  /** Row r sees keys 0 … r. */
  readonly causal: boolean;
  readonly activations: ElementType;
  readonly output: RowElement;
}
