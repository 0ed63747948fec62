/** Files that only the editor can reach: nothing of them is on a disk. */
import { describe, expect, test } from 'vitest';
import { FileChangeType } from 'vscode-languageserver-protocol';
import { answerExport } from '../../../server/export-files.ts';
import { type Ask, remoteDisk, remoteFiles } from '../../../server/features/protocol/remote-files.ts';
import { type FileAnswer, type FileRequest, fromBase64, toBase64 } from '../../../server/requests.ts';
import { accelerator, opened, URI } from '../opened.ts';

const bytes = (text: string) => toBase64(new TextEncoder().encode(text));
const text = (base64: string) => new TextDecoder().decode(fromBase64(base64));

/** An editor with these files; folders are there when something is in them or they were made. */
function editor(files: Record<string, string>, folders: Set<string> = new Set()): { ask: Ask; asked: FileRequest[] } {
  const asked: FileRequest[] = [];
  const isFolder = (uri: string) => folders.has(uri) || Object.keys(files).some((one) => one.startsWith(`${uri}/`));
  const ask = async (request: FileRequest): Promise<FileAnswer> => {
    asked.push(request);
    const { uri } = request;
    const known = files[uri];
    switch (request.do) {
      case 'stat':
        if (known !== undefined) return { kind: 'found', type: 'file', size: known.length };
        return isFolder(uri) ? { kind: 'found', type: 'folder', size: 0 } : { kind: 'not-found' };
      case 'read':
        return known === undefined ? { kind: 'not-found' } : { kind: 'content', base64: bytes(known) };
      case 'list': {
        const below = [...Object.keys(files), ...folders].filter((one) => one.startsWith(`${uri}/`));
        return { kind: 'listed', names: [...new Set(below.map((one) => one.slice(uri.length + 1).split('/')[0]!))] };
      }
      case 'write':
        files[uri] = text(request.base64);
        break;
      case 'rename':
        if (known === undefined) return { kind: 'not-found' };
        files[request.to] = known;
        delete files[uri];
        break;
      case 'make-folder':
        folders.add(uri);
        break;
      case 'remove':
        if (!request.whole && Object.keys(files).some((one) => one.startsWith(`${uri}/`)))
          return { kind: 'failed', reason: 'the folder is not empty' };
        for (const one of Object.keys(files)) if (one === uri || one.startsWith(`${uri}/`)) delete files[one];
        folders.delete(uri);
    }
    return { kind: 'done' };
  };
  return { ask, asked };
}

test('bytes of any length survive the way', () => {
  for (const length of [0, 1, 2, 3, 8191, 8192, 8193, 100_000]) {
    const content = Uint8Array.from({ length }, (_, i) => (i * 31) % 256);
    expect(fromBase64(toBase64(content))).toEqual(content);
  }
});

describe('imports', () => {
  const main = 'import "cards.weft"\nlet half = columns / 2\n';
  const cards = 'file:///workspace/cards.weft';

  test('are asked for once; what imports them is published when they have come, without a false error before', async () => {
    const files = { [cards]: 'import "rows.weft"\nlet columns = rows', 'file:///workspace/rows.weft': 'let rows = 8' };
    const { ask, asked } = editor(files);
    const { client, diagnostics } = await opened(main, { door: { files: remoteFiles(ask) } });
    expect(diagnostics).toEqual([]); // the first that were published
    await client.change(URI, { text: `${main}\n` });
    expect(asked.filter(({ uri }) => uri === cards)).toHaveLength(2); // its size and its text
  });

  test('that are not there, or never come, have their error', async () => {
    const missing = await opened(main, { door: { files: remoteFiles(editor({}).ask) } });
    expect(missing.diagnostics.map(({ code }) => code)).toContain('import-failed');
    const never = await opened(main, { door: { files: remoteFiles(() => new Promise(() => undefined), 50) } });
    expect(never.diagnostics.map(({ code }) => code)).toContain('import-failed');
    const deaf = await opened(main, {
      door: { files: remoteFiles(() => Promise.reject(new Error('no such method'))) },
    });
    expect(deaf.diagnostics.map(({ code }) => code)).toContain('import-failed');
  });

  test('what was asked for before a file changed is not believed', async () => {
    const answers: ((answer: FileAnswer) => void)[] = [];
    const files = remoteFiles(() => new Promise((resolve) => answers.push(resolve)));
    const arrived = new Promise<string>((resolve) => files.onArrival?.(resolve));
    const settle = () => new Promise((resolve) => setTimeout(resolve));
    expect(files.read(cards)).toBeUndefined();
    files.forget?.(cards);
    expect(files.read(cards)).toBeUndefined();
    for (const content of ['old', 'new']) {
      answers.shift()?.({ kind: 'found', type: 'file', size: 3 });
      await settle();
      answers.pop()?.({ kind: 'content', base64: bytes(content) });
      await settle();
    }
    expect(await arrived).toBe(cards);
    expect(files.read(cards)).toBe('new');
    expect(files.awaits?.(cards)).toBe(false);
  });
});

