/** What may come next at a point of a text: the ground of completion. Works in half-typed lines. */
import type { IToken, TokenType } from 'chevrotain';
import type { Edge, Position } from './automaton.ts';
import { grammarAutomaton } from './parser.ts';
import { startsOf } from './pieces.ts';
import { positionsAfter } from './repair.ts';
import * as t from './tokens.ts';

/**
 * Kinds of things that a person chooses from: a `name` (of something declared elsewhere, or a new one: `within` and
 * `after` tell), an `expression`, a `place` (operator, die, memory, …), a `label` before a colon, a `unit` behind a
 * number, a `text` in quotes.
 */
export type Expected = 'name' | 'expression' | 'place' | 'label' | 'unit' | 'text';

export interface Expectation {
  /** Where the word that is being typed starts; equal to the offset when none is. */
  readonly start: number;
  /** Words of the language that may stand here, innermost construct first. */
  readonly words: string[];
  readonly signs: string[];
  readonly classes: Expected[];
  /** Kind of the innermost node that is open here, named as in tree.ts: 'kernel', 'stream', 'accelerator', 'tree', … */
  readonly within: string;
  /** The last word of the language before this point: 'array', 'weights', 'device', … */
  readonly after?: string;
  /** Inside the brackets of a call: what is called, which argument this is (from 0), and the label before it. */
  readonly call?: { readonly callee: string; readonly argument: number; readonly label?: string };
}

/** @param offset UTF-16 offset into the text; what stands behind it does not count. */
export function expectedAt(text: string, offset: number): Expectation {
  const from = startsOf(text.slice(0, offset)).at(-1) ?? 0;
  const found = expectedIn(text.slice(from, offset), offset - from);
  return { ...found, start: from + found.start };
}

/** @param text from where the declaration around the point begins */
function expectedIn(text: string, offset: number): Expectation {
  const start = startOfWord(text, offset);
  const { tokens, groups } = t.lexer.tokenize(text.slice(0, start));
  const comment = groups.comments?.at(-1);
  if (comment && t.endOf(comment) === start) return nothing(start, []);
  const last = tokens.at(-1);
  if (last?.tokenType === t.OpenText) return nothing(last.startOffset + 1, ['text']);

  const declaration = tokens.slice(startOfDeclaration(tokens));
  const positions = positionsAfter(text, declaration, grammarAutomaton());
  const edges = positions.flatMap((position) => position.edges);
  const classes = new Set<Expected>(edges.flatMap((edge) => classOf(edge) ?? []));
  const behindNumber = last?.tokenType === t.Numeral && /^[ \t]*$/.test(text.slice(t.endOf(last), start));
  if (behindNumber) classes.add('unit');
  const after = lastWord(declaration);
  const call = openCall(declaration);
  return {
    start,
    words: unique(edges.filter(({ type }) => WORDS.has(type))),
    signs: unique(edges.filter(({ type }) => !WORDS.has(type) && !classOfType.has(type))),
    classes: [...classes],
    within: kindOf(positions[0]),
    ...(after && { after }),
    ...(call && { call }),
  };
}

function nothing(start: number, classes: Expected[]): Expectation {
  return { start, words: [], signs: [], classes, within: 'tree' };
}

function startOfWord(text: string, offset: number): number {
  let start = offset;
  while (/[A-Za-z0-9_]/.test(text[start - 1] ?? '')) start--;
  if (/[A-Za-z_]/.test(text[start] ?? '') && start < offset) return start;
  // Behind digits: a unit (`245MHz`) or the factor after a times sign (`8xrows`), or just the number itself.
  const behindDigits = /^[0-9_.]*x?/.exec(text.slice(start, offset))![0].length;
  return start + behindDigits;
}

/** Declarations are read one by one: what stands before the last one that is open cannot matter. */
function startOfDeclaration(tokens: readonly IToken[]): number {
  let depth = 0;
  let start = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.tokenType === t.BraceOpen) depth++;
    else if (token.tokenType === t.BraceClose) depth = Math.max(0, depth - 1);
    else if (depth === 0 && DECLARATIONS.has(token.tokenType)) start = index;
  }
  return start;
}

const DECLARATIONS = new Set<TokenType>(t.DECLARATION_WORDS.map((word) => t.RESERVED[word]));
const WORDS = new Set<TokenType>([...Object.values(t.RESERVED), ...Object.values(t.MODIFIERS)]);
const CLASS_BY_RULE: Record<string, Expected> = {
  placePart: 'place',
  referenceOrCall: 'expression',
  primary: 'expression',
};
const classOfType = new Map<TokenType, Expected>([
  [t.Name, 'name'],
  [t.Word, 'label'],
  [t.Text, 'text'],
  [t.Numeral, 'expression'],
  [t.Quantity, 'expression'],
]);

function classOf({ type, at }: Edge): Expected | undefined {
  const byType = classOfType.get(type);
  return byType && (CLASS_BY_RULE[at.rule] ?? byType);
}

function unique(edges: readonly Edge[]): string[] {
  return [...new Set(edges.map(({ type }) => type.LABEL ?? type.name))];
}

/** Kinds of nodes by the rule that reads them; rules that are not here are parts of another's node. */
const KIND_BY_RULE: Record<string, string> = {
  ...{ importFile: 'import', letConstant: 'let', model: 'model', sheet: 'sheet', accelerator: 'accelerator' },
  ...{ modelInput: 'input', modelOutput: 'output', layer: 'layer', operation: 'operation', item: 'item' },
  ...{ device: 'device', deviceParts: 'device', useModel: 'use-model', phase: 'phase', usePrecision: 'use-precision' },
  ...{ copies: 'copies', reserve: 'reserve', require: 'require', objective: 'objective', trained: 'parameters' },
  ...{ choose: 'choose', compare: 'compare', region: 'region', kernel: 'kernel', stream: 'stream', file: 'tree' },
};

function kindOf(position: Position | undefined): string {
  for (const rule of position?.rules() ?? []) {
    const kind = KIND_BY_RULE[rule];
    if (kind) return kind;
  }
  return 'tree';
}

function lastWord(tokens: readonly IToken[]): string | undefined {
  for (let index = tokens.length - 1; index >= 0; index--) {
    const label = tokens[index + 1]?.tokenType === t.Colon && tokens[index - 1]?.tokenType !== t.RESERVED.kernel;
    if (WORDS.has(tokens[index]!.tokenType) && !label && tokens[index]!.tokenType !== t.MODIFIERS.x) {
      return tokens[index]!.image;
    }
  }
  return undefined;
}

function openCall(tokens: readonly IToken[]): Expectation['call'] {
  let depth = 0;
  let argument = 0;
  let label: string | undefined;
  for (let index = tokens.length - 1; index >= 0; index--) {
    const { tokenType, image } = tokens[index]!;
    if (tokenType === t.BraceOpen || tokenType === t.BraceClose) return undefined;
    if (tokenType === t.ParenClose || tokenType === t.BracketClose) depth++;
    else if (tokenType === t.ParenOpen || tokenType === t.BracketOpen) {
      if (depth-- > 0) continue;
      const callee = tokens[index - 1];
      if (tokenType !== t.ParenOpen || !callee || !NAMES.has(callee.tokenType)) return undefined;
      return { callee: callee.image, argument, ...(label && { label }) };
    } else if (depth === 0 && tokenType === t.Comma) argument++;
    else if (depth === 0 && argument === 0 && image === ':') label = tokens[index - 1]?.image;
  }
  return undefined;
}

const NAMES = new Set<TokenType>([t.Name, ...Object.values(t.MODIFIERS)]);
