import type { ArrayShape } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import type { Activation } from '../linear/parameters.ts';
import type { RowElement } from '../rows.ts';

/** One of the products that take turns. */
export interface Product {
  /** Names its ports: 'q'. */
  readonly name: string;
  readonly reduction: number;
  readonly columns: number;
  readonly activation: Activation;
  readonly output: RowElement;
}

export interface OverlayParameters {
  /** Rows of a pass: the same of all products. */
  readonly rows: number;
  readonly array: ArrayShape;
  readonly pack: number;
  readonly activations: ElementType;
  readonly weights: ElementType;
  /** In the order of their turns. */
  readonly products: readonly Product[];
}
