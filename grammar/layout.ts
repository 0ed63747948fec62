/** Where a formatted text breaks its lines and starts its columns: one mark for each token that matters. */
import type { IToken } from 'chevrotain';
import type * as tree from './tree.ts';
import { type AnyNode, descendants } from './walk.ts';

export interface Mark {
  /** A new line always (`hard`), or where the text has one already (`soft`). */
  break?: 'hard' | 'soft';
  /** Table of the line that starts here. */
  table?: string;
  /** Starts a cell of this column. */
  column?: string;
  /** Blanks before the cell; 2 unless said. */
  gap?: number;
  /** No blank before this token: the bracket of a call or of an index. */
  tight?: boolean;
  /** No blank behind this token: the sign of a number. */
  sign?: boolean;
  /** Opening brace of a block; `wide` blocks have their contents on lines of their own. */
  block?: 'wide' | 'inline';
}

/** The marks of a tree without syntax problems, by the offset of the token that carries each. */
export function layout(text: string, root: tree.Tree, tokens: readonly IToken[]): Map<number, Mark> {
  const marks = new Map<number, Mark>();
  const mark = (offset: number | undefined, added: Mark): void => {
    if (offset !== undefined) marks.set(offset, { ...marks.get(offset), ...added });
  };
  /** Offset of the first token at or behind an offset. */
  const from = (offset: number): number | undefined => {
    let low = 0;
    let high = tokens.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tokens[middle]!.startOffset < offset) low = middle + 1;
      else high = middle;
    }
    return tokens[low]?.startOffset;
  };
  const behind = (node: tree.Node | undefined): number | undefined => node && from(node.range.end);
  /** The tokens of a node in order, up to an offset. */
  const brace = (node: tree.Node, start: number): number | undefined => {
    for (let at = from(start); at !== undefined && at < node.range.end; at = from(at + 1)) {
      if (text[at] === '{') return at;
    }
    return undefined;
  };
  const block = (node: tree.Node, start: number, forced: boolean): void => {
    const open = brace(node, start);
    if (open === undefined) return;
    mark(open, { block: forced || /[\r\n]/.test(text.slice(open, node.range.end)) ? 'wide' : 'inline' });
  };
  const line = (node: tree.Node, table: string, kind: 'hard' | 'soft' = 'hard'): void =>
    mark(node.range.start, { break: kind, table, column: table === 'operation' ? 'name' : 'word' });
  const setting = (node: tree.Node, table = 'setting'): void => {
    line(node, table);
    mark(from(node.range.start + 1), { column: 'value', gap: 1 });
  };
  const cells = (nodes: readonly tree.Clause[], gapOfFirst: number): void => {
    for (const [index, clause] of nodes.entries()) {
      mark(clause.range.start, { break: 'soft', column: columnOf(clause), gap: index === 0 ? gapOfFirst : 2 });
      if (clause.kind !== 'storage') continue;
      for (const mode of clause.modes) {
        if (mode.word === 'port' || mode.word === 'burst') mark(mode.range.start, { break: 'soft', column: mode.word });
      }
    }
  };

  const visit = (node: AnyNode): void => {
    const n = node as AnyNode & (tree.Declaration | tree.ModelItem | tree.Statement | tree.SheetItem | Other);
    switch (n.kind) {
      case 'import':
        line(n, 'import');
        return;
      case 'let':
        line(n, 'let');
        mark(behind(n.name), { column: 'equals', gap: 1 });
        return;
      case 'model':
        line(n, 'model');
        if (n.parameters) mark(behind(n.name), { tight: true });
        if (n.body) block(n, n.parameters?.at(-1)?.range.end ?? n.range.start, true);
        return;
      case 'layer':
        line(n, '');
        if (n.parameters) mark(behind(n.name), { tight: true });
        block(n, n.repeat?.range.end ?? n.parameters?.at(-1)?.range.end ?? n.range.start, true);
        return;
      case 'input':
        line(n, 'input', 'soft');
        mark(behind(n.name), { column: 'colon', gap: 1 });
        return;
      case 'output':
        line(n, 'output', 'soft');
        return;
      case 'operation':
        line(n, 'operation', 'soft');
        mark(behind(n.name), { column: 'equals', gap: 1 });
        return;
      case 'sheet':
        line(n, '');
        block(n, n.range.start, false);
        return;
      case 'item':
        mark(n.range.start, { break: 'soft', table: n.items ? '' : 'item', column: 'key' });
        if (n.arguments) mark(behind(n.key), { tight: true });
        if (n.items) block(n, n.names?.at(-1)?.range.end ?? n.key.range.end, false);
        else mark(n.value?.range.start, { column: 'value', gap: 1 });
        return;
      case 'accelerator':
        line(n, '');
        block(n, n.range.start, true);
        return;
      case 'region':
        line(n, '');
        cells(n.clauses, 1);
        block(n, n.clauses.at(-1)?.range.end ?? n.range.start, true);
        return;
      case 'kernel':
        line(n, 'kernel');
        if (n.turns) mark(from(n.name?.range.end ?? n.range.start + 'kernel'.length), { column: 'turns', gap: 1 });
        cells(n.clauses, n.turns ? 2 : 1);
        return;
      case 'stream':
        line(n, 'stream');
        mark(behind(n.from), { column: 'to', gap: 1 });
        mark(n.width?.range.start, { column: 'width' });
        if (n.element?.arguments) mark(behind(n.element.name), { tight: true });
        for (const attribute of n.attributes) mark(attribute.range.start, { break: 'soft', column: attribute.word });
        return;
      case 'device':
        setting(n);
        for (const part of deviceParts(n))
          mark(previous(part), { break: 'soft', column: text.slice(previous(part), part) });
        return;
      case 'use-model':
      case 'use-precision':
      case 'copies':
      case 'reserve':
      case 'choose':
      case 'parameters':
        setting(n);
        return;
      case 'phase':
        setting(n);
        if (n.arguments) mark(behind(n.name), { tight: true });
        return;
      case 'require':
        setting(n, 'require');
        if (n.condition?.kind === 'binary' && /[<>=]/.test(n.condition.operator)) {
          mark(behind(n.condition.left), { column: 'bound' });
        }
        return;
      case 'objective':
        setting(n, 'objective');
        return;
      case 'compare':
        setting(n, 'compare');
        return;
      case 'model-reference':
        if (n.arguments) mark(behind(n.name), { tight: true });
        return;
      case 'call':
        mark(behind(n.path.at(-1)), { tight: true });
        return;
      case 'part':
        if (n.index) mark(behind(n.name), { tight: true });
        return;
      case 'unary':
        mark(n.range.start, { sign: true });
        return;
    }
  };
  /** Words in front of a device's link and split. */
  const deviceParts = (n: tree.DeviceStatement): number[] =>
    [n.link?.range.start, n.split[0]?.range.start].filter((start) => start !== undefined);
  const previous = (offset: number): number => {
    const index = tokens.findIndex((token) => token.startOffset === offset);
    return tokens[index - 1]?.startOffset ?? offset;
  };
  for (const node of descendants(root as AnyNode)) visit(node);
  return marks;
}

type Other = tree.ModelReference | tree.Call | tree.PlacePart | tree.Unary;

/** Clauses that answer the same question share a column: how wide; where from. */
function columnOf(clause: tree.Clause): string {
  switch (clause.word) {
    case 'array':
    case 'lanes':
      return 'shape';
    case 'weights':
    case 'cache':
    case 'as':
      return 'data';
    default:
      return clause.word;
  }
}
