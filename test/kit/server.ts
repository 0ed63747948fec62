/** A language server in the test's own process, and a client that speaks with it over the real protocol. */
import { PassThrough } from 'node:stream';
import { createConnection } from 'vscode-languageserver/node';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import type { Door } from '../../server/features/door.ts';
import type { Features } from '../../server/features/features.ts';
import { serve } from '../../server/features/serve.ts';
import { Client } from './client.ts';

export interface ServerOptions {
  readonly door?: Partial<Door>;
  /** In the place of the real ones. */
  readonly features?: Features;
  /** What the editor answers for `weft`. */
  readonly settings?: object;
  /** Files on disk by URI. */
  readonly files?: Record<string, string>;
}

/** A server in this process, over a pair of streams; it is not told to exit, which would end the process. */
export function startServer({ door, features, settings = {}, files = {} }: ServerOptions = {}): Promise<Client> {
  const [there, back] = [new PassThrough(), new PassThrough()];
  serve(createConnection(there, back), { version: 'test', files: { read: (uri) => files[uri] }, ...door }, features);
  const connection = createProtocolConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
  return new Client(connection, settings, () => undefined).initialize();
}
