import type { ElementType } from '../../design/workload.ts';
import type { RowTensor } from '../rows.ts';

export interface ForkParameters extends RowTensor {
  readonly element: ElementType;
  /** Consumers: ports out0, out1 … */
  readonly copies: number;
}
