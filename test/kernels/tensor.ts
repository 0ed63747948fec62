/** Tensors in stream order: what a test feeds to a kernel and reads back, as rows and columns. */
import type { WordShape } from '../../server/kernels/rows.ts';
import type { Elements } from './row-bench.ts';

export interface Layout {
  readonly rows: number;
  /** Parts of a row that begin with a word of their own. */
  readonly heads?: number;
  /** Columns of a part. */
  readonly columns: number;
  readonly word: WordShape;
}

export function elementsOf({ rows, heads = 1, columns, word }: Layout): number {
  const blocks = Math.ceil(rows / word.tokens);
  return blocks * heads * Math.ceil(columns / word.columns) * word.tokens * word.columns;
}

/** Position in stream order of every element, padding included: row and column may lie outside the tensor. */
export function* positions({ rows, heads = 1, columns, word }: Layout) {
  const { tokens, columns: wide } = word;
  let index = 0;
  for (let block = 0; block < Math.ceil(rows / tokens); block++)
    for (let head = 0; head < heads; head++)
      for (let w = 0; w < Math.ceil(columns / wide); w++)
        for (let c = 0; c < wide; c++)
          for (let t = 0; t < tokens; t++) {
            const row = block * tokens + t;
            const column = w * wide + c;
            yield { index: index++, row, head, column, real: row < rows && column < columns };
          }
}

/** The stream of a tensor given by its values; padding is 0. */
export function streamOf<T extends Elements>(
  layout: Layout,
  empty: (length: number) => T,
  value: (row: number, head: number, column: number) => number,
): T {
  const elements = empty(elementsOf(layout));
  for (const { index, row, head, column, real } of positions(layout))
    elements[index] = real ? value(row, head, column) : 0;
  return elements;
}

/** Value of an element of a tensor that is held as a stream. */
export function reader(layout: Layout, elements: Elements): (row: number, head: number, column: number) => number {
  const { heads = 1, columns, word } = layout;
  const words = Math.ceil(columns / word.columns);
  return (row, head, column) => {
    const block = Math.floor(row / word.tokens);
    const at = (block * heads + head) * words + Math.floor(column / word.columns);
    return elements[(at * word.columns + (column % word.columns)) * word.tokens + (row % word.tokens)]!;
  };
}

export const floats = (length: number) => new Float32Array(length);
export const bytes = (length: number) => new Int8Array(length);
