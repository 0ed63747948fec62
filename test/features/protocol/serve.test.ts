import { describe, expect, test } from 'vitest';
import { ErrorCodes, FileChangeType, ResponseError } from 'vscode-languageserver-protocol';
import { type Features, features } from '../../../server/features/protocol/features.ts';
import type { ExportParams, ExportResult } from '../../../server/requests.ts';
import { methods } from '../../../server/requests.ts';
import { accelerator, example, hintLines, opened, URI } from '../opened.ts';

describe('a feature that fails', () => {
  const broken = Object.keys(features).map((name) => [name as keyof Features]);

  test.each(broken)('%s answers an error, says so once in the log, and the rest goes on', async (name) => {
    const fail = () => {
      throw new Error(`${name} is broken`);
    };
    const { client, offset } = await opened(example.replace('kernel up', 'kernel ^^up'), {
      features: { ...features, [name]: fail },
      capabilities: { textDocument: { codeAction: { resolveSupport: { properties: ['edit'] } } } },
    });
    const textDocument = { uri: URI };
    const range = { start: { line: 0, character: 0 }, end: { line: 40, character: 0 } };
    const position = client.document(URI).positionAt(offset);
    const at = { textDocument, position };
    const place = { line: 0, character: 0 };
    const item = {
      ...{ name: 'up', kind: 6, uri: URI, range, selectionRange: range },
      data: { file: URI, accelerator: 'bert_u280', unit: 'up' },
    };
    const requests: Readonly<Record<Exclude<keyof Features, 'diagnostics' | 'status'>, [method: string, object]>> = {
      codeActions: ['textDocument/codeAction', { textDocument, range, context: { diagnostics: [] } }],
      codeLenses: ['textDocument/codeLens', { textDocument }],
      completion: ['textDocument/completion', at],
      definition: ['textDocument/definition', at],
      documentLinks: ['textDocument/documentLink', { textDocument }],
      documentSymbols: ['textDocument/documentSymbol', { textDocument }],
      foldingRanges: ['textDocument/foldingRange', { textDocument }],
      formatting: ['textDocument/formatting', { textDocument, options: {} }],
      highlights: ['textDocument/documentHighlight', at],
      hover: ['textDocument/hover', at],
      incomingCalls: ['callHierarchy/incomingCalls', { item }],
      inlayHints: ['textDocument/inlayHint', { textDocument, range }],
      onTypeFormatting: ['textDocument/onTypeFormatting', { ...at, ch: '}', options: {} }],
      outgoingCalls: ['callHierarchy/outgoingCalls', { item }],
      prepareCallHierarchy: ['textDocument/prepareCallHierarchy', at],
      prepareRename: ['textDocument/prepareRename', at],
      rangeFormatting: ['textDocument/rangeFormatting', { textDocument, range, options: {} }],
      references: ['textDocument/references', { ...at, context: { includeDeclaration: true } }],
      rename: ['textDocument/rename', { ...at, newName: 'a' }],
      resolveCodeAction: ['codeAction/resolve', { title: 'x', data: { uri: URI, start: 0, end: 0 } }],
      resolveCompletion: ['completionItem/resolve', { label: 'x', data: { uri: URI, start: 0, end: 0 } }],
      resolveInlayHint: ['inlayHint/resolve', { position: place, label: '', data: { uri: URI } }],
      selectionRange: ['textDocument/selectionRange', { textDocument, positions: [position] }],
      semanticTokens: ['textDocument/semanticTokens/full', { textDocument }],
      signatureHelp: ['textDocument/signatureHelp', at],
      workspaceSymbols: ['workspace/symbol', { query: '' }],
    };
    for (let round = 0; round < 2; round++) {
      await client.change(URI, { text: `${client.document(URI).getText()}\n` });
      for (const [feature, [method, params]] of Object.entries(requests)) {
        // What a feature means to refuse is an error, too, and says so itself.
        const answer = await client.connection.sendRequest(method, params).catch((error: ResponseError) => error);
        const failed = answer instanceof ResponseError && answer.code === ErrorCodes.InternalError;
        expect(failed, feature).toBe(feature === name);
        if (failed) expect(answer.message).toBe(`${method} failed: ${name} is broken`);
      }
    }
    expect(client.log).toHaveLength(1);
    expect(client.log[0]).toContain(`${name} is broken`);
  });
});

