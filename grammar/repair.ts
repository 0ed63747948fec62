/**
 * Mends a broken text before it is parsed.
 *
 * Where the text stops making sense, every small edit is tried (put a token in, take one out, close what is open, …) and
 * the one after which most of the following text makes sense is taken. The parser then reads a sound vector of tokens, so
 * one slip costs one problem and leaves the rest of the tree as it was. Made-up tokens carry `isInsertedInRecovery`, and
 * the parser reads no value from them.
 */
import { createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import { type Automaton, type Position, step } from './automaton.ts';
import { readable } from './readable.ts';
import { isSlipOf } from './spelling.ts';
import * as t from './tokens.ts';
import type { Range, SyntaxProblem } from './tree.ts';

/** An edit counts as good once this many tokens behind it make sense. */
const HORIZON = 10;
/** Fewer tokens than this behind an edit prove nothing. */
const EVIDENCE = 3;
/** A text with more slips than this is not a slip of the pen; the parser's own recovery reads the rest. */
const MAX_REPAIRS = 50;
/** Rank of leaving out the rest of a line: behind every likely slip, before the unlikely ones. */
const REST_OF_LINE = 10;
/** How many tokens one repair may take out while it looks for solid ground. */
const MAX_DELETED = 64;

interface Edit {
  /** How many of the tokens that were read are taken back. */
  back: number;
  /** What is read instead: tokens of the text, or types of tokens that are missing. */
  middle: (IToken | TokenType)[];
  /** How many of the following tokens are left out. */
  skip: number;
  /** Of two edits that make equal sense the one with the lower rank is taken. */
  rank: number;
  kind: 'missing' | 'unexpected';
  /** How many tokens behind the edit must make sense; EVIDENCE unless said. */
  evidence?: number;
  /** A word takes the place of a slip of it, which so makes as much sense as if it had been left and something put before it. */
  slip?: boolean;
}

interface Repaired {
  tokens: IToken[];
  problems: SyntaxProblem[];
}

export function repair(text: string, tokens: readonly IToken[], automaton: Automaton): Repaired {
  return new Repairer(text, tokens, automaton).run();
}

/** Where the grammar stands after some tokens; slips among them are mended on the way. */
export function positionsAfter(text: string, tokens: readonly IToken[], automaton: Automaton): readonly Position[] {
  const repairer = new Repairer(text, tokens, automaton);
  repairer.readAll();
  return repairer.here;
}

const STATEMENT_TYPES = new Set<TokenType>(
  [...t.DECLARATION_WORDS, ...t.STATEMENT_WORDS].map((word) => t.RESERVED[word]),
);
const WORD_TYPES = new Set<TokenType>([...Object.values(t.RESERVED), ...Object.values(t.MODIFIERS)]);
/** One kind of operand stands for all; labels and keys are never made up. */
const NEVER_INSERTED = new Set<TokenType>([t.Numeral, t.Quantity, t.Text, t.Word, t.Minus, t.MODIFIERS.x]);
/** Of several signs that would all do, the first of these. */
const SIGNS: TokenType[] = [
  ...[t.Name, t.Colon, t.Equals, t.Arrow, t.Comma, t.ParenClose, t.BracketClose, t.Times, t.ParenOpen, t.BracketOpen],
  ...[t.DotDot, t.Comparison, t.Dot, t.Plus, t.Factor, t.BraceOpen, t.BraceClose],
];

const CLAUSE_TYPES = new Set<TokenType>(t.CLAUSE_WORDS.map((word) => t.RESERVED[word]));

/** A name where a word of the language would do that looks like it. */
function misspelt({ tokenType, image }: IToken, type: TokenType): boolean {
  if (tokenType !== t.Name || !WORD_TYPES.has(type)) return false;
  const word = type.LABEL ?? '';
  return image.toLowerCase() === word || isSlipOf(image, word);
}

class Repairer {
  private readonly read: IToken[] = [];
  /** Where the automaton stood before each token of `read`, and, last, where it stands now. */
  private readonly history: (readonly Position[])[];
  private readonly problems: SyntaxProblem[] = [];
  private next = 0;

  constructor(
    private readonly text: string,
    private readonly tokens: readonly IToken[],
    automaton: Automaton,
  ) {
    this.history = [automaton.start('file')];
  }

  run(): Repaired {
    this.readAll();
    const whole = this.next >= this.tokens.length;
    if (whole && this.problems.length < MAX_REPAIRS && !this.here.some((position) => position.accepting))
      this.closeAll();
    return { tokens: [...this.read, ...this.tokens.slice(this.next)], problems: this.problems };
  }

  readAll(): void {
    for (;;) {
      while (this.next < this.tokens.length && this.advance(this.tokens[this.next]!)) this.next++;
      if (this.next >= this.tokens.length || this.problems.length >= MAX_REPAIRS) return;
      this.mend(this.choose());
    }
  }

  get here(): readonly Position[] {
    return this.history.at(-1)!;
  }

  private advance(token: IToken): boolean {
    const reached = step(this.here, token.tokenType);
    if (reached.length === 0) return false;
    this.read.push(token);
    this.history.push(reached);
    return true;
  }

  private mend(edit: Edit): void {
    this.problems.push(this.describe(edit));
    this.read.length -= edit.back;
    this.history.length -= edit.back;
    for (const piece of edit.middle) this.advance('tokenType' in piece ? piece : this.madeUp(piece));
    this.next += edit.skip;
  }

  /** A token of no width at the end of what was read. */
  private madeUp(type: TokenType): IToken {
    const at = this.endOfRead();
    const image = WORD_TYPES.has(type) ? (type.LABEL ?? '') : '';
    const token = createTokenInstance(type, image, at, at, Number.NaN, Number.NaN, Number.NaN, Number.NaN);
    return Object.assign(token, { isInsertedInRecovery: true });
  }

  private endOfRead(): number {
    const last = this.read.at(-1);
    return last ? t.endOf(last) : 0;
  }

  // ---- choosing

  private choose(): Edit {
    const foreign = this.foreignHabit();
    if (foreign) return foreign;
    const edits = [...this.smallEdits()];
    const small = this.best(edits);
    if (
      (small?.score === HORIZON && small.edit.rank < REST_OF_LINE) ||
      STATEMENT_TYPES.has(this.tokens[this.next]!.tokenType)
    ) {
      return small?.edit ?? this.findGround();
    }
    edits.push(...this.restOfLine());
    return this.best(edits)?.edit ?? this.findGround();
  }

  /**
   * What other languages ask for: a colon or an equals sign behind the word of a statement, a comma at the end of a line, clauses
   * behind the braces they speak of, a letter for thousands. What is meant is plain, however little of what follows makes sense.
   */
  private foreignHabit(): Edit | undefined {
    const token = this.tokens[this.next]!;
    const following = this.tokens[this.next + 1];
    const last = this.read.at(-1);
    if (!last || last.isInsertedInRecovery) return undefined;
    const leaveOut = (skip: number): Edit => ({ back: 0, middle: [], skip, rank: 0, kind: 'unexpected' });
    const startsLine = this.lineBreakBefore(last, token);
    const readable = (next: IToken | undefined, at = this.here): boolean =>
      next !== undefined && step(at, next.tokenType).length > 0;

    const sign = token.tokenType === t.Colon || token.tokenType === t.Equals;
    if (sign && STATEMENT_TYPES.has(last.tokenType) && readable(following)) return leaveOut(1);
    const endsLine = following !== undefined && this.lineBreakBefore(token, following);
    if (token.tokenType === t.Comma && !startsLine && endsLine && readable(following)) return leaveOut(1);

    if (last.tokenType === t.BraceClose && CLAUSE_TYPES.has(token.tokenType) && !startsLine && this.bracesMatch()) {
      let end = this.next;
      do end++;
      while (!this.endsStray(end));
      return leaveOut(end - this.next);
    }

    const number = this.read.at(-2);
    const suffix = last.tokenType === t.Name && number?.tokenType === t.Numeral && t.endOf(number) === last.startOffset;
    if (suffix && readable(token, this.history.at(-2))) return { ...leaveOut(0), back: 1 };
    return undefined;
  }

  /** Whether clauses that stand behind a brace end before a token. */
  private endsStray(index: number): boolean {
    const token = this.tokens[index];
    if (!token || token.tokenType === t.BraceClose || STATEMENT_TYPES.has(token.tokenType)) return true;
    return index - this.next === MAX_DELETED || this.lineBreakBefore(this.tokens[index - 1], token);
  }

  private bracesMatch(): boolean {
    const count = (type: TokenType): number => this.tokens.filter(({ tokenType }) => tokenType === type).length;
    return count(t.BraceOpen) === count(t.BraceClose);
  }

  /** At the end of the text: ends every rule that is still open. */
  private closeAll(): void {
    for (const { inserted, position } of this.exits(this.here)) {
      if (!position.accepting) continue;
      this.mend({ back: 0, middle: inserted, skip: 0, rank: 0, kind: 'missing' });
      return;
    }
  }

  private *smallEdits(): Generator<Edit> {
    const { here, read, history } = this;
    const token = this.tokens[this.next]!;
    const last = read.at(-1);
    const startsLine = this.lineBreakBefore(last, token);
    const startsStatement = STATEMENT_TYPES.has(token.tokenType);
    const following = this.tokens[this.next + 1];
    const goesOn = following !== undefined && !this.lineBreakBefore(token, following);

    const twice = last?.image === token.image && !startsLine;
    const halfTyped = token.tokenType === t.Name && !startsLine && !goesOn;
    const rankOfDeleting = startsStatement ? 20 : twice ? 1 : halfTyped ? 2.9 : 5;
    yield { back: 0, middle: [], skip: 1, rank: rankOfDeleting, kind: 'unexpected' };
    for (const { inserted } of this.exits(here)) {
      const opens = inserted.includes(t.BraceOpen);
      const rank = opens ? 9 : startsLine ? 2 : 4.5;
      // A statement that begins is evidence enough that the one before it is over.
      yield { back: 0, middle: inserted, skip: 0, rank, kind: 'missing', evidence: startsStatement ? 1 : EVIDENCE };
    }
    for (const type of this.insertable(here)) {
      // A line of several words that starts with none of the language has lost it; a lone word is being typed.
      const wordRank = STATEMENT_TYPES.has(type) && startsLine && goesOn ? 2.95 : startsLine ? 50 : 5.5;
      const signRank = (type === t.BraceOpen && !startsLine ? 5.2 : 3) + SIGNS.indexOf(type) / 100;
      const rank = WORD_TYPES.has(type) ? wordRank : signRank;
      yield { back: 0, middle: [type], skip: 0, rank, kind: 'missing' };
      const slip = misspelt(token, type);
      if (!startsStatement)
        yield { back: 0, middle: [type], skip: 1, rank: slip ? 0.5 : rank + 5, kind: 'unexpected', slip };
    }
    const times = !startsStatement && misspelt(token, t.MODIFIERS.x) && step(here, t.MODIFIERS.x).length > 0;
    if (times) yield { back: 0, middle: [t.MODIFIERS.x], skip: 1, rank: 0.5, kind: 'unexpected', slip: true };
    if (!last || last.isInsertedInRecovery) return;
    const before = history.at(-2)!;
    const lastIsWord = STATEMENT_TYPES.has(last.tokenType);
    const lastStartsLine = this.lineBreakBefore(read.at(-2), last);
    const strayBrace = last.tokenType === t.BraceClose && !startsLine;
    yield { back: 1, middle: [], skip: 0, rank: strayBrace ? 1.5 : lastIsWord ? 20 : 8, kind: 'unexpected' };
    for (const type of this.insertable(before)) {
      const rank = WORD_TYPES.has(type) ? 7.5 : lastStartsLine ? 2.5 : type === t.BraceOpen ? 8.5 : 7;
      yield { back: 1, middle: [type, last], skip: 0, rank, kind: 'missing' };
      const slip = misspelt(last, type);
      if (!lastIsWord) yield { back: 1, middle: [type], skip: 0, rank: slip ? 0.6 : rank + 8, kind: 'unexpected' };
    }
    if (lastStartsLine) {
      for (const { inserted } of this.exits(before)) {
        yield { back: 1, middle: [...inserted, last], skip: 0, rank: 2.5, kind: 'missing' };
      }
    }
    yield* this.braceEdits(startsStatement);
  }

  /** Leaves out what follows on the line, ending open rules where that helps. */
  private *restOfLine(): Generator<Edit> {
    for (let skip = 1; this.next + skip <= this.tokens.length; skip++) {
      const rank = REST_OF_LINE + skip / 10;
      yield { back: 0, middle: [], skip, rank, kind: 'unexpected' };
      for (const { inserted } of this.exits(this.here)) {
        yield { back: 0, middle: inserted, skip, rank: rank + 0.05, kind: 'unexpected' };
      }
      const next = this.tokens[this.next + skip];
      if (!next || skip === MAX_DELETED || this.lineBreakBefore(this.tokens[this.next + skip - 1], next)) return;
    }
  }

  /** A brace too few or too many shows only at the start of a later statement, or a few words behind it. */
  private *braceEdits(startsStatement: boolean): Generator<Edit> {
    const { read, history } = this;
    let start = read.length;
    if (!startsStatement) {
      do start--;
      while (start >= 0 && !STATEMENT_TYPES.has(read[start]!.tokenType));
      if (start < 0 || read.slice(start).some((token) => token.isInsertedInRecovery)) return;
    }
    const statement = read.slice(start);
    for (const { inserted } of this.exits(history[start]!)) {
      yield { back: statement.length, middle: [...inserted, ...statement], skip: 0, rank: 6, kind: 'missing' };
    }
    let brace = read.length - 1;
    while (read[brace] && read[brace]?.tokenType !== t.BraceClose) brace--;
    const behind = read.slice(brace + 1);
    if (brace < 0 || behind.length > MAX_DELETED || behind.some((token) => token.isInsertedInRecovery)) return;
    yield { back: behind.length + 1, middle: behind, skip: 0, rank: 6.5, kind: 'unexpected' };
  }

  /** Leaves tokens out, ending open rules where that helps, until the text makes sense again. */
  private findGround(): Edit {
    const left = this.tokens.length - this.next;
    for (let skip = 1; skip <= Math.min(left, MAX_DELETED); skip++) {
      const edits: Edit[] = [{ back: 0, middle: [], skip, rank: 0, kind: 'unexpected' }];
      for (const { inserted } of this.exits(this.here)) {
        edits.push({ back: 0, middle: inserted, skip, rank: 1, kind: 'unexpected' });
      }
      const found = this.best(edits);
      if (found) return found.edit;
    }
    return { back: 0, middle: [], skip: Math.min(left, MAX_DELETED), rank: 0, kind: 'unexpected' };
  }

  /** The edit behind which most of the text makes sense. A word is put in only where no other word would do as well. */
  private best(edits: Edit[]): { edit: Edit; score: number } | undefined {
    const scored = edits
      .map((edit) => ({ edit, score: this.score(edit) }))
      .filter(({ edit, score }) => score >= (edit.evidence ?? EVIDENCE))
      .sort((a, b) => b.score - a.score || a.edit.rank - b.edit.rank);
    const top = scored[0]?.score;
    const madeUpWord = ({ edit }: { edit: Edit }): TokenType | undefined =>
      edit.middle.find((piece): piece is TokenType => !('tokenType' in piece) && WORD_TYPES.has(piece));
    const firstWord = scored.find(madeUpWord);
    const words = new Set(
      scored.filter(({ score, edit }) => score === top && edit.rank === firstWord?.edit.rank).map(madeUpWord),
    );
    words.delete(undefined);
    return scored.find((candidate) => words.size < 2 || !madeUpWord(candidate));
  }

  /** How many tokens of the text make sense after an edit, up to the horizon. */
  private score(edit: Edit): number {
    let positions = this.history[this.history.length - 1 - edit.back]!;
    for (const piece of edit.middle) {
      positions = step(positions, 'tokenType' in piece ? piece.tokenType : piece);
      if (positions.length === 0) return -1;
    }
    let index = this.next + edit.skip;
    for (let read = edit.slip ? 1 : 0; read < HORIZON; read++, index++) {
      const token = this.tokens[index];
      if (!token) return HORIZON;
      positions = step(positions, token.tokenType);
      if (positions.length === 0) return read;
    }
    return HORIZON;
  }

  private *exits(positions: readonly Position[]): Generator<{ inserted: TokenType[]; position: Position }> {
    for (const position of positions) {
      for (const exit of position.exits()) if (exit.inserted.length > 0) yield exit;
    }
  }

  private insertable(positions: readonly Position[]): Set<TokenType> {
    const types = new Set<TokenType>();
    for (const { edges } of positions) {
      for (const { type } of edges) if (!NEVER_INSERTED.has(type)) types.add(type);
    }
    return types;
  }

  private lineBreakBefore(before: IToken | undefined, token: IToken): boolean {
    return !before || /[\r\n]/.test(this.text.slice(t.endOf(before), token.startOffset));
  }

  // ---- describing

  private describe(edit: Edit): SyntaxProblem {
    const start = this.read.length - edit.back;
    const token = this.tokens[this.next];
    const inserted = edit.middle.filter((piece): piece is TokenType => !('tokenType' in piece));
    const expected = readable(this.history[start]!, inserted);
    const found = token?.image ?? '';
    if (edit.kind === 'missing') {
      return { kind: 'missing', ...this.gap(start, inserted[0]), found, expected, within: '' };
    }
    const range = this.surplus(edit, start);
    const number = this.read[start - 1];
    const first = edit.skip > 0 ? token : this.read[start];
    const behind = inserted.length === 0 && first?.tokenType === t.Name && number?.tokenType === t.Numeral;
    return {
      kind: 'unexpected',
      range,
      found: this.text.slice(range.start, range.end),
      ...(behind && !this.lineBreakBefore(number, first) && { number: number.image }),
      expected,
      within: '',
    };
  }

  /** Something is missing before token `start` of what was read: said there, or behind the line before. */
  private gap(start: number, type: TokenType | undefined): { range: Range; after?: string } {
    const after = this.read[start] ?? this.tokens[this.next];
    let last = start - 1;
    while (this.read[last]?.isInsertedInRecovery) last--;
    const before = this.read[last];
    const startsLine = type !== undefined && STATEMENT_TYPES.has(type);
    if (before && (!after || (!startsLine && this.lineBreakBefore(before, after)))) {
      return { range: { start: before.startOffset, end: t.endOf(before) }, after: before.image };
    }
    return { range: after ? { start: after.startOffset, end: t.endOf(after) } : { start: 0, end: 0 } };
  }

  /** What is taken out, as far as it stands on one line. */
  private surplus(edit: Edit, start: number): Range {
    const first = edit.skip > 0 ? this.tokens[this.next]! : this.read[start]!;
    const last = edit.skip > 0 ? this.tokens[this.next + edit.skip - 1]! : first;
    const line = /[^\r\n]*/y;
    line.lastIndex = first.startOffset;
    line.test(this.text);
    const end = line.lastIndex < t.endOf(last) ? this.text.slice(0, line.lastIndex).trimEnd().length : t.endOf(last);
    return { start: first.startOffset, end: Math.max(end, t.endOf(first)) };
  }
}
