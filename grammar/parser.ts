/** Text → tree. Never throws, never reads anything but the text: what is wrong with it is in the list of problems. */
import type { IToken, TokenType } from 'chevrotain';
import { adopted } from './adopt.ts';
import { hang } from './anchor.ts';
import { Automaton } from './automaton.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { WeftParser } from './productions/declarations.ts';
import { within } from './readable.ts';
import { repair } from './repair.ts';
import {
  BraceClose,
  BraceOpen,
  BracketClose,
  BracketOpen,
  endOf,
  lexer,
  Name,
  OpenText,
  ParenClose,
  ParenOpen,
  RESERVED,
  VOCABULARY,
} from './tokens.ts';
import type { Comment, Parsed, SyntaxProblem, Tree } from './tree.ts';
import { nodeAt } from './walk.ts';

/** A longer text is not read at all (UTF-16 units): nobody writes it, and reading it would block the editor. */
export const MAX_TEXT = 2_000_000;
/** Deeper nesting of brackets and braces is refused before parsing: recursive descent would run out of stack. */
export const MAX_NESTING = 64;

const MAX_PROBLEMS = 100;

/** Ends at the first error: what it has read until then is of no use, because the text is repaired and read again. */
const parser = new WeftParser(false);
/** Reads what no repair could mend; made when there first is such a text. */
let recovering: WeftParser | undefined;
const reserved: ReadonlySet<TokenType> = new Set(Object.values(RESERVED));
let automaton: Automaton | undefined;

/**
 * The same grammar as an automaton; made when a text first needs repair or completion, which most runs of the command line do
 * not. A made-up word costs more than a made-up sign or name: it would say something.
 */
export function grammarAutomaton(): Automaton {
  automaton ??= new Automaton(parser.getSerializedGastProductions(), VOCABULARY, (type) =>
    reserved.has(type) ? 3 : type === Name ? 1 : 1.5,
  );
  return automaton;
}

/** The pieces that a tree is made of, until another one takes them over. */
const piecesOfTree = new WeakMap<Parsed, readonly Piece[]>();

/** The tree of a text, what is wrong with it, and its comments. Deterministic; positions are UTF-16 offsets. */
export function parse(text: string): Parsed {
  return parsed(text, [], false);
}

/**
 * What `parse` makes of a text, at the price of an edit: declarations that have not changed are taken over as they are, with
 * whatever was made of them. Positions of the tree before mean nothing any more.
 */
export function parseAfter(before: Parsed, text: string): Parsed {
  const pieces = piecesOfTree.get(before) ?? [];
  piecesOfTree.delete(before);
  return parsed(text, pieces, true);
}

/** What `parse` makes of a text that is to be tried out: declarations that have not even moved are those of the other tree. */
export function parseBeside(other: Parsed, text: string): Parsed {
  return parsed(text, piecesOfTree.get(other) ?? [], false);
}

function parsed(text: string, others: readonly Piece[], moving: boolean): Parsed {
  const range = { start: 0, end: text.length };
  const unread = text.length > MAX_TEXT ? 'too-large' : text.includes('\0') ? 'binary' : undefined;
  if (unread) {
    const problem: SyntaxProblem = {
      kind: unread,
      range: { start: 0, end: 0 },
      found: `${text.length.toLocaleString('en-US')} characters`,
      expected: [],
      within: 'a file',
    };
    return { tree: { kind: 'tree', range, declarations: [] }, problems: [problem], comments: [] };
  }
  const pieces = piecesOf(text, others, moving, readPiece);
  const tree: Tree = { kind: 'tree', range, declarations: pieces.flatMap(({ declarations }) => declarations) };
  const problems = pieces.flatMap((piece) => piece.problems).slice(0, MAX_PROBLEMS);
  const made = { tree, problems, comments: pieces.flatMap(({ comments }) => comments) };
  piecesOfTree.set(made, pieces);
  return made;
}

function readPiece(text: string, at: number, instead?: Piece): Piece {
  const { tokens, groups } = lexer.tokenize(text);
  const comments = (groups.comments ?? []).map(commentOf);
  const found = [...lexicalProblems(tokens, groups.unknown ?? [])];
  const shallow = cutDeepNesting(tokens, found);
  const docs = documentation(text, comments);
  let reader = parser;
  let declarations = reader.declarations(shallow, docs);
  if (reader.errors.length > 0) {
    const mended = repair(text, shallow, grammarAutomaton());
    found.push(...mended.problems);
    declarations = reader.declarations(mended.tokens, docs);
    if (reader.errors.length > 0) {
      recovering ??= new WeftParser(true);
      reader = recovering;
      declarations = reader.declarations(mended.tokens, docs);
    }
    for (const error of reader.errors) found.push(problemAt(text, error.token));
  }
  if (reader.tooHigh) found.push({ ...problemAt(text, reader.tooHigh), kind: 'nesting' });
  found.sort((a, b) => a.range.start - b.range.start);
  const tree: Tree = { kind: 'tree', range: { start: 0, end: text.length }, declarations };
  const problems = onePerLine(text, found).map((problem) => ({
    ...problem,
    // What begins with the problem does not hold it.
    within: within(
      nodeAt(tree, behindWord(text, problem.range.start)).filter(({ range }) => range.start < problem.range.start),
    ),
  }));
  const anchor = { at };
  hang([declarations, problems, comments], anchor);
  const kept = instead ? adopted(instead, { text, declarations }) : declarations;
  return { text, anchor, declarations: kept, problems, comments };
}

