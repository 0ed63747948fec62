/** What weights, keys and values take in memory. */
import { bitsOf, isFloat } from '../sheets/precision.ts';
import type { Operator, Phase, Precision } from '../workload.ts';

/** What a kernel computes, or a draft of it. */
type Computing = { readonly turns: readonly (readonly Operator[])[] };

/** What the size of kept values depends on. */
export interface Kept {
  readonly precision: Precision;
  readonly phase: Phase;
  /** Passes through the repeated layer. */
  readonly repeat: number;
}

/** Of all layers, as they lie in memory. */
export function weightBytes({ turns }: Computing, { precision, repeat }: Kept): number {
  const passes = ({ layer }: Operator): number => (layer === undefined ? 1 : repeat);
  // Each column, or each group of one, has its multiplier and its bias in front, both fp32.
  const head = (operator: Operator): number =>
    operator.weights > 0 ? 8 * operator.columns * groupsOf(operator, precision) : 0;
  return turns.flat().reduce((sum, operator) => {
    return sum + passes(operator) * (operator.weights * (bitsOf(precision.weights) / 8) + head(operator));
  }, 0);
}

/** Groups of weights of an output channel that have a scale each; of all but a linear one. */
export function groupsOf({ kind, reduction }: Operator, { group, weights }: Precision): number {
  const grouped = kind === 'linear' && group > 0 && group < reduction && !isFloat(weights);
  return grouped ? Math.ceil(reduction / group) : 1;
}

/** Whether K and V are kept for a later pass. */
export function outlives({ name, past }: Phase): boolean {
  return past > 0 || name === 'generate';
}

/** K or V of all layers, as they lie in memory. */
export function cacheBytes({ turns }: Computing, { precision, phase, repeat }: Kept): number {
  const attention = turns.flat().filter((operator) => operator.keys > 0);
  const later = Math.max(0, (phase.output ?? 0) - 1);
  const values = ({ kind, keys, heads, kvHeads, columns, reduction }: Operator): number =>
    (keys + later) * kvHeads * (kind === 'context' ? columns / heads : reduction);
  const elements = attention.reduce((sum, operator) => sum + values(operator), 0);
  return elements * repeat * phase.batch * (bitsOf(precision.cache) / 8);
}
