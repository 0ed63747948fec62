/** One document as the features see it: its analysis, and the way between offsets and protocol positions. */
import type { Location, Position, Range } from 'vscode-languageserver-protocol';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type * as tree from '../../grammar/tree.ts';
import type { Analysis } from '../analysis.ts';
import type { Accelerator, Kernel } from '../design/design.ts';
import type { Diagnostic, Fix, Span } from '../diagnostic.ts';
import type { AcceleratorEstimate, KernelEstimate } from '../estimate/estimate.ts';
import type { Price } from '../estimate/price.ts';

export interface Snapshot {
  readonly analysis: Analysis;
  readonly document: TextDocument;
  /** Any file that the analysis speaks of: this one, its imports, the library. */
  other(file: string): TextDocument | undefined;
  /**
   * Every file of the workspace that the server knows: the open documents and, transitively, what they import; with names,
   * also the files in the workspace's folders that hold one of them.
   */
  known(names?: readonly string[]): readonly Analysis[];
  /** What an accelerator of this document last cost, by name. */
  lastEstimate(accelerator: string): AcceleratorEstimate | undefined;
  /** Quick fixes, tried out on the estimator. */
  fixes(diagnostic: Diagnostic): Fix[];
  /** What a kernel would be by its laws alone, without waiting. */
  price(accelerator: Accelerator, kernel: Kernel): Price;
  /** The same document with another text; nothing of it is remembered. */
  after(text: string): Snapshot;
}

export function toRange(document: TextDocument, span: { start: number; end: number }): Range {
  return { start: document.positionAt(span.start), end: document.positionAt(span.end) };
}

export function toLocation(snapshot: Snapshot, span: Span): Location | undefined {
  const document = snapshot.other(span.file);
  return document && { uri: span.file, range: toRange(document, span) };
}

export function contains(span: Span, file: string, offset: number): boolean {
  return span.file === file && span.start <= offset && offset <= span.end;
}

/** Where the hint of a statement stands: at the end of its line, unless another statement follows on it. */
export function hintPosition(document: TextDocument, end: number): Position {
  const { line } = document.positionAt(end);
  const behind = document.getText({ start: document.positionAt(end), end: { line: line + 1, character: 0 } });
  // White space at the end stays in front: whoever types there sees what is typed beside what was.
  const rest = behind.replace(/[\r\n]+$/, '');
  const last = /^[\s}]*(\/\/.*)?$/.test(rest);
  return document.positionAt(last ? end + rest.length : end);
}

/** An accelerator as this file declares it, with what it costs. */
export interface Priced {
  readonly declaration: tree.Accelerator;
  readonly estimate: AcceleratorEstimate | undefined;
  /** The estimate is of an earlier text: as it stands, the accelerator cannot be estimated. */
  readonly old: boolean;
}

export function pricedAccelerators({ analysis, lastEstimate }: Snapshot): Priced[] {
  const own = new Map(analysis.estimate.accelerators.map((one) => [one.accelerator.span.start, one]));
  return analysis.parsed.tree.declarations.flatMap((declaration) => {
    if (declaration.kind !== 'accelerator') return [];
    const start = declaration.range.start;
    const current = own.get(start);
    const last = declaration.name && lastEstimate(declaration.name.text);
    return [{ declaration, estimate: current ?? last, old: current === undefined }];
  });
}

/** The kernel of this file whose statement holds the offset, with its estimate. */
export function kernelAt(
  { analysis }: Snapshot,
  offset: number,
): { estimate: AcceleratorEstimate; kernel: KernelEstimate } | undefined {
  for (const estimate of analysis.estimate.accelerators) {
    const written = estimate.accelerator.kernels.find((one) => !one.auto && contains(one.span, analysis.file, offset));
    const kernel = written && estimate.kernels.find((one) => one.name === written.name);
    if (kernel) return { estimate, kernel };
  }
  return undefined;
}
