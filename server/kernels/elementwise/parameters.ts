import type { RowElement, WordShape } from '../rows.ts';

export interface ElementwiseParameters {
  readonly rows: number;
  readonly columns: number;
  readonly word: WordShape;
  readonly input: RowElement;
  readonly output: RowElement;
}

export interface GeluParameters extends ElementwiseParameters {
  /** 'erf': x · Φ(x), as in BERT; 'tanh': the approximation that GPT-2 was trained with. Same cost, another table. */
  readonly form: 'erf' | 'tanh';
}
