/** The parser's own productions as EBNF, in the notation of ISO 14977: `[ ]` at most once, `{ }` any number of times. */
import type { ISerializedGast } from 'chevrotain';
import { WeftParser } from '../../grammar/productions/declarations.ts';

/** A serialized production as far as it is printed here. */
interface Production {
  readonly type: string;
  readonly name?: string;
  readonly label?: string;
  readonly definition?: readonly Production[];
}

const productions = new WeftParser(false).getSerializedGastProductions() as readonly (ISerializedGast & Production)[];

/** Tokens that stand for more than their own text. */
const CLASSES: Readonly<Record<string, string>> = {
  Name: 'NAME',
  Word: 'WORD',
  Numeral: 'NUMBER',
  Quantity: 'QUANTITY',
  Text: 'TEXT',
  Times: '"x"',
  Factor: '( "*" | "/" )',
  Comparison: '( "<" | "<=" | ">" | ">=" | "==" | "!=" )',
};
const WIDTH = 118;

function sequence(definition: readonly Production[] = []): string {
  return definition.map(printed).join(' ');
}

function printed({ type, name = '', label = '', definition }: Production): string {
  switch (type) {
    case 'NonTerminal':
      return name;
    case 'Terminal':
      return CLASSES[name] ?? `"${label}"`;
    case 'Alternation':
      return `( ${alternatives(definition).join(' | ')} )`;
    case 'Alternative':
    case 'Flat':
      return sequence(definition);
    case 'Option':
      return `[ ${inside(definition)} ]`;
    case 'Repetition':
      return `{ ${inside(definition)} }`;
    case 'RepetitionMandatory':
      return `${sequence(definition)} { ${sequence(definition)} }`;
    default:
      throw new Error(`the grammar has a ‘${type}’, which this page cannot show yet`);
  }
}

function alternatives(definition: readonly Production[] = []): string[] {
  return definition.map((alternative) => printed(alternative));
}

/** What has brackets around it needs none of its own. */
function inside(definition: readonly Production[] = []): string {
  const [only, ...more] = definition;
  return only?.type === 'Alternation' && more.length === 0
    ? alternatives(only.definition).join(' | ')
    : sequence(definition);
}

/** Lines of at most `WIDTH` characters; what goes on stands below the first word behind the equals sign. */
function wrapped(head: string, words: readonly string[]): string {
  const lines: string[] = [];
  let line = head;
  for (const word of words) {
    if (line.length + 1 + word.length > WIDTH && line.length > head.length) {
      lines.push(line);
      line = ' '.repeat(head.length);
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** Names of all productions, in the order of the parser. */
export const RULES: readonly string[] = productions.flatMap(({ name }) => name ?? []);

/** Some productions, one below the other, their equals signs too. */
export function ebnf(names: readonly string[]): string {
  const column = Math.max(...names.map((name) => name.length));
  const lines = names.map((name) => {
    const found = productions.find((production) => production.name === name);
    if (!found) throw new Error(`the grammar has no production ‘${name}’`);
    return wrapped(`${name.padEnd(column)} =`, `${inside(found.definition)} ;`.split(' '));
  });
  return lines.join('\n');
}
