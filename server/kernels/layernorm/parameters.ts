import type { RowElement, WordShape } from '../rows.ts';

export interface LayernormParameters {
  readonly rows: number;
  /** Columns that a row has; a last word that is not full is masked. */
  readonly columns: number;
  readonly word: WordShape;
  /** Interval of the loops that sum: 1, 2 or 4; 4 is the plain carried sum. */
  readonly ii: number;
  readonly input: RowElement;
  /** One stream each, 'out' and 'out2': the same values in one or two types. */
  readonly outputs: readonly [RowElement] | readonly [RowElement, RowElement];
}
