/** One document as the features see it: its analysis, and the way between offsets and protocol positions. */
import type { Location, Position, Range } from 'vscode-languageserver-protocol';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Analysis } from '../analysis.ts';
import type { Span } from '../diagnostic.ts';
import type { AcceleratorEstimate, KernelEstimate } from '../estimate/estimate.ts';

export interface Snapshot {
  readonly analysis: Analysis;
  readonly document: TextDocument;
  /** Any file that the analysis speaks of: this one, its imports, the library. */
  other(file: string): TextDocument | undefined;
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

/** Where a line ends: end-of-line hints stand there. */
export function lineEnd(document: TextDocument, offset: number): Position {
  const { line } = document.positionAt(offset);
  const text = document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
  return { line, character: text.replace(/[\r\n]+$/, '').length };
}

/** The kernel of this file whose statement holds the offset, with its estimate. */
export function kernelAt(
  snapshot: Snapshot,
  offset: number,
): { estimate: AcceleratorEstimate; kernel: KernelEstimate } | undefined {
  for (const estimate of snapshot.analysis.estimate.accelerators) {
    const written = estimate.accelerator.kernels.find(
      (one) => !one.auto && contains(one.span, snapshot.analysis.file, offset),
    );
    const kernel = written && estimate.kernels.find((one) => one.name === written.name);
    if (kernel) return { estimate, kernel };
  }
  return undefined;
}
