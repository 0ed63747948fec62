import { expect, test } from 'vitest';
import { codeOf, numberOf, roundMatrix } from '../../server/weights/round.ts';

test.each([
  ['fp16', 1, 0x3c00, 1],
  ['fp16', 1 + 2 ** -11, 0x3c00, 1],
  ['fp16', 1 + 3 * 2 ** -11, 0x3c02, 1 + 2 ** -9],
  ['fp16', -0.1, 0xae66, -0.0999755859375],
  ['fp16', 1e6, 0x7bff, 65504],
  ['fp16', 2 ** -15, 0, 0],
  ['bf16', 1 + 2 ** -8, 0x3f80, 1],
  ['bf16', -3.1395, 0xc049, -3.140625],
  ['bf16', 3.4e38, 0x7f7f, 3.3895313892515355e38],
  ['fp32', -2, -(2 ** 30), -2],
] as const)('%s of %d has the code %d', (element, value, code, back) => {
  expect(codeOf(value, element)).toBe(code);
  expect(numberOf(code, element)).toBe(back);
});

test('a matrix is rounded value by value, and what is lost is counted', () => {
  const values = Float32Array.of(1, 2, 1 + 2 ** -9, 4, 5, 6);
  const matrix = { values, reduction: 3, columns: 2, across: 3, along: 1 };
  const { integers, steps, error } = roundMatrix(matrix, 'bf16');
  expect([...integers].map((code) => numberOf(code, 'bf16'))).toEqual([1, 2, 1, 4, 5, 6]);
  expect([...steps]).toEqual([1, 1]);
  expect(error.greatest).toBe(2 ** -9);
  expect(error.squares).toBe(2 ** -18);
});
