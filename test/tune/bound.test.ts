/** The program's cycles are a bound: whatever is selected, the full timeline of the spec that it writes takes no less. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyEdits } from '../../server/analysis.ts';
import { instanceCache } from '../../server/estimate/instances.ts';
import { confirm } from '../../server/tune/confirm.ts';
import { Measures } from '../../server/tune/measures.ts';
import { cyclesOf, type Program } from '../../server/tune/program.ts';
import { type Space, spaceOf } from '../../server/tune/space.ts';
import { variantsOf } from '../../server/tune/variants.ts';
import { estimated, OPEN_SPECS } from '../kit/open-specs.ts';
import { MAIN } from '../kit/sources.ts';

const instanceOf = instanceCache();
const measures = new Measures();

/** The fields of a space that a selection of it is looked up in, for each number of rows. */
const spaces = new Map<string, Space>();

function space(text: string, tokens: number): Space {
  const key = `${text} ${tokens}`;
  const known = spaces.get(key) ?? spaceOf(estimated(text).accelerator, tokens, { instanceOf, measures });
  spaces.set(key, known);
  return known;
}

const selections = fc.record({
  text: fc.constantFrom(...OPEN_SPECS),
  rows: fc.constantFrom(1, 4),
  dice: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 20, maxLength: 20 }),
});

test('no selection is faster by the full timeline than by the program', () => {
  let closest = 0;
  fc.assert(
    fc.property(selections, ({ text, rows, dice }) => {
      const now = estimated(text);
      const { accelerator } = now;
      const [variant] = variantsOf(
        now,
        () => false,
        () => undefined,
      ).variants;
      const found = space(text, accelerator.phase.tokens > 1 ? rows : 1);
      const program: Program = found.program;
      const selection = program.variables.map(({ options }, v) => Math.floor(dice[v % dice.length]! * options.length));
      const confirmed = confirm(accelerator, { variant: variant!, space: found }, { program, selection }, (edits) =>
        estimated(applyEdits(text, edits, MAIN)),
      );
      if (!confirmed) return;
      const cycles = confirmed.estimate.timing.perLayer * accelerator.clock.value;
      expect(cyclesOf(program, selection)).toBeLessThanOrEqual(cycles * (1 + 1e-9));
      closest = Math.max(closest, cyclesOf(program, selection) / cycles);
    }),
    { numRuns: 40 },
  );
  // It is a bound worth the name: of some design next to nothing is missing.
  expect(closest).toBeGreaterThan(0.95);
});
