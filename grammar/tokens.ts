/**
 * The words, signs and numbers of Weft.
 *
 * Three families of words: declaration words and clause words are reserved (`array`, `kernel`, …); a few modifiers
 * (`repeat`, `double`, `x`, …) are ordinary names that mean something in one place; everything else is a name. The families
 * are token categories, so that the parser asks for a name and gets `double` too.
 */
import { createToken, type IToken, type ITokenConfig, Lexer, type TokenType } from 'chevrotain';

/** Units that may follow a number. Closed list: a word that is not here stays a name of its own. */
export const UNITS = [
  ...['Hz', 'kHz', 'MHz', 'GHz'],
  ...['ns', 'us', 'ms', 's', 'cycles'],
  ...['B', 'KB', 'MB', 'GB', 'KiB', 'MiB', 'GiB', 'bit'],
  ...['MB/s', 'GB/s', 'Gb/s', 'MT/s', 'tok/s', 'frame/s'],
  ...['mW', 'W'],
  ...['pJ', 'uJ', 'mJ', 'J'],
  ...['GOPS', 'TOPS', 'GFLOPS', 'TFLOPS'],
  'tok',
  '%',
] as const;

/** Words that start a declaration; the only words that may not even label an argument or a data-sheet field. */
export const DECLARATION_WORDS = ['import', 'let', 'model', 'device', 'baseline', 'precision', 'accelerator'] as const;

/** Words that start a line of a model, an accelerator or a region. */
export const STATEMENT_WORDS = [
  ...['input', 'output', 'layer'],
  ...['phase', 'copies', 'reserve', 'parameters', 'region', 'kernel', 'stream', 'require'],
  ...['choose', 'minimize', 'maximize', 'compare'],
] as const;

/** Words that start a clause or stand inside one. Disjoint from the statements', so that no clause swallows a statement. */
export const CLAUSE_WORDS = [
  ...['array', 'tile', 'lanes', 'pack', 'ii', 'replicate', 'weights', 'cache', 'depth'],
  ...['as', 'at', 'for', 'from', 'in', 'on', 'over', 'via', 'link', 'split', 'auto'],
  'stationary', // kept for weight-stationary arrays; no rule takes it yet
] as const;

/** Ordinary names that mean something in one place. */
export const MODIFIER_WORDS = ['repeat', 'of', 'double', 'single', 'port', 'burst', 'x'] as const;

export type ReservedWord =
  | (typeof DECLARATION_WORDS)[number]
  | (typeof STATEMENT_WORDS)[number]
  | (typeof CLAUSE_WORDS)[number];
type Modifier = (typeof MODIFIER_WORDS)[number];

const digits = '[0-9][0-9_]*';
const number = `${digits}(?:\\.${digits})?(?:[eE][+-]?${digits})?`;
const units = [...UNITS]
  .sort((a, b) => b.length - a.length)
  .filter((unit) => unit !== '%')
  .join('|');

/** Label or data-sheet key: a name or any reserved word that does not start a declaration. */
export const Word = createToken({ name: 'Word', pattern: Lexer.NA, label: 'a word' });
export const Name = createToken({
  name: 'Name',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  categories: [Word],
  label: 'a name',
});

function word(text: string, options: Partial<ITokenConfig>): TokenType {
  const name = text[0]!.toUpperCase() + text.slice(1);
  return createToken({
    name,
    pattern: new RegExp(text),
    start_chars_hint: [text[0]!],
    longer_alt: Name,
    label: text,
    ...options,
  });
}

/** One token type for each reserved word. */
export const RESERVED = Object.fromEntries([
  ...DECLARATION_WORDS.map((text) => [text, word(text, {})]),
  ...[...STATEMENT_WORDS, ...CLAUSE_WORDS].map((text) => [text, word(text, { categories: [Word] })]),
]) as Record<ReservedWord, TokenType>;

/** `x` or `×` right after a digit is always the times sign; a lone `x` elsewhere is a name that may serve as one. */
function timesAfterDigit(text: string, offset: number): [string] | null {
  const sign = text[offset];
  if (sign === '×') return ['×'];
  if (sign !== 'x' || offset === 0) return null;
  return /[0-9]/.test(text[offset - 1]!) ? ['x'] : null;
}
export const Times = createToken({ name: 'Times', pattern: Lexer.NA, label: 'x' });
export const TimesSign = createToken({
  name: 'TimesSign',
  pattern: { exec: timesAfterDigit },
  start_chars_hint: ['x', '×'],
  line_breaks: false,
  categories: [Times],
  label: 'x',
});

