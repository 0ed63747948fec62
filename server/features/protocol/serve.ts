/** The language server: its life, its documents, and what it tells the client unasked. What differs between the doors is handed in. */
import {
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  DidChangeWorkspaceFoldersNotification,
  FileChangeType,
  type InitializeResult,
  TextDocuments,
} from 'vscode-languageserver';
import type { Analysis } from '../../analysis.ts';
import { documentsIn } from '../../documents.ts';
import { createFolders } from '../../folders.ts';
import { library } from '../../library/index.ts';
import { methods, type Status } from '../../requests.ts';
import { codes } from '../../rules/index.ts';
import { readLevels } from '../../rules/levels.ts';
import { librarySource } from '../../sources.ts';
import { createWorkspace, type Trial } from '../../workspace.ts';
import type { Door } from '../door.ts';
import { createGuard, type Pass } from '../guard.ts';
import { importedFiles } from '../imports.ts';
import type { Snapshot } from '../snapshot.ts';
import type { SymbolSource } from '../structure/workspace-symbols.ts';
import { registerAnswers, type Settings } from './answers.ts';
import { type Client, capabilitiesFor, clientOf } from './capabilities.ts';
import { features as allFeatures, type Features } from './features.ts';
import { registerOwnRequests } from './own-requests.ts';
import { createPulled } from './pulled.ts';
import { Proposals, registerTuning } from './tuning.ts';

const defaults: Settings = { inlayHints: 'full', codeLens: true, rules: {} };

