/** The share of one of several ports in a matrix of weights, as host/quantise.h has it (share). */
import type { QuantisedMatrix } from './quantise.ts';

/** A port has `lanes` columns of each tile of `tile`, from `first` on. */
export interface Share {
  readonly tile: number;
  readonly lanes: number;
  readonly first: number;
}

/** Columns that pad a tile are zero. */
export function shareOfColumns(
  matrix: QuantisedMatrix,
  bias: Float32Array,
  { tile, lanes, first }: Share,
): { readonly matrix: QuantisedMatrix; readonly bias: Float32Array } {
  const { reduction } = matrix;
  const columns = Math.ceil(matrix.columns / tile) * lanes;
  const integers =
    matrix.integers instanceof Int16Array ? new Int16Array(reduction * columns) : new Int32Array(reduction * columns);
  const [steps, biases] = [new Float32Array(columns).fill(1), new Float32Array(columns)];
  for (let n = 0; n < columns; n++) {
    const from = Math.floor(n / lanes) * tile + first + (n % lanes);
    if (from >= matrix.columns) continue;
    integers.set(matrix.integers.subarray(from * reduction, (from + 1) * reduction), n * reduction);
    steps[n] = matrix.steps[from]!;
    biases[n] = bias[from]!;
  }
  return { matrix: { ...matrix, columns, integers, steps }, bias: biases };
}
