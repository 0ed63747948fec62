/** Names of what may come next, for people. */
import type { TokenType } from 'chevrotain';
import type { Position } from './automaton.ts';
import * as t from './tokens.ts';

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
