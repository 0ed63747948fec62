/** The specs that people start from: in the one layout, without a mistake, and each with the figures of its accelerators. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { format } from '../../grammar/print.ts';
import { analysisOf } from '../kit/analyses.ts';

const examples = globSync('examples/*.weft').sort();

describe.each(examples)('%s', (path) => {
  const text = readFileSync(path, 'utf8');
  const { design, estimate, diagnostics } = analysisOf(text);

  test('stands as the formatter writes it', () => {
    expect(format(text)).toBe(text);
  });

  test('has no mistake in it; what is not priced yet is said', () => {
    expect(design.problems.filter(({ code }) => code !== 'not-modelled')).toEqual([]);
    expect(diagnostics.map(({ code }) => code)).not.toContain('unmapped-operator');
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('is explained, and estimated', () => {
    expect(design.accelerators.length).toBeGreaterThan(0);
    for (const { doc, name } of design.accelerators) expect(doc, name).toBeTruthy();
    for (const { timing, resources } of estimate.accelerators) {
      expect(timing.model).toBeGreaterThan(0);
      expect(resources.dsp.used).toBeGreaterThan(0);
    }
  });
});
