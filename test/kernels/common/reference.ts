/** Plain arithmetic that the kernels are compared with, and the order of words on a stream, both written without them. */

/** rows × columns, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: readonly number[];
}

/** A generator of its own, so that every run and every machine tests the same numbers (mulberry32). */
export function seeded(seed: number): (from: number, to: number) => number {
  let state = seed >>> 0;
  return (from, to) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return from + (((mixed ^ (mixed >>> 14)) >>> 0) % (to - from + 1));
  };
}

/** All values of a signed type of so many bits turn up, its extremes often. */
export function randomMatrix(rows: number, columns: number, bits: number, random: ReturnType<typeof seeded>): Matrix {
  const least = -(2 ** (bits - 1));
  const values = Array.from({ length: rows * columns }, () =>
    random(0, 9) === 0 ? (random(0, 1) === 0 ? least : -least - 1) : random(least, -least - 1),
  );
  return { rows, columns, values };
}

/** Sum over k of left[r][k] · right[k][c]. */
export function product(left: Matrix, right: Matrix): Matrix {
  const values: number[] = [];
  for (let r = 0; r < left.rows; r++)
    for (let c = 0; c < right.columns; c++) {
      let sum = 0;
      for (let k = 0; k < left.columns; k++)
        sum += left.values[r * left.columns + k]! * right.values[k * right.columns + c]!;
      values.push(sum);
    }
  return { rows: left.rows, columns: right.columns, values };
}

export function transposed(matrix: Matrix): Matrix {
  const { rows, columns, values } = matrix;
  return {
    rows: columns,
    columns: rows,
    values: Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!),
  };
}

/** Columns from … from + count. */
export function slice(matrix: Matrix, from: number, count: number): Matrix {
  const values: number[] = [];
  for (let r = 0; r < matrix.rows; r++)
    for (let c = 0; c < count; c++) values.push(matrix.values[r * matrix.columns + from + c]!);
  return { rows: matrix.rows, columns: count, values };
}

/** To the nearest integer, ties to the even one, within the range of int8. */
export function toInt8(value: number): number {
  const below = Math.floor(value);
  const above = below + 1;
  const nearest =
    value - below === above - value ? (below % 2 === 0 ? below : above) : value - below < above - value ? below : above;
  return Math.min(127, Math.max(-128, nearest)) + 0; // -0 + 0 is 0
}

/** Values in stream order: block of rows, column group, column of the group, row of the block. Padding gets `padding`. */
export function streamOrder(matrix: Matrix, tokens: number, group: number, padding: () => number = () => 0): number[] {
  const order: number[] = [];
  for (let block = 0; block < matrix.rows; block += tokens)
    for (let first = 0; first < matrix.columns; first += group)
      for (let c = first; c < first + group; c++)
        for (let r = block; r < block + tokens; r++)
          order.push(r < matrix.rows && c < matrix.columns ? matrix.values[r * matrix.columns + c]! : padding());
  return order;
}

/** The matrix back from a stream of one column a word; rows that pad the last block are left out. */
export function fromStream(values: readonly number[], rows: number, columns: number, tokens: number): Matrix {
  const result = new Array<number>(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      result[r * columns + c] = values[(Math.floor(r / tokens) * columns + c) * tokens + (r % tokens)]!;
  return { rows, columns, values: result };
}
