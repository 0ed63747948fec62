/** The matrix products of a kernel that is not settled yet: their work, their packing, and the arrays that are written for them. */

import type { Kernel } from '../design.ts';
import type { AskedArray } from '../mapping/clauses.ts';
import type { Draft } from '../mapping/mapping.ts';
import { isMatrixProduct } from '../operators.ts';
import { bitsOf, isFloat, multiplied } from '../sheets/precision.ts';
import type { Operator } from '../workload.ts';
import { greatest } from './balance.ts';
import type { Built, Surroundings } from './settling.ts';

/** An asked array of which nothing is written. */
export const ANY: AskedArray = { tokens: undefined, outputs: undefined, dot: undefined };

export function isOnEngines({ asked }: Draft): boolean {
  return asked.engines?.value === true;
}

export function matrixProducts(draft: Draft): Operator[] {
  return draft.turns.flat().filter((operator) => isMatrixProduct(operator.kind));
}

/** Multiply-accumulates of a pass. */
export function workOf(draft: Draft): number {
  return matrixProducts(draft).reduce((sum, operator) => sum + operator.macs, 0);
}

/**
 * Two int8 or narrower weights share one activation of as many bits in a DSP block; products of activations are not packed.
 * Engines have no products to pack: an array says how many it does.
 */
export function packOf(draft: Draft, { precision }: Surroundings): number {
  const { turns, asked } = draft;
  const as = asked.as?.value;
  const activations = multiplied({ turns, ...(as ? { as: { value: as, origin: 'written' } } : {}) }, precision);
  if (draft.asked.pack?.value !== undefined) return draft.asked.pack.value;
  const trained = matrixProducts(draft).every((operator) => operator.weights > 0);
  return trained &&
    !isOnEngines(draft) &&
    (activations === 'int8' || activations === 'int4') &&
    !isFloat(precision.weights) &&
    bitsOf(precision.weights) <= 8
    ? 2
    : 1;
}

export function sizeOf(built: Pick<Kernel, 'array' | 'replicate'> | undefined): number {
  if (!built?.array) return 0;
  const { tokens, outputs, dot } = built.array.value;
  return tokens * outputs * dot * built.replicate.value;
}

/** Multiply-accumulates a cycle of all of its rows. */
export function macsACycle(built: Built): number {
  return sizeOf(built) * built.pack.value;
}

/** Cycles of a pass whose products work side by side, be multipliers all that limits them: all there are, and those that are written. */
export function leastCycles(products: readonly Draft[], dsp: number, around: Surroundings): number {
  const inFabric = products.filter((draft) => !isOnEngines(draft));
  const all = inFabric.reduce((sum, draft) => sum + workOf(draft) / packOf(draft, around), 0) / Math.max(1, dsp);
  const written = inFabric.map((draft) => workOf(draft) / (writtenWidth(draft) ?? Infinity) / packOf(draft, around));
  return Math.max(1, all, greatest(written));
}

/** Multipliers of an array that is written. */
function writtenWidth({ asked }: Draft): number | undefined {
  const { tokens, outputs, dot } = asked.array?.value ?? ANY;
  if (tokens === undefined || outputs === undefined || dot === undefined) return undefined;
  return tokens * outputs * dot * (asked.replicate?.value ?? 1);
}

/** Weights a cycle that a product can use in a pass of so many cycles. */
export function usefulWeights(draft: Draft, cycles: number, tokens: number, around: Surroundings): number {
  const rows = draft.asked.array?.value?.tokens ?? tokens;
  const width = writtenWidth(draft);
  return width === undefined ? workOf(draft) / cycles / rows : (width / rows) * packOf(draft, around);
}
