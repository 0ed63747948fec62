/** What the refactorings have in common. */
import type { CodeActionKind } from 'vscode-languageserver-protocol';
import type * as tree from '../../../grammar/tree.ts';
import type { AcceleratorEstimate } from '../../estimate/estimate.ts';
import type { Snapshot } from '../snapshot.ts';

/** An edit of the file at hand, in offsets. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

export interface Refactoring {
  readonly kind: CodeActionKind;
  readonly title: string;
  /** Sets of edits, of which the first that keeps the meaning is taken. */
  edits(): Iterable<readonly Edit[]>;
  /** What to do where none does. */
  readonly otherwise?: string;
  /** It changes the hardware, and means to. */
  readonly changesHardware?: boolean;
}

/** What is selected, and what is around it. */
export interface Selection {
  readonly snapshot: Snapshot;
  readonly start: number;
  readonly end: number;
  readonly accelerator: tree.Accelerator;
  /** Of the text as it stands. */
  readonly estimate: AcceleratorEstimate;
}

/** Every kernel and stream statement of an accelerator, with the region that it stands in. */
export function unitsOf(accelerator: tree.Accelerator): { node: tree.Kernel | tree.Stream; region?: tree.Region }[] {
  return accelerator.statements.flatMap((statement) => {
    if (statement.kind === 'region') return statement.body.map((node) => ({ node, region: statement }));
    return statement.kind === 'kernel' || statement.kind === 'stream' ? [{ node: statement }] : [];
  });
}

/** Another text in the place of a node. */
export function replaced({ range: { start, end } }: tree.Node, newText: string): Edit {
  return { start, end, newText };
}

/** Whether a statement is selected; with nothing selected, whether the cursor stands on its lines. */
export function overlaps({ range }: tree.Node, { snapshot, start, end }: Selection): boolean {
  const { text } = snapshot.analysis;
  const lineEnd = text.indexOf('\n', range.end);
  const last = start === end ? (lineEnd < 0 ? text.length : lineEnd) : range.end;
  const first = start === end ? text.lastIndexOf('\n', range.start - 1) + 1 : range.start;
  return first <= end && start <= last;
}
