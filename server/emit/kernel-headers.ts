/** Headers of the kernel library that a project takes along, and those that a top includes. */
import { headers } from '../kernels/index.ts';

/** Names of the library's headers that a header includes itself. */
function includedBy(name: string): string[] {
  return [...headers[name]!.matchAll(/^#include "([^"]+)"/gm)]
    .map(([, included]) => included!)
    .filter((included) => headers[included] !== undefined);
}

/** These headers and all that they include. */
export function withIncluded(names: readonly string[]): string[] {
  const all = new Set(names);
  // A set is iterated in the order of insertion, what is added on the way included.
  for (const name of all) for (const included of includedBy(name)) all.add(included);
  return [...all].sort();
}

/** Those of them that no other one includes already. */
export function outermost(names: readonly string[]): string[] {
  const inner = new Set(names.flatMap((name) => withIncluded(includedBy(name))));
  return [...new Set(names)].filter((name) => !inner.has(name)).sort();
}
