import type { RowElement, WordShape } from '../rows.ts';

export interface CombineParameters {
  readonly rows: number;
  readonly columns: number;
  readonly word: WordShape;
  /** Type of each side. */
  readonly a: RowElement;
  readonly b: RowElement;
  readonly output: RowElement;
}
