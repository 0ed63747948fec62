/** What the client can do, and what the server says that it can. */
import {
  type ClientCapabilities,
  CodeActionKind,
  CodeLensRefreshRequest,
  DiagnosticRefreshRequest,
  InlayHintRefreshRequest,
  SemanticTokensRefreshRequest,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from 'vscode-languageserver';
import { type PositionEncoding, positionEncodings } from '../../documents.ts';
import { actionKinds } from '../refactorings/refactorings.ts';
import { legend } from '../structure/semantic-tokens.ts';

export interface Client {
  readonly encoding: PositionEncoding;
  /** It asks for diagnostics itself; to push them, too, would show each of them twice. */
  readonly pulls: boolean;
  readonly asksForSettings: boolean;
  /** It tells of changed settings where it is asked to; others tell of them by themselves. */
  readonly registersSettings: boolean;
  /** It tells of files that change on disk where it is asked to. */
  readonly watches: boolean;
  /** It fetches the edit of a code action when the person takes it. */
  readonly resolvesEdits: boolean;
  /** Methods by which it is told to ask again. */
  readonly refreshes: readonly string[];
}

const refreshRequests = {
  inlayHint: InlayHintRefreshRequest.method,
  codeLens: CodeLensRefreshRequest.method,
  semanticTokens: SemanticTokensRefreshRequest.method,
  diagnostics: DiagnosticRefreshRequest.method,
} as const;

export function clientOf({ general, workspace, textDocument }: ClientCapabilities): Client {
  // In the client's order of liking; UTF-16 is what every client can.
  const known = general?.positionEncodings?.flatMap((one) => positionEncodings.filter((ours) => ours === one)) ?? [];
  return {
    encoding: known[0] ?? 'utf-16',
    pulls: textDocument?.diagnostic !== undefined,
    asksForSettings: workspace?.configuration === true,
    registersSettings: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    watches: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    resolvesEdits: textDocument?.codeAction?.resolveSupport?.properties.includes('edit') === true,
    refreshes: Object.entries(refreshRequests).flatMap(([feature, request]) =>
      workspace?.[feature as keyof typeof refreshRequests]?.refreshSupport === true ? [request] : [],
    ),
  };
}

export function capabilitiesFor({ encoding, pulls }: Client): ServerCapabilities {
  return {
    positionEncoding: encoding,
    textDocumentSync: TextDocumentSyncKind.Incremental,
    hoverProvider: true,
    definitionProvider: true,
    referencesProvider: { workDoneProgress: true },
    documentHighlightProvider: true,
    renameProvider: { prepareProvider: true, workDoneProgress: true },
    callHierarchyProvider: true,
    documentSymbolProvider: true,
    workspaceSymbolProvider: true,
    documentFormattingProvider: true,
    documentRangeFormattingProvider: true,
    documentOnTypeFormattingProvider: { firstTriggerCharacter: '}', moreTriggerCharacter: ['\n'] },
    documentLinkProvider: {},
    foldingRangeProvider: true,
    selectionRangeProvider: true,
    inlayHintProvider: { resolveProvider: true },
    codeLensProvider: {},
    completionProvider: { triggerCharacters: [' ', '[', '.', '(', ':'], resolveProvider: true },
    signatureHelpProvider: { triggerCharacters: ['(', ','], retriggerCharacters: [':'] },
    codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, ...actionKinds], resolveProvider: true },
    semanticTokensProvider: { legend, full: { delta: true }, range: true },
    ...(pulls && {
      diagnosticProvider: {
        identifier: 'weft',
        interFileDependencies: true,
        workspaceDiagnostics: true,
        workDoneProgress: true,
      },
    }),
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
  };
}
