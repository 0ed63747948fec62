import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from '../../grammar/parser.ts';
import { format } from '../../grammar/print.ts';
import { CLAUSE_WORDS, DECLARATION_WORDS, MODIFIER_WORDS, STATEMENT_WORDS, UNITS } from '../../grammar/tokens.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const json = (name: string) => JSON.parse(readFileSync(new URL(`../../syntaxes/${name}`, import.meta.url), 'utf8'));

describe('colours', () => {
  test('the annotated files get the scopes that they say', async () => {
    const tool = 'node_modules/vscode-tmgrammar-test/dist/unit.js';
    const run = promisify(execFile)(
      process.execPath,
      [tool, '-g', 'syntaxes/weft.tmLanguage.json', 'test/syntaxes/*.weft'],
      { cwd: root },
    );
    const { stdout } = await run.catch((failed: { stdout: string }) => failed);
    expect(stdout).not.toMatch(/✖|ERROR/);
    expect(stdout.match(/✓/g)).toHaveLength(2);
  });

  test('every word and every unit of the language is in the grammar', () => {
    const { repository } = json('weft.tmLanguage.json');
    const patterns = Object.entries(repository as Record<string, unknown>)
      .filter(([name]) => name !== 'labels')
      .map(([, rule]) => JSON.stringify(rule))
      .join('\n');
    const words = [...DECLARATION_WORDS, ...STATEMENT_WORDS, ...CLAUSE_WORDS, ...MODIFIER_WORDS, ...UNITS];
    const missing = words.filter((word) => !new RegExp(`(?<![A-Za-z])${word}(?![A-Za-z])`).test(patterns));
    expect(missing).toEqual([]);
  });
});

describe('snippets', () => {
  const snippets: Record<string, { prefix: string; body: string[] }> = json('snippets.json');
  const INSIDE: Record<string, [string, string]> = {
    file: ['', ''],
    accelerator: ['accelerator a {\n', '\n}'],
    model: ['model m {\n', '\n}'],
  };
  const contextOf = (prefix: string): string => {
    if (prefix === 'layer') return 'model';
    return ['accelerator', 'model', 'device', 'baseline', 'precision'].includes(prefix) ? 'file' : 'accelerator';
  };

  /** A snippet as it stands in the text when every placeholder is left as proposed. */
  const filled = (body: string[]): string =>
    body
      .join('\n')
      .replace(/\$\{\d+\|([^,|]*(?:\([^)]*\))?)[^|]*\|\}/g, '$1')
      .replace(/\$\{\d+:([^}]*)\}/g, '$1')
      .replace(/\$\d+/g, '');

  test.each(Object.entries(snippets))(
    '%s is a sound piece of a spec, laid out as the formatter would',
    (_, { prefix, body }) => {
      const [before, behind] = INSIDE[contextOf(prefix)]!;
      const text = before + filled(body) + behind;
      expect(parse(text).problems).toEqual([]);
      expect(filled(body)).not.toMatch(/\$/);
      const lines = (spec: string): string[] =>
        spec
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean);
      expect(lines(format(text))).toEqual(lines(text));
    },
  );
});

describe('editing', () => {
  const configuration = json('language-configuration.json');

  test('a documentation line goes on', () => {
    const [rule] = configuration.onEnterRules;
    expect('  /// Weights from HBM').toMatch(new RegExp(rule.beforeText));
    expect('  // a comment').not.toMatch(new RegExp(rule.beforeText));
  });

  test('a comment that is broken in the middle goes on; a new line after it is no comment', () => {
    const [, rule] = configuration.onEnterRules;
    const splits = (before: string, after: string) =>
      new RegExp(rule.beforeText).test(before) && new RegExp(rule.afterText).test(after);
    expect(splits('  // what routing', ' must keep')).toBe(true);
    expect(splits('  // what routing must keep', '')).toBe(false);
    expect(splits('  /// documentation', ' text')).toBe(false);
    expect(splits('  copies 1 // layers', ' on the chip')).toBe(false);
  });

  test('a block indents what follows, its end does not', () => {
    const { increaseIndentPattern, decreaseIndentPattern } = configuration.indentationRules;
    for (const line of ['accelerator a {', '  region r on slr0 {   // shared']) {
      expect(line).toMatch(new RegExp(increaseIndentPattern));
    }
    for (const line of ['die slr0 { lut: 1 }', '// a {', 'kernel q array 8 x 8']) {
      expect(line).not.toMatch(new RegExp(increaseIndentPattern));
    }
    expect('  }').toMatch(new RegExp(decreaseIndentPattern));
  });

  test('a double click takes a whole name, number or unit', () => {
    const words = 'array feed_forward 8 at 14.4 GB/s'.match(new RegExp(configuration.wordPattern, 'g'));
    expect(words).toEqual(['array', 'feed_forward', '8', 'at', '14.4', 'GB/s']);
  });
});
