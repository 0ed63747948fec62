import { MAX_NESTING, MAX_TEXT } from '../../grammar/parser.ts';
import { CLAUSE_WORDS, DECLARATION_WORDS, MODIFIER_WORDS, STATEMENT_WORDS } from '../../grammar/tokens.ts';
import type { SyntaxProblem } from '../../grammar/tree.ts';
import { count } from '../format.ts';
import { near } from './names.ts';
import { problemRule } from './problem.ts';
import { capital, either, quoted } from './words.ts';

/** Longer texts are not repeated whole. */
const MOST_LETTERS = 40;
/** Of many things that may stand somewhere, how many are named. */
const MOST_NAMED = 4;

export const syntaxError = problemRule('syntax', {
  code: 'syntax-error',
  severity: 'error',
  page: {
    summary: 'The text is not Weft here.',
    why: 'One place is marked for one slip; what stands before and after it keeps its meaning and its estimates.',
    failing: `accelerator a {
  device u280 at
  model  bert_base
  phase  forward(tokens: 512)
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: [
      'Write what the message expects at the mark.',
      'Ask for completion (Ctrl+Space): it offers only what may stand there.',
    ],
  },
  words({ problem }) {
    const guess = problem.kind === 'unexpected' ? near(problem.found, problem.expected.filter(isWord))[0] : undefined;
    const message = `${capital(words(problem))}${guess === undefined ? `${alternatives(problem)}.` : `. Did you mean ‘${guess}’?`}`;
    return { message, ...(guess && { subject: { guess } }) };
  },
  fix({ span, subject: { guess } }) {
    return guess === undefined
      ? []
      : [{ title: `Change to ‘${guess}’`, edits: [{ span, newText: guess }], preferred: true }];
  },
});

function words({ kind, found, after, expected, within }: SyntaxProblem): string {
  const place = within === '' || within === 'a file' ? '' : ` in ${within}`;
  switch (kind) {
    case 'nesting':
      return `brackets are nested too deep: ${MAX_NESTING} levels are enough for any spec`;
    case 'too-large':
      return `the file has more than ${count(MAX_TEXT)} characters and is not read: split it, and import the parts`;
    case 'binary':
      return 'this is no text: a spec is UTF-8 text without control characters';
    case 'lexical':
      return expected[0] === '"' ? `the closing " is missing${place}` : `${shown(found)} means nothing in Weft`;
    case 'missing': {
      const where = after === undefined ? `before ${shown(found)}` : `after ${shown(after)}`;
      return `${label(expected[0] ?? 'something')} is missing ${where}`;
    }
    case 'unexpected':
      return expected.includes('a name') && isReserved(found)
        ? `${shown(found)} is a word of the language and cannot be a name`
        : `${shown(found)} cannot stand here${place}`;
  }
}

const SMALL: ReadonlySet<string> = new Set([...MODIFIER_WORDS, '+', '-', '*', '.', '..', '(', '[', 'a comparison']);

/** ': expected a clause, a statement or ‘}’': where there are many, the words of a family are one alternative. */
function alternatives({ kind, found, expected }: SyntaxProblem): string {
  if (kind !== 'unexpected' || expected.length === 0) return '';
  if (expected.includes('a name') && isReserved(found)) return '';
  if (expected.length <= MOST_NAMED) return `: expected ${either(expected.map(label))}`;
  const families = new Set(expected.filter((word) => !SMALL.has(word)).map((word) => familyOf(word, expected)));
  return `: expected ${either([...families].slice(0, MOST_NAMED))}`;
}

function familyOf(word: string, all: readonly string[]): string {
  if (isOneOf(CLAUSE_WORDS, word)) return 'a clause';
  const statements = all.some((other) => isOneOf(STATEMENT_WORDS, other));
  if (isOneOf(STATEMENT_WORDS, word) || (statements && isOneOf(DECLARATION_WORDS, word))) return 'a statement';
  return isOneOf(DECLARATION_WORDS, word) ? 'a declaration' : label(word);
}

function isReserved(text: string): boolean {
  return [DECLARATION_WORDS, STATEMENT_WORDS, CLAUSE_WORDS].some((words) => isOneOf(words, text));
}

function isWord(expected: string): boolean {
  return /^[a-z]+$/.test(expected);
}

function isOneOf(words: readonly string[], word: string): boolean {
  return words.includes(word);
}

/** 'a value' and 'a name' as they are, signs and words in quotes. */
function label(expected: string): string {
  if (expected === 'an expression') return 'a value';
  return /^(an?|something)\b ?/.test(expected) && expected.includes(' ') ? expected : quoted(expected);
}

function shown(text: string): string {
  if (text === '') return 'the end of the file';
  const line = text.split(/\r?\n/, 1)[0]!;
  return quoted(line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS)}…` : line);
}
