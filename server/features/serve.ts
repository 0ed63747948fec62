/** The language server: which request goes to which feature. What differs between the doors is handed in. */
import {
  CodeActionKind,
  CodeLensRefreshRequest,
  type Connection,
  DidChangeConfigurationNotification,
  ErrorCodes,
  type InitializeResult,
  InlayHintRefreshRequest,
  ResponseError,
  SemanticTokensRefreshRequest,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Analysis } from '../analysis.ts';
import { library } from '../library/index.ts';
import { methods, type Status } from '../requests.ts';
import { codes } from '../rules/index.ts';
import { readLevels } from '../rules/levels.ts';
import { librarySource } from '../sources.ts';
import { createWorkspace } from '../workspace.ts';
import type { Door } from './door.ts';
import { features as allFeatures, type Features } from './features.ts';
import { importedFiles } from './imports.ts';
import type { HintLevel } from './inlay-hints.ts';
import { registerOwnRequests } from './own-requests.ts';
import type { Refusal } from './rename.ts';
import { legend } from './semantic-tokens.ts';
import type { Snapshot } from './snapshot.ts';
import type { SymbolSource } from './workspace-symbols.ts';

interface Settings {
  readonly inlayHints: HintLevel;
  readonly codeLens: boolean;
  readonly rules: Readonly<Record<string, string>>;
}

const defaults: Settings = { inlayHints: 'full', codeLens: true, rules: {} };

const refreshRequests = {
  inlayHint: InlayHintRefreshRequest.method,
  codeLens: CodeLensRefreshRequest.method,
  semanticTokens: SemanticTokensRefreshRequest.method,
} as const;

