import type { Position, TextEdit } from 'vscode-languageserver-protocol';
import { format } from '../../../grammar/print.ts';
import { lineEdits } from '../line-edits.ts';
import type { Snapshot } from '../snapshot.ts';

export function formatting({ analysis }: Snapshot): TextEdit[] {
  return lineEdits(analysis.text, format(analysis.text));
}

/** Those of the whole file's edits that lie in a range: the columns of a table are aligned by all of its lines. */
export function rangeFormatting(snapshot: Snapshot, first: number, last: number): TextEdit[] {
  return formatting(snapshot).filter(({ range: { start, end } }) => start.line >= first && end.line - 1 <= last);
}

/** When a line or a block is finished: everything but the line that is being typed in. */
export function onTypeFormatting(snapshot: Snapshot, { line }: Position, typed: string): TextEdit[] {
  const edits = formatting(snapshot);
  return typed === '\n' ? edits.filter(({ range: { start, end } }) => end.line <= line || start.line > line) : edits;
}
