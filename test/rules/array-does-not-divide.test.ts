/** Instances side by side are one array: the rule looks at what is built, not at what is written. */
import { expect, test } from 'vitest';
import { arrayDoesNotDivide } from '../../server/rules/array-does-not-divide.ts';
import { diagnosticsOf, fixed, fixesOf } from '../kit/analyses.ts';

const spec = (clauses: string) => arrayDoesNotDivide.page.failing.replace('array 8 x 20  pack 2', clauses);
const found = (text: string) => diagnosticsOf(text).filter(({ code }) => code === arrayDoesNotDivide.code);

test('rows of several instances are one array’s', () => {
  const text = spec('array 8 x 24  pack 2  replicate 3 over tokens');
  const [finding] = found(text);
  expect(finding?.message).toBe(
    '24 tokens at a time (3 instances side by side) do not divide the 512 of ‘q’: the edge wastes 3% of the cycles.',
  );
  // 512 rows are no multiple of three: nothing that is written for one instance would do
  expect(fixesOf(finding!, text)).toEqual([]);
});

test('columns of several instances are one array’s, and the fix is of one', () => {
  const text = spec('array 8 x 5  pack 2  replicate 4 over outputs');
  const [finding] = found(text);
  expect(finding?.message).toContain('40 outputs at a time (4 instances side by side) do not divide the 768');
  const [fix] = fixesOf(finding!, text);
  expect(fix?.title).toMatch(/^Use `array 8 x 6` \(latency/);
  expect(found(fixed(text, fix!))).toEqual([]);
});

test('what divides only together is no finding', () => {
  expect(found(spec('array 8 x 8  pack 2  replicate 3 over outputs'))).toEqual([]);
});

test('of the little that a prime number wastes nobody can be rid: it is said where a factor near it divides, or it is much', () => {
  const rows = (tokens: number, array: string) =>
    found(spec(array).replace('tokens: 512', `tokens: ${tokens}`)).map(({ message }) => message);
  expect(rows(197, 'array 8 x 24  pack 2')).toEqual([]);
  expect(rows(196, 'array 8 x 24  pack 2')).toEqual([expect.stringContaining('wastes 2%')]); // seven would do
  expect(rows(193, 'array 16 x 24  pack 2')).toEqual([expect.stringContaining('wastes 7%')]);
});
