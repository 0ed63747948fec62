import { type DocumentSymbol, SymbolKind, type WorkspaceSymbol } from 'vscode-languageserver-protocol';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Parsed } from '../../../grammar/tree.ts';
import { isLibrary } from '../../library/index.ts';
import { outline } from './document-symbols.ts';

export interface SymbolSource {
  readonly document: TextDocument;
  readonly parsed: Parsed;
}

/** More than anybody reads; an editor asks again as the query grows. */
const MAX_SYMBOLS = 500;

/**
 * Names of all files that hold the characters of the query in their order, as editors match. Of the library only what a
 * spec can name, its declarations: every model has a `q`.
 */
export function workspaceSymbols(sources: readonly SymbolSource[], query: string): WorkspaceSymbol[] {
  const symbols = sources.flatMap(({ document, parsed }) => {
    const top = outline(document, parsed);
    return top.flatMap((symbol) => flat(symbol, document.uri, isLibrary(document.uri) ? 0 : Infinity));
  });
  return symbols.filter(({ name }) => matches(name, query)).slice(0, MAX_SYMBOLS);
}

/** A symbol and what is in it, so many levels down. */
function flat(
  { name, kind, selectionRange, children = [] }: DocumentSymbol,
  uri: string,
  levels: number,
  containerName?: string,
): WorkspaceSymbol[] {
  // A stream has ends instead of a name.
  if (kind === SymbolKind.Event) return [];
  const own = { name, kind, location: { uri, range: selectionRange }, ...(containerName && { containerName }) };
  return [own, ...(levels > 0 ? children.flatMap((child) => flat(child, uri, levels - 1, name)) : [])];
}

function matches(name: string, query: string): boolean {
  const letters = name.toLowerCase();
  let at = 0;
  for (const letter of query.toLowerCase()) {
    at = letters.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
