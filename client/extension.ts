import type { ExtensionContext } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const server = { module: context.asAbsolutePath('dist/server.cjs'), transport: TransportKind.ipc };
  client = new LanguageClient('weft', 'Weft', server, { documentSelector: [{ language: 'weft' }] });
  await client.start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
