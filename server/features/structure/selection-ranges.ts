import type { SelectionRange } from 'vscode-languageserver-protocol';
import { nodeAt } from '../../../grammar/walk.ts';
import { type Snapshot, toRange } from '../snapshot.ts';

/** From the innermost part of the tree at an offset outwards: a name, its clause, the kernel, the region, the file. */
export function selectionRange({ analysis, document }: Snapshot, offset: number): SelectionRange {
  const whole = { start: 0, end: analysis.text.length };
  const spans = [whole];
  for (const { range } of nodeAt(analysis.parsed.tree, offset)) {
    const outer = spans.at(-1)!;
    // A part that is as wide as what it is in would be a step that nobody sees.
    const narrower = range.end - range.start < outer.end - outer.start;
    if (narrower && range.start >= outer.start && range.end <= outer.end) spans.push(range);
  }
  const [file, ...inner] = spans.map((span) => toRange(document, span));
  return inner.reduce<SelectionRange>((parent, range) => ({ range, parent }), { range: file! });
}
