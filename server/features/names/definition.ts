import type { LocationLink } from 'vscode-languageserver-protocol';
import { contains, type Snapshot, toRange } from '../snapshot.ts';

/** From a name to its declaration, in this file, an import or the library. */
export function definition(snapshot: Snapshot, offset: number): LocationLink[] {
  const { analysis, document } = snapshot;
  return analysis.design.bindings
    .filter((binding) => contains(binding.span, analysis.file, offset))
    .flatMap(({ span, target }) => {
      const there = snapshot.other(target.span.file);
      if (!there) return [];
      return [
        {
          originSelectionRange: toRange(document, span),
          targetUri: target.span.file,
          targetRange: toRange(there, target.full),
          targetSelectionRange: toRange(there, target.span),
        },
      ];
    });
}
