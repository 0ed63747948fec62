/** Which of the designs that were found are points of a front, and what is said where none is better than the spec. */
import { expect, test } from 'vitest';
import type { AcceleratorEstimate } from '../../server/estimate/estimate.ts';
import { frontBeside } from '../../server/tune/front.ts';
import { asGood } from '../../server/tune/tune.ts';
import { analysisOf } from '../kit/analyses.ts';
import { openArray } from '../kit/open-array.ts';

const now = analysisOf(openArray).estimate.accelerators[0]!;

/** The same design with so many microseconds a layer and DSPs. */
function design(us: number, dsp: number): { readonly estimate: AcceleratorEstimate } {
  const { timing, resources } = now;
  const amount = { ...resources.dsp, used: dsp };
  return {
    estimate: { ...now, timing: { ...timing, perLayer: us * 1e-6 }, resources: { ...resources, dsp: amount } },
  };
}

const front = (stands: AcceleratorEstimate, ...found: (readonly [number, number])[]) =>
  frontBeside(
    stands,
    found.map(([us, dsp]) => design(us, dsp)),
    ['latency', 'dsp'],
    'layer',
  ).map(({ figures: [seconds = 0, dsp] }) => [Math.round(seconds * 1e6), dsp]);

test('what another design beats is no point of it, and of two that are alike the first is', () => {
  const slow = design(1000, 9000).estimate;
  expect(front(slow, [10, 500], [30, 100], [20, 300], [25, 300], [30, 100])).toEqual([
    [10, 500],
    [20, 300],
    [30, 100],
  ]);
});

test('nor is what the spec as it stands beats, or equals', () => {
  const stands = design(15, 300).estimate;
  expect(front(stands, [10, 500], [20, 300], [15, 300], [30, 100])).toEqual([
    [10, 500],
    [30, 100],
  ]);
  expect(front(stands, [16, 301])).toEqual([]);
});

test('a spec that its dies do not hold beats nothing', () => {
  const stands = design(1, 1).estimate;
  const dies = stands.dies.map((die) => ({ ...die, available: { ...die.available, lut: 1 } }));
  expect(front({ ...stands, dies }, [10, 500])).toEqual([[10, 500]]);
});

test('a spec that is faster than the bound is outside of what is looked for: no share of less than nothing', () => {
  expect(asGood(1.02e-3, 1e-3)).toBe('what is open is as good as the tuner finds: 2.0% above the bound');
  expect(asGood(0.92e-3, 1e-3)).toBe(
    'as it stands it takes 920 µs; of what the tuner looks for, which keeps to the shares of the card that close, nothing takes less than 1.00 ms',
  );
});
