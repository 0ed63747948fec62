/** What the extension does in every VS Code: one language client, and the views and commands around it. */
import { type ExtensionContext, window } from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';
import { registerCommands } from './commands.ts';
import { registerDocuments } from './documents.ts';
import { registerFiles } from './files.ts';
import { registerProgress } from './progress.ts';
import { registerProposals } from './proposals.ts';
import { registerStatusBar, Statuses } from './status.ts';
import { followTraceSetting, forTraces } from './trace.ts';

/**
 * Starts the client that `make` makes of the options, and waits until it runs.
 * @param make differs between a process and a Web Worker
 */
export async function start(
  context: ExtensionContext,
  make: (options: LanguageClientOptions) => BaseLanguageClient,
): Promise<BaseLanguageClient> {
  const log = window.createOutputChannel('Weft', { log: true });
  const client = make({
    // Any scheme: untitled documents and the library are specs, too.
    documentSelector: [{ language: 'weft' }],
    outputChannel: log,
    traceOutputChannel: forTraces(log),
  });
  const statuses = new Statuses(client);
  context.subscriptions.push(
    log,
    statuses,
    registerFiles(client),
    registerDocuments(client, statuses),
    registerStatusBar(statuses),
    registerProgress(statuses),
    ...registerCommands(client, statuses, context.extensionUri),
    ...registerProposals(client),
    followTraceSetting(client),
  );
  await client.start();
  return client;
}
