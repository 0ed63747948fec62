import { type Diagnostic, DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver-protocol';
import { type Snapshot, toLocation, toRange } from '../snapshot.ts';
import { pageUri } from '../virtual-text.ts';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const;

const tags = { unnecessary: DiagnosticTag.Unnecessary, deprecated: DiagnosticTag.Deprecated } as const;

/** Diagnostics of this file; those of an imported file are shown where that file is open. */
export function diagnostics(snapshot: Snapshot): Diagnostic[] {
  const { analysis, document } = snapshot;
  return analysis.diagnostics
    .filter((diagnostic) => diagnostic.span.file === analysis.file)
    .map((diagnostic) => ({
      range: toRange(document, diagnostic.span),
      severity: severities[diagnostic.severity],
      code: diagnostic.code,
      codeDescription: { href: pageUri(diagnostic.code) },
      source: 'weft',
      message: diagnostic.message,
      ...(diagnostic.tags && { tags: diagnostic.tags.map((tag) => tags[tag]) }),
      relatedInformation: diagnostic.related.flatMap(({ span, message }) => {
        const location = toLocation(snapshot, span);
        return location ? [{ location, message }] : [];
      }),
    }));
}
