import { expect, test } from 'vitest';
import { UNITS } from '../../../grammar/tokens.ts';
import { formatNumber, formatQuantity, product, quotient, unitOf } from '../../../server/design/terms/units.ts';

test('every unit that the grammar reads has a meaning', () => {
  for (const unit of UNITS) expect(unitOf(unit), unit).toBeDefined();
});

test('bandwidths are decimal, sizes binary where they say so', () => {
  expect(unitOf('GB/s')).toEqual({ dimension: 'bandwidth', factor: 1e9 });
  expect(unitOf('Gb/s')?.factor).toBe(125e6);
  expect(unitOf('KiB')?.factor).toBe(1024);
  expect(unitOf('KB')?.factor).toBe(1000);
});

test('products and quotients of dimensions', () => {
  expect(product('power', 'time')).toBe('energy');
  expect(product('time', 'bandwidth')).toBe('bytes');
  expect(product('none', 'time')).toBe('time');
  expect(product('share', 'bandwidth')).toBe('bandwidth');
  expect(product('time', 'time')).toBeUndefined();
  expect(quotient('bytes', 'bandwidth')).toBe('time');
  expect(quotient('cycles', 'frequency')).toBe('time');
  expect(quotient('time', 'time')).toBe('none');
  expect(quotient('tokens', 'time')).toBe('token-rate');
  expect(quotient('time', 'bandwidth')).toBeUndefined();
  expect(quotient('none', 'time')).toBeUndefined();
});

test('quantities read as a person would write them', () => {
  expect(formatQuantity(245e6, 'frequency')).toBe('245 MHz');
  expect(formatQuantity(0.8, 'share')).toBe('80%');
  expect(formatQuantity(14.375e9, 'bandwidth')).toBe('14.38 GB/s');
  expect(formatQuantity(2 ** 28, 'bytes')).toBe('256 MiB');
  expect(formatQuantity(0.03, 'time')).toBe('30 ms');
  expect(formatQuantity(9024, 'none')).toBe('9,024');
  expect(formatNumber(1_234_567.8)).toBe('1,234,568');
});
