/** The tuner's quick look against the full estimate: what is exact, and on which side the rest errs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Accelerator, Kernel } from '../../server/design/design.ts';
import type { AcceleratorEstimate } from '../../server/estimate/estimate.ts';
import { type Change, changed, createEvaluator, type KernelChange } from '../../server/estimate/evaluate.ts';
import { createEstimator } from '../../server/estimate/index.ts';
import { bert, designOf, specText } from './example.ts';

const estimator = createEstimator();

function estimated(text: string): AcceleratorEstimate {
  const [estimate] = estimator.estimate(designOf(text)).accelerators;
  if (!estimate) throw new Error('no accelerator');
  return estimate;
}

function inFull(accelerator: Accelerator): AcceleratorEstimate {
  const design = { file: '', problems: [], names: [], bindings: [], definitions: [], accelerators: [accelerator] };
  return estimator.estimate(design).accelerators[0]!;
}

const inTurn = `accelerator a {
  device u280
  model llama(layers: 2, hidden: 256, heads: 4, kv_heads: 2, ffn: 512)
  phase decode(past: 100)
  kernel gemm : q, k, v, proj, gate + act, up, down  array 1 x 16 x 16  weights hbm[0..7]
}`;

/** Steps that a search takes: an array half or twice as wide, other lanes, another channel, another die. */
function changes({ kernels, device }: Accelerator): fc.Arbitrary<Change> {
  const dies = device.dies.map(({ name }) => name);
  const ofKernel = ({ array, lanes, weights }: Kernel): fc.Arbitrary<KernelChange> => {
    const shape = array?.value;
    const store = weights?.value;
    return fc.record(
      {
        ...(shape
          ? {
              array: fc
                .constantFrom(0.5, 1, 2)
                .map((factor) => ({ ...shape, outputs: Math.max(1, Math.floor(shape.outputs * factor)) })),
              pack: fc.constantFrom(1, 2),
            }
          : {}),
        ...(lanes ? { lanes: fc.constantFrom(4, 8, 16) } : {}),
        ...(store?.kind === 'channels'
          ? { weights: fc.nat(7).map((channel) => ({ ...store, channels: [channel] })) }
          : {}),
        dies: fc.constantFrom(...dies).map((die) => [die]),
      },
      { requiredKeys: [] },
    );
  };
  const built = kernels.filter(({ onHost }) => !onHost);
  return fc
    .record(Object.fromEntries(built.map((kernel) => [kernel.name, fc.option(ofKernel(kernel))])))
    .map((all) => Object.fromEntries(Object.entries(all).flatMap(([name, own]) => (own ? [[name, own]] : []))));
}

describe.each([
  ['the example', bert],
  ['a token of GPT-2', specText('gpt2_decode')],
  ['a prompt of GPT-2', 'accelerator a { device u280 model gpt2_medium phase prefill(tokens: 256) }'],
  ['a token whose products are taken in turn', inTurn],
])('a point of the search around %s', (_, text) => {
  const base = estimated(text);
  const evaluate = createEvaluator(base);

  test('costs what the full estimate says, and is never slower than it', () => {
    const ratios: number[] = [];
    fc.assert(
      fc.property(changes(base.accelerator), (change) => {
        const point = evaluate(change);
        const full = inFull(changed(base.accelerator, change));
        if (full.deadlock) return;
        expect(point.perLayer).toBeLessThanOrEqual(full.timing.perLayer * (1 + 1e-6));
        expect(point.model).toBeLessThanOrEqual(full.timing.model * (1 + 1e-6));
        expect(point.interval).toBeLessThanOrEqual(full.timing.interval * (1 + 1e-6));
        ratios.push(point.perLayer / full.timing.perLayer);
        full.dies.forEach(({ resources }, d) => {
          const { used } = point.dies[d]!;
          expect(used.dsp).toBeCloseTo(resources.dsp.used, 6);
        });
        // FIFOs whose depth the timeline finds are all that may differ.
        for (const name of ['lut', 'ff'] as const) {
          const used = point.dies.reduce((sum, die) => sum + die.used[name], 0);
          expect(Math.abs(used / full.resources[name].used - 1)).toBeLessThan(0.1);
        }
        expect(point.channels.map(({ name }) => name).sort()).toEqual(full.channels.map(({ name }) => name).sort());
      }),
      { numRuns: 12, seed: 8 },
    );
    ratios.sort((a, b) => a - b);
    expect(ratios[Math.floor(ratios.length / 2)]).toBeGreaterThan(0.7);
    expect(ratios[0]).toBeGreaterThan(0.35);
  });

  test('without a change takes what the design takes', () => {
    const { dies } = evaluate({});
    // Depths of FIFOs at kernels that are priced by arithmetic alone are not known.
    const close = base.netlist.refused.length > 0 ? 0.02 : 1e-9;
    base.dies.forEach(({ resources }, d) => {
      for (const name of ['dsp', 'bram36', 'uram', 'lut', 'ff'] as const)
        expect(Math.abs(dies[d]!.used[name] - resources[name].used)).toBeLessThanOrEqual(close * resources[name].used);
    });
  });

  test('is the same whatever was looked at before', () => {
    fc.assert(
      fc.property(fc.array(changes(base.accelerator), { minLength: 1, maxLength: 4 }), (order) => {
        const fresh = createEvaluator(base);
        for (const change of order) evaluate(change);
        const last = order.at(-1)!;
        expect(evaluate(last)).toEqual(fresh(last));
      }),
      { numRuns: 8, seed: 9 },
    );
  });
});

test('a design that does not fit is said not to be feasible', () => {
  const base = estimated(bert);
  const evaluate = createEvaluator(base);
  expect(evaluate({}).feasible).toBe(true);
  expect(evaluate({ up: { array: { tokens: 8, outputs: 4096, dot: 1 } } }).feasible).toBe(false);
});
