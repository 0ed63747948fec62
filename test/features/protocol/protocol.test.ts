/** What every editor may negotiate: encodings, pulled diagnostics, folders, cancellation, progress, deltas. */
import { describe, expect, test } from 'vitest';
import {
  CancellationToken,
  CancellationTokenSource,
  type DocumentDiagnosticReport,
  DocumentDiagnosticRequest,
  LSPErrorCodes,
  ReferencesRequest,
  RenameRequest,
  ResponseError,
  type SemanticTokens,
  type SemanticTokensDelta,
  type WorkspaceDiagnosticReport,
  WorkspaceDiagnosticRequest,
  WorkspaceSymbolRequest,
} from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { documentsIn } from '../../../server/documents.ts';
import { features } from '../../../server/features/protocol/features.ts';
import { startServer } from '../../kit/server.ts';
import { accelerator, example, opened, URI } from '../opened.ts';

describe('position encodings', () => {
  // Before `rows`: one UTF-16 unit of two bytes, two units of four bytes.
  const source = '/// é😀\nlet /**/ rows = 8\n';
  const line = 'let columns = rows // é😀 rows\nlet twice = columns * nope // end\n';

  test.each([
    [undefined, 'utf-16'],
    [[], 'utf-16'],
    [['utf-8', 'utf-16'], 'utf-8'],
    [['utf-32'], 'utf-32'],
    [['ucs-2', 'utf-16'], 'utf-16'],
  ])('of %j the server takes %s', async (positionEncodings, expected) => {
    const general = positionEncodings && { positionEncodings };
    const { client } = await opened('', { capabilities: { ...(general && { general }) } });
    expect(client.server.positionEncoding).toBe(expected);
  });

  test.each([
    ['utf-8', 6],
    ['utf-16', 3],
    ['utf-32', 2],
  ] as const)('%s: columns behind é😀 are counted in its units', async (encoding, width) => {
    const text = `import "é😀" let a = nope\nlet b = nope // é😀\n${source}${line}`;
    const { client, diagnostics } = await opened(text, {
      capabilities: { general: { positionEncodings: [encoding] } },
    });
    const unknown = diagnostics.filter(({ code }) => code === 'unknown-name');
    const column = 'import "" let a = '.length + width;
    expect(unknown[0]?.range).toEqual({
      start: { line: 0, character: column },
      end: { line: 0, character: column + 'nope'.length },
    });
    const [link] = (await client.connection.sendRequest('textDocument/definition', {
      textDocument: { uri: URI },
      position: { line: 1, character: 4 },
    })) as unknown[];
    expect(link).toBeUndefined(); // a declaration leads nowhere; its column is that of ASCII
    // An edit behind the wide characters lands where the client means it.
    const after = await client.change(URI, {
      range: { start: { line: 0, character: column }, end: { line: 0, character: column + 4 } },
      text: '8',
    });
    expect(after.filter(({ code }) => code === 'unknown-name').map(({ range }) => range.start.line)).toEqual([1, 5]);
  });

  test('a document in any encoding is the same text with the same offsets', () => {
    const text = 'a é😀b\r\n\ud800 lone\n日本語 end';
    for (const encoding of ['utf-8', 'utf-16', 'utf-32'] as const) {
      const kinds = documentsIn(() => encoding);
      const document = kinds.create(URI, 'weft', 1, text);
      const plain = TextDocument.create(URI, 'weft', 1, text);
      for (let offset = 0; offset <= text.length; offset++) {
        const position = document.positionAt(offset);
        expect(position.line).toBe(plain.positionAt(offset).line);
        // Inside of a surrogate pair there is no position of its own.
        const inside = /[\udc00-\udfff]/.test(text[offset] ?? '') && /[\ud800-\udbff]/.test(text[offset - 1] ?? '');
        if (!inside || encoding === 'utf-16')
          expect(document.offsetAt(position)).toBe(plain.offsetAt(plain.positionAt(offset)));
      }
      expect(document.offsetAt({ line: 99, character: 0 })).toBe(text.length);
      const at = (offset: number) => document.positionAt(offset);
      const changes = [
        { range: { start: at(2), end: at(5) }, text: '日' },
        { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } }, text: '' },
      ];
      expect(kinds.update(document, changes, 2).getText()).toBe(' 日b\r\n\ud800 lone\n日本語 end');
      expect(document.version).toBe(2);
    }
  });
});

