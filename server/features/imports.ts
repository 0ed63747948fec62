import type { Declaration, StringLiteral } from '../../grammar/tree.ts';
import type { Analysis } from '../analysis.ts';
import { join } from '../design/terms/scope.ts';

export interface ImportedFile {
  /** The path as it is written, quotes included. */
  readonly path: StringLiteral;
  readonly uri: string;
}

/** What a file imports, specs and configurations of models alike; a path that leads outside the workspace is left out. */
export function importedFiles({ file, parsed }: Analysis): ImportedFile[] {
  return parsed.tree.declarations.flatMap(pathsOf).flatMap((path) => {
    const uri = join(file, path.value);
    return uri === undefined ? [] : [{ path, uri }];
  });
}

function pathsOf(declaration: Declaration): StringLiteral[] {
  switch (declaration.kind) {
    case 'import':
      return declaration.path ? [declaration.path] : [];
    case 'model':
      return declaration.instance?.importPath ? [declaration.instance.importPath] : [];
    case 'accelerator':
      return declaration.statements.flatMap((statement) =>
        statement.kind === 'use-model' && statement.model?.importPath ? [statement.model.importPath] : [],
      );
    default:
      return [];
  }
}
