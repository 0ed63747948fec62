import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver-protocol';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Declaration, Kernel, ModelItem, Name, Parsed, Range, Statement, Stream } from '../../../grammar/tree.ts';
import { type Snapshot, toRange } from '../snapshot.ts';

/** The outline, from the tree alone: it stands while names are still wrong. */
export function documentSymbols({ analysis, document }: Snapshot): DocumentSymbol[] {
  return outline(document, analysis.parsed);
}

export function outline(document: TextDocument, parsed: Parsed): DocumentSymbol[] {
  return parsed.tree.declarations.flatMap((declaration) => declarationSymbol(document, declaration));
}

function declarationSymbol(document: TextDocument, declaration: Declaration): DocumentSymbol[] {
  switch (declaration.kind) {
    case 'import':
      return [];
    case 'let':
      return symbol(document, declaration, declaration.name, SymbolKind.Constant, 'let');
    case 'model':
      return symbol(
        document,
        declaration,
        declaration.name,
        SymbolKind.Module,
        'model',
        modelChildren(document, declaration.body),
      );
    case 'sheet':
      return symbol(document, declaration, declaration.name, SymbolKind.Struct, declaration.sort);
    case 'accelerator':
      return symbol(
        document,
        declaration,
        declaration.name,
        SymbolKind.Class,
        'accelerator',
        declaration.statements.flatMap((statement) => statementSymbol(document, statement)),
      );
  }
}

function modelChildren(document: TextDocument, items: readonly ModelItem[] = []): DocumentSymbol[] {
  return items.flatMap((item) => {
    switch (item.kind) {
      case 'input':
        return symbol(document, item, item.name, SymbolKind.Interface, 'input');
      case 'layer':
        return symbol(document, item, item.name, SymbolKind.Namespace, 'layer', modelChildren(document, item.body));
      case 'operation':
        return symbol(document, item, item.name, SymbolKind.Function, '');
      default:
        return [];
    }
  });
}

function statementSymbol(document: TextDocument, statement: Statement): DocumentSymbol[] {
  switch (statement.kind) {
    case 'region':
      return symbol(
        document,
        statement,
        statement.name,
        SymbolKind.Namespace,
        'region',
        statement.body.flatMap((inner) => unitSymbol(document, inner)),
      );
    case 'kernel':
    case 'stream':
      return unitSymbol(document, statement);
    case 'let':
      return symbol(document, statement, statement.name, SymbolKind.Constant, 'let');
    default:
      return [];
  }
}

function unitSymbol(document: TextDocument, unit: Kernel | Stream): DocumentSymbol[] {
  if (unit.kind === 'kernel') return symbol(document, unit, unit.name, SymbolKind.Method, 'kernel');
  const ends = [unit.from, ...unit.to].map((place) => (place ? document.getText(toRange(document, place.range)) : '?'));
  const name = `${ends[0]} → ${ends.slice(1).join(', ')}`;
  return [
    {
      name,
      kind: SymbolKind.Event,
      range: toRange(document, unit.range),
      selectionRange: toRange(document, unit.range),
    },
  ];
}

function symbol(
  document: TextDocument,
  node: { range: Range },
  name: Name | undefined,
  kind: SymbolKind,
  detail: string,
  children: DocumentSymbol[] = [],
): DocumentSymbol[] {
  const range = toRange(document, node.range);
  const selection =
    name && name.range.start >= node.range.start && name.range.end <= node.range.end
      ? toRange(document, name.range)
      : range;
  return [{ name: name?.text || `(${detail || 'unnamed'})`, detail, kind, range, selectionRange: selection, children }];
}
