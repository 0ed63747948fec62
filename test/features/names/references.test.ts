import { expect, test } from 'vitest';
import {
  DocumentHighlightKind,
  DocumentHighlightRequest,
  type Location,
  ReferencesRequest,
} from 'vscode-languageserver-protocol';
import type { Client } from '../../kit/client.ts';
import { accelerator, opened, URI } from '../opened.ts';

const cards = 'file:///workspace/cards.weft';

async function references(client: Client, uri: string, offset: number, includeDeclaration = true): Promise<Location[]> {
  const position = client.document(uri).positionAt(offset);
  const params = { textDocument: { uri }, position, context: { includeDeclaration } };
  return (await client.connection.sendRequest(ReferencesRequest.type, params)) ?? [];
}

/** The marked places of the main file, which is what a source with marks around every occurrence expects. */
async function inMain(source: string, includeDeclaration = true) {
  const { client, ranges } = await opened(source);
  const document = client.document(URI);
  const answers = [];
  for (const { start } of ranges) {
    const found = await references(client, URI, start, includeDeclaration);
    const own = found.filter(({ uri }) => uri === URI).map(({ range }) => document.offsetAt(range.start));
    answers.push(own.sort((a, b) => a - b));
  }
  return { answers, starts: ranges.map(({ start }) => start) };
}

test.each([
  ['a constant', `let ^rows^ = 8\nlet half = ^rows^ / 2\n${accelerator('kernel up array ^rows^ x 16')}`],
  [
    'an operator of the library, its kernel and its streams',
    accelerator('kernel ^up^ array 8 x 16\n  stream ^up^ -> gelu depth 64'),
  ],
  ['a kernel in turns', accelerator('kernel ^qk^ : q, k array 8 x 16\n  stream ^qk^ -> scores depth 64')],
  [
    'a parameter and the label that sets it',
    `model m(^wide^ = 8) {\n  input x [tokens, ^wide^]\n  layer b(x) repeat 2 { y = gelu(x)\n output y }\n}\n${accelerator('copies 1', 'device u280\n  model m(^wide^: 16)')}`,
  ],
  [
    'a tensor of a model',
    'model m {\n  input ^x^ [tokens, 8]\n  layer b(^x^) repeat 2 { y = gelu(^x^)\n output y }\n}\n',
  ],
])('%s is found from each of its places', async (_, source) => {
  const { answers, starts } = await inMain(source);
  for (const answer of answers) expect(answer).toEqual(starts);
});

test('the declaration is left out where it is not asked for', async () => {
  const { answers, starts } = await inMain('let ^a^ = 8\nlet b = ^a^\nlet c = ^a^', false);
  for (const answer of answers) expect(answer).toEqual(starts.slice(1));
});

test('a name is found in other open documents and in files that are imported', async () => {
  const { client, offset } = await opened(`import "cards.weft"\nlet half = ^^rows / 2`, {
    files: { [cards]: 'let rows = 8\nlet twice = rows * 2' },
  });
  const other = 'file:///workspace/other.weft';
  await client.open(other, 'import "cards.weft"\nlet third = rows / 3\nlet mine = 3');
  const lines = (await references(client, URI, offset)).map(({ uri, range }) => `${uri} ${range.start.line}`);
  expect(lines.sort()).toEqual([`${cards} 0`, `${cards} 1`, `${URI} 1`, `${other} 1`]);
});

test('a name of the library is found with its declaration', async () => {
  const { client, offset } = await opened(accelerator('copies 1').replace('u280', '^^u280'));
  const found = await references(client, URI, offset);
  expect(found.map(({ uri }) => uri)).toEqual(['weft-library:/devices/u280.weft', URI]);
});

test('names of the same spelling that stand for something else are not found', async () => {
  const first = accelerator('let ^rows^ = 8\n  kernel up array ^rows^ x 16');
  const { answers, starts } = await inMain(
    `${first}${accelerator('let rows = 4\n  kernel up array rows x 8').replace('a {', 'b {')}`,
  );
  for (const answer of answers) expect(answer).toEqual(starts);
});

test.each([
  ['a comment', '// ro^^ws\nlet rows = 8'],
  ['an unknown name', 'let a = ro^^ws'],
  ['a word', 'le^^t a = 8'],
])('%s has no references', async (_, source) => {
  const { client, offset } = await opened(source);
  expect(await references(client, URI, offset)).toEqual([]);
});

test('highlights are the places in this document, the declaration told from the uses', async () => {
  const { client, ranges } = await opened(`import "cards.weft"\nlet ^half^ = rows / 2\nlet quarter = ^half^ / 2`, {
    files: { [cards]: 'let rows = 8' },
  });
  const at = async (offset: number) => {
    const position = client.document(URI).positionAt(offset);
    const params = { textDocument: { uri: URI }, position };
    return (await client.connection.sendRequest(DocumentHighlightRequest.type, params)) ?? [];
  };
  const found = await at(ranges[1]!.start);
  expect(found.map(({ range, kind }) => [range.start.line, kind])).toEqual([
    [1, DocumentHighlightKind.Write],
    [2, DocumentHighlightKind.Read],
  ]);
  const imported = await at(client.document(URI).getText().indexOf('rows'));
  expect(imported.map(({ range }) => range.start.line)).toEqual([1]);
});
