/** Activation in a browser (vscode.dev): the server is a Web Worker. */
import { type ExtensionContext, Uri } from 'vscode';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient } from 'vscode-languageclient/browser';
import type { BrowserOptions } from '../server/requests.ts';
import { start } from './start.ts';

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const dist = `${Uri.joinPath(context.extensionUri, 'dist').toString(true)}/`;
  const server = `${dist}server.browser.js`;
  let worker: Worker | undefined;
  context.subscriptions.push({ dispose: () => worker?.terminate() });
  await start(context, (options) => {
    // Called at each start; a worker does not end by itself when its connection does.
    const connect = async () => {
      worker?.terminate();
      worker = new Worker(server); // VS Code puts its own in the place of the class: the client would not know it for one
      return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
    };
    const initializationOptions: BrowserOptions = { dist };
    client = new LanguageClient('weft', 'Weft', connect, { ...options, initializationOptions });
    return client;
  });
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
}