describe('files that depend on each other', () => {
  const cards = 'file:///workspace/cards.weft';
  const main = 'import "cards.weft"\nlet half = rows / 2\n';

  test('an edit of an imported document is seen at once, and hints are asked for again', async () => {
    const { client, diagnostics } = await opened(main, { files: { [cards]: 'let rows = 8' } });
    expect(diagnostics).toEqual([]);
    await client.open(cards, 'let columns = 8');
    const again = await client.change(URI, { text: `${main}\n` });
    expect(again.map(({ code }) => code)).toContain('unknown-name');
    client.refreshed.length = 0;
    await client.change(cards, { text: 'let rows = 4' });
    await hintLines(client);
    expect(client.published(URI)).toEqual([]);
    expect(client.refreshed).toContain('workspace/inlayHint/refresh');
  });

  test('closing the imported document goes back to the file on disk', async () => {
    const { client } = await opened(main, { files: { [cards]: 'let rows = 8' } });
    await client.open(cards, 'let columns = 8');
    await hintLines(client);
    expect(client.published(URI)).not.toEqual([]);
    await client.close(cards);
    await hintLines(client);
    expect(client.published(URI)).toEqual([]);
  });

  test('a file that appears on disk mends its import', async () => {
    const files: Record<string, string> = {};
    const { client, diagnostics } = await opened(main, { files });
    expect(diagnostics.map(({ code }) => code)).toContain('import-failed');
    files[cards] = 'let rows = 8';
    const changes = [{ uri: cards, type: FileChangeType.Created }];
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    await hintLines(client);
    expect(client.published(URI)).toEqual([]);
  });
});

test('documents of any scheme are specs: untitled ones and those of the library', async () => {
  const { client } = await opened('');
  expect(await client.open('untitled:Untitled-1', accelerator('kernel up array 64 x 64 on slr0'))).not.toEqual([]);
  const uri = 'weft-library:/devices/u280.weft';
  const text = await client.connection.sendRequest<string>(methods.text, { uri });
  expect(await client.open(uri, text)).toEqual([]);
  expect(JSON.stringify(await client.hover(uri, text.indexOf('u280 {')))).toContain('AMD Alveo U280');
});

describe('the status', () => {
  test('says the latency and the fullest resource, and turns to an error', async () => {
    const { client } = await opened(example);
    expect(client.statuses.get(URI)).toMatchObject({ severity: 'ok', accelerators: ['bert_u280'] });
    expect(client.statuses.get(URI)?.text).toMatch(/^[\d.]+ ms\/layer · slr\d \w+ \d+%$/);
    await client.replace(URI, 'up      array 8 x 16', 'up      array 64 x 64');
    expect(client.statuses.get(URI)).toMatchObject({ severity: 'error' });
    expect(client.statuses.get(URI)?.text).toMatch(/slr2 DSP 1\d\d%/);
  });

  test('is empty where there is no accelerator', async () => {
    const { client } = await opened('let a = 8');
    expect(client.statuses.get(URI)).toMatchObject({ text: '', accelerators: [] });
  });
});

test('the report of a spec is a read-only document', async () => {
  const { client } = await opened(example);
  const uri = `weft-estimate:/x?${encodeURIComponent(URI)}#bert_u280`;
  expect(await client.connection.sendRequest(methods.text, { uri })).toMatch(/^bert_u280: bert_base[\s\S]*Per model/);
  const none = `weft-estimate:/x?${encodeURIComponent(URI)}#other`;
  expect(await client.connection.sendRequest(methods.text, { uri: none })).toMatch(/no estimate of ‘other’/);
});

describe('the export', () => {
  const params: ExportParams = { uri: URI, accelerator: 'bert_u280', folder: 'file:///workspace/out' };

  test('hands a project to the door, and shows its progress', async () => {
    const written: string[] = [];
    const { client } = await opened(example, {
      door: {
        write: async (project, { folder }) => {
          written.push(...project.files.map(({ path }) => path));
          return { kind: 'written', folder, files: project.files.length, kept: [] };
        },
      },
    });
    const result = await client.connection.sendRequest<ExportResult>(methods.exportHls, params);
    expect(result).toMatchObject({ kind: 'written', folder: params.folder });
    expect(written).toEqual(expect.arrayContaining(['Makefile', 'README.md']));
    await hintLines(client);
    expect(client.progress.map(({ kind }) => kind)).toEqual(['begin', 'report', 'end']);
  });

  test.each([
    ['a spec with holes', accelerator('kernel upp array 8 x 16'), 'a', /unknown-name/],
    ['another accelerator', example, 'other', /no accelerator ‘other’/],
    ['no disk', example, 'bert_u280', /no disk/],
  ])('is refused with reasons: %s', async (_, source, name, reason) => {
    const { client } = await opened(source);
    const request = { ...params, accelerator: name };
    const result = await client.connection.sendRequest<ExportResult>(methods.exportHls, request);
    expect(result.kind === 'refused' ? result.reasons.join() : result.kind).toMatch(reason);
  });
});
