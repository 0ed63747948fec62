/** The language server: which request goes to which feature. What differs between the doors is handed in. */
import {
  CodeActionKind,
  type Connection,
  DidChangeConfigurationNotification,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Project } from '../emit/project.ts';
import { type ExportParams, type ExportResult, methods } from '../requests.ts';
import { createWorkspace, type Files } from '../workspace.ts';
import { codeActions } from './code-actions.ts';
import { codeLenses } from './code-lens.ts';
import { completion } from './completion.ts';
import { definition } from './definition.ts';
import { diagnostics } from './diagnostics.ts';
import { documentSymbols } from './document-symbols.ts';
import { foldingRanges } from './folding.ts';
import { formatting } from './formatting.ts';
import { hover } from './hover.ts';
import { type HintLevel, inlayHints } from './inlay-hints.ts';
import { registerOwnRequests } from './own-requests.ts';
import { legend, semanticTokens } from './semantic-tokens.ts';
import type { Snapshot } from './snapshot.ts';
import { status } from './status.ts';

export interface Door {
  readonly version: string;
  readonly files: Files;
  /** Page of a diagnostic. */
  page(code: string): string;
  /** Writes a project into the folder of the request, all or nothing; absent where there is no disk. */
  write?(project: Project, request: ExportParams): Promise<ExportResult>;
}

interface Settings {
  readonly inlayHints: HintLevel;
  readonly codeLens: boolean;
}

const defaults: Settings = { inlayHints: 'full', codeLens: true };

export function serve(connection: Connection, door: Door): void {
  const documents = new TextDocuments(TextDocument);
  const workspace = createWorkspace(door.files);
  let settings = defaults;
  let asksForSettings = false;
  let refreshes = { inlayHints: false, codeLens: false };

  /**
   * A feature that fails answers with nothing and says so once in the log; the next keystroke is a new chance. It is a
   * bug each time: features are total.
   */
  function answer<T>(uri: string, empty: T, feature: (snapshot: Snapshot) => T): T {
    try {
      const document = documents.get(uri);
      const analysis = workspace.analysis(uri);
      if (!document || !analysis) return empty;
      return feature({ analysis, document, other: (file) => (file === uri ? document : workspace.document(file)) });
    } catch (error) {
      connection.console.error(`${uri}: ${error instanceof Error ? error.stack : error}`);
      return empty;
    }
  }

  function publish(uri: string): void {
    answer(uri, undefined, (snapshot) => {
      const { version } = snapshot.document;
      void connection.sendDiagnostics({ uri, version, diagnostics: diagnostics(snapshot, door.page) });
      void connection.sendNotification(methods.statusChanged, status(snapshot));
    });
  }

  async function readSettings(): Promise<void> {
    if (!asksForSettings) return;
    const answered: Partial<Settings> | null = await connection.workspace.getConfiguration('weft');
    settings = { ...defaults, ...answered };
    if (refreshes.inlayHints) connection.languages.inlayHint.refresh();
    if (refreshes.codeLens) connection.sendRequest('workspace/codeLens/refresh');
  }

  connection.onInitialize(({ capabilities }): InitializeResult => {
    asksForSettings = capabilities.workspace?.configuration === true;
    refreshes = {
      inlayHints: capabilities.workspace?.inlayHint?.refreshSupport === true,
      codeLens: capabilities.workspace?.codeLens?.refreshSupport === true,
    };
    return {
      serverInfo: { name: 'weft', version: door.version },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        hoverProvider: true,
        definitionProvider: true,
        documentSymbolProvider: true,
        documentFormattingProvider: true,
        foldingRangeProvider: true,
        inlayHintProvider: true,
        codeLensProvider: {},
        completionProvider: { triggerCharacters: [' ', '[', '.', ':'] },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        semanticTokensProvider: { legend, full: true },
      },
    };
  });
  connection.onInitialized(async () => {
    if (!asksForSettings) return;
    await connection.client.register(DidChangeConfigurationNotification.type, { section: 'weft' });
    await readSettings();
  });
  connection.onDidChangeConfiguration(readSettings);

  documents.onDidChangeContent(({ document }) => {
    const before = workspace.dependents(document.uri);
    workspace.open(document);
    for (const uri of new Set([document.uri, ...before])) publish(uri);
  });
  documents.onDidClose(({ document }) => {
    workspace.close(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) {
      const affected = workspace.dependents(uri);
      workspace.touched(uri);
      affected.forEach(publish);
    }
  });

  connection.onHover(({ textDocument, position }) =>
    answer(textDocument.uri, null, (snapshot) => hover(snapshot, snapshot.document.offsetAt(position))),
  );
  connection.onDefinition(({ textDocument, position }) =>
    answer(textDocument.uri, [], (snapshot) => definition(snapshot, snapshot.document.offsetAt(position))),
  );
  connection.onCompletion(({ textDocument, position }) =>
    answer(textDocument.uri, [], (snapshot) => completion(snapshot, snapshot.document.offsetAt(position))),
  );
  connection.onDocumentSymbol(({ textDocument }) => answer(textDocument.uri, [], documentSymbols));
  connection.onFoldingRanges(({ textDocument }) => answer(textDocument.uri, [], foldingRanges));
  connection.onDocumentFormatting(({ textDocument }) => answer(textDocument.uri, [], formatting));
  connection.onCodeLens(({ textDocument }) => (settings.codeLens ? answer(textDocument.uri, [], codeLenses) : []));
  connection.languages.inlayHint.on(({ textDocument, range }) =>
    answer(textDocument.uri, [], (snapshot) =>
      inlayHints(snapshot, settings.inlayHints, {
        start: snapshot.document.offsetAt(range.start),
        end: snapshot.document.offsetAt(range.end),
      }),
    ),
  );
  connection.languages.semanticTokens.on(({ textDocument }) => answer(textDocument.uri, { data: [] }, semanticTokens));
  connection.onCodeAction(({ textDocument, range, context }) =>
    answer(textDocument.uri, [], (snapshot) =>
      codeActions(
        snapshot,
        { start: snapshot.document.offsetAt(range.start), end: snapshot.document.offsetAt(range.end) },
        context.diagnostics,
        (diagnostic) => workspace.fixes(diagnostic, snapshot.analysis),
      ),
    ),
  );

  registerOwnRequests(connection, workspace, door);
  documents.listen(connection);
  connection.listen();
}