describe('pulled diagnostics', () => {
  const capabilities = { textDocument: { diagnostic: {} }, workspace: { diagnostics: { refreshSupport: true } } };
  const cards = 'file:///workspace/cards.weft';
  const main = 'import "cards.weft"\nlet half = rows / 2\n';

  async function pulling(files: Record<string, string> = {}) {
    const client = await startServer({ capabilities, files, folders: ['file:///workspace'] });
    const open = (uri: string, text: string) => {
      // Nothing is pushed, so nothing is waited for.
      void client.open(uri, text).catch(() => undefined);
    };
    const pull = (uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport> =>
      client.connection.sendRequest(DocumentDiagnosticRequest.type, {
        textDocument: { uri },
        ...(previousResultId !== undefined && { previousResultId }),
      });
    return { client, open, pull };
  }

  test('of a document: full once, then unchanged until something changes', async () => {
    const { client, open, pull } = await pulling();
    open(URI, 'let a = nope');
    const first = await pull(URI);
    expect(first).toMatchObject({ kind: 'full', items: [{ code: 'unknown-name' }] });
    expect(await pull(URI, first.resultId)).toEqual({ kind: 'unchanged', resultId: first.resultId });
    void client.change(URI, { text: 'let a = 8' }).catch(() => undefined);
    expect(await pull(URI, first.resultId)).toMatchObject({ kind: 'full', items: [] });
    expect(client.published(URI)).toEqual([]);
  });

  test('of a document whose import changed: the client is told to ask again', async () => {
    const { client, open, pull } = await pulling();
    open(URI, main);
    open(cards, 'let rows = 8');
    const first = await pull(URI);
    expect(first).toMatchObject({ items: [] });
    client.refreshed.length = 0;
    void client.change(cards, { text: 'let columns = 8' }).catch(() => undefined);
    expect(await pull(URI, first.resultId)).toMatchObject({ kind: 'full', items: [{ code: 'unknown-name' }] });
    expect(client.refreshed).toContain('workspace/diagnostic/refresh');
  });

  test('of the workspace: every spec, open or not; then only what is new', async () => {
    const files: Record<string, string> = {
      'file:///workspace/a.weft': 'let a = nope',
      'file:///workspace/deep/b.weft': 'let b = 8',
      'file:///elsewhere/c.weft': 'let c = nope',
    };
    const { client, open } = await pulling(files);
    open(URI, 'let m = nope');
    const ask = (
      previousResultIds: { uri: string; value: string }[],
      token = CancellationToken.None,
    ): Promise<WorkspaceDiagnosticReport> =>
      client.connection.sendRequest(
        WorkspaceDiagnosticRequest.type,
        { previousResultIds, workDoneToken: 'checking' },
        token,
      );
    const { items } = await ask([]);
    const found = items.map((item) => [item.uri, item.version, item.kind === 'full' ? item.items.length : -1]);
    expect(found).toEqual([
      [URI, 1, 1],
      ['file:///workspace/a.weft', null, 1],
      ['file:///workspace/deep/b.weft', null, 0],
    ]);
    const known = items.map(({ uri, resultId }) => ({ uri, value: resultId! }));
    const next = ask(known); // waits
    files['file:///workspace/deep/b.weft'] = 'let b = nope';
    const changes = [{ uri: 'file:///workspace/deep/b.weft', type: 2 }];
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    const news = (await next).items.filter(({ kind }) => kind === 'full');
    expect(news.map(({ uri }) => uri)).toEqual(['file:///workspace/deep/b.weft']);

    const cancel = new CancellationTokenSource();
    const waiting = ask(
      (await ask([])).items.map(({ uri, resultId }) => ({ uri, value: resultId! })),
      cancel.token,
    );
    setTimeout(() => cancel.cancel(), 20);
    await expect(waiting).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
  });

  test('a client that does not ask gets them pushed, and none is offered to ask for', async () => {
    const { client, diagnostics } = await opened('let a = nope');
    expect(diagnostics).toHaveLength(1);
    expect(client.server.diagnosticProvider).toBeUndefined();
  });
});

describe('the folders of a workspace', () => {
  const files = {
    'file:///one/cards.weft': 'let rows = 8\n',
    'file:///one/user.weft': 'import "cards.weft"\nlet mine = rows\n',
    'file:///two/other.weft': 'let other = 8\n',
  };
  const uri = 'file:///one/cards.weft';

  test('names are found and renamed in files that nobody has open', async () => {
    const client = await startServer({ files, folders: ['file:///one', 'file:///two'] });
    await client.open(uri, files[uri]);
    const at = client.at(uri, 4);
    const uses = await client.connection.sendRequest(ReferencesRequest.type, {
      ...at,
      context: { includeDeclaration: false },
      workDoneToken: 'looking',
    });
    expect(uses?.map((one) => one.uri)).toEqual(['file:///one/user.weft']);
    const edit = await client.connection.sendRequest(RenameRequest.type, { ...at, newName: 'wide' });
    expect(Object.keys(edit?.changes ?? {}).sort()).toEqual([uri, 'file:///one/user.weft']);
    // What a file that is not open would mean is checked, too.
    await expect(client.connection.sendRequest(RenameRequest.type, { ...at, newName: 'mine' })).rejects.toThrow(
      /taken: let in line 2 of user.weft/,
    );
  });

  test('folders come and go', async () => {
    const client = await startServer({ files, folders: ['file:///one'] });
    const symbols = async () =>
      ((await client.connection.sendRequest(WorkspaceSymbolRequest.type, { query: 'other' })) ?? []).map(
        ({ name }) => name,
      );
    expect(await symbols()).not.toContain('other');
    const folder = (name: string) => ({ uri: `file:///${name}`, name });
    const change = (added: string[], removed: string[]) =>
      client.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
        event: { added: added.map(folder), removed: removed.map(folder) },
      });
    await change(['two'], []);
    expect(await symbols()).toContain('other');
    await change([], ['two']);
    expect(await symbols()).not.toContain('other');
  });

  test('files that appear are found', async () => {
    const disk: Record<string, string> = { ...files };
    const client = await startServer({ files: disk, folders: ['file:///one'] });
    const symbols = async () =>
      ((await client.connection.sendRequest(WorkspaceSymbolRequest.type, { query: 'late' })) ?? []).length;
    expect(await symbols()).toBe(0);
    disk['file:///one/late.weft'] = 'let late = 8';
    const changes = [{ uri: 'file:///one/late.weft', type: 1 }];
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    expect(await symbols()).toBe(1);
  });
});

