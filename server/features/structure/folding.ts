import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver-protocol';
import type { ModelItem, Range, Statement } from '../../../grammar/tree.ts';
import type { Snapshot } from '../snapshot.ts';

/** Everything with braces, and runs of documentation lines. */
export function foldingRanges({ analysis, document }: Snapshot): FoldingRange[] {
  const lines = (range: Range) => [document.positionAt(range.start).line, document.positionAt(range.end).line] as const;
  const folds: FoldingRange[] = [];
  const fold = (range: Range, kind?: FoldingRangeKind) => {
    const [startLine, endLine] = lines(range);
    // The line of the closing brace stays visible.
    if (endLine - 1 > startLine || kind)
      folds.push({ startLine, endLine: kind ? endLine : endLine - 1, ...(kind && { kind }) });
  };
  const models = (items: readonly ModelItem[] = []) => {
    for (const item of items) {
      if (item.kind !== 'layer') continue;
      fold(item.range);
      models(item.body);
    }
  };
  const statements = (list: readonly Statement[]) => {
    for (const statement of list) if (statement.kind === 'region') fold(statement.range);
  };
  for (const declaration of analysis.parsed.tree.declarations) {
    if (declaration.kind === 'import' || declaration.kind === 'let') continue;
    fold(declaration.range);
    if (declaration.kind === 'model') models(declaration.body);
    if (declaration.kind === 'accelerator') statements(declaration.statements);
  }
  for (const run of commentRuns(analysis.parsed.comments, (offset) => document.positionAt(offset).line)) {
    fold(run, FoldingRangeKind.Comment);
  }
  return folds;
}

/** Comments on consecutive lines, two lines or more. */
function commentRuns(comments: readonly { range: Range }[], line: (offset: number) => number): Range[] {
  const runs: { start: number; end: number; last: number; lines: number }[] = [];
  for (const { range } of comments) {
    const at = line(range.start);
    const run = runs.at(-1);
    if (run && run.last === at - 1) Object.assign(run, { end: range.end, last: at, lines: run.lines + 1 });
    else runs.push({ start: range.start, end: range.end, last: at, lines: 1 });
  }
  return runs.filter((run) => run.lines > 1);
}
