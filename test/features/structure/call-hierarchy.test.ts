/** The call hierarchy as data flow: what feeds a kernel, what it feeds. */
import { expect, test } from 'vitest';
import {
  type CallHierarchyIncomingCall,
  CallHierarchyIncomingCallsRequest,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  CallHierarchyOutgoingCallsRequest,
  CallHierarchyPrepareRequest,
} from 'vscode-languageserver-protocol';
import type { Client } from '../../kit/client.ts';
import { example, opened, URI } from '../opened.ts';

const prepare = async (client: Client, uri: string, offset: number): Promise<CallHierarchyItem[]> =>
  (await client.connection.sendRequest(CallHierarchyPrepareRequest.type, client.at(uri, offset))) ?? [];
const incoming = async (client: Client, item: CallHierarchyItem): Promise<CallHierarchyIncomingCall[]> =>
  (await client.connection.sendRequest(CallHierarchyIncomingCallsRequest.type, { item })) ?? [];
const outgoing = async (client: Client, item: CallHierarchyItem): Promise<CallHierarchyOutgoingCall[]> =>
  (await client.connection.sendRequest(CallHierarchyOutgoingCallsRequest.type, { item })) ?? [];
const textAt = (client: Client, range: CallHierarchyItem['range'] | undefined) => client.document(URI).getText(range);

test('a kernel is fed by kernels and memory, and feeds kernels', async () => {
  const { client, offset } = await opened(example.replace('kernel context', 'kernel con^^text'));
  const [item, ...more] = await prepare(client, URI, offset);
  expect(more).toEqual([]);
  expect(item).toMatchObject({ name: 'context', detail: expect.stringMatching(/^on slr1 · [\d.]+ ms$/) });
  const feeds = await incoming(client, item!);
  expect(feeds.map(({ from }) => from.name).sort()).toEqual(['softmax', 'v']);
  const softmax = feeds.find(({ from }) => from.name === 'softmax');
  expect(softmax?.from.detail).toMatch(/^softmax \[512, 6144\], 8 x int8 · on slr1/);
  expect(textAt(client, softmax?.fromRanges[0])).toMatch(/^stream softmax -> context/);
  expect((await outgoing(client, item!)).map(({ to }) => to.name)).toEqual(['proj']);
});

test('the way goes on to the memory at both ends', async () => {
  const { client, offset } = await opened(example.replace('kernel q ', 'kernel ^^q '));
  const [q] = await prepare(client, URI, offset);
  const feeds = await incoming(client, q!);
  expect(feeds.map(({ from }) => from.name).sort()).toEqual(['hbm[0]', 'hbm[3]']);
  const rows = feeds.find(({ from }) => from.name === 'hbm[0]')!;
  expect(rows.from.uri).toBe('weft-library:/devices/u280.weft');
  expect(rows.from.detail).toMatch(/GB\/s of 14\.4 GB\/s$/);
  const readers = (await outgoing(client, rows.from)).map(({ to }) => to.name);
  expect(readers).toEqual(expect.arrayContaining(['q', 'k', 'v', 'add1']));
  expect((await incoming(client, rows.from)).map(({ from }) => from.name)).toEqual(['norm2']);
});

test('an end of a stream and anything on a kernel’s line stand for the kernel', async () => {
  for (const source of [
    example.replace('stream act ', 'stream a^^ct '),
    example.replace('kernel act     lanes', 'kernel act     la^^nes'),
  ]) {
    const { client, offset } = await opened(source);
    expect((await prepare(client, URI, offset)).map(({ name }) => name)).toEqual(['act']);
  }
});

test('kernels that nobody wrote lead to the model', async () => {
  const { client, offset } = await opened(
    'accelerator a { device u280 model bert_base phase forward(tokens: 64) kernel u^^p array 8 x 16 }',
  );
  const [item] = await prepare(client, URI, offset);
  const [from] = (await incoming(client, item!)).filter((call) => call.from.name === 'norm1');
  expect(from?.from.uri).toBe('weft-library:/models/bert.weft');
  expect(from?.from.detail).toContain('auto, on slr');
  expect((await incoming(client, from!.from)).map((call) => call.from.name)).toContain('add1');
});

test('operators of a model, without any accelerator', async () => {
  const { client, offset } = await opened(
    'model m {\n  input x : [tokens, 64]\n  a = linear(x, 64)\n  b^^ = add(x, a)\n  c = relu(b)\n  output c\n}',
  );
  const [item] = await prepare(client, URI, offset);
  expect(item).toMatchObject({ name: 'b' });
  const feeds = await incoming(client, item!);
  expect(feeds.map(({ from }) => from.name).sort()).toEqual(['a', 'x']);
  const [next] = await outgoing(client, item!);
  expect(next?.to.name).toBe('c');
  expect(textAt(client, next?.fromRanges[0])).toBe('b');
  expect((await incoming(client, next!.to)).map(({ from }) => from.name)).toEqual(['b']);
});

test('what is no unit has no hierarchy', async () => {
  const { client, offset } = await opened(example.replace('bert_base', 'bert^^_base'));
  expect(await prepare(client, URI, offset)).toEqual([]);
});

test('where passes have kernels of their own, all of them are there, each stream once', async () => {
  const { client, offset } = await opened(`accelerator a {
  device u280
  model bert(layers: 4, hidden: 64, heads: 2, ffn: 256)
  phase forward(tokens: 16)
  kernel up for block[0..1]
  kernel slow : up for block[2..3]
  kernel ^^act
  stream act -> down 4
}
`);
  const [act] = await prepare(client, URI, offset);
  expect((await incoming(client, act!)).map(({ from }) => from.name).sort()).toEqual(['slow', 'up']);
  const [down, ...more] = await outgoing(client, act!);
  expect(more).toEqual([]);
  expect(down).toMatchObject({ to: { name: 'down' }, fromRanges: [expect.anything()] });
});