describe('requests that nobody waits for', () => {
  test('are answered as cancelled, and their features never run', async () => {
    let ran = 0;
    const hover: typeof features.hover = (...given) => {
      ran++;
      return features.hover(...given);
    };
    const { client } = await opened(example, { features: { ...features, hover } });
    const cancel = new CancellationTokenSource();
    const answer = client.connection.sendRequest('textDocument/hover', client.at(URI, 9), cancel.token);
    cancel.cancel();
    await expect(answer).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
    expect(ran).toBe(0);
  });

  test('stop on their way, and so do those whose text has changed', async () => {
    let rounds = 0;
    const slow: typeof features.codeActions = async (_snapshot, _range, _context, { breathe }) => {
      for (; rounds < 1000; rounds++) {
        const until = performance.now() + 10;
        while (performance.now() < until);
        await breathe();
      }
      return [];
    };
    const { client } = await opened(example, { features: { ...features, codeActions: slow } });
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
    const params = { textDocument: { uri: URI }, range, context: { diagnostics: [] } };
    const ask = (token = CancellationToken.None): Promise<unknown> =>
      client.connection.sendRequest('textDocument/codeAction', params, token);
    const cancel = new CancellationTokenSource();
    const first = ask(cancel.token);
    setTimeout(() => cancel.cancel(), 30);
    await expect(first).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
    expect(rounds).toBeLessThan(1000);
    const second = ask().catch((thrown: unknown) => thrown);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await client.change(URI, { text: `${example}\n` });
    const error = await second;
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({ code: LSPErrorCodes.ContentModified });
    expect(client.log).toEqual([]);
  });
});

