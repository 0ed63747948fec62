import type { RowElement, WordShape } from '../rows.ts';

export interface SoftmaxParameters {
  /** Query rows of a pass. */
  readonly rows: number;
  readonly heads: number;
  /** Columns of a head's row; a last word that is not full is masked. */
  readonly keys: number;
  readonly word: WordShape;
  /** Interval of the loop of exponentials: 1, 2 or 4; 4 is the plain carried sum. */
  readonly ii: number;
  /** Row r sees keys 0 … past + r; absent: all keys. `growing`: the host says how many are past, at most that many. */
  readonly causal?: { readonly past: number; readonly growing?: boolean };
  /** Integers: p times their greatest, 127 of int8, rounded half to even (scale 1/127). The input is fp32. */
  readonly output: RowElement;
}
