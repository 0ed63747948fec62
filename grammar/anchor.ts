/**
 * Positions that move together. What is read of a piece of the text hangs on one anchor: text put in before the piece moves
 * the anchor, and every position in the piece, in its tree and in whatever was made from that, says where it is now.
 */
import type { Range } from './tree.ts';

export interface Anchor {
  /** Offset at which the piece begins. */
  at: number;
}

export class Anchored implements Range {
  private readonly anchor: Anchor;
  /** Offsets into the piece. */
  private readonly from: number;
  private readonly to: number;

  constructor(anchor: Anchor, { start, end }: Range) {
    this.anchor = anchor;
    this.from = start;
    this.to = end;
  }

  get start(): number {
    return this.anchor.at + this.from;
  }

  get end(): number {
    return this.anchor.at + this.to;
  }

  head(length: number): Anchored {
    return new Anchored(this.anchor, { start: this.from, end: Math.min(this.to, this.from + length) });
  }

  toJSON(): Range {
    return { start: this.start, end: this.end };
  }
}

/** The first characters of a range. */
export function headOf(range: Range, length: number): Range {
  if (range instanceof Anchored) return range.head(length);
  return { start: range.start, end: Math.min(range.end, range.start + length) };
}

/** Hangs every range of some nodes, lists and records on an anchor; they were offsets into the piece until now. */
export function hang(values: object, anchor: Anchor): void {
  for (const [key, value] of Object.entries(values)) {
    if (typeof value !== 'object' || value === null || value instanceof Anchored) continue;
    if (key === 'range') (values as { range: Range }).range = new Anchored(anchor, value);
    else hang(value, anchor);
  }
}
