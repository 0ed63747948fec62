/** A language server in the test's own process, and a client that speaks with it over the real protocol. */
import { PassThrough } from 'node:stream';
import { createConnection } from 'vscode-languageserver/node';
import type { ClientCapabilities } from 'vscode-languageserver-protocol';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import type { Door } from '../../server/features/door.ts';
import type { Features } from '../../server/features/protocol/features.ts';
import { serve } from '../../server/features/protocol/serve.ts';
import { Client } from './client.ts';

export interface ServerOptions {
  readonly door?: Partial<Door>;
  /** In the place of the real ones. */
  readonly features?: Features;
  /** What the editor answers for `weft`. */
  readonly settings?: object;
  /** Files on disk by URI. */
  readonly files?: Record<string, string>;
  /** What the client can beyond what every one of the tests can. */
  readonly capabilities?: ClientCapabilities;
  /** URIs of the workspace's folders; the files above are what lies in them. */
  readonly folders?: readonly string[];
}

/** A server in this process, over a pair of streams; it is not told to exit, which would end the process. */
export function startServer({
  door,
  features,
  settings = {},
  files = {},
  capabilities,
  folders,
}: ServerOptions = {}): Promise<Client> {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const disk: Door['files'] = {
    read: (uri) => files[uri],
    list: (folder) => Object.keys(files).filter((uri) => uri.startsWith(`${folder}/`) && uri.endsWith('.weft')),
  };
  serve(createConnection(there, back), { version: 'test', files: disk, ...door }, features);
  const connection = createProtocolConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
  return new Client(connection, settings, () => undefined).initialize(capabilities, folders);
}
