import type { TextEdit } from 'vscode-languageserver-protocol';
import { format } from '../../grammar/print.ts';
import { type Snapshot, toRange } from './snapshot.ts';

/** Only the lines that change, so that the cursor and the marks of a person stay where they are. */
export function formatting({ analysis, document }: Snapshot): TextEdit[] {
  const before = analysis.text;
  const after = format(before);
  if (after === before) return [];
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return [
    { range: toRange(document, { start, end: before.length - end }), newText: after.slice(start, after.length - end) },
  ];
}
