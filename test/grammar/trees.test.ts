/** Every construct of the language, built as a tree, written down and read again. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from '../../grammar/parser.ts';
import { format } from '../../grammar/print.ts';
import { meaning, shape } from './support.ts';
import { trees, written } from './trees.ts';

test('what is written is what is read, and what is printed is what was written', () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const text = written(tree);
      const parsed = parse(text);
      expect(parsed.problems).toEqual([]);
      expect(shape(parsed.tree)).toEqual(tree);
      const printed = format(text);
      const again = parse(printed);
      expect(again.problems).toEqual([]);
      expect(meaning(again.tree)).toEqual(meaning(tree));
      expect(format(printed)).toBe(printed);
    }),
    { numRuns: 500 },
  );
});

test('random trees have every kind of node in them', () => {
  const kinds = new Set<string>();
  JSON.stringify(fc.sample(trees, { numRuns: 2000, seed: 1 }), (key, value) => {
    if (key === 'kind') kinds.add(value);
    return value;
  });
  // All that grammar/tree.ts declares, beside the names of the tree itself.
  expect([...kinds].sort()).toMatchInlineSnapshot(`
    [
      "accelerator",
      "argument",
      "auto",
      "binary",
      "call",
      "choose",
      "compare",
      "copies",
      "device",
      "dimensions",
      "import",
      "input",
      "item",
      "kernel",
      "layer",
      "let",
      "list",
      "mode",
      "model",
      "model-reference",
      "name",
      "number",
      "objective",
      "operation",
      "output",
      "parameter",
      "parameters",
      "parenthesised",
      "part",
      "phase",
      "place",
      "places",
      "quantity",
      "reference",
      "region",
      "replicate",
      "require",
      "reserve",
      "scalar",
      "sheet",
      "span",
      "split",
      "storage",
      "stream",
      "stream-attribute",
      "string",
      "tree",
      "turn",
      "unary",
      "use-model",
      "use-precision",
    ]
  `);
});
