import type { DocumentLink } from 'vscode-languageserver-protocol';
import { importedFiles } from '../imports.ts';
import { type Snapshot, toRange } from '../snapshot.ts';

/** The paths of imports that lead to a file; a path that leads nowhere has a diagnostic, and is no link. */
export function documentLinks(snapshot: Snapshot): DocumentLink[] {
  const { analysis, document } = snapshot;
  return importedFiles(analysis)
    .filter(({ uri }) => snapshot.other(uri) !== undefined)
    .map(({ path, uri }) => {
      const { start, end } = path.range;
      const quoted = analysis.text.slice(start, end);
      const inside = { start: start + 1, end: quoted.length > 1 && quoted.endsWith('"') ? end - 1 : end };
      return { range: toRange(document, inside), target: uri };
    });
}
