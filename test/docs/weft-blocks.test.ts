import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diagnosticsOf } from '../kit/analyses.ts';
import { blocksOf, specOf } from './blocks.ts';

/** Pages whose specs are shown because they fail have a test of their own. */
const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md') && !file.startsWith('diagnostics'))
  .map((file) => join('docs', file));

describe.each(['README.md', ...pages])('%s', (page) => {
  const blocks = blocksOf(readFileSync(page, 'utf8'));

  test.each(blocks.map((block) => [block.line, block] as const))('the spec in line %d has no error', (_, block) => {
    const errors = diagnosticsOf(specOf(block)).filter((one) => one.severity === 'error');
    expect(errors.map((one) => one.message)).toEqual([]);
  });

  test('every block of Weft is found', () => {
    const edits = readFileSync(page, 'utf8').match(/^```weft replace=/gm) ?? []; // of the tutorial, which has its own test
    expect(blocks.length + edits.length).toBe(readFileSync(page, 'utf8').split('```weft').length - 1);
  });
});
