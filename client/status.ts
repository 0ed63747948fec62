import { Disposable, EventEmitter, MarkdownString, StatusBarAlignment, ThemeColor, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { methods, type Status } from '../server/requests.ts';

/** What the server last said of each open document. */
export class Statuses implements Disposable {
  readonly #statuses = new Map<string, Status>();
  readonly #changed = new EventEmitter<Status>();
  readonly #parts: Disposable;
  readonly onDidChange = this.#changed.event;

  constructor(client: BaseLanguageClient) {
    this.#parts = Disposable.from(
      this.#changed,
      // The client has one handler for each method: everybody else listens to the event.
      client.onNotification(methods.statusChanged, (status: Status) => {
        this.#statuses.set(status.uri, status);
        this.#changed.fire(status);
      }),
      workspace.onDidCloseTextDocument(({ uri }) => this.#statuses.delete(uri.toString())),
    );
  }

  of(uri: string): Status | undefined {
    return this.#statuses.get(uri);
  }

  dispose(): void {
    this.#parts.dispose();
  }
}

/** A status bar item for the active spec: its latency and its fullest resource. */
export function registerStatusBar(statuses: Statuses): Disposable {
  const item = window.createStatusBarItem('weft.status', StatusBarAlignment.Right, 100);
  item.name = 'Weft Estimate';
  item.command = 'weft.showEstimate';

  function show(): void {
    const document = window.activeTextEditor?.document;
    const status = document && statuses.of(document.uri.toString());
    if (document?.languageId !== 'weft' || !status || status.text === '') {
      item.hide();
      return;
    }
    item.text = `$(circuit-board) ${status.text}`;
    item.tooltip = new MarkdownString(status.tooltip);
    item.backgroundColor = status.severity === 'error' ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    item.show();
  }

  return Disposable.from(item, statuses.onDidChange(show), window.onDidChangeActiveTextEditor(show));
}
