import type { RowElement, WordShape } from '../rows.ts';

export interface RmsnormParameters {
  readonly rows: number;
  /** Columns that a row has; a last word that is not full is masked. */
  readonly columns: number;
  readonly word: WordShape;
  /** Interval of the loop that sums: 1, 2 or 4; 4 is the plain carried sum. */
  readonly ii: number;
  readonly input: RowElement;
  readonly output: RowElement;
}