describe('semantic tokens', () => {
  const textDocument = { uri: URI };
  const full = (client: Awaited<ReturnType<typeof opened>>['client']): Promise<SemanticTokens> =>
    client.connection.sendRequest('textDocument/semanticTokens/full', { textDocument });

  test('a delta leads from the last result to the next full one', async () => {
    const { client } = await opened(example);
    const before = await full(client);
    await client.replace(URI, 'kernel act ', '// kernel act ');
    const delta = await client.connection.sendRequest<SemanticTokensDelta>('textDocument/semanticTokens/full/delta', {
      textDocument,
      previousResultId: before.resultId,
    });
    const data = [...before.data];
    for (const edit of [...delta.edits].reverse()) data.splice(edit.start, edit.deleteCount, ...(edit.data ?? []));
    expect(data).toEqual((await full(client)).data);
    expect(delta.edits.flatMap((edit) => edit.data ?? []).length).toBeLessThan(data.length / 2);
  });

  test('a delta to a result that is not known is a full one', async () => {
    const { client } = await opened(example);
    const { data } = await full(client);
    const answer = await client.connection.sendRequest<SemanticTokens>('textDocument/semanticTokens/full/delta', {
      textDocument,
      previousResultId: 'none',
    });
    expect(answer.data).toEqual(data);
  });

  test('a range gives what is in it', async () => {
    const { client } = await opened(example);
    const start = { line: 10, character: 0 };
    const range = { start, end: { line: 11, character: 0 } };
    const { data } = await client.connection.sendRequest<SemanticTokens>('textDocument/semanticTokens/range', {
      textDocument,
      range,
    });
    const lines = data.filter((_, index) => index % 5 === 0);
    expect(lines[0]).toBe(10);
    expect(lines.slice(1).every((delta) => delta === 0)).toBe(true);
    expect(data.length).toBeGreaterThan(5);
  });
});

describe('formatting', () => {
  const text = accelerator('kernel q array 8 x 16\n  kernel softmax lanes 8\n\n  let a=1');
  const lines = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

  test('of a range changes nothing outside', async () => {
    const { client } = await opened(text);
    const all = await client.connection.sendRequest<{ range: typeof lines }[]>('textDocument/formatting', {
      textDocument: { uri: URI },
      options: {},
    });
    const line = text.split('\n').findIndex((one) => one.includes('let a'));
    const range = { start: { line, character: 0 }, end: { line: line + 1, character: 0 } };
    const some = await client.connection.sendRequest<{ range: typeof lines }[]>('textDocument/rangeFormatting', {
      textDocument: { uri: URI },
      range,
      options: {},
    });
    expect(some.map((one) => one.range.start.line)).toEqual([line]);
    expect(all.length).toBeGreaterThan(1);
  });

  test('while typing leaves the line of the cursor alone', async () => {
    const { client } = await opened(text);
    const line = text.split('\n').findIndex((one) => one.includes('let a'));
    const ask = (ch: string) =>
      client.connection.sendRequest<{ range: typeof lines }[]>('textDocument/onTypeFormatting', {
        textDocument: { uri: URI },
        position: { line, character: 0 },
        ch,
        options: {},
      });
    expect((await ask('\n')).map(({ range }) => range.start.line)).not.toContain(line);
    expect((await ask('}')).map(({ range }) => range.start.line)).toContain(line);
  });
});
