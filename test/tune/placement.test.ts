import { expect, test } from 'vitest';
import { placementOf } from '../../server/tune/placement.ts';

const kernels = (...uses: number[]) => uses.map((one) => ({ use: [one] }));

test('stretches that fill the dies alike', () => {
  expect(placementOf(kernels(2, 2, 2, 2, 2, 2), [[10], [10], [10]])).toEqual([0, 0, 1, 1, 2, 2]);
});

test('a die with less takes less, and one with nothing takes nothing', () => {
  expect(placementOf(kernels(2, 2, 2, 2), [[0], [10], [10]])).toEqual([1, 1, 2, 2]);
  expect(placementOf(kernels(1, 1, 4), [[2], [4]])).toEqual([0, 0, 1]);
});

test('of several resources the fullest counts', () => {
  const one = [{ use: [1, 9] }, { use: [1, 1] }, { use: [8, 0] }];
  expect(
    placementOf(one, [
      [10, 10],
      [10, 10],
    ]),
  ).toEqual([0, 1, 1]);
});

test('one die takes all; no kernel needs no die', () => {
  expect(placementOf(kernels(5, 5), [[1]])).toEqual([0, 0]);
  expect(placementOf([], [[1], [1]])).toEqual([]);
});

test('is the best of all stretches', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const value = (index: number) => (Math.imul(seed * 31 + index, 2654435761) >>> 0) % 17;
    const uses = Array.from({ length: 7 }, (_, index) => ({ use: [value(index), value(index + 50)] }));
    const dies = [0, 1, 2].map((die) => [10 + value(die + 90), 10 + value(die + 99)]);
    const full = (placed: readonly number[]) =>
      Math.max(
        ...dies.flatMap((die, d) =>
          die.map((room, r) => uses.reduce((sum, { use }, k) => sum + (placed[k] === d ? use[r]! : 0), 0) / room),
        ),
      );
    let least = Number.POSITIVE_INFINITY;
    for (let a = 0; a <= 7; a++)
      for (let b = a; b <= 7; b++) least = Math.min(least, full(uses.map((_, k) => (k < a ? 0 : k < b ? 1 : 2))));
    expect(full(placementOf(uses, dies)), `seed ${seed}`).toBeCloseTo(least, 9);
  }
});
