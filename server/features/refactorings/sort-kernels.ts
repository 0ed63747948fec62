/** *Sort kernels in dataflow order*: within each region and between regions, comments going along. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type * as tree from '../../../grammar/tree.ts';
import type { Accelerator } from '../../design/design.ts';
import { type Lines, linesOf } from '../lines-of.ts';
import type { Edit, Refactoring, Selection } from './refactoring.ts';

export function sortKernels({ snapshot, accelerator, estimate }: Selection): Refactoring[] {
  const lines = linesOf(snapshot);
  const lists = [
    accelerator.statements,
    ...accelerator.statements.flatMap((one) => (one.kind === 'region' ? [one.body] : [])),
  ];
  const edits = lists.flatMap((list) => sorted(list, estimate.accelerator, lines));
  if (edits.length === 0) return [];
  return [
    {
      kind: CodeActionKind.RefactorRewrite,
      title: 'Sort kernels in dataflow order',
      edits: () => [edits],
    },
  ];
}

/** The places where kernels stand stay; which kernel stands in which of them changes. */
function sorted(list: readonly tree.Node[], { kernels, model }: Accelerator, lines: Lines): Edit[] {
  const order = new Map([...model.layer.operators, ...model.outside].map(({ name }, index) => [name, index]));
  const places = list.flatMap((node) => {
    const kernel = kernels.find(({ auto, span }) => !auto && span.start === node.range.start);
    const block = kernel && lines.blockOf(node);
    const first = Math.min(...(kernel?.turns.flat().map(({ name }) => order.get(name) ?? 0) ?? []));
    return block ? [{ ...block, first }] : [];
  });
  // Two statements on a line cannot change places by lines.
  if (places.some(({ start }, index) => index > 0 && start < places[index - 1]!.end)) return [];
  const wanted = [...places].sort((a, b) => a.first - b.first);
  return places.flatMap(({ start, end, text }, index) => {
    const { text: newText } = wanted[index]!;
    return newText === text ? [] : [{ start, end, newText }];
  });
}
