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
  return [0, ...startsBehind(text, 0)];
}

/**
 * Offsets at which the pieces behind a place begin, which is the start of a piece itself: nothing is open there, so that
 * what stands before it does not count.
 */
function* startsBehind(text: string, place: number): Generator<number> {
  let depth = 0;
  /** A run of lines that hold comments only: where it begins, and where the line after it. */
  let run = { start: -1, end: -1 };
  landmarks.lastIndex = place;
  for (let match = landmarks.exec(text); match; match = landmarks.exec(text)) {
    const { 0: mark, index } = match;
    const behind = landmarks.lastIndex;
    if (mark === '{') depth++;
    else if (mark === '}') depth = Math.max(0, depth - 1);
    else if (mark.startsWith('//')) {
      const start = startOfBlanks(text, index);
      lineBreak.lastIndex = behind;
      const end = lineBreak.test(text) ? lineBreak.lastIndex : -1;
      if (start >= 0) run = { start: start === run.end ? run.start : start, end };
    } else if (/^model.+import$/s.test(mark)) {
      // In braces a clause, however it is laid out; outside of them two declarations, the first without its end.
      const inner = behind - 'import'.length;
      if (depth === 0)
        for (const start of [index, inner]) if (start > place && /[\r\n]/.test(text[start - 1]!)) yield start;
    } else if (/^[a-z]/.test(mark) && (depth === 0 || ALWAYS.has(mark))) {
      const start = run.end === index ? run.start : index;
      depth = 0;
      if (start > place) yield start;
    }
    landmarks.lastIndex = behind; // whoever took a start may have looked for others
  }
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
 * @param others all of the other text, in order
 * @param moving whether pieces may be taken from other places, too; their anchors move, and the other text has them no more
 */
export function piecesOf(
  text: string,
  others: readonly Piece[],
  moving: boolean,
  read: (text: string, at: number, instead?: Piece) => Piece,
): Piece[] {
  const { front, back, starts, end } = changed(text, others);
  const free = new Map<string, Piece[]>();
  for (const piece of others.slice(front, others.length - back)) {
    const key = keyOf(piece.text, piece.anchor.at, moving);
    const same = free.get(key);
    if (same) same.push(piece);
    else free.set(key, [piece]);
  }
  const kept = starts.map((start, index) => {
    const written = text.slice(start, starts[index + 1] ?? end);
    return { start, written, piece: free.get(keyOf(written, start, moving))?.shift() };
  });
  const gone = moving ? [...free.values()].flat() : [];
  const middle = kept.map(({ start, written, piece }) => {
    if (!piece) return read(owned(written), start, gone.shift());
    piece.anchor.at = start;
    return piece;
  });
  let at = end;
  const behind = others.slice(others.length - back).map((piece) => {
    const start = at;
    at += piece.text.length;
    if (piece.anchor.at === start) return piece;
    if (!moving) return read(piece.text, start);
    piece.anchor.at = start;
    return piece;
  });
  return [...others.slice(0, front), ...middle, ...behind];
}

/**
 * What of a text is not as in another one: so many pieces at its front and at its back are; between them begin pieces at
 * `starts`, of which the last ends at `end`.
 */
function changed(
  text: string,
  others: readonly Piece[],
): { front: number; back: number; starts: number[]; end: number } {
  let front = 0;
  let from = 0;
  while (front < others.length && text.startsWith(others[front]!.text, from)) from += others[front++]!.text.length;
  // The last of them may go on: what ended it may be gone. Whether the last begins where it did may depend on that, too.
  for (let last = 0; last < 2 && front > 0; last++) from -= others[--front]!.text.length;
  /** Where the pieces at the back begin, by offset, with their number. */
  const behind = new Map<number, number>();
  let until = text.length;
  for (let back = 1; back <= others.length - front; back++) {
    const piece = others[others.length - back]!.text;
    if (until - piece.length <= from || !text.endsWith(piece, until)) break;
    until -= piece.length;
    behind.set(until, back);
  }
  const starts = [from];
  // From where a piece begins in both texts on, they are the same.
  for (const start of startsBehind(text, from)) {
    const back = behind.get(start);
    if (back !== undefined) return { front, back, starts, end: start };
    starts.push(start);
  }
  return { front, back: 0, starts, end: text.length };
}

function keyOf(text: string, at: number, moving: boolean): string {
  return moving ? text : `${at} ${text}`;
}

/** A copy: a piece of a string would keep all of the string in memory, and pieces outlive their texts. */
function owned(text: string): string {
  return ` ${text}`.slice(1);
}