describe('trained weights', () => {
  const main = accelerator('parameters "weights/model.safetensors"');
  const weights = 'file:///workspace/weights/model.safetensors';
  const codes = (diagnostics: readonly { readonly code?: unknown }[]) => diagnostics.map(({ code }) => code);

  test('that are not there are said, until they are; of those that are there only the size is asked for', async () => {
    const files: Record<string, string> = {};
    const { ask, asked } = editor(files);
    const { client, diagnostics } = await opened(main, { door: { files: remoteFiles(ask) } });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'There are no trained weights in ‘weights/model.safetensors’: there is no such file. The figures do not need them, the export does.',
    ]);
    files[weights] = 'of any size';
    const changes = [{ uri: weights, type: FileChangeType.Created }];
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    expect(codes(await client.change(URI, { text: `${main}\n` }))).toEqual([]);
    expect(asked.map(({ do: what }) => what)).toEqual(['stat', 'stat']);
  });

  test('a folder is none, and of a document in no folder nothing is said', async () => {
    const { ask } = editor({}, new Set([weights]));
    const { diagnostics } = await opened(main, { door: { files: remoteFiles(ask) } });
    expect(diagnostics[0]?.message).toContain('it is no file that can be read');
    expect(remoteFiles(ask).parameters?.('untitled:Untitled-1', 'model.safetensors')).toBeUndefined();
  });
});

describe('an export', () => {
  const folder = 'vscode-vfs://github/me/designs/out/p';
  const params = { uri: URI, folder };
  const project = {
    name: 'p',
    files: [
      { path: 'Makefile', content: 'a' },
      { path: 'src/up.cpp', content: 'b' },
    ],
  };

  test('arrives whole, asks about what a person changed, and leaves nothing beside it', async () => {
    const files: Record<string, string> = { 'vscode-vfs://github/me/designs/main.weft': '' };
    const disk = remoteDisk(editor(files).ask);
    expect(await answerExport(disk, folder, project, params)).toEqual({ kind: 'written', folder, files: 3, kept: [] });
    expect(Object.keys(files).sort()).toEqual([
      'vscode-vfs://github/me/designs/main.weft',
      `${folder}/.weft-manifest.json`,
      `${folder}/Makefile`,
      `${folder}/src/up.cpp`,
    ]);
    files[`${folder}/Makefile`] = 'mine';
    const changed = { ...project, files: project.files.map((file) => ({ ...file, content: 'c' })) };
    expect(await answerExport(disk, folder, changed, params)).toEqual({ kind: 'ask', edited: ['Makefile'] });
    expect(files[`${folder}/src/up.cpp`]).toBe('b');
  });

  test('into a folder of somebody else’s is asked about', async () => {
    const files: Record<string, string> = { [`${folder}/docs/a.md`]: 'mine', [`${folder}/notes.txt`]: 'mine' };
    const disk = remoteDisk(editor(files).ask);
    expect(await answerExport(disk, folder, project, params)).toEqual({
      kind: 'foreign',
      holds: 'docs and notes.txt',
    });
    expect(Object.keys(files)).toHaveLength(2);
    expect(await answerExport(disk, folder, project, { ...params, add: true })).toMatchObject({ kind: 'written' });
  });

  test('that fails on the way leaves what was there', async () => {
    const files: Record<string, string> = { 'vscode-vfs://github/me/main.weft': '' };
    const { ask } = editor(files);
    let renames = 0;
    const failing: Ask = async (request) =>
      request.do === 'rename' && ++renames === 2 ? { kind: 'failed', reason: 'no permission' } : ask(request);
    const result = await answerExport(remoteDisk(failing), folder, project, params);
    expect(result).toEqual({ kind: 'refused', reasons: [expect.stringContaining('no permission')] });
    expect(Object.keys(files)).toEqual(['vscode-vfs://github/me/main.weft']);
  });
});

test('a file that is no text of a sane size is unreadable', async () => {
  const ask: Ask = async ({ do: what }) =>
    what === 'stat' ? { kind: 'found', type: 'file', size: 3e9 } : { kind: 'content', base64: '' };
  const { diagnostics } = await opened(`import "big.weft"\n${accelerator('')}`, { door: { files: remoteFiles(ask) } });
  expect(diagnostics.find(({ code }) => code === 'import-failed')?.message).toMatch(
    /cannot be read|too large|unreadable/,
  );
});
