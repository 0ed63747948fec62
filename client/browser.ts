/** Activation in a browser (vscode.dev): the server is a Web Worker. */
import { type ExtensionContext, Uri } from 'vscode';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient } from 'vscode-languageclient/browser';
import { start } from './start.ts';

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const server = Uri.joinPath(context.extensionUri, 'dist/server.browser.js').toString(true);
  let worker: Worker | undefined;
  context.subscriptions.push({ dispose: () => worker?.terminate() });
  await start(context, (options) => {
    // Called at each start; a worker does not end by itself when its connection does.
    const connect = async () => {
      worker?.terminate();
      worker = new Worker(server); // VS Code puts its own in the place of the class: the client would not know it for one
      return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
    };
    client = new LanguageClient('weft', 'Weft', connect, options);
    return client;
  });
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
}
