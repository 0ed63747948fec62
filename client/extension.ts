/** Activation: one language client, and the views and commands around it. No meaning lives here. */
import { type ExtensionContext, workspace } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { registerCommands } from './commands.ts';
import { registerDocuments } from './documents.ts';
import { registerStatusBar, Statuses } from './status.ts';

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const module = context.asAbsolutePath('dist/server.cjs');
  // A spec may take its model from a configuration file.
  const watcher = workspace.createFileSystemWatcher('**/*.{weft,json}');
  client = new LanguageClient(
    'weft',
    'Weft',
    { run: { module, transport: TransportKind.ipc }, debug: { module, transport: TransportKind.ipc } },
    {
      // Any scheme: untitled documents and the library are specs, too.
      documentSelector: [{ language: 'weft' }],
      synchronize: { fileEvents: watcher },
    },
  );
  const statuses = new Statuses(client);
  context.subscriptions.push(
    watcher,
    statuses,
    registerDocuments(client, statuses),
    registerStatusBar(statuses),
    ...registerCommands(client, statuses),
  );
  await client.start();
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
}
