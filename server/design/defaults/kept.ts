/** Which results are kept for all rows: keys and values. */
import { grouped } from '../../grouped.ts';
import { remembered } from '../../remembered.ts';
import type { Operator } from '../workload.ts';

/** Operators between a product and where its result is kept: a rope, a normalisation of heads. */
const MOST_BETWEEN = 3;

/**
 * Whether the result of an operator goes into scores or context as the second operand, by way of operators that are no products
 * (rope). Attention starts when these have all of their rows.
 */
export function isKept(name: string, operators: readonly Operator[]): boolean {
  const readersOf = readers(operators);
  const reaches = (tensor: string, depth: number): boolean =>
    depth > 0 &&
    readersOf(tensor).some(({ kind, inputs, name: next }) => {
      if (kind === 'scores' || kind === 'context') return inputs[1]?.name === tensor;
      return !isProductKind(kind) && reaches(next, depth - 1);
    });
  // Only what lies directly between a product and the cache: a residual path leads to the next layer's K as well.
  return reaches(name, MOST_BETWEEN) && operators.some((operator) => operator.name === name);
}

/** Operators by what they read. */
const readers = remembered((operators: readonly Operator[]) => {
  const read = operators.flatMap((operator) => operator.inputs.map(({ name }) => ({ name, operator })));
  const byTensor = grouped(read, ({ name }) => name);
  return (tensor: string) => byTensor.of(tensor).map(({ operator }) => operator);
});

function isProductKind(kind: Operator['kind']): boolean {
  return kind === 'linear' || kind === 'matmul' || kind === 'conv2d' || kind === 'add';
}
