/** The measuring of a search in shares, as threads have them: together they are all of it, and the search finds the same. */
import highs from 'highs';
import { expect, test } from 'vitest';
import { createAnalyst } from '../../server/analysis.ts';
import { readSource, withLibrary } from '../../server/sources.ts';
import { Measures } from '../../server/tune/measures.ts';
import { OPEN_SPECS } from '../kit/open-specs.ts';
import { MAIN } from '../kit/sources.ts';

test('shares of other threads are all that a search measures of kernels alone', async () => {
  const solver = await highs();
  const source = readSource(OPEN_SPECS[0]!);
  const sources = withLibrary({ get: (uri) => (uri === MAIN ? source : undefined) });
  const thread = () => {
    const analyst = createAnalyst();
    const analysis = analyst.analyse(MAIN, sources)!;
    const [estimate] = analysis.estimate.accelerators;
    return { analyst, analysis, estimate: estimate! };
  };
  const gathered = new Measures();
  const counts = [0, 1, 2].map((index) => {
    const { analyst, analysis, estimate } = thread();
    const own = new Measures();
    const all = analyst.measure(estimate, analysis, sources, own, { index, of: 3 });
    // As a message between threads is copied.
    gathered.add(structuredClone(own.entries()));
    return { own: own.entries().length, all };
  });
  expect(counts.reduce((sum, { own }) => sum + own, 0)).toBe(counts[0]!.all);
  for (const { own, all } of counts) expect(own).toBeGreaterThan(all / 4);
  const { analyst, analysis, estimate } = thread();
  const before = gathered.entries().length;
  const result = analyst.tune(estimate, analysis, sources, solver, {}, gathered);
  expect(gathered.entries()).toHaveLength(before);
  const alone = thread();
  expect(result).toEqual(alone.analyst.tune(alone.estimate, alone.analysis, sources, solver));
});

test('what is asked without a share is only counted', () => {
  const analyst = createAnalyst();
  const source = readSource(OPEN_SPECS[3]!);
  const sources = withLibrary({ get: (uri) => (uri === MAIN ? source : undefined) });
  const analysis = analyst.analyse(MAIN, sources)!;
  const measures = new Measures();
  expect(analyst.measure(analysis.estimate.accelerators[0]!, analysis, sources, measures)).toBeGreaterThan(50);
  expect(measures.entries()).toEqual([]);
});
