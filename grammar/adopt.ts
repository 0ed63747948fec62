/**
 * Trees that say what another one said. A comment, a blank line, the first letters of a word that is being typed change where
 * a declaration's parts stand and nothing that it says: the tree before is kept, with whatever was made of it, and its
 * ranges stand where the parts are now.
 */
import { Anchored } from './anchor.ts';
import type { Declaration } from './tree.ts';

/** Nodes made of statements: of these alone, blanks and comments between the parts say nothing to anybody. */
const CONTAINERS: ReadonlySet<unknown> = new Set([
  ...['accelerator', 'region', 'kernel', 'stream', 'model', 'layer', 'sheet', 'item'],
]);

export interface Read {
  readonly text: string;
  readonly declarations: readonly Declaration[];
}

/** Those of the declarations before that say the same as the ones in their place now; the others as they are now. */
export function adopted(before: Read, now: Read): readonly Declaration[] {
  if (before.declarations.length !== now.declarations.length) return now.declarations;
  return now.declarations.map((declaration, index) => {
    const earlier = before.declarations[index]!;
    const moves: [Anchored, Anchored][] = [];
    if (!isSame(earlier, declaration, before.text, now.text, moves)) return declaration;
    for (const [range, to] of moves) range.follow(to);
    return earlier;
  });
}

function isSame(a: unknown, b: unknown, before: string, now: string, moves: [Anchored, Anchored][]): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (a instanceof Anchored && b instanceof Anchored) {
    moves.push([a, b]);
    return true;
  }
  const parts = Object.entries(a);
  if (parts.length !== Object.keys(b).length) return false;
  if ('range' in a && 'range' in b && !('kind' in a && CONTAINERS.has(a.kind))) {
    // Expressions are shown as they are written.
    const [from, to] = [a.range, b.range];
    if (!(from instanceof Anchored && to instanceof Anchored) || from.in(before) !== to.in(now)) return false;
  }
  return parts.every(
    ([key, value]) => key in b && isSame(value, (b as Record<string, unknown>)[key], before, now, moves),
  );
}
