import { type ChildProcess, spawn } from 'node:child_process';
import {
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type InlayHint,
  InlayHintRequest,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  ShutdownRequest,
  type TextDocumentContentChangeEvent,
} from 'vscode-languageserver-protocol/node';

/** How long the server may take for one answer before the benchmark gives up. */
const timeout = 30_000;

/** A language server as an editor sees it: a process that speaks the protocol over its standard input and output. */
export class ServerUnderTest {
  readonly #process: ChildProcess;
  readonly #connection: ProtocolConnection;
  readonly #published = new Map<string, (version: number | undefined) => void>();
  #version = 0;

  constructor(command: string, args: readonly string[]) {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process = child;
    this.#connection = createProtocolConnection(child.stdout, child.stdin);
    this.#connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, version }: PublishDiagnosticsParams) =>
      this.#published.get(uri)?.(version),
    );
    this.#connection.listen();
  }

  async initialize(): Promise<void> {
    const capabilities = { textDocument: { publishDiagnostics: { versionSupport: true }, inlayHint: {} } };
    await this.#connection.sendRequest(InitializeRequest.type, { processId: process.pid, rootUri: null, capabilities });
    await this.#connection.sendNotification(InitializedNotification.type, {});
  }

  /** Resolves when diagnostics of that version of the document arrive; a server that says no version means the last. */
  #diagnostics(uri: string, wanted: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no diagnostics of version ${wanted} within ${timeout} ms`)),
        timeout,
      );
      this.#published.set(uri, (version) => {
        if (version !== undefined && version !== wanted) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Opens a document, and resolves when its diagnostics are there. */
  async open(uri: string, text: string): Promise<void> {
    this.#version = 1;
    const diagnostics = this.#diagnostics(uri, 1);
    const textDocument = { uri, languageId: 'weft', version: 1, text };
    await this.#connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
    await diagnostics;
  }

  /** Edits a document, and resolves with its hints when both they and its diagnostics are there, as an editor shows them. */
  async change(uri: string, change: TextDocumentContentChangeEvent, lines: number): Promise<readonly InlayHint[]> {
    this.#version += 1;
    const diagnostics = this.#diagnostics(uri, this.#version);
    const textDocument = { uri, version: this.#version };
    const range = { start: { line: 0, character: 0 }, end: { line: lines, character: 0 } };
    await this.#connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument,
      contentChanges: [change],
    });
    const hints = this.#connection.sendRequest(InlayHintRequest.type, { textDocument: { uri }, range });
    await diagnostics;
    return (await hints) ?? [];
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    await this.#connection.sendRequest(ShutdownRequest.type);
    await this.#connection.sendNotification(ExitNotification.type);
    await ended;
    this.#connection.dispose();
  }
}
