/** Lines of text whose cells stand in columns. */

export interface Cell {
  text: string;
  /** Cells of neighbouring lines with the same column stand below each other. */
  column: string;
  /** Blanks between this cell and the one before it, at least. */
  gap: number;
}

export interface Line {
  indent: number;
  cells: Cell[];
  /** Lines of the same table that follow each other are aligned; '' is never aligned. */
  table: string;
  /** Comment behind the cells, or alone on its line. */
  comment?: string;
  blankBefore: boolean;
  /** The line that this one goes on, and how far behind its second column it starts. */
  continues?: { line: Line; shift: number };
}

const INDENT = 2;
/** Where a line that is not a table goes on. */
const CONTINUATION = 4;
const COMMENT_GAP = 2;

/** The lines as text, without line ends. */
export function render(lines: readonly Line[]): string[] {
  const starts = new Map<Line, number[]>();
  const widths = firstColumns(lines);
  for (const group of groups(lines)) align(group, widths.get(group[0]!) ?? 0, starts);
  const texts = lines.map((line) => {
    let text = ' '.repeat(indentOf(line, starts));
    const base = text.length;
    const positions = starts.get(line) ?? [];
    line.cells.forEach((cell, index) => {
      if (index > 0) text = text.padEnd(Math.max(base + (positions[index] ?? 0), text.length + cell.gap));
      text += cell.text;
    });
    return text;
  });
  return withComments(lines, texts);
}

function indentOf(line: Line, starts: Map<Line, number[]>): number {
  const indent = line.indent * INDENT;
  if (!line.continues) return indent;
  const second = starts.get(line.continues.line)?.[1];
  return indent + (second === undefined ? CONTINUATION : second + line.continues.shift);
}

/** Runs of lines that share a table; comments and continuations in between do not end a run, blank lines do. */
function groups(lines: readonly Line[]): Line[][] {
  const found: Line[][] = [];
  let run: Line[] = [];
  for (const line of lines) {
    if (line.blankBefore) run = [];
    if (line.continues || line.cells.length === 0) continue;
    const first = run[0];
    if (!first || line.table === '' || first.table !== line.table || first.indent !== line.indent) {
      run = [];
      found.push(run);
    }
    run.push(line);
  }
  return found;
}

/** Width of the first column where tables share one: the names of all kernels in the regions of an accelerator. */
function firstColumns(lines: readonly Line[]): Map<Line, number> {
  const widths = new Map<Line, number>();
  let family: Line[] = [];
  const finish = (): void => {
    const width = highest(family, (line) => line.cells[0]!.text.length);
    for (const line of family) widths.set(line, width);
    family = [];
  };
  for (const line of lines) {
    if (line.indent === 0 && line.cells.length > 0) finish();
    if (line.table === 'kernel' && line.indent > 1) family.push(line);
  }
  finish();
  return widths;
}

/**
 * Places cells column by column. A column starts behind the widest of the cells that directly precede it, so that a cell
 * which only one line has does not move the columns of the others.
 */
function align(lines: readonly Line[], firstWidth: number, starts: Map<Line, number[]>): void {
  const rows = lines.map((line) => ({ line, names: columnNames(line), starts: [] as number[] }));
  for (const { line, starts: positions } of rows) starts.set(line, positions);
  for (;;) {
    const pending = rows.filter((row) => row.starts.length < row.line.cells.length);
    if (pending.length === 0) return;
    const heads = new Set(pending.map((row) => row.names[row.starts.length]!));
    // Of the columns that come next somewhere, one that is behind nothing else in any line; in a tangle, the first.
    const isBehind = (name: string): boolean =>
      pending.some((row) => row.names.indexOf(name, row.starts.length) > row.starts.length);
    const column = [...heads].find((name) => !isBehind(name)) ?? pending[0]!.names[pending[0]!.starts.length]!;
    const members = pending.filter((row) => row.names[row.starts.length] === column);
    const start = highest(members, ({ line, starts: positions }) => {
      const index = positions.length;
      if (index === 0) return 0;
      const width = Math.max(line.cells[index - 1]!.text.length, index === 1 ? firstWidth : 0);
      return positions[index - 1]! + width + line.cells[index]!.gap;
    });
    for (const row of members) row.starts.push(start);
  }
}

/** Names of a line's columns; a second cell of the same column gets one of its own. */
function columnNames(line: Line): string[] {
  const seen = new Map<string, number>();
  return line.cells.map(({ column }) => {
    const count = (seen.get(column) ?? 0) + 1;
    seen.set(column, count);
    return `${column}#${count}`;
  });
}

/** Trailing comments of neighbouring lines start at the same column. */
function withComments(lines: readonly Line[], texts: string[]): string[] {
  const result = [...texts];
  for (let first = 0; first < lines.length; ) {
    let end = first + 1;
    while (end < lines.length && sameRun(lines[first]!, lines[end]!)) end++;
    const commented = range(first, end).filter(
      (index) => lines[index]!.comment !== undefined && lines[index]!.cells.length > 0,
    );
    const column = highest(commented, (index) => texts[index]!.length + COMMENT_GAP);
    for (const index of range(first, end)) {
      const { comment, cells } = lines[index]!;
      if (comment !== undefined) result[index] = texts[index]!.padEnd(cells.length > 0 ? column : 0) + comment;
    }
    first = end;
  }
  return lines.flatMap((line, index) => (line.blankBefore ? ['', result[index]!] : [result[index]!]));
}

function sameRun(first: Line, line: Line): boolean {
  return line.indent === first.indent && !line.blankBefore;
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

function highest<T>(items: readonly T[], height: (item: T) => number): number {
  return items.reduce((most, item) => Math.max(most, height(item)), 0);
}