/** Serves one client until its connection ends. */
export function serve(connection: Connection, door: Door, features: Features = allFeatures): void {
  const documents = new TextDocuments(TextDocument);
  const workspace = createWorkspace(door.files);
  let settings = defaults;
  let asksForSettings = false;
  let refreshes: string[] = [];
  const logged = new Set<string>();

  function known(): Analysis[] {
    const found = new Map<string, Analysis>();
    const waiting = documents.keys();
    for (let uri = waiting.pop(); uri !== undefined; uri = waiting.pop()) {
      const analysis = found.has(uri) ? undefined : workspace.analysis(uri);
      if (!analysis) continue;
      found.set(uri, analysis);
      waiting.push(...importedFiles(analysis).flatMap((one) => (one.uri.endsWith('.weft') ? one.uri : [])));
    }
    return [...found.values()];
  }

  /**
   * A feature that fails answers with nothing and says so once in the log; the next keystroke is a new chance. It is a
   * bug each time: features are total.
   */
  function guarded<T>(subject: string, empty: T, feature: () => T): T {
    try {
      return feature();
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const place = text.split('\n', 2).join(); // the message and where it was thrown, whatever the way there
      if (!logged.has(place)) connection.console.error(`${subject}: ${text}`);
      logged.add(place);
      return empty;
    }
  }

  function answer<T>(uri: string, empty: T, feature: (snapshot: Snapshot) => T): T {
    return guarded(uri, empty, () => {
      const document = documents.get(uri);
      const analysis = workspace.analysis(uri);
      if (!document || !analysis) return empty;
      return feature({
        analysis,
        document,
        other: (file) => (file === uri ? document : workspace.document(file)),
        known,
        lastEstimate: (accelerator) => workspace.lastEstimate(uri, accelerator),
      });
    });
  }

  /** Every file whose names can be looked for: those of the workspace that are known, and the library. */
  function symbolSources(): SymbolSource[] {
    const texts = new Map(known().map(({ file, parsed }) => [file, parsed]));
    for (const { uri } of library) {
      const parsed = texts.get(uri) ?? librarySource(uri)?.parsed;
      if (parsed) texts.set(uri, parsed);
    }
    return [...texts].flatMap(([uri, parsed]) => {
      const document = workspace.document(uri);
      return document ? [{ document, parsed }] : [];
    });
  }

  function publish(uri: string): void {
    const { diagnostics, status } = answer(uri, { diagnostics: [], status: failed(uri) }, (snapshot) => ({
      diagnostics: features.diagnostics(snapshot),
      status: features.status(snapshot),
    }));
    if (workspace.awaits(uri)) return; // it is published when the file has come
    const version = documents.get(uri)?.version;
    void connection.sendNotification(methods.statusChanged, status);
    void connection.sendDiagnostics({ uri, diagnostics, ...(version !== undefined && { version }) });
  }

  /** Editors ask again for hints and lenses of the document that is typed in, not of those that depend on it. */
  function refresh(): void {
    for (const request of refreshes) void connection.sendRequest(request).catch(() => undefined);
  }

  /** The documents speak of other files than before. */
  function republish(uris: readonly string[]): void {
    uris.forEach(publish);
    if (uris.length > 0) refresh();
  }

  async function readSettings(): Promise<void> {
    if (!asksForSettings) return;
    const answered: Partial<Settings> | null = await connection.workspace.getConfiguration('weft');
    settings = { ...defaults, ...answered };
    const { levels, wrong } = readLevels(settings.rules, codes);
    for (const sentence of wrong) connection.console.warn(`weft.rules: ${sentence}`);
    workspace.setLevels(levels);
    documents.keys().forEach(publish);
    refresh();
  }

  connection.onInitialize(({ capabilities: { workspace: client } }): InitializeResult => {
    asksForSettings = client?.configuration === true;
    refreshes = Object.entries(refreshRequests).flatMap(([feature, request]) =>
      client?.[feature as keyof typeof refreshRequests]?.refreshSupport === true ? [request] : [],
    );
    return {
      serverInfo: { name: 'weft', version: door.version },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        hoverProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        renameProvider: { prepareProvider: true },
        documentSymbolProvider: true,
        workspaceSymbolProvider: true,
        documentFormattingProvider: true,
        documentLinkProvider: {},
        foldingRangeProvider: true,
        selectionRangeProvider: true,
        inlayHintProvider: { resolveProvider: true },
        codeLensProvider: {},
        completionProvider: { triggerCharacters: [' ', '[', '.', '(', ':'] },
        signatureHelpProvider: { triggerCharacters: ['(', ','], retriggerCharacters: [':'] },
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

  documents.onDidChangeContent(({ document: { uri } }) => {
    const others = workspace.dependents(uri).filter((one) => one !== uri);
    workspace.open(documents.get(uri)!);
    publish(uri);
    republish(others);
  });
  documents.onDidClose(({ document: { uri } }) => {
    const others = workspace.dependents(uri).filter((one) => one !== uri);
    door.files.forget?.(uri);
    workspace.close(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
    republish(others); // they read the file on disk from now on
  });
  /** Texts of files that no editor has open are others now. */
  function touched(uris: readonly string[]): void {
    const affected = new Set(uris.flatMap(workspace.dependents));
    uris.forEach(workspace.touched);
    republish([...affected]);
  }
  connection.onDidChangeWatchedFiles(({ changes }) => {
    const uris = changes.map(({ uri }) => uri);
    for (const uri of uris) door.files.forget?.(uri);
    touched(uris);
  });
  door.files.onArrival?.((uri) => touched([uri]));

  connection.onHover(({ textDocument, position }) =>
    answer(textDocument.uri, null, (snapshot) => features.hover(snapshot, snapshot.document.offsetAt(position))),
  );
  connection.onDefinition(({ textDocument, position }) =>
    answer(textDocument.uri, [], (snapshot) => features.definition(snapshot, snapshot.document.offsetAt(position))),
  );
  connection.onReferences(({ textDocument, position, context }) =>
    answer(textDocument.uri, [], (snapshot) =>
      features.references(snapshot, snapshot.document.offsetAt(position), context.includeDeclaration),
    ),
  );
  connection.onDocumentHighlight(({ textDocument, position }) =>
    answer(textDocument.uri, [], (snapshot) => features.highlights(snapshot, snapshot.document.offsetAt(position))),
  );
  connection.onPrepareRename(({ textDocument, position }) =>
    orError(
      answer(textDocument.uri, null, (snapshot) =>
        features.prepareRename(snapshot, snapshot.document.offsetAt(position)),
      ),
    ),
  );
  connection.onRenameRequest(({ textDocument, position, newName }) =>
    orError(
      answer(textDocument.uri, null, (snapshot) =>
        features.rename(snapshot, snapshot.document.offsetAt(position), newName),
      ),
    ),
  );
  connection.onCompletion(({ textDocument, position, context }) =>
    answer(textDocument.uri, [], (snapshot) =>
      features.completion(snapshot, snapshot.document.offsetAt(position), context?.triggerCharacter),
    ),
  );
  connection.onSignatureHelp(({ textDocument, position }) =>
    answer(textDocument.uri, null, (snapshot) =>
      features.signatureHelp(snapshot, snapshot.document.offsetAt(position)),
    ),
  );
  connection.onDocumentSymbol(({ textDocument }) => answer(textDocument.uri, [], features.documentSymbols));
  connection.onDocumentLinks(({ textDocument }) => answer(textDocument.uri, [], features.documentLinks));
  connection.onSelectionRanges(({ textDocument, positions }) =>
    answer(textDocument.uri, [], (snapshot) =>
      positions.map((position) => features.selectionRange(snapshot, snapshot.document.offsetAt(position))),
    ),
  );
  connection.onWorkspaceSymbol(({ query }) =>
    guarded('workspace symbols', [], () => features.workspaceSymbols(symbolSources(), query)),
  );
  connection.onFoldingRanges(({ textDocument }) => answer(textDocument.uri, [], features.foldingRanges));
  connection.onDocumentFormatting(({ textDocument }) => answer(textDocument.uri, [], features.formatting));
  connection.onCodeLens(({ textDocument }) =>
    settings.codeLens ? answer(textDocument.uri, [], features.codeLenses) : [],
  );
  connection.languages.inlayHint.on(({ textDocument, range }) =>
    answer(textDocument.uri, [], (snapshot) =>
      features.inlayHints(snapshot, settings.inlayHints, {
        start: snapshot.document.offsetAt(range.start),
        end: snapshot.document.offsetAt(range.end),
      }),
    ),
  );
  connection.languages.inlayHint.resolve((hint) =>
    answer(hint.data?.uri ?? '', hint, (snapshot) => features.resolveInlayHint(snapshot, hint)),
  );
  connection.languages.semanticTokens.on(({ textDocument }) =>
    answer(textDocument.uri, { data: [] }, features.semanticTokens),
  );
  connection.onCodeAction(({ textDocument, range, context }) =>
    answer(textDocument.uri, [], (snapshot) =>
      features.codeActions(
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

/** Editors show the message of an error; to them an answer without edits is a success. */
function orError<T extends object>(answered: T | Refusal | null): T | ResponseError<void> | null {
  return answered && 'refused' in answered ? new ResponseError(ErrorCodes.InvalidRequest, answered.refused) : answered;
}

/** What is shown of a document that the server cannot cope with. */
function failed(uri: string): Status {
  return {
    uri,
    text: 'no estimate',
    tooltip: 'Weft failed on this text. *Weft: Show Log* says more; please report it.',
    severity: 'error',
    accelerators: [],
  };
}
