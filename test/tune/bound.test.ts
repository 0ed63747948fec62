/** The program's cycles are a bound: whatever is selected, the full timeline of the spec that it writes takes no less. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyEdits } from '../../server/analysis.ts';
import type { AcceleratorEstimate } from '../../server/estimate/estimate.ts';
import { instanceCache } from '../../server/estimate/lower/instances.ts';
import { confirm } from '../../server/tune/confirm.ts';
import { Measures } from '../../server/tune/measures.ts';
import { cyclesOf } from '../../server/tune/program.ts';
import { type Space, spaceOf } from '../../server/tune/space.ts';
import { latencyOf, secondsOf, type Variant, variantsOf } from '../../server/tune/variants.ts';
import { estimated, OPEN_SPECS } from '../kit/open-specs.ts';
import { MAIN } from '../kit/sources.ts';

const instanceOf = instanceCache();
const measures = new Measures();

/** Open as a whole, too: layers on the chip at once, and how two cards share them. */
const specs = [
  ...OPEN_SPECS,
  'accelerator a { device u280  copies auto  model bert(layers: 4, hidden: 64, heads: 2, ffn: 128)  phase forward(tokens: 16) }',
  'accelerator a { device u280  model gpt2(layers: 2, hidden: 128, heads: 2, ffn: 256)  phase generate(prompt: 32, output: 12) }',
  'accelerator a { device 2 x u280  model gpt2(layers: 2, hidden: 64, heads: 2, ffn: 128)  phase prefill(tokens: 8, batch: 2) }',
].map((text) => {
  const now = estimated(text);
  const { variants } = variantsOf(
    now,
    () => false,
    (edits) => estimated(applyEdits(text, edits, MAIN)),
  );
  return { text, written: now.accelerator, variants };
});

/** The space of each variant with each number of rows. */
const spaces = new Map<string, Space>();

function space(variant: Variant, key: string, tokens: number): Space {
  const known = spaces.get(key) ?? spaceOf(variant.work, tokens, { instanceOf, measures });
  spaces.set(key, known);
  return known;
}

const selections = fc.record({
  spec: fc.constantFrom(...specs),
  which: fc.nat({ max: 5 }),
  rows: fc.constantFrom(1, 4),
  dice: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 20, maxLength: 20 }),
});

test('no selection is faster by the full timeline than by the program', () => {
  let closest = 0;
  const seen = new Set<string>();
  fc.assert(
    fc.property(selections, ({ spec: { text, written, variants }, which, rows, dice }) => {
      const index = which % variants.length;
      const variant = variants[index]!;
      const tokens = written.phase.tokens > 1 ? rows : 1;
      const found = space(variant, `${text} ${index} ${tokens}`, tokens);
      const { program } = found;
      const selection = program.variables.map(({ options }, v) => Math.floor(dice[v % dice.length]! * options.length));
      const per = variant.work.length > 1 ? 'generation' : 'model';
      const seconds = (estimate: AcceleratorEstimate): number => latencyOf(estimate, per);
      const confirmed = confirm(
        written,
        { variant, space: found },
        { program, selection },
        (edits) => estimated(applyEdits(text, edits, MAIN)),
        seconds,
      );
      if (!confirmed) return;
      const took = seconds(confirmed.estimate);
      const bound = secondsOf(variant, cyclesOf(program, selection));
      expect(bound, variant.statements.join()).toBeLessThanOrEqual(took * (1 + 1e-9));
      closest = Math.max(closest, bound / took);
      seen.add(variant.statements.join());
    }),
    { numRuns: 45 },
  );
  // It is a bound worth the name: of some design next to nothing is missing.
  expect(closest).toBeGreaterThan(0.95);
  expect(seen.size).toBeGreaterThan(2);
});
