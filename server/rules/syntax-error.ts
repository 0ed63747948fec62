import { MAX_NESTING, MAX_TEXT } from '../../grammar/parser.ts';
import { CLAUSE_WORDS, DECLARATION_WORDS, MODIFIER_WORDS, STATEMENT_WORDS, UNITS } from '../../grammar/tokens.ts';
import type { SyntaxProblem } from '../../grammar/tree.ts';
import { count, enumeration } from '../format.ts';
import { habitOf } from './habits.ts';
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
    const unit = unitMeant(problem);
    const guess = unit?.guess ?? guessOf(problem);
    const said = unit
      ? `${shown(unit.word)} is no unit`
      : words(guess === undefined ? problem : { ...problem, within: '' });
    const end = guess === undefined ? `${unit?.remedy ?? remedyOf(problem)}.` : `. Did you mean ‘${guess}’?`;
    // Only what stands there in one word can be changed into another.
    const subject = guess !== undefined && (!unit || unit.word === problem.found) ? { guess } : undefined;
    return { message: `${capital(said)}${end}`, ...(subject && { subject }) };
  },
  fix({ span, subject: { guess } }) {
    return guess === undefined
      ? []
      : [{ title: `Change to ‘${guess}’`, edits: [{ span, newText: guess }], preferred: true }];
  },
});

/** ': a comment begins with ‘//’', or what could have come. */
function remedyOf(problem: SyntaxProblem): string {
  const habit = habitOf(problem);
  return habit === undefined ? alternatives(problem) : `: ${habit}`;
}

/** What a word is called elsewhere that stands for a unit here. */
const unitsByOtherNames: Readonly<Record<string, string>> = {
  ...{ fps: 'frame/s', frames: 'frame/s', images: 'frame/s', tps: 'tok/s', tokens: 'tok', token: 'tok' },
  ...{ sec: 's', second: 's', seconds: 's', msec: 'ms', usec: 'us', µs: 'us', percent: '%', bits: 'bit', watt: 'W' },
  ...{ gbps: 'Gb/s', flops: 'GFLOPS', ops: 'GOPS', clk: 'cycles', cycle: 'cycles' },
};
/** Letters for powers of a thousand, which numbers are written without. */
const THOUSANDS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };

/** A word behind a number that is like a unit, or would be one elsewhere. */
function unitMeant({
  kind,
  found,
  number,
}: SyntaxProblem): { word: string; guess?: string; remedy?: string } | undefined {
  const word = /^[A-Za-z]+/.exec(found)?.[0];
  if (kind !== 'unexpected' || number === undefined || word === undefined) return undefined;
  const scale = THOUSANDS[word] ?? THOUSANDS[word.toLowerCase()];
  const value = Number(number.replaceAll('_', ''));
  if (scale !== undefined)
    return { word, remedy: `: write the number out, ${count(value * scale).replaceAll(',', '_')}` };
  const typed = word.toLowerCase();
  const guess =
    UNITS.find((unit) => unit.toLowerCase() === typed) ??
    (Object.hasOwn(unitsByOtherNames, typed) ? unitsByOtherNames[typed] : undefined);
  return guess === undefined ? undefined : { word, guess };
}

/** A word of the language that is meant by what stands there. */
function guessOf(problem: SyntaxProblem): string | undefined {
  const word = problem.kind === 'unexpected' || beginsNothing(problem);
  return word ? near(problem.found, problem.expected.filter(isWord))[0] : undefined;
}

/** A name where a statement begins: the word that is missing could be any. */
function beginsNothing({ kind, found, after, expected }: SyntaxProblem): boolean {
  const first = expected[0] ?? '';
  return kind === 'missing' && after === undefined && /^\w/.test(found) && isOneOf(STATEMENT_WORDS, first);
}

/** A clause where none may stand: behind the braces that it speaks of. */
function isBehindBraces({ found, expected }: SyntaxProblem): boolean {
  const [word = ''] = found.split(/\s/, 1);
  return isOneOf(CLAUSE_WORDS, word) && expected.includes('}') && !expected.some((one) => isOneOf(CLAUSE_WORDS, one));
}

function words(problem: SyntaxProblem): string {
  const { kind, found, after, expected, within } = problem;
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
      if (beginsNothing(problem)) return `${shown(found)} begins no statement`;
      const where = after === undefined ? `before ${shown(found)}` : `after ${shown(after)}`;
      return `${label(expected[0] ?? 'something')} is missing ${where}`;
    }
    case 'unexpected':
      if (found === '}' && !expected.includes('}')) return '‘}’ closes nothing: there is one too many';
      return expected.includes('a name') && isReserved(found)
        ? `${shown(found)} is a word of the language and cannot be a name`
        : `${shown(found)} cannot stand here${place}`;
  }
}

const SMALL: ReadonlySet<string> = new Set([...MODIFIER_WORDS, '+', '-', '*', '.', '..', '(', '[', 'a comparison']);

/** ': expected a clause, a statement or ‘}’': where there are many, the words of a family are one alternative. */
function alternatives(problem: SyntaxProblem): string {
  const { kind, found, expected } = problem;
  if ((kind !== 'unexpected' && !beginsNothing(problem)) || expected.length === 0) return '';
  if (found === '}' && !expected.includes('}')) return '';
  if (beginsNothing(problem)) {
    return `. Known: ${enumeration(
      expected.filter((word) => familyOf(word, expected) === 'a statement'),
      20,
    )}`;
  }
  if (isBehindBraces(problem)) return ': clauses come before the ‘{’';
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
