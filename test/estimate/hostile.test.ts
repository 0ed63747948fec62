import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEstimator } from '../../server/estimate/index.ts';
import { bert, designOf, specText } from './example.ts';
import { impossible } from './impossible.ts';

/** Everything but the design that it is of, which holds what the spec says. */
function figures(text: string): string[] {
  const { accelerators } = createEstimator().estimate(designOf(text));
  return accelerators.flatMap(({ accelerator, netlist: _, ...rest }) => {
    const { fifos, ...others } = rest;
    const own = fifos.map(({ fifo: _fifo, ...fifo }) => fifo);
    return impossible({ ...others, own }, accelerator.name, []);
  });
}

describe('figures of hostile specs', () => {
  const number = fc.oneof(
    fc.integer({ min: 0, max: 40 }),
    fc.constantFrom(0, 1, 3, 7, 1_000_000_000, 65_536, 2.5),
    fc.integer({ min: 1, max: 4096 }),
  );

  it('no figure is NaN, infinite or below zero whatever numbers stand in the example', () => {
    const numbers = [...bert.matchAll(/(?<=array |x |pack |lanes |tokens: |copies |depth |at |hbm\[)\d+/g)];
    expect(numbers.length).toBeGreaterThan(30);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(numbers.length - 1), number), { minLength: 1, maxLength: 4 }), (edits) => {
        let text = bert;
        const places = new Map(edits);
        for (const [place, value] of [...places].sort(([a], [b]) => b - a)) {
          const match = numbers[place]!;
          text = text.slice(0, match.index) + value + text.slice(match.index + match[0].length);
        }
        expect(figures(text)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('streams of a width that no word of theirs has are converted, once on either side', () => {
    for (const width of [1, 3, 5, 7, 100, 1_000_000_000]) {
      const text = bert.replace(/(stream .*-> (?:q, k, v|context|down|hbm\[0\]) +)\d+/g, `$1${width}`);
      expect(text).not.toBe(bert);
      expect(figures(text)).toEqual([]);
    }
  });

  it.each(['gpt2_decode', 'custom_card_mlp', 'dfx_overlay', 'llama_hybrid', 'vgg16_zcu102'])(
    '%s has an estimate, and says what it left out',
    (name) => {
      const text = specText(name);
      expect(figures(text)).toEqual([]);
      const [estimate] = createEstimator().estimate(designOf(text)).accelerators;
      expect(estimate!.timing.perLayer).toBeGreaterThan(0);
      if (estimate!.netlist.refused.length > 0)
        expect(estimate!.caveats.some((note) => note.includes('arithmetic alone'))).toBe(true);
    },
  );
});

describe('the cache', () => {
  it('does not change a figure', () => {
    const estimator = createEstimator();
    const other = bert.replace('kernel up      array 8 x 16', 'kernel up      array 8 x 32');
    const fresh = (text: string) => createEstimator().estimate(designOf(text)).accelerators[0]!;
    for (const text of [bert, other, bert]) {
      const { timing, resources } = estimator.estimate(designOf(text)).accelerators[0]!;
      expect({ timing, resources }).toEqual({ timing: fresh(text).timing, resources: fresh(text).resources });
    }
  });
});
