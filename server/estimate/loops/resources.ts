/** DSP blocks of a pipeline: operators that are free for II − 1 cycles out of II are shared, and index arithmetic takes a few. */
import type { CoreTable } from './cores.ts';
import type { CarriedSum } from './schedule.ts';

export interface OperatorCount {
  readonly operator: string;
  /** Uses of it in one iteration. */
  readonly uses: number;
}

/**
 * DSPs of the operators of one pipeline.
 * @returns undefined where the table does not know an operator
 */
export function operatorDsps(
  counts: readonly OperatorCount[],
  interval: number,
  sum: CarriedSum | undefined,
  { cores, carriedAdd }: CoreTable,
): number | undefined {
  let total = 0;
  for (const { operator, uses } of counts) {
    const core = cores[operator];
    if (!core) return undefined;
    // Every add on the way from reading a sum to writing it, in each lane.
    const carried = operator === 'fadd' && sum?.inFabric ? Math.min(uses, sum.lanes * sum.chain) : 0;
    total += Math.ceil((uses - carried) / interval) * core.dsp + Math.ceil(carried / interval) * carriedAdd.dsp;
  }
  return total;
}

/** A two-dimensional array in a memory, with the places of the loops that index it (0 is the outermost). */
export interface IndexedArray {
  /** Words of a row in one bank: what the row index is multiplied by. */
  readonly rowWords: number;
  /** Largest row index + 1 in one bank. */
  readonly rows: number;
  readonly rowLoop: number;
  readonly columnLoop: number;
}

/**
 * Multiply-adds of addresses, row · words + column, a DSP each. None for a row length that is a power of two. An array that is
 * gone through column by column needs one for itself; arrays that are gone through in order share one, in fabric when an
 * operand has more than 8 bits.
 */
export function addressDsps(arrays: readonly IndexedArray[]): number {
  const multiplied = arrays.filter(({ rowWords, rows }) => rows > 1 && !Number.isInteger(Math.log2(rowWords)));
  const across = multiplied.filter(({ rowLoop, columnLoop }) => rowLoop > columnLoop).length;
  const along = multiplied.some(
    ({ rowLoop, columnLoop, rows, rowWords }) => rowLoop < columnLoop && Math.max(rows, rowWords) <= 256,
  );
  return across + (along ? 1 : 0);
}
