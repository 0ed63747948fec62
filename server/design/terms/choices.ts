/** `choose rows from 4, 8, 16`: knobs, of which one value counts. */
import { parse } from '../../../grammar/parser.ts';
import type * as tree from '../../../grammar/tree.ts';
import type { Choice } from '../design.ts';
import type { Definition } from '../problem.ts';
import { type Environment, evaluate, type Value } from './expression.ts';
import { definition, Report, spanOf, textOf } from './report.ts';
import { formatQuantity } from './units.ts';

/** Values by name of a knob, or by `accelerator.knob` where two accelerators of a file have knobs of one name. */
export type Chosen = Readonly<Record<string, number>>;

const MAX_CHOICES = 1024;

/** A knob, its definition, and the value that counts; no value where none is right. */
export interface ReadChoice {
  readonly choice: Choice | undefined;
  readonly value: Value | undefined;
  readonly target: Definition;
}

/** `chosen` is a number in base units; one that is not among the values is reported, and the first counts. */
export function choiceOf(
  statement: tree.Choose & { name: tree.Name },
  env: Environment,
  chosen: number | undefined,
): ReadChoice {
  const values: Value[] = [];
  for (const { from, to, ...node } of statement.choices) {
    const first = evaluate(from, env);
    const last = to ? evaluate(to, env) : first;
    if (!first || !last) continue;
    const unit = values[0]?.dimension ?? first.dimension;
    const count = Math.floor(last.number - first.number) + 1;
    if (first.dimension !== unit || last.dimension !== unit || count < 1 || values.length + count > MAX_CHOICES) {
      const expected = `values of one unit, ranges that rise, and at most ${MAX_CHOICES} values together`;
      env.report.invalid(env.file, node, 'choose', textOf(env.file, node), expected);
      continue;
    }
    for (let step = 0; step < count; step++) values.push({ number: first.number + step, dimension: unit });
  }
  const shown = values.map((value) => formatQuantity(value.number, value.dimension)).join(', ');
  const target = definition('choice', env.file, statement.name, statement, `one of ${shown}`);
  const found = chosen === undefined ? undefined : values.find(({ number }) => number === chosen);
  const value = found ?? values[0];
  if (chosen !== undefined && !found && value)
    env.report.invalid(env.file, statement, 'choose', formatQuantity(chosen, value.dimension), `one of ${shown}`);
  const { name } = statement;
  const choice = value && {
    name: name.text,
    values: values.map(({ number }) => number),
    value: value.number,
    unit: value.dimension,
    span: spanOf(env.file, statement),
  };
  return { choice, value, target };
}

/**
 * Which value of a knob a text such as '8' or '200 MHz' says, in base units: numbers and their arithmetic, no names.
 * Undefined where it is none of them.
 */
export function valueIn({ values, unit }: Choice, text: string): number | undefined {
  const source = `let value = ${text}`;
  const { tree, problems } = parse(source);
  const [node, ...more] = tree.declarations;
  if (node?.kind !== 'let' || more.length > 0 || problems.length > 0) return undefined;
  const file = { uri: '', text: source };
  const value = evaluate(node.value, { file, report: new Report(''), find: () => undefined, names: () => [] });
  // Another unit, or arithmetic, may round the last bit another way.
  const isValue = (one: number) => value?.dimension === unit && Math.abs(one - value.number) <= 1e-12 * Math.abs(one);
  return values.find(isValue);
}
