/**
 * Files that only the editor can reach: those of a virtual workspace, and all of them where the server runs in a browser.
 * They are asked for when an import first needs them, and remembered until they change.
 */
import { type Connection, RequestType } from 'vscode-languageserver';
import { URI, Utils } from 'vscode-uri';
import { MAX_TEXT } from '../../../grammar/parser.ts';
import type { Disk } from '../../export-files.ts';
import { type FileAnswer, type FileRequest, fromBase64, methods, toBase64 } from '../../requests.ts';
import type { Files } from '../../workspace.ts';

export type Ask = (request: FileRequest) => Promise<FileAnswer>;

const request = new RequestType<FileRequest, FileAnswer, void>(methods.files);

/** Milliseconds after which a file counts as unreadable: diagnostics wait for it. */
const PATIENCE = 10_000;

export function askOf(connection: Connection): Ask {
  return (wanted) => connection.sendRequest(request, wanted);
}

interface Known {
  readonly text?: string;
  readonly reason?: 'not-found' | 'unreadable';
}

export function remoteFiles(ask: Ask, patience = PATIENCE): Files {
  const known = new Map<string, Known>();
  const awaited = new Map<string, symbol>();
  const listeners: ((uri: string) => void)[] = [];

  async function fetch(uri: string, look = read): Promise<void> {
    const asked = Symbol(uri);
    awaited.set(uri, asked);
    const late = new Promise<Known>((resolve) => setTimeout(resolve, patience, { reason: 'unreadable' }));
    const found = await Promise.race([look(ask, uri), late]);
    if (awaited.get(uri) !== asked) return; // forgotten meanwhile: what has come is old
    awaited.delete(uri);
    known.set(uri, found);
    for (const listener of listeners) listener(uri);
  }

  return {
    read(uri) {
      const found = known.get(uri);
      if (!found && !awaited.has(uri)) void fetch(uri);
      return found?.text;
    },
    parameters(spec, path) {
      const folder = URI.parse(spec);
      if (!folder.path.startsWith('/')) return undefined; // an untitled document is in no folder
      const uri = Utils.resolvePath(Utils.dirname(folder), path).toString();
      const found = known.get(uri);
      if (!found && !awaited.has(uri)) void fetch(uri, find);
      return { uri, ...(found?.reason && { problem: unreadable[found.reason] }) };
    },
    reason: (uri) => known.get(uri)?.reason ?? 'not-found',
    forget(uri) {
      known.delete(uri);
      awaited.delete(uri);
    },
    awaits: (uri) => awaited.has(uri),
    onArrival: (listener) => void listeners.push(listener),
  };
}

const unreadable = {
  'not-found': 'there is no such file',
  unreadable: 'it is no file that can be read',
};

/** Whether there is such a file, of whatever size. Total: a client that knows no such request has no such file. */
async function find(ask: Ask, uri: string, most = Number.POSITIVE_INFINITY): Promise<Known> {
  try {
    const found = await ask({ do: 'stat', uri });
    if (found.kind !== 'found') return { reason: found.kind === 'not-found' ? 'not-found' : 'unreadable' };
    return found.type === 'file' && found.size <= most ? {} : { reason: 'unreadable' };
  } catch {
    return { reason: 'not-found' };
  }
}

/** Total, as above. */
async function read(ask: Ask, uri: string): Promise<Known> {
  const found = await find(ask, uri, MAX_TEXT);
  if (found.reason) return found;
  try {
    const answer = await ask({ do: 'read', uri });
    return answer.kind === 'content'
      ? { text: new TextDecoder().decode(fromBase64(answer.base64)) }
      : { reason: 'unreadable' };
  } catch {
    return { reason: 'not-found' };
  }
}

/** An editor's file system as a disk: paths are URIs, and no file is executable. */
export function remoteDisk(ask: Ask): Disk {
  const change = async (wanted: FileRequest): Promise<void> => {
    const answer = await ask(wanted);
    if (answer.kind === 'failed') throw new Error(answer.reason);
    if (answer.kind === 'not-found') throw new Error(`${wanted.uri} is not there`);
  };
  const join = (folder: string, below: string): string => Utils.joinPath(URI.parse(folder), below).toString();
  return {
    join,
    parent: (path) => Utils.dirname(URI.parse(path)).toString(),
    async kindOf(path) {
      const answer = await ask({ do: 'stat', uri: path });
      if (answer.kind === 'failed') throw new Error(answer.reason);
      return answer.kind === 'found' ? answer.type : undefined;
    },
    async readFile(path) {
      const answer = await ask({ do: 'read', uri: path });
      if (answer.kind === 'content') return fromBase64(answer.base64);
      throw new Error(answer.kind === 'failed' ? answer.reason : `${path} is not there`);
    },
    async list(folder) {
      const answer = await ask({ do: 'list', uri: folder });
      if (answer.kind === 'listed') return answer.names;
      throw new Error(answer.kind === 'failed' ? answer.reason : `${folder} is not there`);
    },
    writeFile: (path, content) => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      return change({ do: 'write', uri: path, base64: toBase64(bytes) });
    },
    mkdir: (path) => change({ do: 'make-folder', uri: path }),
    async scratch(folder) {
      const made = join(folder, `.weft-export-${crypto.randomUUID()}`);
      await change({ do: 'make-folder', uri: made });
      return made;
    },
    rename: (from, to) => change({ do: 'rename', uri: from, to }),
    rm: async (path) => {
      const answer = await ask({ do: 'remove', uri: path, whole: true });
      if (answer.kind === 'failed') throw new Error(answer.reason);
    },
    rmdir: (path) => change({ do: 'remove', uri: path, whole: false }),
  };
}
