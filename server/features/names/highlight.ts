import { type DocumentHighlight, DocumentHighlightKind } from 'vscode-languageserver-protocol';
import { type Snapshot, toRange } from '../snapshot.ts';
import { occurrencesAt } from './occurrences.ts';

/** The places of a name in the document: its declaration as what writes it, its uses as what reads it. */
export function highlights(snapshot: Snapshot, offset: number): DocumentHighlight[] {
  const found = occurrencesAt(snapshot, offset);
  if (!found) return [];
  const places = [
    ...found.definitions.map(({ span }) => ({ span, kind: DocumentHighlightKind.Write })),
    ...found.uses.map((span) => ({ span, kind: DocumentHighlightKind.Read })),
  ];
  return places
    .filter(({ span }) => span.file === snapshot.analysis.file)
    .map(({ span, kind }) => ({ range: toRange(snapshot.document, span), kind }));
}
