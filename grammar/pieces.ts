/**
 * A text in pieces that are read apart from one another, so that an edit costs what it touches.
 *
 * A piece is a declaration with the comments above it, from the start of a line to that of the next piece. Where one begins
 * is seen without reading the text: a line that starts, not indented, with the word of a declaration while no brace is open;
 * for words that start nothing else, whatever is open, so that a missing brace spoils one declaration and not the rest.
 */
import type { Anchor } from './anchor.ts';
import { DECLARATION_WORDS } from './tokens.ts';
import type { Comment, Declaration, SyntaxProblem } from './tree.ts';

export interface Piece {
  readonly text: string;
  readonly anchor: Anchor;
  readonly declarations: readonly Declaration[];
  readonly problems: readonly SyntaxProblem[];
  readonly comments: readonly Comment[];
}

/** Words that stand at the top of a file only; the others start statements, too. */
const ALWAYS: ReadonlySet<string> = new Set(['import', 'baseline', 'accelerator']);

/** Blanks and comments. A comment ends where its line does: were that open, a line of slashes would have no end of readings. */
const between = String.raw`\s*(?://[^\r\n]*[\r\n]\s*)*`;

/** Whatever the places of braces and first words depend on; `= import` belongs to a model, and so does `model import`. */
const landmarks = new RegExp(
  [
    String.raw`//[^\r\n]*`,
    String.raw`"[^"\r\n]*"?`,
    '[{}]',
    String.raw`=${between}import\b`,
    String.raw`\bmodel${between}import\b`,
    String.raw`(?<![^\r\n])(?:${DECLARATION_WORDS.join('|')})\b`,
  ].join('|'),
  'g',
);

const lineBreak = /[ \t]*(?:\r\n|\r|\n)/y;

/** Offsets at which the pieces of a text begin, the first of them 0. */
export function startsOf(text: string): number[] {
  const starts = [0];
  let depth = 0;
  /** A run of lines that hold comments only: where it begins, and where the line after it. */
  let run = { start: -1, end: -1 };
  for (const { 0: mark, index } of text.matchAll(landmarks)) {
    if (mark === '{') depth++;
    else if (mark === '}') depth = Math.max(0, depth - 1);
    else if (mark.startsWith('//')) {
      const start = startOfBlanks(text, index);
      lineBreak.lastIndex = index + mark.length;
      const end = lineBreak.test(text) ? lineBreak.lastIndex : -1;
      if (start >= 0) run = { start: start === run.end ? run.start : start, end };
    } else if (/^model.+import$/s.test(mark)) {
      // In braces a clause, however it is laid out; outside of them two declarations, the first without its end.
      const inner = index + mark.length - 'import'.length;
      if (depth === 0) starts.push(...[index, inner].filter((start) => start > 0 && /[\r\n]/.test(text[start - 1]!)));
    } else if (/^[a-z]/.test(mark) && (depth === 0 || ALWAYS.has(mark))) {
      const start = run.end === index ? run.start : index;
      if (start > 0) starts.push(start);
      depth = 0;
    }
  }
  return starts;
}

/** Where the line of an offset begins; -1 where anything but blanks stands before it. */
function startOfBlanks(text: string, offset: number): number {
  let start = offset;
  while (text[start - 1] === ' ' || text[start - 1] === '\t') start--;
  return start === 0 || text[start - 1] === '\n' || text[start - 1] === '\r' ? start : -1;
}

/**
 * The pieces of a text: those that another text has as well are taken from there, the others are read; where pieces may move,
 * each in the place of one that is gone.
 *
 * @param moving whether pieces may be taken from other places, too; their anchors move, and the other text has them no more
 */
export function piecesOf(
  text: string,
  others: readonly Piece[],
  moving: boolean,
  read: (text: string, at: number, instead?: Piece) => Piece,
): Piece[] {
  const free = new Map<string, Piece[]>();
  for (const piece of others) {
    const key = keyOf(piece.text, piece.anchor.at, moving);
    const same = free.get(key);
    if (same) same.push(piece);
    else free.set(key, [piece]);
  }
  const starts = startsOf(text);
  const kept = starts.map((start, index) => {
    const written = text.slice(start, starts[index + 1]);
    return { start, written, piece: free.get(keyOf(written, start, moving))?.shift() };
  });
  const gone = moving ? [...free.values()].flat() : [];
  return kept.map(({ start, written, piece }) => {
    if (!piece) return read(owned(written), start, gone.shift());
    piece.anchor.at = start;
    return piece;
  });
}

function keyOf(text: string, at: number, moving: boolean): string {
  return moving ? text : `${at} ${text}`;
}

/** A copy: a piece of a string would keep all of the string in memory, and pieces outlive their texts. */
function owned(text: string): string {
  return ` ${text}`.slice(1);
}
