import { expect, test } from 'vitest';
import { parse } from '../../grammar/parser.ts';
import { type AnyNode, children, nodeAt } from '../../grammar/walk.ts';
import { all, SPECS } from './support.ts';

const pathAt = (marked: string): string[] =>
  nodeAt(parse(marked.replace('^', '')).tree as AnyNode, marked.indexOf('^')).map(({ kind }) => kind);

test('the path leads from the file to the innermost node', () => {
  expect(pathAt('accelerator a { kernel q array 8 x 1^6 }')).toEqual([
    'tree',
    'accelerator',
    'kernel',
    'dimensions',
    'number',
  ]);
  expect(pathAt('accelerator a { reserve slr0.l^ut 15% }')).toEqual([
    'tree',
    'accelerator',
    'reserve',
    'place',
    'part',
    'name',
  ]);
  expect(pathAt('accelerator a { stream a -> b 8 x int^8 }')).toEqual(['tree', 'accelerator', 'stream', 'name']);
});

test('a cursor right behind a word is still in it; between two nodes it is in the one that begins', () => {
  expect(pathAt('let rows^ = 8')).toEqual(['tree', 'let', 'name']);
  expect(pathAt('let a = hbm^(1)')).toEqual(['tree', 'let', 'call', 'name']);
  expect(pathAt('let a = -^b')).toEqual(['tree', 'let', 'unary', 'reference', 'name']);
});

test.each(SPECS)('%s: children come in order and lie inside their parent', (_, text) => {
  for (const node of all(parse(text).tree)) {
    let end = node.range.start;
    for (const child of children(node)) {
      expect(child.range.start).toBeGreaterThanOrEqual(end);
      end = child.range.start;
      expect(child.range.end).toBeLessThanOrEqual(node.range.end);
    }
  }
});
