import { type Disposable, workspace } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { methods } from '../server/requests.ts';

/** The standard library as read-only documents: where *Go to Definition* on `u280` leads. */
export function registerLibraryDocuments(client: LanguageClient): Disposable {
  return workspace.registerTextDocumentContentProvider('weft-library', {
    provideTextDocumentContent: async (uri) =>
      (await client.sendRequest<string | null>(methods.libraryText, { uri: uri.toString() })) ?? '',
  });
}
