/** Products of a layer that one array can compute in turn, each with what it computes on the way out. */
import { grouped } from '../../grouped.ts';
import { FUNCTIONS_OF_ARRAYS } from '../operators.ts';
import type { LayerGraph, Operator } from '../workload.ts';

/**
 * The trained products of a layer, in the order of its data flow, each with the activation that alone reads it; undefined where there
 * are not two of them, where the array would need two functions beside relu, or where one of them is not free for it.
 */
export function productsInTurn(layer: LayerGraph, isFree: (operator: Operator) => boolean): Operator[][] | undefined {
  const { operators, outputs } = layer;
  const products = operators.filter(({ kind, weights }) => kind === 'linear' && weights > 0);
  if (products.length < 2 || !products.every(isFree)) return undefined;
  if (products.some(({ rows }) => rows !== products[0]!.rows)) return undefined;
  const read = operators.flatMap((operator) => operator.inputs.map(({ name }) => ({ name, operator })));
  const readers = grouped(read, ({ name }) => name);
  const turns = products.map((product) => {
    const [first, ...more] = readers.of(product.name);
    const own = first && more.length === 0 && !outputs.includes(product.name) ? first.operator : undefined;
    return own && FUNCTIONS_OF_ARRAYS.includes(own.kind) && isFree(own) ? [product, own] : [product];
  });
  const functions = turns.flatMap(([, own]) =>
    own && own.kind !== 'relu' ? [`${own.kind} ${own.tanh === true}`] : [],
  );
  return new Set(functions).size > 1 ? undefined : turns;
}
