import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from '../../../grammar/parser.ts';
import { type Environment, evaluate, type Value } from '../../../server/design/terms/expression.ts';
import { Report } from '../../../server/design/terms/report.ts';

/** Value of an expression in which `rows` is 8. */
function resultOf(text: string): { value: Value | undefined; problems: string[] } {
  const source = `let a = ${text}`;
  const report = new Report('file:///a.weft');
  const env: Environment = {
    file: { uri: 'file:///a.weft', text: source },
    report,
    find: (name) => (name === 'rows' ? { value: { number: 8, dimension: 'none' } } : undefined),
    names: () => ['rows'],
  };
  const [node] = parse(source).tree.declarations;
  const value = node?.kind === 'let' ? evaluate(node.value, env) : undefined;
  return { value, problems: report.problems.map((problem) => problem.code) };
}

const numberOf = (text: string): number | undefined => resultOf(text).value?.number;

test('arithmetic, names and functions', () => {
  expect(numberOf('1 + 2 * rows - 4 / 2')).toBe(15);
  expect(numberOf('-(rows + 1)')).toBe(-9);
  expect(numberOf('ceil(rows / 3) + floor(7 / 2)')).toBe(6);
  expect(numberOf('max(1, rows, 3) - min(4, 2)')).toBe(6);
  expect(numberOf('log2(1024)')).toBe(10);
  expect(numberOf('mod(-1, rows)')).toBe(7);
  expect(numberOf('rows >= 8')).toBe(1);
  expect(numberOf('rows == 7')).toBe(0);
});

test('quantities are in base units and keep their dimension', () => {
  expect(resultOf('3 ms').value).toEqual({ number: 3e-3, dimension: 'time' });
  expect(resultOf('2 * 14.375 GB/s').value).toEqual({ number: 28.75e9, dimension: 'bandwidth' });
  expect(resultOf('256 MiB / 1 GB/s').value).toEqual({ number: 2 ** 28 / 1e9, dimension: 'time' });
  expect(resultOf('max(3 ms, 4 ms)').value?.dimension).toBe('time');
});

test('what has no value says so once', () => {
  expect(resultOf('cols + 1')).toEqual({ value: undefined, problems: ['unknown-name'] });
  expect(resultOf('1 ms + 1').problems).toEqual(['unit-mismatch']);
  expect(resultOf('1 / 0').problems).toEqual(['invalid-value']);
  expect(resultOf('log2(0)').problems).toEqual(['invalid-value']);
  expect(resultOf('mod(3)').problems).toEqual(['invalid-value']);
  expect(resultOf('ceil(1, 2)').problems).toEqual(['invalid-value']);
  expect(resultOf('"eight"').problems).toEqual(['invalid-value']);
  expect(resultOf('rows.width').problems).toEqual(['invalid-value']);
});

test('agrees with the arithmetic of the machine', () => {
  const operand = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(operand, operand, operand, (a, b, c) => {
      expect(numberOf(`${a} + ${b} * ${c}`)).toBe(a + b * c);
      expect(numberOf(`(${a} - ${b}) / ${c}`)).toBe((a - b) / c);
      expect(numberOf(`mod(${a}, ${b})`)).toBe(a % b);
    }),
  );
});
