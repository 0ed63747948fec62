import { describe, expect, test } from 'vitest';
import {
  DocumentFormattingRequest,
  type DocumentSymbol,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  SemanticTokensRequest,
} from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { format } from '../../../grammar/print.ts';
import { legend } from '../../../server/features/structure/semantic-tokens.ts';
import { accelerator, example, opened, URI } from '../opened.ts';

const textDocument = { uri: URI };

function tree(symbols: readonly DocumentSymbol[], indent = ''): string[] {
  return symbols.flatMap(({ name, children = [] }) => [indent + name, ...tree(children, `${indent}  `)]);
}

describe('the outline', () => {
  test('holds accelerators, regions, kernels and streams', async () => {
    const { client } = await opened(example);
    const symbols = (await client.connection.sendRequest(DocumentSymbolRequest.type, { textDocument })) ?? [];
    const lines = tree(symbols as DocumentSymbol[]);
    expect(lines[0]).toBe('bert_u280');
    expect(lines).toEqual(
      expect.arrayContaining(['  attend', '    softmax', '  softmax → context', '  hbm[0] → q, k, v']),
    );
  });

  test('stands while names are missing, each selection inside its range', async () => {
    const source =
      'let\naccelerator {\n  region {\n    kernel\n    stream a ->\n  }\n}\nmodel m { layer b(x) { q = } }\ndevice';
    const { client } = await opened(source);
    const symbols = (await client.connection.sendRequest(DocumentSymbolRequest.type, { textDocument })) ?? [];
    const document = client.document(URI);
    const check = (all: readonly DocumentSymbol[]) => {
      for (const { name, range, selectionRange, children = [] } of all) {
        expect(name).not.toBe('');
        expect(document.offsetAt(selectionRange.start)).toBeGreaterThanOrEqual(document.offsetAt(range.start));
        expect(document.offsetAt(selectionRange.end)).toBeLessThanOrEqual(document.offsetAt(range.end));
        check(children);
      }
    };
    check(symbols as DocumentSymbol[]);
    expect(symbols.length).toBeGreaterThan(2);
  });
});

test('regions, declarations and runs of comments fold; the closing brace stays', async () => {
  const { client, text } = await opened(`/// one\n/// two\n${example}`);
  const folds = (await client.connection.sendRequest(FoldingRangeRequest.type, { textDocument })) ?? [];
  const lines = text.split('\n');
  const at = (start: RegExp) => folds.find(({ startLine }) => start.test(lines[startLine]!));
  expect(lines[at(/region attend/)!.endLine + 1]).toMatch(/^ {2}}/);
  expect(at(/^\/\/\/ one/)).toMatchObject({ kind: 'comment' });
  for (const { startLine, endLine } of folds) expect(endLine).toBeGreaterThan(startLine);
});

test('names are coloured by what they stand for', async () => {
  const { client, text } = await opened(`let rows = 8\n${accelerator('kernel up array rows x 16 on slr1')}`);
  const { data } = (await client.connection.sendRequest(SemanticTokensRequest.type, { textDocument }))!;
  const lines = text.split('\n');
  const tokens: string[] = [];
  let [line, character] = [0, 0];
  for (let index = 0; index < data.length; index += 5) {
    const [down, right, length, type] = data.slice(index, index + 4) as [number, number, number, number];
    line += down;
    character = down > 0 ? right : character + right;
    tokens.push(`${lines[line]!.slice(character, character + length)} ${legend.tokenTypes[type]}`);
  }
  expect(tokens).toEqual(
    expect.arrayContaining(['rows variable', 'u280 struct', 'bert_base class', 'up function', 'slr1 enumMember']),
  );
});

describe('formatting', () => {
  test('makes the text that the formatter makes, and touches only the lines that differ', async () => {
    const tidy = format(example);
    const untidy = tidy.replace('kernel k       array 8 x 16', 'kernel k array 8   x 16');
    const { client } = await opened(untidy);
    const options = { tabSize: 2, insertSpaces: true };
    const edits =
      (await client.connection.sendRequest(DocumentFormattingRequest.type, { textDocument, options })) ?? [];
    expect(TextDocument.applyEdits(client.document(URI), edits)).toBe(tidy);
    expect(edits.map(({ range }) => [range.start.line, range.end.line])).toEqual([[11, 12]]);
    await client.change(URI, { text: tidy });
    expect(await client.connection.sendRequest(DocumentFormattingRequest.type, { textDocument, options })).toEqual([]);
  });
});
