/** A kernel that is measured in a netlist of its own has the figures that it has among the others. */
import { describe, expect, test } from 'vitest';
import { instanceCache } from '../../server/estimate/lower/instances.ts';
import { builtKernels } from '../../server/estimate/lower/pieces.ts';
import { Measure } from '../../server/tune/measure.ts';
import { Measures } from '../../server/tune/measures.ts';
import { optionsOf } from '../../server/tune/options.ts';
import { estimated, IN_TURN, OPEN_SPECS } from '../kit/open-specs.ts';

/** What a fork adds that is there or not by the ports of who reads. */
const FORK = 2;

describe.each([...OPEN_SPECS.map((text) => [text, 'k', 'v', 5] as const), [IN_TURN, 'gemm', 'gemm', 3] as const])(
  '%s',
  (text, first, second, most) => {
    const { accelerator } = estimated(text);
    const tokens = accelerator.phase.tokens > 1 ? 4 : 1;
    const kernels = builtKernels(accelerator);
    const options = kernels.map((kernel) => optionsOf(kernel, tokens, accelerator));
    const instanceOf = instanceCache();
    const measure = new Measure(accelerator, instanceOf, new Measures());
    measure.look(kernels.map((kernel, k) => [kernel, options[k]![0]!]));

    test('alone as among the others, whatever these are', () => {
      const isAlone = kernels.map((kernel) => measure.standsAlone(kernel));
      expect(isAlone.filter(Boolean).length).toBeGreaterThanOrEqual(most);
      for (const round of [0, 3, 11]) {
        const chosen = kernels.map(
          (kernel, k) => [kernel, options[k]![(round * (k + 1)) % options[k]!.length]!] as const,
        );
        const among = measure.of(chosen, (k) => isAlone[k]!);
        for (const [k, [kernel, option]] of chosen.entries()) {
          const one = among[k];
          if (!one) continue;
          const alone = measure.alone(kernel, option);
          expect({ ...alone, delays: [] }, kernel.name).toEqual({ ...one, delays: [] });
          alone.delays.forEach((row, r) => {
            row.forEach((delay, c) => {
              const more = one.delays[r]![c]! - (Number.isFinite(delay) ? delay : one.delays[r]![c]!);
              expect(Number.isFinite(one.delays[r]![c]!), `${kernel.name} ${r} ${c}`).toBe(Number.isFinite(delay));
              expect(more || 0, `${kernel.name} ${r} ${c}`).toBeGreaterThanOrEqual(0);
              expect(more || 0, `${kernel.name} ${r} ${c}`).toBeLessThanOrEqual(FORK);
            });
          });
        }
      }
    });

    test('kernels that are alike are measured once', () => {
      const known = new Measures();
      const other = new Measure(accelerator, instanceOf, known);
      other.look(kernels.map((kernel, k) => [kernel, options[k]![0]!]));
      const [k, v] = [first, second].map((name) => kernels.find((kernel) => kernel.name === name)!);
      const option = options[kernels.indexOf(k!)]![0]!;
      for (const one of [v!, k!, v!]) other.alone(one, option);
      const entries = known.entries().map(([likeness, of]) => `${likeness} ${of}`);
      expect(entries.length).toBeLessThanOrEqual(2);
      expect(new Set(entries).size).toBe(entries.length);
    });

    test('so are those that differ in their default alone: where they stand, and what an option says in any case', () => {
      const [k] = kernels.filter((kernel) => measure.standsAlone(kernel) && kernel.array?.origin === 'auto');
      const other = new Measure(accelerator, instanceOf, new Measures());
      other.look(kernels.map((kernel, index) => [kernel, options[index]![0]!]));
      const dies = { value: ['elsewhere'], origin: 'auto' } as const;
      const array = { value: { tokens: 1, outputs: 3, dot: 5 }, origin: 'auto' } as const;
      expect(other.likeness({ ...k!, dies, array })).toBe(measure.likeness(k!));
      const own = { ...array, origin: 'written' } as const;
      const third = new Measure(accelerator, instanceOf, new Measures());
      third.look(kernels.map((kernel, index) => [kernel, options[index]![0]!]));
      expect(third.likeness({ ...k!, array: own })).not.toBe(measure.likeness(k!));
    });
  },
);
