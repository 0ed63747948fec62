/** The language reference leaves nothing out. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MAX_NESTING, MAX_TEXT } from '../../grammar/parser.ts';
import { CLAUSE_WORDS, DECLARATION_WORDS, STATEMENT_WORDS, UNITS } from '../../grammar/tokens.ts';
import { OPERATOR_KINDS, OPERATORS } from '../../server/design/operators.ts';
import { STORAGE_KINDS } from '../../server/design/sheets/places.ts';
import { DEFAULT_PRECISION, ELEMENT_TYPES } from '../../server/design/sheets/precision.ts';
import { PHASE_NAMES } from '../../server/design/terms/phase.ts';
import { ebnf, RULES } from './ebnf.ts';

/** A block of grammar: the productions that it shows stand behind its fence. */
const GRAMMAR = /^```ebnf (.+)\n[\s\S]*?^```$/gm;

describe('grammar', () => {
  const page = readFileSync('docs/language.md', 'utf8');

  test('its blocks are what the parser does: `vitest run test/docs -u` writes them anew', async () => {
    const current = page.replace(
      GRAMMAR,
      (_, names: string) => `\`\`\`ebnf ${names}\n${ebnf(names.split(' '))}\n\`\`\``,
    );
    await expect(current).toMatchFileSnapshot('../../docs/language.md');
  });

  test('every production has one place on the page', () => {
    const shown = [...page.matchAll(GRAMMAR)].flatMap(([, names]) => names!.split(' '));
    expect(shown.sort()).toEqual([...RULES].sort());
  });
});

const reference = readFileSync('docs/language.md', 'utf8');
const code = (word: string) => new RegExp(`\`${word.replace(/[%/]/g, '\\$&')}\``);

test.each([...DECLARATION_WORDS, ...STATEMENT_WORDS, ...CLAUSE_WORDS])('the word %s', (word) => {
  expect(reference).toMatch(code(word));
});
test.each(UNITS)('the unit %s', (unit) => {
  expect(reference).toMatch(code(unit));
});
test.each([...ELEMENT_TYPES, ...STORAGE_KINDS, DEFAULT_PRECISION])('the type or storage %s', (name) => {
  expect(reference).toMatch(code(name));
});
test.each(PHASE_NAMES)('the phase %s', (name) => {
  expect(reference).toContain(`${name}(`);
});

describe('operators', () => {
  test.each(OPERATOR_KINDS)('%s, with its options in their order', (kind) => {
    const [, options] = new RegExp(`\`${kind}\\(([^)]*)\\)\``).exec(reference) ?? [];
    expect(options).toBeDefined();
    const inputs = OPERATORS[kind].inputs === Infinity ? 2 : OPERATORS[kind].inputs;
    expect(options!.split(', ').slice(inputs)).toEqual(OPERATORS[kind].options.map((option) => option.name));
  });
});

test('bounds', () => {
  expect(reference).toContain(`nest ${MAX_NESTING} levels deep`);
  expect(MAX_TEXT).toBe(2_000_000);
  expect(reference).toContain('at most two million characters');
});
