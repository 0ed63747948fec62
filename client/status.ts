import { Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { methods, type Status } from '../server/requests.ts';

/** A status bar item for the active spec: its latency and its fullest resource. */
export function registerStatus(client: LanguageClient): Disposable {
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

  return Disposable.from(
    item,
    client.onNotification(methods.statusChanged, (status: Status) => {
      statuses.set(status.uri, status);
      show();
    }),
    window.onDidChangeActiveTextEditor(show),
  );
}
