/** Attention head by head in plain arithmetic, for scores and context. */
import { type Matrix, product, slice, transposed } from './reference.ts';

export interface Heads {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** q · kᵀ of each head, side by side: [rows, heads · keys]. */
export function scoresReference(q: Matrix, k: Matrix, { heads, kvHeads, headDim }: Heads): Matrix {
  return sideBySide(heads, (head) => {
    const shared = Math.floor(head / (heads / kvHeads));
    return product(slice(q, head * headDim, headDim), transposed(slice(k, shared * headDim, headDim)));
  });
}

/** p · v of each head, side by side: [rows, heads · headDim]; p is [rows, heads · keys]. */
export function contextReference(p: Matrix, v: Matrix, { heads, kvHeads, headDim }: Heads): Matrix {
  return sideBySide(heads, (head) => {
    const shared = Math.floor(head / (heads / kvHeads));
    return product(slice(p, head * v.rows, v.rows), slice(v, shared * headDim, headDim));
  });
}

function sideBySide(count: number, part: (index: number) => Matrix): Matrix {
  const parts = Array.from({ length: count }, (_, index) => part(index));
  const { rows } = parts[0]!;
  const values: number[] = [];
  for (let r = 0; r < rows; r++)
    for (const { columns, values: own } of parts) values.push(...own.slice(r * columns, (r + 1) * columns));
  return { rows, columns: values.length / rows, values };
}
