/** Lanes of units without an array. */

import type { Operator } from '../workload.ts';
import { ceilPower, greatest } from './balance.ts';
import type { Pace } from './settling.ts';

/** Lanes beyond this do not shorten a row any more: it ends before its own fill. */
export const MOST_LANES = 64;
/** Of the slowest array's time, the part (1/16) that a row unit may add to a pass that does not overlap. */
const ROW_SHARE = 16;

/**
 * Enough to keep up with the slowest array; at least its tokens, so that words need no re-blocking. Where a pass is one
 * block of rows (decode), units wait for each other instead of overlapping, so that rows must take a small part of it.
 */
export function lanesOf(operators: readonly Operator[], pace: Pace): number {
  const elements = greatest(operators.map(({ rows, columns, heads }) => rows * columns * heads));
  const oneBlock = operators.every((operator) => operator.rows <= pace.tokens);
  const need = (elements / pace.cycles) * (oneBlock ? ROW_SHARE : 1);
  return Math.min(Math.max(pace.lanes, pace.tokens), Math.max(pace.tokens, ceilPower(need)));
}
