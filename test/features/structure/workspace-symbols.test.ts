import { expect, test } from 'vitest';
import { type SymbolInformation, type WorkspaceSymbol, WorkspaceSymbolRequest } from 'vscode-languageserver-protocol';
import type { Client } from '../../kit/client.ts';
import { example, opened, URI } from '../opened.ts';

const cards = 'file:///workspace/cards.weft';

async function symbols(client: Client, query: string): Promise<string[]> {
  const found = (await client.connection.sendRequest(WorkspaceSymbolRequest.type, { query })) ?? [];
  return (found as WorkspaceSymbol[]).map(
    ({ name, containerName, location }) =>
      `${containerName ? `${containerName} · ` : ''}${name} in ${location.uri.replace(/^.*\//, '')}`,
  );
}

test('a name is found in open documents, in what they import and in the library', async () => {
  const { client } = await opened(`import "cards.weft"\n${example}`, { files: { [cards]: 'let u280_rows = 8' } });
  expect(await symbols(client, 'u280')).toEqual(
    expect.arrayContaining(['bert_u280 in main.weft', 'u280_rows in cards.weft', 'u280 in u280.weft']),
  );
});

test('letters of the query match in their order, whatever their case', async () => {
  const { client } = await opened(example);
  expect(await symbols(client, 'SFTMX')).toEqual(['attend · softmax in main.weft']);
  expect(await symbols(client, 'xamtfos')).toEqual([]);
});

test('a symbol leads to the name itself', async () => {
  const { client } = await opened(example);
  const found = (await client.connection.sendRequest(WorkspaceSymbolRequest.type, { query: 'bert_u280' })) ?? [];
  const [location] = (found as SymbolInformation[]).map((symbol) => symbol.location);
  expect(client.document(URI).getText(location!.range)).toBe('bert_u280');
});

test('of the library only declarations are offered, of a closed document nothing', async () => {
  const { client } = await opened('let mine_only = 8');
  expect(await symbols(client, 'bert_base')).toContain('bert_base in bert.weft');
  expect(await symbols(client, 'softmax')).toEqual([]); // every transformer has one
  expect(await symbols(client, 'mine_only')).toEqual(['mine_only in main.weft']);
  await client.close(URI);
  expect(await symbols(client, 'mine_only')).toEqual([]);
});