/** Serves one client until its connection ends. */
export function serve(connection: Connection, door: Door, features: Features = allFeatures): void {
  let client: Client = clientOf({});
  const kinds = documentsIn(() => client.encoding);
  const documents = new TextDocuments(kinds);
  const proposals = new Proposals();
  const workspace = createWorkspace(proposals.importing(door.files), kinds);
  const folders = createFolders(door.files);
  const guard = createGuard((text) => connection.console.error(text));
  let common = defaults;
  /** Where an editor has several folders, each may have settings of its own. */
  const settings = new Map<string, Settings>();

  /** Documents that are open, and what they import. */
  function opened(): Map<string, Analysis> {
    const found = new Map<string, Analysis>();
    const waiting = documents.keys();
    for (let uri = waiting.pop(); uri !== undefined; uri = waiting.pop()) {
      const analysis = found.has(uri) ? undefined : workspace.analysis(uri);
      if (!analysis) continue;
      found.set(uri, analysis);
      waiting.push(...importedFiles(analysis).flatMap((one) => (one.uri.endsWith('.weft') ? one.uri : [])));
    }
    return found;
  }

  /** Specs that nobody has open and that hold one of the words. */
  function holding(words: readonly string[]): string[] {
    const pattern = words.filter((word) => /^\w+$/.test(word)).join('|');
    if (pattern === '') return [];
    const word = new RegExp(`\\b(?:${pattern})\\b`);
    return folders.specs().filter((uri) => !documents.get(uri) && word.test(workspace.document(uri)?.getText() ?? ''));
  }

  function known(words: readonly string[] = []): Analysis[] {
    const found = opened();
    for (const uri of holding(words)) {
      const analysis = found.has(uri) ? undefined : workspace.analysis(uri);
      if (analysis) found.set(uri, analysis);
    }
    return [...found.values()];
  }

  function snapshot(uri: string, trial?: Trial): Snapshot | undefined {
    const analysis = trial?.analysis ?? workspace.analysis(uri);
    const open = documents.get(uri);
    const document = analysis && (trial || !open ? kinds.create(uri, 'weft', 0, analysis.text) : open);
    if (!analysis || !document) return undefined;
    return {
      analysis,
      document,
      other: (file) => (file === uri ? document : workspace.document(file)),
      known,
      lastEstimate: (accelerator) => workspace.lastEstimate(uri, accelerator),
      fixes: (diagnostic) => (trial ? trial.fixes(diagnostic) : workspace.fixes(diagnostic, analysis)),
      price: workspace.price,
      after: (text) => snapshot(uri, workspace.trial(uri, text))!,
    };
  }

  /** Every file whose names can be looked for: those of the workspace that are known, and the library. */
  function symbolSources(): SymbolSource[] {
    const texts = new Map(known().map(({ file, parsed }) => [file, parsed]));
    for (const uri of folders.specs()) {
      const parsed = texts.has(uri) ? undefined : workspace.parsed(uri);
      if (parsed) texts.set(uri, parsed);
    }
    for (const { uri } of library) {
      const parsed = texts.get(uri) ?? librarySource(uri)?.parsed;
      if (parsed) texts.set(uri, parsed);
    }
    return [...texts].flatMap(([uri, parsed]) => {
      const document = workspace.document(uri);
      return document ? [{ document, parsed }] : [];
    });
  }

  const pulled = createPulled(snapshot, (uri) => documents.get(uri)?.version ?? null, features.diagnostics);

  function publish(uri: string): void {
    const found = guard.attempt(uri, () => snapshot(uri));
    const status = found && guard.attempt(uri, () => features.status(found));
    void connection.sendNotification(methods.statusChanged, status ?? failed(uri));
    if (client.pulls || workspace.awaits(uri)) return; // what is awaited is published when it has come
    const diagnostics = (found && guard.attempt(uri, () => features.diagnostics(found))) ?? [];
    const version = documents.get(uri)?.version;
    void connection.sendDiagnostics({ uri, diagnostics, ...(version !== undefined && { version }) });
  }

  /** Editors ask again for hints and lenses of the document that is typed in, not of those that depend on it. */
  function refresh(): void {
    for (const request of client.refreshes) void connection.sendRequest(request).catch(() => undefined);
  }

  /** The documents speak of other files than before. */
  function republish(uris: readonly string[]): void {
    pulled.changed();
    uris.forEach(publish);
    if (uris.length > 0) refresh();
  }

  async function readSettings(): Promise<void> {
    if (!client.asksForSettings) return;
    common = { ...defaults, ...((await connection.workspace.getConfiguration('weft')) as Partial<Settings> | null) };
    const { levels, wrong } = readLevels(common.rules, codes);
    for (const sentence of wrong) connection.console.warn(`weft.rules: ${sentence}`);
    workspace.setLevels(levels);
    settings.clear();
    await Promise.all(documents.keys().map(readSettingsOf));
    pulled.changed();
    documents.keys().forEach(publish);
    refresh();
  }

  async function readSettingsOf(uri: string): Promise<void> {
    const asked = { scopeUri: uri, section: 'weft' };
    const answered: Partial<Settings> | null = await connection.workspace.getConfiguration(asked);
    settings.set(uri, { ...defaults, ...answered });
  }

  const answers = registerAnswers(connection, features, {
    guard,
    pulled,
    snapshot,
    version: (uri) => documents.get(uri)?.version,
    settings: (uri) => settings.get(uri) ?? common,
    resolvesEdits: () => client.resolvesEdits,
    specs: () => [...new Set([...documents.keys(), ...folders.specs()])],
    async readAhead(words: readonly string[], pass: Pass, progress) {
      const uris = holding(words);
      for (const [done, uri] of uris.entries()) {
        await pass.breathe();
        progress(done, uris.length);
        workspace.analysis(uri);
      }
    },
    symbols: symbolSources,
  });

  connection.onInitialize(({ capabilities, workspaceFolders, rootUri, initializationOptions }): InitializeResult => {
    door.started?.(initializationOptions);
    client = clientOf(capabilities);
    folders.set(workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []));
    return { serverInfo: { name: 'weft', version: door.version }, capabilities: capabilitiesFor(client) };
  });
  connection.onInitialized(async () => {
    if (client.watches) {
      // A spec may take its model from a configuration file, and its weights from a checkpoint.
      const watchers = [{ globPattern: '**/*.{weft,json,safetensors}' }];
      await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
    }
    if (!client.asksForSettings) return;
    if (client.registersSettings) {
      await connection.client.register(DidChangeConfigurationNotification.type, { section: 'weft' });
    }
    await readSettings();
  });
  connection.onDidChangeConfiguration(readSettings);
  connection.onNotification(DidChangeWorkspaceFoldersNotification.type, ({ event: { added, removed } }) => {
    folders.remove(removed.map(({ uri }) => uri));
    folders.add(added.map(({ uri }) => uri));
    pulled.changed();
  });

  documents.onDidOpen(async ({ document: { uri } }) => {
    if (!client.asksForSettings) return;
    await readSettingsOf(uri);
    const own = settings.get(uri);
    if (own?.inlayHints !== common.inlayHints || own.codeLens !== common.codeLens) refresh();
  });
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
    answers.forget(uri);
    settings.delete(uri);
    if (!client.pulls) void connection.sendDiagnostics({ uri, diagnostics: [] });
    republish(others); // they read the file on disk from now on
  });
  /** Texts of files that no editor has open are others now. */
  function touched(uris: readonly string[]): void {
    const affected = new Set(uris.flatMap(workspace.dependents));
    uris.forEach(workspace.touched);
    republish([...affected]);
  }
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri, type } of changes) {
      door.files.forget?.(uri);
      if (type !== FileChangeType.Changed) folders.touched(uri);
    }
    touched(changes.map(({ uri }) => uri));
  });
  door.files.onArrival?.((uri) => touched([uri]));

  registerOwnRequests(connection, workspace, door, guard, proposals);
  registerTuning(connection, {
    ...{ workspace, door, guard, proposals },
    version: (uri) => documents.get(uri)?.version ?? null,
  });
  documents.listen(connection);
  connection.listen();
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
