/** Statements as whole lines, with the comments that belong to them. */
import type * as tree from '../../grammar/tree.ts';
import type { Snapshot } from './snapshot.ts';

export interface Block {
  readonly start: number;
  readonly end: number;
  /** The lines without the last line break. */
  readonly text: string;
}

export interface Lines {
  /**
   * From the comments above a statement to the comment at its end; undefined where it shares a line with something else.
   */
  blockOf(node: tree.Node): Block | undefined;
  /** White space that a statement's line begins with. */
  indentOf(node: tree.Node): string;
}

export function linesOf({ analysis: { text, parsed } }: Snapshot): Lines {
  const lineStart = (offset: number) => text.lastIndexOf('\n', offset - 1) + 1;
  const lineEnd = (offset: number) => {
    const found = text.indexOf('\n', offset);
    const end = found < 0 ? text.length : found;
    return text[end - 1] === '\r' ? end - 1 : end;
  };
  const isComment = (from: number, to: number) =>
    parsed.comments.some(({ range }) => range.start >= from && range.end <= to) &&
    /^\s*\/\//.test(text.slice(from, to));
  return {
    blockOf({ range }) {
      let start = lineStart(range.start);
      const end = lineEnd(range.end);
      if (text.slice(start, range.start).trim() !== '') return undefined;
      if (!/^\s*(\/\/.*)?$/.test(text.slice(range.end, end))) return undefined;
      while (start > 0 && isComment(lineStart(start - 1), start - 1)) start = lineStart(start - 1);
      return { start, end, text: text.slice(start, end) };
    },
    indentOf: ({ range }) => /^\s*/.exec(text.slice(lineStart(range.start), range.start))![0],
  };
}
