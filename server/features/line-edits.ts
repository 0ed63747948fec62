/** From one text to another by the lines that differ, so that the cursor and the marks of a person stay where they are. */
import type { TextEdit } from 'vscode-languageserver-protocol';

export function lineEdits(from: string, to: string): TextEdit[] {
  const before = from.split(/(?<=\n)/);
  const after = to.split(/(?<=\n)/);
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let kept = 0;
  const most = Math.min(before.length, after.length) - start;
  while (kept < most && before.at(-1 - kept) === after.at(-1 - kept)) kept++;
  const [oldEnd, newEnd] = [before.length - kept, after.length - kept];
  const edit = (first: number, last: number, lines: readonly string[]): TextEdit => ({
    range: { start: { line: first, character: 0 }, end: { line: last, character: 0 } },
    newText: lines.join(''),
  });
  if (oldEnd !== newEnd) return [edit(start, oldEnd, after.slice(start, newEnd))];
  // As many lines as before: each one that differs by itself.
  return before
    .slice(start, oldEnd)
    .map((line, index) => ({ line, number: start + index, now: after[start + index] ?? '' }))
    .filter(({ line, now }) => line !== now)
    .map(({ number, now }) => edit(number, number + 1, [now]));
}
