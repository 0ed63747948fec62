/** A name replaced in every place, where every name means afterwards what it meant before. */
import type { Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { lexer, Name } from '../../../grammar/tokens.ts';
import type { Definition } from '../../design/problem.ts';
import { isLibrary } from '../../library/index.ts';
import { type Snapshot, toRange } from '../snapshot.ts';
import { type Occurrences, occurrencesAt } from './occurrences.ts';
import { conflictOf } from './rename-conflict.ts';

/** A sentence for the person who asked. */
export interface Refusal {
  readonly refused: string;
}

/** Whether the name at an offset can be renamed, and the text that an editor offers to change. */
export function prepareRename(snapshot: Snapshot, offset: number): { range: Range; placeholder: string } | Refusal {
  const found = renamableAt(snapshot, offset);
  if ('refused' in found) return found;
  return { range: toRange(snapshot.document, found.here), placeholder: found.name };
}

export function rename(snapshot: Snapshot, offset: number, newName: string): WorkspaceEdit | Refusal {
  const found = renamableAt(snapshot, offset);
  if ('refused' in found) return found;
  const unfit = unfitName(newName);
  if (unfit) return { refused: unfit };
  const places = [...found.definitions.map(({ span }) => span), ...found.uses];
  const conflict = conflictOf(snapshot, places, newName);
  if (conflict) return { refused: conflict };
  const changes: Record<string, TextEdit[]> = {};
  for (const span of places) {
    const document = snapshot.other(span.file);
    if (!document) continue;
    changes[span.file] ??= [];
    changes[span.file]!.push({ range: toRange(document, span), newText: newName });
  }
  return { changes };
}

function renamableAt(snapshot: Snapshot, offset: number): Occurrences | Refusal {
  const found = occurrencesAt(snapshot, offset);
  if (!found) return { refused: 'There is no name here that can be renamed.' };
  const foreign = found.definitions.find(({ span }) => isLibrary(span.file));
  if (foreign) return { refused: libraryName(foreign, found) };
  return found;
}

function libraryName({ sort, name }: Definition, { definitions }: Occurrences): string {
  const refused = `‘${name}’ is a name of the standard library (${sort}) and cannot be renamed.`;
  const kernel = definitions.some((one) => one.sort === 'kernel');
  return kernel ? `${refused} To name the kernel otherwise, write ‘kernel NAME : ${name}’.` : refused;
}

/** Why a text is no name; undefined where it is one. */
function unfitName(text: string): string | undefined {
  const { tokens } = lexer.tokenize(text);
  const [token] = tokens;
  if (tokens.length !== 1 || token?.image !== text || !/^[A-Za-z_]\w*$/.test(text)) {
    return `‘${text}’ is no name: a letter or an underscore, then letters, digits and underscores.`;
  }
  return token.tokenType === Name ? undefined : `‘${text}’ is a word of the language and cannot be a name.`;
}
