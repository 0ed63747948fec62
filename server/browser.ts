/** The server's door in a Web Worker (vscode.dev): there is no disk, and every file is the editor's. */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { answerExport } from './export-files.ts';
import { askOf, remoteDisk, remoteFiles } from './features/protocol/remote-files.ts';
import { serve } from './features/protocol/serve.ts';
import type { BrowserOptions } from './requests.ts';
import { isTuner, tuneHere, tuneInWorker } from './tune-worker.ts';
import { version } from './version.ts';

function start(): void {
  const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
  const connection = createConnection(new BrowserMessageReader(scope), new BrowserMessageWriter(scope));
  const ask = askOf(connection);
  let dist: string | undefined;
  serve(connection, {
    version,
    files: remoteFiles(ask),
    started(options) {
      dist = (options as Partial<BrowserOptions> | undefined)?.dist;
    },
    tune(job, onProgress) {
      if (dist === undefined) throw new Error('the client has not said where the files of the extension are');
      return tuneInWorker(dist, job, onProgress);
    },
    write: (project, request) => answerExport(remoteDisk(ask), request.folder, project, request),
  });
}

if (isTuner()) tuneHere();
else start();
