/** The server's door with a disk: VS Code's extension host, or any editor over stdio. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { createConnection } from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import { MAX_TEXT } from '../grammar/parser.ts';
import { disk } from './disk.ts';
import { answerExport } from './export-files.ts';
import { askOf, remoteDisk, remoteFiles } from './features/protocol/remote-files.ts';
import { serve } from './features/protocol/serve.ts';
import { parameterFile, parameterFiles } from './parameter-files.ts';
import { tuneHere, tuneInThread } from './tune-thread.ts';
import { version } from './version.ts';
import type { Files } from './workspace.ts';

/** Folders within folders that are looked into: no project is deeper, and a circle of links ends. */
const MAX_DEPTH = 12;

/** Hidden folders, packages of others and what cannot be read are left out. */
function specsBelow(folder: string, depth: number): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (entry.isFile()) return entry.name.endsWith('.weft') ? [join(folder, entry.name)] : [];
      const inside = entry.isDirectory() && depth > 0 && !/^\.|^node_modules$/.test(entry.name);
      return inside ? specsBelow(join(folder, entry.name), depth - 1) : [];
    });
  } catch {
    return [];
  }
}

/** undefined: the file is on no disk. */
function pathOf(uri: string): string | undefined {
  const parsed = URI.parse(uri);
  return parsed.scheme === 'file' ? parsed.fsPath : undefined;
}

/** What starts this bundle, which the tuner’s thread runs as well; the command line’s stands beside it. */
const script = join(__dirname, 'server.cjs');

function start(): void {
  const connection = createConnection();
  const ask = askOf(connection);
  /** Files of virtual workspaces. */
  const remote = remoteFiles(ask);

  /** What cannot be read as text of a sane size is not there, with the reason. */
  const files: Files = {
    ...remote,
    read(uri) {
      const path = pathOf(uri);
      if (path === undefined) return remote.read(uri);
      try {
        return statSync(path).size <= MAX_TEXT ? readFileSync(path, 'utf8') : undefined;
      } catch {
        return undefined;
      }
    },
    parameters(spec, path) {
      const from = pathOf(spec);
      if (from === undefined) return remote.parameters?.(spec, path);
      const { path: file, ...found } = parameterFile(dirname(from), path);
      return { uri: URI.file(file).toString(), ...found };
    },
    reason(uri) {
      const path = pathOf(uri);
      if (path === undefined) return remote.reason?.(uri) ?? 'not-found';
      return existsSync(path) ? 'unreadable' : 'not-found';
    },
    list(folder) {
      const path = pathOf(folder);
      return path === undefined ? [] : specsBelow(path, MAX_DEPTH).map((file) => URI.file(file).toString());
    },
  };

  serve(connection, {
    version,
    files,
    parameters(spec) {
      const path = pathOf(spec);
      return path === undefined ? undefined : parameterFiles(dirname(path));
    },
    tune: (job, onProgress) => tuneInThread(script, job, onProgress),
    write(project, request) {
      const path = pathOf(request.folder);
      return path === undefined
        ? answerExport(remoteDisk(ask), request.folder, project, request)
        : answerExport(disk, path, project, request);
    },
  });
}

if (isMainThread) start();
else void tuneHere();