/** The modifiers: names with a token type of their own. */
export const MODIFIERS = Object.fromEntries(
  MODIFIER_WORDS.map((text) => [text, word(text, { categories: text === 'x' ? [Name, Times] : [Name] })]),
) as Record<Modifier, TokenType>;

export const Quantity = createToken({
  name: 'Quantity',
  pattern: new RegExp(`${number}[ \\t]*(?:%|(?:${units})(?![A-Za-z0-9_]))`),
  label: 'a quantity',
});
export const Numeral = createToken({ name: 'Numeral', pattern: new RegExp(number), label: 'a number' });

/** Text between quotes on one line; there are no escapes, so that a path is what it looks like. */
export const Text = createToken({ name: 'Text', pattern: /"[^"\r\n]*"/, label: 'a text in quotes' });
/** A quote that is never closed: still a text, with a lexical problem. */
export const OpenText = createToken({ name: 'OpenText', pattern: /"[^"\r\n]*/, categories: [Text], label: 'a text' });

const sign = (name: string, text: string): TokenType =>
  createToken({ name, pattern: new RegExp(text.replace(/[.*+?()[\]{}]/g, '\\$&')), label: text });

export const Arrow = sign('Arrow', '->');
export const DotDot = sign('DotDot', '..');
export const Dot = sign('Dot', '.');
export const Comma = sign('Comma', ',');
export const Colon = sign('Colon', ':');
export const BraceOpen = sign('BraceOpen', '{');
export const BraceClose = sign('BraceClose', '}');
export const BracketOpen = sign('BracketOpen', '[');
export const BracketClose = sign('BracketClose', ']');
export const ParenOpen = sign('ParenOpen', '(');
export const ParenClose = sign('ParenClose', ')');
export const Plus = sign('Plus', '+');
export const Minus = sign('Minus', '-');
export const Factor = createToken({ name: 'Factor', pattern: /[*/]/, label: '*' });
export const Comparison = createToken({ name: 'Comparison', pattern: /<=|>=|==|!=|<|>/, label: 'a comparison' });
export const Equals = sign('Equals', '=');

/** Comments, documentation and characters of no token go into groups of their own: the parser never sees them. */
export const LineComment = createToken({ name: 'LineComment', pattern: /\/\/[^\r\n]*/, group: 'comments' });
export const Unknown = createToken({
  name: 'Unknown',
  // A positive class, because the lexer cannot index a negated one by first character; \s and × are taken before it.
  pattern:
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    /[\u0000-\u0008\u000e-\u001f!#$%&';?@\\^`|~\u007f-\u009f\u00a1-\u00d6\u00d8-\u167f\u1681-\ufefe\uff00-\uffff]+/,
  group: 'unknown',
  line_breaks: true,
});
const Blank = createToken({ name: 'Blank', pattern: /\s+/, group: Lexer.SKIPPED, line_breaks: true });

export const VOCABULARY: TokenType[] = [
  Blank,
  LineComment,
  TimesSign,
  ...Object.values(RESERVED),
  ...Object.values(MODIFIERS),
  Name,
  Quantity,
  Numeral,
  Text,
  OpenText,
  ...[Arrow, DotDot, Dot, Comma, Colon, BraceOpen, BraceClose, BracketOpen, BracketClose, ParenOpen, ParenClose],
  ...[Plus, Minus, Factor, Comparison, Equals],
  Word,
  Times,
  Unknown,
];

/** Offsets only: lines and columns exist at the edge of the program. */
export const lexer = new Lexer(VOCABULARY, {
  positionTracking: 'onlyOffset',
  ensureOptimizations: true,
  skipValidations: true,
});

/** Offset behind a token; one that recovery made up has no width. */
export function endOf(token: IToken): number {
  return token.isInsertedInRecovery ? token.startOffset : token.startOffset + token.image.length;
}

const quantityParts = new RegExp(`^(${number})[ \\t]*(.+)$`);

/** The number and the unit of a quantity's token. */
export function partsOfQuantity(image: string): { digits: string; unit: string } {
  const [, digits = '', unit = ''] = quantityParts.exec(image) ?? [];
  return { digits, unit };
}
