/**
 * Changes of how a spec is written. What is offered is found from the tree, which is cheap: editors ask at every move of the
 * cursor. The edits are made when the person takes one, and tried out before they are handed over.
 */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import { format } from '../../../grammar/print.ts';
import { applyEdits } from '../../analysis.ts';
import type { Refusal } from '../names/rename.ts';
import type { Snapshot } from '../snapshot.ts';
import { explicitActions } from './explicit.ts';
import { extractRegion } from './extract-region.ts';
import type { Refactoring, Selection } from './refactoring.ts';
import { sameEstimate } from './same-estimate.ts';
import { sortKernels } from './sort-kernels.ts';
import { splitKernel } from './split-kernel.ts';

export const actionKinds: readonly CodeActionKind[] = [
  CodeActionKind.RefactorExtract,
  CodeActionKind.RefactorRewrite,
  'source.format',
  `${CodeActionKind.SourceFixAll}.weft`,
];

export function refactoringsAt(snapshot: Snapshot, { start, end }: { start: number; end: number }): Refactoring[] {
  const { analysis } = snapshot;
  const accelerator = analysis.parsed.tree.declarations.find(
    (one) => one.kind === 'accelerator' && one.range.start <= end && start <= one.range.end,
  );
  if (accelerator?.kind !== 'accelerator') return [];
  const estimate = analysis.estimate.accelerators.find(
    ({ accelerator: { span } }) => span.file === analysis.file && span.start === accelerator.range.start,
  );
  if (!estimate) return [];
  const selection: Selection = { snapshot, start, end, accelerator, estimate };
  return [
    ...explicitActions(selection),
    ...splitKernel(selection),
    ...extractRegion(selection),
    ...sortKernels(selection),
  ];
}

/** The text after a refactoring, or why it would not be the same spec any more. */
export function refactored({ analysis, after }: Snapshot, refactoring: Refactoring): string | Refusal {
  const { text, file, diagnostics } = analysis;
  const errors = (list: typeof diagnostics) => list.filter(({ severity }) => severity === 'error').length;
  for (const edits of refactoring.edits()) {
    if (edits.length === 0) continue;
    const spans = edits.map(({ start, end, newText }) => ({ span: { file, start, end }, newText }));
    const edited = applyEdits(text, spans, file);
    // Columns stay aligned in a file that is kept so; one that is not keeps its layout.
    const result = format(text) === text ? format(edited) : edited;
    const { analysis: changed } = after(result);
    if (errors(changed.diagnostics) > errors(diagnostics)) continue;
    if (refactoring.changesHardware || sameEstimate(analysis, changed)) return result;
  }
  const { title, otherwise = '' } = refactoring;
  return { refused: `‘${title}’ would change what the spec means; nothing was changed. ${otherwise}`.trimEnd() };
}
