import type { Location } from 'vscode-languageserver-protocol';
import { type Snapshot, toLocation } from '../snapshot.ts';
import { occurrencesAt } from './occurrences.ts';

/** Every use of a name in the open documents and what they import; its declarations where they are asked for. */
export function references(snapshot: Snapshot, offset: number, withDeclarations: boolean): Location[] {
  const found = occurrencesAt(snapshot, offset);
  if (!found) return [];
  const declarations = withDeclarations ? found.definitions.map(({ span }) => span) : [];
  return [...declarations, ...found.uses].flatMap((span) => toLocation(snapshot, span) ?? []);
}
