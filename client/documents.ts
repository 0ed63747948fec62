import { Disposable, EventEmitter, Uri, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { methods, schemes } from '../server/requests.ts';
import type { Statuses } from './status.ts';

/**
 * Read-only documents that the server writes: the standard library, where *Go to Definition* on `u280` leads; the pages
 * of diagnostics; and reports, which follow their spec.
 */
export function registerDocuments(client: BaseLanguageClient, statuses: Statuses): Disposable {
  const changed = new EventEmitter<Uri>();
  const provider = {
    onDidChange: changed.event,
    provideTextDocumentContent: async (uri: Uri) =>
      (await client.sendRequest<string | null>(methods.text, { uri: uri.toString() })) ?? '',
  };
  return Disposable.from(
    changed,
    ...Object.values(schemes).map((scheme) => workspace.registerTextDocumentContentProvider(scheme, provider)),
    statuses.onDidChange(({ uri: spec }) => {
      for (const { uri } of workspace.textDocuments)
        if (uri.scheme === schemes.estimate && uri.query === spec) changed.fire(uri);
    }),
  );
}

/** The report of a spec, or of one of its accelerators. */
export function estimateUri(spec: string, accelerator: string | undefined): Uri {
  const name = accelerator ?? specName(Uri.parse(spec));
  return Uri.from({
    scheme: schemes.estimate,
    path: `/${name} estimate.txt`,
    query: spec,
    ...(accelerator !== undefined && { fragment: accelerator }),
  });
}

/** The file's name without its ending. */
export function specName({ path }: Uri): string {
  return path.replace(/^.*\//, '').replace(/\.weft$/, '');
}
