import type { ArrayShape } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import type { RowElement } from '../rows.ts';

/** What the epilogue computes behind the bias, in fp32. */
export type Activation = 'none' | 'relu' | 'gelu_erf' | 'gelu_tanh' | 'silu';

export interface LinearParameters {
  /** Rows (tokens) of a pass, length of the dot product, columns of the result. */
  readonly rows: number;
  readonly reduction: number;
  readonly columns: number;
  readonly array: ArrayShape;
  /** Weights of a column that share a scale; all of them unless said. Groups are grouped_linear.h's. */
  readonly group?: number;
  /** Rows that a tile of weights is kept for, a multiple of the array's; those of the array unless said: tiled_linear.h, without groups. */
  readonly tile?: number;
  /** Products that one DSP block gives. */
  readonly pack: number;
  /** Of the input: int8 or int16. */
  readonly activations: ElementType;
  /** int2, int4, int8 or int16. */
  readonly weights: ElementType;
  readonly output: RowElement;
  readonly activation: Activation;
}
