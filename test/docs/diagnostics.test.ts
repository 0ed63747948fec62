/** docs/diagnostics is made of the rules: `vitest run test/docs -u` writes it anew. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ignoreWithoutEffect } from '../../server/rules/ignore.ts';
import { rules } from '../../server/rules/index.ts';
import { noAccelerator } from '../../server/rules/no-accelerator.ts';
import { pageText } from '../../server/rules/page.ts';
import { diagnosticsOf } from '../kit/analyses.ts';

const all = [...rules, ignoreWithoutEffect, noAccelerator];

test.each(all.map((rule) => [rule.code, rule] as const))('%s', async (code, rule) => {
  const said = diagnosticsOf(rule.page.failing).flatMap((one) => (one.code === code ? [one.message] : []));
  await expect(pageText(rule, said)).toMatchFileSnapshot(`../../docs/diagnostics/${code}.md`);
});

test('the index', async () => {
  const rows = [...all]
    .sort((a, b) => a.code.localeCompare(b.code))
    .map(({ code, severity, page }) => `| [${code}](${code}.md) | ${severity} | ${page.summary} |`);
  const text = [
    '# Diagnostics',
    'Each has a page with a spec that fails, why it matters, and the spec mended. In the editor the code of a diagnostic links to its page.',
    'An error makes `weft check` end with exit code 1, and the spec is not exported. A warning is about a design that can be built. An information says what the figures leave out.',
    ['| code | severity | says |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
  await expect(`${text}\n`).toMatchFileSnapshot('../../docs/diagnostics/README.md');
});

test('no page is left of a rule that is gone', () => {
  const files = readdirSync('docs/diagnostics').filter((file) => file !== 'README.md');
  expect(files.sort()).toEqual(all.map(({ code }) => `${code}.md`).sort());
});

test('a link in a page leads somewhere', () => {
  for (const { code } of all) {
    const page = readFileSync(`docs/diagnostics/${code}.md`, 'utf8');
    for (const [, target] of page.matchAll(/\]\(([^)]+)\)/g)) expect(readdirSync('docs'), code).toContain(target);
  }
});
