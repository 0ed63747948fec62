/** Names of what may come next, for people. */
import type { TokenType } from 'chevrotain';
import type { Position } from './automaton.ts';
import * as t from './tokens.ts';
import type { AnyNode } from './walk.ts';

const OPERANDS = new Set<TokenType>([t.Numeral, t.Quantity, t.Text, t.ParenOpen, t.Minus, t.Name]);
/** These may go on almost everywhere, so they say least. */
const CONTINUATIONS = new Set<TokenType>([
  t.Plus,
  t.Minus,
  t.Factor,
  t.Comparison,
  t.Dot,
  t.DotDot,
  t.ParenOpen,
  t.BracketOpen,
]);

/** What may stand at these positions, most useful first; `first` before all others. */
export function readable(positions: readonly Position[], first: readonly TokenType[] = []): string[] {
  const types = new Set<TokenType>();
  let operand = false;
  for (const { edges } of positions) {
    for (const { type, at } of edges) {
      if (type === t.Numeral && at.rule === 'primary') operand = true;
      types.add(type);
    }
  }
  const labels = new Set<string>();
  if (first[0]) labels.add(operand && OPERANDS.has(first[0]) ? 'an expression' : labelOf(first[0]));
  if (operand) labels.add('an expression');
  const shown = [...types].filter((type) => !(operand && OPERANDS.has(type)));
  const weight = (type: TokenType): number =>
    CONTINUATIONS.has(type) ? 2 : type === t.Name || type === t.Word ? 0 : 1;
  for (const type of shown.sort((a, b) => weight(a) - weight(b))) labels.add(labelOf(type));
  return [...labels];
}

function labelOf(type: TokenType): string {
  return type.LABEL ?? type.name;
}

const WITHIN: Record<string, string> = {
  import: 'an import',
  let: 'a constant',
  model: 'a model',
  'model-reference': 'the name of a model',
  input: 'an input',
  output: 'an output',
  layer: 'a layer',
  operation: 'an operator',
  sheet: 'a data sheet',
  item: 'a data-sheet entry',
  accelerator: 'an accelerator',
  device: 'a device statement',
  'use-model': 'a model statement',
  phase: 'a phase',
  'use-precision': 'a precision statement',
  copies: 'a copies statement',
  reserve: 'a reserve statement',
  region: 'a region',
  kernel: 'a kernel',
  stream: 'a stream',
  require: 'a requirement',
  objective: 'an objective',
  parameters: 'a parameters statement',
  choose: 'a choice',
  compare: 'a comparison',
};

/** What is being read at the end of a path through the tree: `a kernel`, `a data sheet`, … */
export function within(path: readonly AnyNode[]): string {
  for (let index = path.length - 1; index >= 0; index--) {
    const node = path[index]!;
    if ('word' in node && node.kind !== 'mode') return `the clause ‘${node.word}’`;
    const known = WITHIN[node.kind];
    if (known) return known;
  }
  return 'a file';
}
