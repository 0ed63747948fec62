import type { ElementType } from '../../design/workload.ts';
import type { WordShape } from '../rows.ts';

export interface ConvertParameters {
  readonly rows: number;
  /** Parts of a row that begin with a word of their own: heads of a stream of scores, else 1. */
  readonly heads: number;
  /** Columns of a head. */
  readonly columns: number;
  readonly element: ElementType;
  readonly from: WordShape;
  readonly to: WordShape;
}
