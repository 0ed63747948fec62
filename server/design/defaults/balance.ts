/**
 * Arrays for matrix products that nobody has given one, within what the device has and the memory ports of a kernel bring.
 *
 * Where rows stream through, all arrays work at once and are balanced: each takes about as long (M in proportion to the work,
 * as in arXiv 2312.15159). Where a pass is one block of rows, a token above all, they work one after the other and their times
 * add up: the sum is least with M in proportion to the square root of the work.
 */

import type { ArrayShape } from '../design.ts';
import type { AskedArray } from '../mapping/clauses.ts';
import type { Operator } from '../workload.ts';
import { oddOf } from './ports.ts';

/** A matrix product that wants an array, or has one. */
export interface Wish {
  /** Multiply-accumulates of a pass, over all operators that take turns. */
  readonly work: number;
  readonly operators: readonly Operator[];
  readonly pack: number;
  readonly replicate: number;
  /** Operands a cycle that its memory ports can bring: weights of a linear, keys or values in decode; else Infinity. */
  readonly operands: number;
  /** Memory ports that bring them, each with an equal share of the columns of a tile. */
  readonly ports: number;
  /** Fewest operands a cycle: those of the narrowest beat of a memory whose words are the array's; 1 elsewhere. */
  readonly fewest: number;
  /** Sides that are written. */
  readonly asked: AskedArray;
}

/** Part of a row of tiles that may be wasted for the sake of ports that have equal shares of a tile. */
const MOST_WASTE = 0.02;

/** Part of a beat that memory must bring a cycle: an array that takes a little more than it gets seldom waits. */
export const NEARLY_ENOUGH = 0.75;

/** Tokens side by side in one word: more would make words of fp32 wider than a memory port (512 bits). */
export const MOST_TOKENS = 16;

/** Tokens side by side in every array: as one of them is written, else as many as there are rows and room for, a power of two. */
export function sideBySide(rows: number, mostTokens: number, written?: number): number {
  return written ?? Math.min(floorPower(mostTokens), floorPower(rows));
}

/**
 * Shapes for the wishes, in their order. `dsp` is what there is for the arrays together, in DSP blocks; no more than
 * `mostTokens` are side by side unless an array is written with more.
 */
export function balance(asWritten: readonly Wish[], dsp: number, mostTokens = MOST_TOKENS): ArrayShape[] {
  if (asWritten.length === 0) return [];
  const wishes = asWritten.map((wish) => likeSibling(wish, asWritten));
  const written = wishes.find(({ asked }) => asked.tokens !== undefined)?.asked.tokens;
  let tokens = sideBySide(greatest(wishes.map(rowsOf)), mostTokens, written);
  let found = shapes(wishes, tokens, dsp);
  if (written !== undefined) return found;
  // A small device has no room for as many products of so many tokens, be each of them one column wide.
  const total = (): number => sum(wishes.map((wish, index) => multipliers(found[index]!) * wish.replicate));
  while (tokens > 1 && total() > dsp) {
    tokens /= 2;
    found = shapes(wishes, tokens, dsp);
  }
  return found;
}

/** Shapes with `tokens` side by side in every array, so that streams need no re-blocking. */
function shapes(wishes: readonly Wish[], tokens: number, dsp: number): ArrayShape[] {
  const rows = (wish: Wish): number => wish.asked.tokens ?? Math.min(tokens, floorPower(rowsOf(wish)));
  const open = wishes.filter((wish) => !isWritten(wish));
  const settled = wishes.filter(isWritten);
  const spent = sum(settled.map((wish) => multipliers(wish.asked) * wish.replicate));
  const left = Math.max(open.length, dsp - spent);
  if (wishes.every((wish) => rowsOf(wish) <= tokens)) {
    const roots = sum(open.map((wish) => Math.sqrt(wish.work / wish.pack)));
    return wishes.map((wish) => {
      const share = (left * Math.sqrt(wish.work / wish.pack)) / Math.max(1, roots);
      return shape(wish, rows(wish), wish.work / wish.pack / Math.max(1, share), floorPower, true);
    });
  }
  const pace = Math.max(
    // the slowest of those that are written: nothing gains by being faster
    greatest(settled.map((wish) => wish.work / (multipliers(wish.asked) * wish.pack * wish.replicate))),
    // all DSPs that are left, at work all the time
    sum(open.map((wish) => wish.work / wish.pack)) / left,
    // operands come from memory and are shared by the tokens side by side
    greatest(open.map((wish) => wish.work / (rows(wish) * wish.operands * wish.replicate))),
    1,
  );
  const first = wishes.map((wish) => shape(wish, rows(wish), pace, floorPower));
  // Sides are powers of two, rounded down: the slowest sets the pace, and whoever is faster than it can shrink.
  const slowest = greatest(wishes.map((wish, index) => cycles(wish, first[index]!)));
  return wishes.map((wish, index) => {
    const small = shape(wish, rows(wish), slowest, ceilPower);
    return multipliers(small) < multipliers(first[index]!) ? small : first[index]!;
  });
}

