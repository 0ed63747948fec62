import { type Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window, workspace } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { methods, type Status } from '../server/requests.ts';

export interface Statuses extends Disposable {
  /** What the server last said of a document. */
  of(uri: string): Status | undefined;
}

/** A status bar item for the active spec: its latency and its fullest resource. */
export function registerStatus(client: LanguageClient): Statuses {
  const item = window.createStatusBarItem('weft.status', StatusBarAlignment.Right, 100);
  item.name = 'Weft Estimate';
  item.command = 'weft.showEstimate';
  const statuses = new Map<string, Status>();

  function show(): void {
    const document = window.activeTextEditor?.document;
    const status = document && statuses.get(document.uri.toString());
    if (document?.languageId !== 'weft' || !status || status.text === '') {
      item.hide();
      return;
    }
    item.text = `$(circuit-board) ${status.text}`;
    item.tooltip = new MarkdownString(status.tooltip);
    item.backgroundColor = status.severity === 'error' ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    item.show();
  }

  const parts: Disposable[] = [
    item,
    client.onNotification(methods.statusChanged, (status: Status) => {
      statuses.set(status.uri, status);
      show();
    }),
    window.onDidChangeActiveTextEditor(show),
    workspace.onDidCloseTextDocument(({ uri }) => statuses.delete(uri.toString())),
  ];
  return {
    of: (uri) => statuses.get(uri),
    dispose: () => {
      for (const part of parts) part.dispose();
    },
  };
}
