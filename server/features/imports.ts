import type { StringLiteral } from '../../grammar/tree.ts';
import { descendants } from '../../grammar/walk.ts';
import type { Analysis } from '../analysis.ts';
import { join } from '../design/scope.ts';

export interface ImportedFile {
  /** The path as it is written, quotes included. */
  readonly path: StringLiteral;
  readonly uri: string;
}

/** What a file imports, specs and configurations of models alike; a path that leads outside the workspace is left out. */
export function importedFiles({ file, parsed }: Analysis): ImportedFile[] {
  return [...descendants(parsed.tree)].flatMap((node) => {
    const path = pathOf(node);
    const uri = path && join(file, path.value);
    return path && uri !== undefined ? [{ path, uri }] : [];
  });
}

function pathOf(node: object): StringLiteral | undefined {
  const { kind, path, importPath } = node as { kind: string; path?: StringLiteral; importPath?: StringLiteral };
  return kind === 'import' ? path : kind === 'model-reference' ? importPath : undefined;
}
