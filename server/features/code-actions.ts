import { type CodeAction, CodeActionKind, type Diagnostic as ProtocolDiagnostic } from 'vscode-languageserver-protocol';
import type { Diagnostic, Fix } from '../diagnostic.ts';
import { type Snapshot, toRange } from './snapshot.ts';

/** Quick fixes of the diagnostics in a range; each was tried out on the estimator before it is offered. */
export function codeActions(
  snapshot: Snapshot,
  range: { start: number; end: number },
  shown: readonly ProtocolDiagnostic[],
  fixesOf: (diagnostic: Diagnostic) => Fix[],
): CodeAction[] {
  const { analysis } = snapshot;
  return analysis.diagnostics
    .filter(({ span }) => span.file === analysis.file && span.start <= range.end && range.start <= span.end)
    .flatMap((diagnostic) =>
      fixesOf(diagnostic).map((fix) => ({
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: shown.filter((one) => one.code === diagnostic.code),
        ...(fix.preferred && { isPreferred: true }),
        edit: { changes: changes(snapshot, fix) },
      })),
    );
}

function changes(snapshot: Snapshot, fix: Fix) {
  const files = [...new Set(fix.edits.map(({ span }) => span.file))];
  return Object.fromEntries(
    files.flatMap((file) => {
      const document = snapshot.other(file);
      const edits = fix.edits.filter(({ span }) => span.file === file);
      return document ? [[file, edits.map(({ span, newText }) => ({ range: toRange(document, span), newText }))]] : [];
    }),
  );
}
