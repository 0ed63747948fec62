/** Activation where there is Node: the server is a process of its own. */
import type { ExtensionContext } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { start } from './start.ts';

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const module = context.asAbsolutePath('dist/server.cjs');
  const server = { module, transport: TransportKind.ipc };
  await start(context, (options) => {
    client = new LanguageClient('weft', 'Weft', { run: server, debug: server }, options);
    return client;
  });
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
}
