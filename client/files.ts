/** The editor's file systems for the server, which may run where there is no disk. */
import { type Disposable, FileSystemError, FileType, Uri, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type FileAnswer, type FileRequest, fromBase64, methods, toBase64 } from '../server/requests.ts';

export function registerFiles(client: BaseLanguageClient): Disposable {
  return client.onRequest<FileAnswer, void>(methods.files, async (request: FileRequest) => {
    try {
      return await answer(request);
    } catch (error) {
      if (error instanceof FileSystemError && error.code === 'FileNotFound') return { kind: 'not-found' };
      return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  });
}

async function answer(request: FileRequest): Promise<FileAnswer> {
  const { fs } = workspace;
  const uri = Uri.parse(request.uri, true);
  if (request.do === 'read') return { kind: 'content', base64: toBase64(await fs.readFile(uri)) };
  if (request.do === 'stat') {
    const { type, size } = await fs.stat(uri);
    return {
      kind: 'found',
      type: type === FileType.File ? 'file' : type === FileType.Directory ? 'folder' : 'other',
      size,
    };
  }
  if (request.do === 'list') return { kind: 'listed', names: (await fs.readDirectory(uri)).map(([name]) => name) };
  if (!workspace.isTrusted) return { kind: 'failed', reason: 'the workspace is not trusted' };
  switch (request.do) {
    case 'write':
      await fs.writeFile(uri, fromBase64(request.base64));
      break;
    case 'rename':
      await fs.rename(uri, Uri.parse(request.to, true), { overwrite: false });
      break;
    case 'make-folder':
      await fs.createDirectory(uri);
      break;
    case 'remove':
      // Not every file system refuses to remove a folder that holds something.
      if (!request.whole && (await fs.readDirectory(uri)).length > 0)
        return { kind: 'failed', reason: 'the folder is not empty' };
      await fs.delete(uri, { recursive: request.whole, useTrash: false });
  }
  return { kind: 'done' };
}
