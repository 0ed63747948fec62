/**
 * The steps that convert.h takes from one word shape to another. Fewer tokens: columns first, so that every later step
 * moves whole consumer words; more tokens: columns last. Between columns that do not divide each other lies a word of
 * their least common multiple.
 */
import type { WordShape } from '../rows.ts';
import type { ConvertParameters } from './parameters.ts';

export interface Step {
  /** gather: several words into one; spread: one into several; reblock: rows dealt out to other blocks. */
  readonly kind: 'gather' | 'spread' | 'reblock';
  readonly from: WordShape;
  readonly to: WordShape;
}

export function stepsOf({ from, to }: Pick<ConvertParameters, 'from' | 'to'>): readonly Step[] {
  if (from.tokens === to.tokens) return columnSteps(from, to);
  if (from.columns === to.columns) return [{ kind: 'reblock', from, to }];
  if (from.tokens > to.tokens) {
    const wide = { tokens: from.tokens, columns: to.columns };
    return [...columnSteps(from, wide), { kind: 'reblock', from: wide, to }];
  }
  const tall = { tokens: to.tokens, columns: from.columns };
  return [{ kind: 'reblock', from, to: tall }, ...columnSteps(tall, to)];
}

function columnSteps(from: WordShape, to: WordShape): readonly Step[] {
  const columns = leastCommonMultiple(from.columns, to.columns);
  const common = { tokens: from.tokens, columns };
  const steps: Step[] = [];
  if (columns !== from.columns || columns === to.columns) steps.push({ kind: 'gather', from, to: common });
  if (columns !== to.columns) steps.push({ kind: 'spread', from: common, to });
  return steps;
}

export function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

export function wordsOfHead({ columns }: Pick<ConvertParameters, 'columns'>, word: WordShape): number {
  return Math.ceil(columns / word.columns);
}

/** Words of a pass. */
export function wordsOf(parameters: ConvertParameters, word: WordShape): number {
  return Math.ceil(parameters.rows / word.tokens) * parameters.heads * wordsOfHead(parameters, word);
}
