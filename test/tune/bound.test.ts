/** The program's cycles are a bound: whatever is selected, the full timeline of the spec that it writes takes no less. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyEdits, createAnalyst } from '../../server/analysis.ts';
import { instanceCache } from '../../server/estimate/instances.ts';
import { readSource, withLibrary } from '../../server/sources.ts';
import { confirm } from '../../server/tune/confirm.ts';
import { cyclesOf, type Program } from '../../server/tune/program.ts';
import { type Space, spaceOf } from '../../server/tune/space.ts';
import { MAIN } from '../kit/sources.ts';

const analyst = createAnalyst();
const instanceOf = instanceCache();

function estimated(text: string) {
  const source = readSource(text);
  const sources = withLibrary({ get: (uri) => (uri === MAIN ? source : undefined) });
  return analyst.analyse(MAIN, sources)!.estimate.accelerators[0]!;
}

/** Attention head by head, heads that share keys, several row blocks, normed and rotated streams on the way. */
const specs = [
  'gpt2(layers: 1, hidden: 256, heads: 8, ffn: 512)  phase decode(past: 100)',
  'llama(layers: 1, hidden: 256, heads: 8, kv_heads: 2, ffn: 512)  phase decode(past: 60)',
  'bert(layers: 1, hidden: 128, heads: 4, ffn: 256)  phase forward(tokens: 32)',
  'gpt2(layers: 1, hidden: 128, heads: 2, ffn: 256)  phase prefill(tokens: 16)',
].map((rest) => `accelerator a { device u280  model ${rest} }`);

/** The fields of a space that a selection of it is looked up in, for each number of rows. */
const spaces = new Map<string, Space>();

function space(text: string, tokens: number): Space {
  const key = `${text} ${tokens}`;
  const known = spaces.get(key) ?? spaceOf(estimated(text).accelerator, tokens, instanceOf);
  spaces.set(key, known);
  return known;
}

const selections = fc.record({
  text: fc.constantFrom(...specs),
  rows: fc.constantFrom(1, 4),
  dice: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 20, maxLength: 20 }),
});

test('no selection is faster by the full timeline than by the program', () => {
  let closest = 0;
  fc.assert(
    fc.property(selections, ({ text, rows, dice }) => {
      const { accelerator } = estimated(text);
      const found = space(text, accelerator.phase.tokens > 1 ? rows : 1);
      const program: Program = found.program;
      const selection = program.variables.map(({ options }, v) => Math.floor(dice[v % dice.length]! * options.length));
      const confirmed = confirm(accelerator, found, program, selection, (edits) =>
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
