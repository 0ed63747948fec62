import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  amount,
  bandwidth,
  bytes,
  count,
  enumeration,
  grouped,
  middle,
  share,
  significant,
  time,
} from '../server/format.ts';

test('figures are grouped and rounded as JavaScript’s own formatter does it', () => {
  const figure = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
    fc.double({ noNaN: true, min: -10, max: 10 }),
    fc.integer({ min: -5_000_000, max: 5_000_000 }),
  );
  const decimals = fc.tuple(fc.nat(6), fc.nat(6)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  fc.assert(
    fc.property(figure, decimals, (value, [least, most]) => {
      fc.pre(!Object.is(value, -0)); // '-0' says nothing to anybody
      // Of ties that a double only nearly holds (2.675), both ends are as right.
      fc.pre(!(String(value).split('.')[1] ?? '').slice(most).startsWith('5'));
      const options = { minimumFractionDigits: least, maximumFractionDigits: most };
      expect(grouped(value, least, most)).toBe(value.toLocaleString('en-US', options));
    }),
    { numRuns: 5000 },
  );
});

test.each([
  [count(1_234_567.4), '1,234,567'],
  [significant(0.004_861), '0.00486'],
  [significant(24.07), '24.1'],
  [significant(0), '0'],
  [time(0.004_86), '4.86 ms'],
  [time(0.025), '25.0 ms'],
  [time(0), '0 ms'],
  [time(3e-9), '3 ns'],
  [bandwidth(14.375e9), '14.4 GB/s'],
  [bandwidth(2e6), '0.002 GB/s'],
  [bytes(2 ** 28), '256 MiB'],
  [bytes(12), '12 B'],
  [share(0.204), '20%'],
  [share(0.004), '0.4%'],
  [amount({ low: 168, used: 168, high: 168 }), '168'],
  [amount({ low: 38_700, used: 58_000, high: 78_100 }), '39k…78k'],
  [middle({ low: 38_700, used: 58_000, high: 78_100 }), '≈58k'],
  [enumeration(['q', 'k', 'v']), 'q, k and v'],
  [enumeration(['a', 'b', 'c', 'd'], 3), 'a, b and 2 more'],
])('%s', (text, expected) => {
  expect(text).toBe(expected);
});
