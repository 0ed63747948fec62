/** A language client for tests and benchmarks: it opens, edits and asks over the real protocol, as an editor does. */
import { spawn } from 'node:child_process';
import {
  type ClientCapabilities,
  type CodeAction,
  type CodeActionParams,
  CodeActionRequest,
  type CodeLens,
  CodeLensRefreshRequest,
  CodeLensRequest,
  type CompletionItem,
  CompletionRequest,
  CompletionTriggerKind,
  ConfigurationRequest,
  createProtocolConnection,
  DefinitionRequest,
  type Diagnostic,
  DiagnosticRefreshRequest,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  type Hover,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type InlayHint,
  InlayHintRefreshRequest,
  InlayHintRequest,
  type LocationLink,
  LogMessageNotification,
  type ProgressToken,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  type Range,
  RegistrationRequest,
  type ServerCapabilities,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentContentChangeEvent,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  WorkDoneProgressCreateRequest,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { methods, type Status } from '../../server/requests.ts';

/** Milliseconds that one answer may take before a test gives up; a machine that is busy otherwise needs more. */
const timeout = Number(process.env.WEFT_PATIENCE ?? 30_000);

const capabilities: ClientCapabilities = {
  textDocument: { publishDiagnostics: { versionSupport: true, relatedInformation: true }, inlayHint: {} },
  workspace: { configuration: true, inlayHint: { refreshSupport: true }, codeLens: { refreshSupport: true } },
  window: { workDoneProgress: true },
};

type WorkDoneProgressMessage = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

interface Waiting {
  readonly uri: string;
  readonly version: number;
  resolve(diagnostics: Diagnostic[]): void;
}

export class Client {
  /** What the server wrote to its log. */
  readonly log: string[] = [];
  /** Messages of progress, as they came. */
  readonly progress: WorkDoneProgressMessage[] = [];
  /** What the server told the editor to ask for again, by method. */
  readonly refreshed: string[] = [];
  readonly statuses = new Map<string, Status>();
  readonly #documents = new Map<string, TextDocument>();
  readonly #published = new Map<string, PublishDiagnosticsParams>();
  readonly #stop: () => Promise<void> | void;
  #configured = () => {};
  #begun: (token: ProgressToken) => void = () => {};
  readonly #firstProgress = new Promise<ProgressToken>((resolve) => {
    this.#begun = resolve;
  });
  #waiting: Waiting[] = [];

  readonly connection: ProtocolConnection;
  /** Of a server that is a process of its own. */
  pid?: number;

  /**
   * @param settings what the editor answers for `weft`
   * @param stop ends the server, once it is told to shut down
   */
  constructor(connection: ProtocolConnection, settings: object, stop: () => Promise<void> | void) {
    this.connection = connection;
    this.#stop = stop;
    connection.onNotification(PublishDiagnosticsNotification.type, (published) => this.#receive(published));
    connection.onNotification(methods.statusChanged, (status: Status) => void this.statuses.set(status.uri, status));
    connection.onNotification(LogMessageNotification.type, ({ message }) => void this.log.push(message));
    connection.onRequest(ConfigurationRequest.type, ({ items }) => {
      setImmediate(() => this.#configured());
      return items.map(() => settings);
    });
    connection.onRequest(RegistrationRequest.type, () => undefined);
    for (const { method } of [InlayHintRefreshRequest, CodeLensRefreshRequest, DiagnosticRefreshRequest])
      connection.onRequest(method, () => void this.refreshed.push(method));
    connection.onRequest(WorkDoneProgressCreateRequest.type, ({ token }) => {
      connection.onProgress(WorkDoneProgress.type, token, (progress) => {
        this.progress.push(progress);
        if (progress.kind === 'begin') this.#begun(token);
      });
    });
    connection.listen();
  }

  /** Of the server: what it said that it can. */
  server: ServerCapabilities = {};

  async initialize(more: ClientCapabilities = {}, folders: readonly string[] = []): Promise<this> {
    const configured = new Promise<void>((resolve) => {
      this.#configured = resolve;
    });
    const { capabilities: server } = await this.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      capabilities: {
        ...{ ...capabilities, ...more },
        textDocument: { ...capabilities.textDocument, ...more.textDocument },
        workspace: { ...capabilities.workspace, ...more.workspace },
      },
      workspaceFolders: folders.map((uri) => ({ uri, name: uri })),
    });
    this.server = server;
    await this.connection.sendNotification(InitializedNotification.type, {});
    await configured; // the server knows the settings when it reads the next message
    return this;
  }

  /** Of the first progress that the server begins, when it has. */
  progressToken(): Promise<ProgressToken> {
    return this.#firstProgress;
  }

  #receive(published: PublishDiagnosticsParams): void {
    this.#published.set(published.uri, published);
    // A server that names no version speaks of the last one that it has.
    const speaksOf = (version: number) => published.version === undefined || version === published.version;
    const done = this.#waiting.filter(({ uri, version }) => uri === published.uri && speaksOf(version));
    this.#waiting = this.#waiting.filter((one) => !done.includes(one));
    for (const { resolve } of done) resolve(published.diagnostics);
  }

  /** Diagnostics of that version of a document, when they arrive. */
  #diagnosticsOf(uri: string, version: number): Promise<Diagnostic[]> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`no diagnostics of version ${version} of ${uri} within ${timeout} ms`));
      const timer = setTimeout(late, timeout);
      this.#waiting.push({
        uri,
        version,
        resolve: (diagnostics) => {
          clearTimeout(timer);
          resolve(diagnostics);
        },
      });
    });
  }

  /** What was last published of a document. */
  published(uri: string): Diagnostic[] {
    return this.#published.get(uri)?.diagnostics ?? [];
  }

  document(uri: string): TextDocument {
    const document = this.#documents.get(uri);
    if (!document) throw new Error(`${uri} is not open`);
    return document;
  }

  /** Opens a document, and resolves with its diagnostics. */
  async open(uri: string, text: string): Promise<Diagnostic[]> {
    this.#documents.set(uri, TextDocument.create(uri, 'weft', 1, text));
    const diagnostics = this.#diagnosticsOf(uri, 1);
    const textDocument = { uri, languageId: 'weft', version: 1, text };
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    return diagnostics;
  }

  async close(uri: string): Promise<void> {
    this.#documents.delete(uri);
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  }

  /** Edits a document, and resolves with its diagnostics. */
  async change(uri: string, ...contentChanges: TextDocumentContentChangeEvent[]): Promise<Diagnostic[]> {
    const document = this.document(uri);
    const version = document.version + 1;
    TextDocument.update(document, contentChanges, version);
    const diagnostics = this.#diagnosticsOf(uri, version);
    const textDocument = { uri, version };
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, { textDocument, contentChanges });
    return diagnostics;
  }

  /** Replaces the first occurrence of a text. */
  replace(uri: string, before: string, after: string): Promise<Diagnostic[]> {
    const document = this.document(uri);
    const start = document.getText().indexOf(before);
    if (start < 0) throw new Error(`‘${before}’ is not in ${uri}`);
    const range = { start: document.positionAt(start), end: document.positionAt(start + before.length) };
    return this.change(uri, { range, text: after });
  }

  hover(uri: string, offset: number): Promise<Hover | null> {
    return this.connection.sendRequest(HoverRequest.type, this.at(uri, offset));
  }

  /** Links, as this server answers every client that does not forbid them. */
  async definition(uri: string, offset: number): Promise<LocationLink[]> {
    return ((await this.connection.sendRequest(DefinitionRequest.type, this.at(uri, offset))) ?? []) as LocationLink[];
  }

  /** @param typed the character that asked, where it was not the person */
  async completion(uri: string, offset: number, typed?: string): Promise<CompletionItem[]> {
    const context = typed
      ? { triggerKind: CompletionTriggerKind.TriggerCharacter, triggerCharacter: typed }
      : { triggerKind: CompletionTriggerKind.Invoked };
    const params = { ...this.at(uri, offset), context };
    return ((await this.connection.sendRequest(CompletionRequest.type, params)) ?? []) as CompletionItem[];
  }

  /** Quick fixes of a published diagnostic. */
  async fixes(uri: string, diagnostic: Diagnostic): Promise<CodeAction[]> {
    return this.actions(uri, diagnostic.range, { diagnostics: [diagnostic], only: ['quickfix'] });
  }

  async actions(
    uri: string,
    range: Range,
    context: CodeActionParams['context'] = { diagnostics: [] },
  ): Promise<CodeAction[]> {
    const params = { textDocument: { uri }, range, context };
    return ((await this.connection.sendRequest(CodeActionRequest.type, params)) ?? []) as CodeAction[];
  }

  async lenses(uri: string): Promise<CodeLens[]> {
    return (await this.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } })) ?? [];
  }

  /** @param first line from which on they are asked for */
  async hints(uri: string, first = 0): Promise<InlayHint[]> {
    const end = { line: this.document(uri).lineCount, character: 0 };
    const range = { start: { line: first, character: 0 }, end };
    return (await this.connection.sendRequest(InlayHintRequest.type, { textDocument: { uri }, range })) ?? [];
  }

  /** Parameters of a request about a place. */
  at(uri: string, offset: number) {
    return { textDocument: { uri }, position: this.document(uri).positionAt(offset) };
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.#stop();
    this.connection.dispose();
  }
}

/** A server as its own process, over its standard input and output; `cwd` is the repository. */
export function spawnServer(command: string, args: readonly string[]): Promise<Client> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const client = new Client(connection, {}, async () => {
    await connection.sendNotification(ExitNotification.type);
    await ended;
  });
  if (child.pid !== undefined) client.pid = child.pid;
  return client.initialize();
}
