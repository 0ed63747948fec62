import { describe, expect, test } from 'vitest';
import { ignoreWithoutEffect } from '../../server/rules/ignore.ts';
import { rules } from '../../server/rules/index.ts';
import { codesOf, diagnosticsOf, fixed, fixesOf, shown } from '../kit/analyses.ts';

/** What a page's failing spec cannot help to say besides its own diagnostic. */
const unavoidable: Readonly<Record<string, readonly string[]>> = {
  // An array that multiplies with too many DSPs needs too many LUTs for them as well.
  'dsp-oversubscribed': ['lut-oversubscribed', 'ff-oversubscribed'],
  // No kernel of the library is for engines.
  'engines-oversubscribed': ['not-modelled'],
};

describe.each([...rules, ignoreWithoutEffect].map((rule) => [rule.code, rule] as const))(
  '%s',
  (code, { severity, page }) => {
    test('its failing spec fails, with nothing else that could be helped', () => {
      const diagnostics = diagnosticsOf(page.failing);
      expect(diagnostics.filter((one) => one.code === code)).toHaveLength(1);
      expect(diagnostics.find((one) => one.code === code)?.severity).toBe(severity);
      expect(diagnostics.flatMap((one) => (one.code === code ? [] : [one.code]))).toEqual(unavoidable[code] ?? []);
    });

    test('its mended spec has nothing to complain of', () => {
      expect(diagnosticsOf(page.mended).map((one) => `${one.code}: ${one.message}`)).toEqual([]);
    });

    test('each of its fixes ends it', () => {
      const diagnostic = diagnosticsOf(page.failing).find((one) => one.code === code)!;
      for (const fix of fixesOf(diagnostic, page.failing)) {
        expect(codesOf(fixed(page.failing, fix)), fix.title).not.toContain(code);
      }
    });

    test('its words', async () => {
      const text = diagnosticsOf(page.failing).map((diagnostic) => shown(diagnostic, page.failing));
      await expect(`${text.join('\n')}\n`).toMatchFileSnapshot(`../golden/rules/${code}.txt`);
    });
  },
);

test('these diagnostics have a quick fix', () => {
  const withFix = [...rules, ignoreWithoutEffect].filter(({ code, page }) =>
    diagnosticsOf(page.failing).some((one) => one.code === code && fixesOf(one, page.failing).length > 0),
  );
  expect(withFix.map((rule) => rule.code)).toEqual([
    'missing-part',
    'unknown-name',
    'duplicate-name',
    'unit-mismatch',
    'pack-impossible',
    'operator-mapped-twice',
    'unmapped-operator',
    'dsp-oversubscribed',
    'bram-oversubscribed',
    'uram-oversubscribed',
    'lut-oversubscribed',
    'ff-oversubscribed',
    'engines-oversubscribed',
    'hbm-capacity',
    'cache-capacity',
    'memory-ports',
    'hbm-channel-bandwidth',
    'hbm-channel-shared',
    'port-too-narrow',
    'burst-too-short',
    'clock-too-fast',
    'closure-unlikely',
    'fifo-deadlock',
    'fifo-stall',
    'requirement-failed',
    'stream-width-mismatch',
    'stream-too-narrow',
    'array-does-not-divide',
    'lanes-mismatch',
    'accumulator-overflow',
    'wrong-memory',
    'modulo-addressing',
    'unbalanced-pipeline',
    'unused-name',
    'ignore-without-effect',
  ]);
});

test('of several fixes at most one is preferred', () => {
  for (const { page } of rules) {
    for (const diagnostic of diagnosticsOf(page.failing)) {
      const preferred = fixesOf(diagnostic, page.failing).filter((fix) => fix.preferred);
      expect(preferred.length).toBeLessThanOrEqual(1);
    }
  }
});
