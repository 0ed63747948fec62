import { readdirSync, readFileSync } from 'node:fs';
import type { IToken, TokenType } from 'chevrotain';
import { type Position, step } from '../../grammar/automaton.ts';
import { grammarAutomaton } from '../../grammar/parser.ts';
import * as t from '../../grammar/tokens.ts';
import { type AnyNode, descendants } from '../../grammar/walk.ts';

const folder = new URL('../fixtures/specs/', import.meta.url);

/** The example specs: file name and text. */
export const SPECS: [string, string][] = readdirSync(folder).map((name) => [
  name,
  readFileSync(new URL(name, folder), 'utf8'),
]);

export function tokensOf(text: string): IToken[] {
  return t.lexer.tokenize(text).tokens;
}

/** A tree without positions; `text` of numbers stays, so that `1_000` and `1000` differ. */
export function shape(node: unknown): unknown {
  return JSON.parse(JSON.stringify(node, (key, value) => (key === 'range' ? undefined : value)));
}

/** As `shape`, but a quantity is its value and unit, however it is written. */
export function meaning(node: unknown): unknown {
  return JSON.parse(
    JSON.stringify(node, (key, value) => {
      if (key === 'range') return undefined;
      return value?.kind === 'quantity' ? { kind: 'quantity', value: value.value, unit: value.unit } : value;
    }),
  );
}

export function all(node: object): AnyNode[] {
  return [...descendants(node as AnyNode)];
}

const IMAGES = new Map<TokenType, string[]>([
  [t.Name, ['a', 'q', 'norm1', 'slr0']],
  [t.Word, ['tokens', 'depth', 'on', 'port']],
  [t.Numeral, ['8', '1_000', '2.5', '1e3']],
  [t.Quantity, ['30 ms', '80%', '14.4GB/s', '256  KiB', '5 %']],
  [t.Text, ['"a b"', '""']],
  [t.Times, ['x', '×']],
  [t.Factor, ['*', '/']],
  [t.Comparison, ['<', '<=', '!=']],
]);

/**
 * A sentence of the grammar, chosen by a list of numbers: each picks one of the tokens that may come next; when they are
 * used up, everything that is open is closed in the shortest way.
 */
export function sentence(choices: readonly number[]): string[] {
  const words: string[] = [];
  let here: readonly Position[] = grammarAutomaton().start('file');
  const say = (type: TokenType, choice: number): void => {
    const images = IMAGES.get(type) ?? [type.LABEL ?? type.name];
    words.push(images[choice % images.length]!);
    here = step(here, type);
  };
  for (const choice of choices) {
    const edges = here.flatMap((position) => [...position.edges]);
    say(edges[choice % edges.length]!.type, choice >> 4);
  }
  if (here.some((position) => position.accepting)) return words;
  for (const { inserted, position } of here.flatMap((from) => [...from.exits()])) {
    if (!position.accepting) continue;
    for (const type of inserted) say(type, 0);
    return words;
  }
  throw new Error('the automaton has no way out');
}
