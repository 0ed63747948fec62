import type { RowElement, WordShape } from '../rows.ts';

export interface RopeParameters {
  readonly rows: number;
  readonly heads: number;
  readonly headDim: number;
  /** Its columns divide half a head. */
  readonly word: WordShape;
  readonly input: RowElement;
  readonly output: RowElement;
}
