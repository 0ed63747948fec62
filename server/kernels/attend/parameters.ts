import type { ArrayShape } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import type { RowElement } from '../rows.ts';

export interface AttendParameters {
  readonly operator: 'scores' | 'context';
  readonly rows: number;
  readonly heads: number;
  /** Length of the dot products and columns of the result, of a head. */
  readonly reduction: number;
  readonly columns: number;
  readonly array: ArrayShape;
  readonly pack: number;
  readonly activations: ElementType;
  readonly output: RowElement;
}
