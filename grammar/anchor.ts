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
  private anchor: Anchor;
  /** Offsets into the piece. */
  private from: number;
  private to: number;

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

  /** What stands there in the text of the piece. */
  in(piece: string): string {
    return piece.slice(this.from, this.to);
  }

  /** Stands from now on where the other one does. */
  follow(other: Anchored): void {
    this.anchor = other.anchor;
    this.from = other.from;
    this.to = other.to;
  }

  toJSON(): Range {
    return { start: this.start, end: this.end };
  }
}

/** The first characters of a range, wherever it stands. */
export function headOf(range: Range, length: number): Range {
  return {
    get start() {
      return range.start;
    },
    get end() {
      return Math.min(range.end, range.start + length);
    },
  };
}

/** Hangs every range of some nodes, lists and records on an anchor; they were offsets into the piece until now. */
export function hang(values: object, anchor: Anchor): void {
  for (const [key, value] of Object.entries(values)) {
    if (typeof value !== 'object' || value === null || value instanceof Anchored) continue;
    if (key === 'range') (values as { range: Range }).range = new Anchored(anchor, value);
    else hang(value, anchor);
  }
}