/** A stray word belongs to what stands before it on its line. */
function behindWord(text: string, offset: number): number {
  let before = offset;
  while (text[before - 1] === ' ' || text[before - 1] === '\t') before--;
  return /[\r\n]/.test(text[before - 1] ?? '\n') ? offset : before;
}

function commentOf(token: IToken): Comment {
  const text = token.image;
  const documentation = text.startsWith('///') && !text.startsWith('////');
  return { range: { start: token.startOffset, end: endOf(token) }, text, documentation };
}

function* lexicalProblems(tokens: IToken[], unknown: IToken[]): Generator<SyntaxProblem> {
  for (const token of [...unknown, ...tokens.filter((token) => token.tokenType === OpenText)]) {
    const expected = token.tokenType === OpenText ? ['"'] : [];
    const range = { start: token.startOffset, end: endOf(token) };
    yield { kind: 'lexical', range, found: token.image, expected, within: '' };
  }
}

const OPENERS: ReadonlySet<unknown> = new Set([BraceOpen, BracketOpen, ParenOpen]);
const CLOSERS: ReadonlySet<unknown> = new Set([BraceClose, BracketClose, ParenClose]);

/** Leaves out what is nested deeper than MAX_NESTING, with one problem for each place. */
function cutDeepNesting(tokens: IToken[], problems: SyntaxProblem[]): IToken[] {
  let depth = 0;
  let deepest = 0;
  for (const token of tokens) {
    if (OPENERS.has(token.tokenType)) deepest = Math.max(deepest, ++depth);
    else if (CLOSERS.has(token.tokenType)) depth = Math.max(0, depth - 1);
  }
  if (deepest <= MAX_NESTING) return tokens;
  depth = 0;
  return tokens.filter((token) => {
    const opens = OPENERS.has(token.tokenType);
    if (opens && ++depth === MAX_NESTING + 1) {
      const range = { start: token.startOffset, end: endOf(token) };
      problems.push({ kind: 'nesting', range, found: token.image, expected: [], within: '' });
    }
    const kept = depth <= MAX_NESTING;
    if (CLOSERS.has(token.tokenType)) depth = Math.max(0, depth - 1);
    return kept;
  });
}

/** The text of each run of `///` lines, by the offset of what starts on the line after it. */
function documentation(text: string, comments: Comment[]): Map<number, string> {
  const docs = new Map<number, string>();
  let lines: string[] = [];
  for (const [index, comment] of comments.entries()) {
    if (!comment.documentation || !startsLine(text, comment.range.start)) continue;
    lines.push(comment.text.slice(3).trim());
    const gap = /[ \t]*(?:\r\n|\r|\n)[ \t]*/y;
    gap.lastIndex = comment.range.end;
    const next = gap.test(text) ? gap.lastIndex : -1;
    if (comments[index + 1]?.range.start === next && comments[index + 1]?.documentation) continue;
    if (next >= 0) docs.set(next, lines.join('\n'));
    lines = [];
  }
  return docs;
}

function startsLine(text: string, offset: number): boolean {
  let before = offset - 1;
  while (text[before] === ' ' || text[before] === '\t') before--;
  return before < 0 || text[before] === '\n' || text[before] === '\r';
}

function problemAt(text: string, token: IToken): SyntaxProblem {
  const start = Number.isNaN(token.startOffset) ? text.trimEnd().length : token.startOffset;
  const end = Number.isNaN(token.startOffset) ? start : endOf(token);
  return { kind: 'unexpected', range: { start, end }, found: token.image, expected: [], within: '' };
}

/** Whoever mends a line reads its next problem then: more than one a line is noise. So are more than a hundred. */
function onePerLine(text: string, problems: SyntaxProblem[]): SyntaxProblem[] {
  const kept: SyntaxProblem[] = [];
  let endOfLine = -1;
  for (const problem of problems) {
    if (problem.range.start <= endOfLine) {
      // What else is wrong with a line follows from its nesting.
      if (problem.kind === 'nesting') kept[kept.length - 1] = problem;
      continue;
    }
    if (kept.push(problem) === MAX_PROBLEMS) break;
    const lineBreak = /[\r\n]/g;
    lineBreak.lastIndex = problem.range.start;
    endOfLine = lineBreak.test(text) ? lineBreak.lastIndex - 1 : text.length;
  }
  return kept;
}