/**
 * A product of the same kind and size as one that has a written array gets the same: k is built as q and v are. What
 * runs side by side with them would otherwise be paced by the slowest array of the spec, which may come long after.
 */
function likeSibling(wish: Wish, all: readonly Wish[]): Wish {
  const { tokens, outputs, dot } = wish.asked;
  if (tokens !== undefined || outputs !== undefined || dot !== undefined) return wish;
  const own = widest(wish);
  const sibling = all.find((other) => {
    const { columns, reduction } = widest(other);
    const same = columns === own.columns && reduction === own.reduction && other.work === wish.work;
    return same && isWritten(other) && other.operands <= wish.operands && other.pack === wish.pack;
  });
  return sibling ? { ...wish, asked: sibling.asked } : wish;
}

/** A side of `width` outputs × dot: tall tiles where rows are few (a product with one row has nothing else to share). */
function shape(wish: Wish, tokens: number, pace: number, round: (width: number) => number, nearly = false): ArrayShape {
  const { asked, pack, operands } = wish;
  const { columns, reduction } = widest(wish);
  // Three ports cannot have equal shares of eight columns, of twelve they can.
  const odd = oddOf(wish.ports);
  const unit = odd * pack <= columns * MOST_WASTE ? odd : 1;
  const inUnits = (width: number, to: (width: number) => number): number => unit * to(width / unit);
  const above = inUnits(operands, ceilPower);
  const brought = nearly && above * NEARLY_ENOUGH <= operands ? above : inUnits(operands, floorPower);
  const need = Math.min(brought, wish.work / (pace * tokens * wish.replicate));
  const capped = Math.max(wish.fewest, Math.min(inUnits(need, round), brought));
  const dot = asked.dot ?? (tokens >= 8 ? 1 : Math.min(floorPower(Math.sqrt(capped)), floorPower(reduction)));
  // More columns than steps of the inner loop would wait for the epilogue, which writes one a cycle.
  const most = Math.min(floorPower(columns), floorPower(reduction / dot));
  const wide = Math.min(capped / dot, most);
  const outputs =
    asked.outputs ?? Math.max(1, wide >= unit * pack ? unit * Math.floor(wide / pack / unit) : Math.floor(wide / pack));
  return { tokens, outputs, dot };
}

function cycles(wish: Wish, { tokens, outputs, dot }: ArrayShape): number {
  return wish.work / (tokens * outputs * dot * wish.pack * wish.replicate);
}

function isWritten(wish: Wish): boolean {
  return wish.asked.tokens !== undefined && wish.asked.outputs !== undefined && wish.asked.dot !== undefined;
}

function multipliers({ tokens, outputs, dot }: AskedArray): number {
  return (tokens ?? 1) * (outputs ?? 1) * (dot ?? 1);
}

const rowsOf = (wish: Wish): number => greatest(wish.operators.map((operator) => operator.rows));

function widest(wish: Wish): { columns: number; reduction: number } {
  const columns = greatest(
    wish.operators.map(({ columns, kind, heads }) => columns / (kind === 'context' ? heads : 1)),
  );
  return { columns, reduction: greatest(wish.operators.map((operator) => operator.reduction)) };
}

/** Of a list that may be too long to be spread into a call; 0 where it is empty. */
export function greatest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The greatest power of two that is not above. */
export function floorPower(value: number): number {
  if (value === Infinity) return value;
  return 2 ** Math.floor(Math.log2(Math.max(1, value)) + 1e-9);
}

/** The smallest power of two that is not below. */
export function ceilPower(value: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, value)) - 1e-9);
}
