/**
 * The formatter. It keeps every token and every comment in its place and decides only what stands between them, so that it
 * cannot change what a text means.
 */
import type { IToken } from 'chevrotain';
import { layout, type Mark } from './layout.ts';
import { parse } from './parser.ts';
import { type Line, render } from './table.ts';
import * as t from './tokens.ts';
import type { Comment } from './tree.ts';

/** The text in its usual layout. A text with syntax problems is returned as it is. */
export function format(text: string): string {
  const { tree, problems, comments } = parse(text);
  if (problems.length > 0) return text;
  const { tokens } = t.lexer.tokenize(text);
  const lines = new Printer(text, layout(text, tree, tokens)).lines(tokens, comments);
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  return render(lines)
    .map((line) => line + end)
    .join('');
}

const NONE: Mark = {};
const NO_BLANK_BEFORE = new Set([t.Comma, t.Colon, t.ParenClose, t.BracketClose, t.Dot, t.DotDot]);
const NO_BLANK_BEHIND = new Set([t.ParenOpen, t.BracketOpen, t.Dot, t.DotDot]);
const UNITS: ReadonlySet<string> = new Set(t.UNITS);
/** How far behind its second column a line goes on: behind the sign that this column starts with. */
const HANGING: Record<string, number> = { turns: 2, equals: 2, colon: 2, to: 3 };

class Printer {
  private readonly done: Line[] = [];
  private line: Line | undefined;
  /** The first line of the statement that is being printed. */
  private head: Line | undefined;
  private readonly blocks: Mark['block'][] = [];
  private previous: IToken | undefined;
  private previousMark: Mark = NONE;
  /** A brace was opened or closed whose contents stand on lines of their own, and nothing came after it yet. */
  private opened = false;
  private closed = false;
  /** End of the last token or comment. */
  private position = 0;

  constructor(
    private readonly text: string,
    private readonly marks: ReadonlyMap<number, Mark>,
  ) {}

  lines(tokens: readonly IToken[], comments: readonly Comment[]): Line[] {
    let next = 0;
    for (const token of tokens) {
      const mark = this.marks.get(token.startOffset) ?? NONE;
      const inside = mark.table === undefined && token.tokenType !== t.BraceClose;
      for (; next < comments.length && comments[next]!.range.start < token.startOffset; next++) {
        this.comment(comments[next]!, inside ? this.head : undefined);
      }
      this.token(token, mark);
    }
    for (; next < comments.length; next++) this.comment(comments[next]!, undefined);
    return this.done;
  }

  private comment({ text, range }: Comment, head: Line | undefined): void {
    if (!this.line || this.newlines(range.start) > 0) this.line = this.open('', range.start, head);
    this.line.comment = text.trimEnd();
    this.line = undefined; // what follows stands on a line of its own
    this.position = range.end;
  }

  private token(token: IToken, mark: Mark): void {
    const closes = token.tokenType === t.BraceClose ? this.blocks.pop() : undefined;
    const empty = this.opened && closes !== undefined && this.line !== undefined;
    if (!this.line || (this.breaksBefore(token, mark, closes) && !empty)) {
      const fresh = mark.table !== undefined || closes !== undefined;
      this.line = this.open(mark.table ?? '', token.startOffset, fresh ? undefined : this.head, closes !== undefined);
      if (fresh) this.head = this.line;
    } else if (mark.column === 'key') {
      this.line.table = ''; // several entries of a data sheet on one line are prose, not a table
    }
    this.append(token, mark);
    if (mark.block) this.blocks.push(mark.block);
    this.opened = mark.block === 'wide';
    this.closed = closes === 'wide';
    this.previous = token;
    this.previousMark = mark;
    this.position = t.endOf(token);
  }

  private breaksBefore(token: IToken, mark: Mark, closes: Mark['block']): boolean {
    if (mark.break === 'hard' || closes === 'wide' || this.opened) return true;
    if (this.closed) return token.tokenType !== t.Comma;
    if (this.newlines(token.startOffset) === 0) return false;
    // A number must not come to stand before a name that would become its unit.
    const unit = this.previous?.tokenType === t.Numeral && UNITS.has(token.image);
    return mark.break === 'soft' || this.previous?.tokenType === t.Comma || unit;
  }

  private append(token: IToken, mark: Mark): void {
    const cells = this.line!.cells;
    const last = cells.at(-1);
    const image = imageOf(token);
    const listed =
      mark.column === 'key' && (this.previous?.tokenType === t.Comma || this.previousMark.block !== undefined);
    if (!last) cells.push({ text: image, column: mark.column ?? 'rest', gap: 0 });
    else if (mark.column !== undefined && !listed) cells.push({ text: image, column: mark.column, gap: mark.gap ?? 2 });
    else last.text += (this.blankBefore(token, mark) ? ' ' : '') + image;
  }

  private blankBefore(token: IToken, mark: Mark): boolean {
    const { previous } = this;
    if (!previous || mark.tight || this.previousMark.sign) return false;
    if (NO_BLANK_BEFORE.has(token.tokenType) || NO_BLANK_BEHIND.has(previous.tokenType)) return false;
    return !(previous.tokenType === t.BraceOpen && token.tokenType === t.BraceClose);
  }

  /** Starts a line for what stands at an offset; `head` is the line that it goes on. */
  private open(table: string, offset: number, head?: Line, closing = false): Line {
    const blankBefore = this.done.length > 0 && !this.opened && !closing && this.newlines(offset) > 1;
    const line: Line = {
      indent: this.blocks.filter((block) => block === 'wide').length,
      cells: [],
      table,
      blankBefore,
    };
    const second = head?.cells[1]?.column ?? '';
    const listed = this.previous?.tokenType === t.Comma;
    if (head) line.continues = { line: head, shift: listed ? (HANGING[second] ?? 0) : 0 };
    this.opened = false;
    this.done.push(line);
    return line;
  }

  /** Line breaks between the last token or comment and an offset. */
  private newlines(offset: number): number {
    return this.text.slice(this.position, offset).match(/\r\n|\r|\n/g)?.length ?? 0;
  }
}

/** A token as it is printed: one blank before a unit, none before a percent sign. */
function imageOf({ tokenType, image }: IToken): string {
  if (tokenType !== t.Quantity) return image;
  const { digits, unit } = t.partsOfQuantity(image);
  return unit === '%' ? digits + unit : `${digits} ${unit}`;
}
