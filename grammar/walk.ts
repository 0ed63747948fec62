/** Ways through the tree that need no knowledge of its kinds. */
import type { Node } from './tree.ts';

/** Every node of the tree says what it is. */
export type AnyNode = Node & { readonly kind: string };

/** The nodes directly below, in order of position. */
export function children(node: Node): AnyNode[] {
  const found: AnyNode[] = [];
  collect(Object.values(node), found);
  return found.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
}

function collect(values: unknown[], found: AnyNode[]): void {
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue;
    if (isNode(value)) found.push(value);
    else if (!('start' in value)) collect(Object.values(value), found); // a list or a record of nodes; no range
  }
}

function isNode(value: object): value is AnyNode {
  return 'kind' in value && 'range' in value;
}

/** The node itself and everything below it, parents first. */
export function* descendants(node: AnyNode): Generator<AnyNode> {
  yield node;
  for (const child of children(node)) yield* descendants(child);
}

/**
 * The path from a node down to the innermost one at an offset. A node is there from its first character to behind its
 * last; where one ends and the next begins, the one that begins is taken.
 */
export function nodeAt(root: AnyNode, offset: number): AnyNode[] {
  const path: AnyNode[] = [];
  let node: AnyNode | undefined = root;
  while (node) {
    path.push(node);
    const here: AnyNode[] = children(node).filter(({ range }) => range.start <= offset && offset <= range.end);
    node = here.at(-1);
  }
  return path;
}
