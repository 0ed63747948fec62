/** Weights with a step for each group of rows of a column, as their loader takes them. */
import type { QuantisedMatrix } from './quantise.ts';

/**
 * For each tile of `tile` columns and each group a tile of `group` rows, filled up with zeros: host/layout.h has the same
 * (struct grouping). The bias of a column stands beside the step of its first group.
 */
export function loadedGroups(
  matrix: QuantisedMatrix,
  bias: Float32Array,
  group: number,
  tile: number,
): { readonly matrix: QuantisedMatrix; readonly bias: Float32Array } {
  const { reduction, columns } = matrix;
  const count = Math.ceil(reduction / group);
  const loaded = Math.ceil(columns / tile) * tile * count;
  const integers = new Int16Array(group * loaded);
  const [steps, biases] = [new Float32Array(loaded), new Float32Array(loaded)];
  for (let n = 0; n < columns; n++) {
    for (let g = 0; g < count; g++) {
      const to = (Math.floor(n / tile) * count + g) * tile + (n % tile);
      const from = n * reduction + g * group;
      integers.set(matrix.integers.subarray(from, n * reduction + Math.min(reduction, (g + 1) * group)), to * group);
      steps[to] = matrix.steps[g * columns + n]!;
      if (g === 0) biases[to] = bias[n]!;
    }
  }
  return { matrix: { ...matrix, reduction: group, columns: loaded, integers, steps }, bias: biases };
}
