/**
 * Hardware for a prompt and for the tokens behind it. An array of a prompt has several tokens side by side, which share each
 * weight; a token that comes alone uses one of these rows. So the fewer there are, the faster is a token and the slower, for
 * want of weights, a prompt: `generate` says how many tokens there are of either.
 */

import type { Draft } from '../mapping/mapping.ts';
import { isMatrixProduct } from '../operators.ts';
import type { Operator } from '../workload.ts';
import { greatest } from './balance.ts';
import { isKept } from './kept.ts';
import { macsACycle } from './products.ts';
import type { Built, Surroundings } from './settling.ts';

/** Numbers of tokens side by side that may serve a phase best, the most first. */
export function tokensWorthATry(most: number, { tokensBehind }: Surroundings): number[] {
  if (tokensBehind === 0) return [most];
  const all: number[] = [];
  for (let tokens = most; tokens >= 1; tokens = Math.floor(tokens / 2)) all.push(tokens);
  return all;
}

/**
 * Cycles of a layer for all tokens that come one by one: each has the longest way through the products, each of them on one row of
 * its array, be multipliers all that limits them. Heads follow each other from product to product.
 *
 * @param drafts in dataflow order
 */
export function tokenCycles(
  drafts: readonly Draft[],
  arrays: ReadonlyMap<Draft, Built>,
  { phase, tokensBehind }: Surroundings,
): number {
  if (tokensBehind === 0) return 0;
  // The past grows from the prompt on, by a token each pass.
  const past = (phase.prompt ?? 1) + tokensBehind / 2;
  const times = new Map<string, { readonly start: number; readonly end: number; readonly heads: number }>();
  let way = 0;
  for (const draft of drafts) {
    const built = arrays.get(draft);
    const width = built ? macsACycle(built) / built.array.value.tokens : 0;
    let free = 0;
    for (const operator of draft.turns.flat()) {
      const product = isMatrixProduct(operator.kind);
      const own = product && width > 0 ? rowOf(operator, past) / width : 0;
      let [start, end] = [product ? free : 0, 0];
      for (const { name } of operator.inputs) {
        const input = times.get(name);
        if (!input) continue;
        start = Math.max(start, operator.heads > 1 && input.heads > 1 ? input.start : input.end);
        end = Math.max(end, input.end);
      }
      end = Math.max(end, start + own);
      if (product) free = end;
      way = Math.max(way, end);
      times.set(operator.name, { start, end, heads: operator.heads });
    }
  }
  return tokensBehind * way;
}

/**
 * Cycles of a layer for the prompt: attention starts when K and V have all of their rows.
 *
 * @param cyclesOf of its products, all rows
 */
export function promptCycles(drafts: readonly Draft[], cyclesOf: (draft: Draft) => number): number {
  const operators = drafts.flatMap(({ turns }) => turns.flat());
  const isFirst = ({ turns }: Draft): boolean => turns.flat().some(({ name }) => isKept(name, operators));
  const slowest = (some: readonly Draft[]): number => greatest(some.map(cyclesOf));
  return slowest(drafts.filter(isFirst)) + slowest(drafts.filter((draft) => !isFirst(draft)));
}

/** Multiply-accumulates of a row behind so many others. */
function rowOf({ macs, rows, keys }: Operator, past: number): number {
  return (macs / Math.max(1, rows)) * (keys > 0 ? past / keys : 1);
}
