/** The server's door in a Web Worker (vscode.dev): there is no disk, and every file is the editor's. */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { answerExport } from './export-files.ts';
import { askOf, remoteDisk, remoteFiles } from './features/remote-files.ts';
import { serve } from './features/serve.ts';
import { version } from './version.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const connection = createConnection(new BrowserMessageReader(scope), new BrowserMessageWriter(scope));
const ask = askOf(connection);

serve(connection, {
  version,
  files: remoteFiles(ask),
  write: (project, request) => answerExport(remoteDisk(ask), request.folder, project, request),
});
