import { expect, test } from 'vitest';
import { DocumentLinkRequest } from 'vscode-languageserver-protocol';
import { opened, URI } from '../opened.ts';

async function links(source: string, files: Record<string, string>): Promise<string[]> {
  const { client } = await opened(source, { files });
  const params = { textDocument: { uri: URI } };
  const found = (await client.connection.sendRequest(DocumentLinkRequest.type, params)) ?? [];
  return found.map(({ range, target }) => `${client.document(URI).getText(range)} → ${target}`);
}

test('imports of specs and of configurations lead to their files', async () => {
  const files = {
    'file:///workspace/cards.weft': 'let rows = 8',
    'file:///workspace/hf/config.json': '{}',
    'file:///workspace/b.json': '{}',
  };
  expect(
    await links(
      'import "cards.weft"\nmodel m = import "hf/config.json"\naccelerator a { model import "b.json" }',
      files,
    ),
  ).toEqual([
    'cards.weft → file:///workspace/cards.weft',
    'hf/config.json → file:///workspace/hf/config.json',
    'b.json → file:///workspace/b.json',
  ]);
});

test.each([
  ['a file that is not there', 'import "gone.weft"'],
  ['a path that leads outside', 'import "../../../etc/passwd"'],
  ['a half-typed path', 'import "'],
])('%s is no link', async (_, source) => {
  expect(await links(source, {})).toEqual([]);
});
