/** Constants and arithmetic, units checked. */
import type * as tree from '../../../grammar/tree.ts';
import type { Dimension } from '../design.ts';
import type { Definition } from '../problem.ts';
import { arithmetic } from './arithmetic.ts';
import { type FileText, type Report, spanOf, textOf } from './report.ts';
import { formatNumber, formatQuantity, nameOf, product, quotient, unitOf } from './units.ts';

/** A number in base units. */
export interface Value {
  readonly number: number;
  readonly dimension: Dimension;
}

/** A name that stands for a number; without a value where its own expression is wrong. */
export interface Constant {
  readonly value: Value | undefined;
  readonly target?: Definition;
}

/** The numbers that names stand for in one place of a file. */
export interface Environment {
  readonly file: FileText;
  readonly report: Report;
  find(name: string): Constant | undefined;
  /** Every name that `find` knows. */
  names(): string[];
}

export const plain = (number: number): Value => ({ number, dimension: 'none' });

type Fold = (...values: number[]) => number;

/** Functions of plain numbers and of quantities that keep the dimension of what goes in. */
const FUNCTIONS: Readonly<Record<string, { readonly least: number; readonly most: number; readonly fold: Fold }>> = {
  min: { least: 1, most: Infinity, fold: Math.min },
  max: { least: 1, most: Infinity, fold: Math.max },
  ceil: { least: 1, most: 1, fold: Math.ceil },
  floor: { least: 1, most: 1, fold: Math.floor },
  log2: { least: 1, most: 1, fold: Math.log2 },
  mod: { least: 2, most: 2, fold: (a, b) => a - b! * Math.floor(a / b!) },
};
const FUNCTION_NAMES = Object.keys(FUNCTIONS);

/** `floor(image / patch)` computes a number; any other call is an operator of a model. */
export function isFunctionCall(expression: tree.Expression | undefined): expression is tree.Call {
  const [name, ...more] = expression?.kind === 'call' ? expression.path : [];
  return name !== undefined && more.length === 0 && Object.hasOwn(FUNCTIONS, name.text);
}

/** The value of an expression; undefined where it has none, which is reported unless it is a gap in the syntax. */
export function evaluate(expression: tree.Expression | undefined, env: Environment): Value | undefined {
  switch (expression?.kind) {
    case undefined:
      return undefined;
    case 'number':
      return finite(plain(expression.value), expression, env);
    case 'quantity':
      return finite(quantity(expression), expression, env);
    case 'string':
      env.report.invalid(env.file, expression, 'value', 'a text', 'a number');
      return undefined;
    case 'parenthesised':
      return evaluate(expression.inner, env);
    case 'unary': {
      const value = evaluate(expression.operand, env);
      return value && { ...value, number: -value.number };
    }
    case 'binary':
      return binary(expression, env);
    case 'reference':
      return constant(expression, env);
    case 'call':
      return call(expression, env);
  }
}

function quantity(literal: tree.QuantityLiteral): Value {
  const unit = unitOf(literal.unit);
  return unit ? { number: literal.value * unit.factor, dimension: unit.dimension } : plain(literal.value);
}

function constant(reference: tree.Reference, env: Environment): Value | undefined {
  const [first, second] = reference.path;
  if (!first) return undefined;
  const found = env.find(first.text);
  if (!found) {
    env.report.unknown(env.file, first, 'constant', env.names());
    return undefined;
  }
  if (found.target) env.report.bind(env.file, first, found.target);
  if (second) env.report.invalid(env.file, second, 'value', `‘.${second.text}’`, 'a constant, which has no parts');
  return second ? undefined : found.value;
}

function binary(expression: tree.Binary, env: Environment): Value | undefined {
  const left = evaluate(expression.left, env);
  const right = evaluate(expression.right, env);
  return left && right && combine(expression, left, right, env);
}

/** The operator of an expression on two values; undefined, reported, where their dimensions do not go together. */
export function combine(expression: tree.Binary, left: Value, right: Value, env: Environment): Value | undefined {
  const dimension = resultOf(expression, left.dimension, right.dimension, env);
  const number = dimension && arithmetic[expression.operator](left.number, right.number);
  return dimension && number !== undefined ? finite({ number, dimension }, expression, env) : undefined;
}

/** Dimension of a result; undefined, reported, where the two sides do not go together. */
export function resultOf(
  expression: tree.Binary,
  left: Dimension,
  right: Dimension,
  env: Environment,
): Dimension | undefined {
  const { operator } = expression;
  if (operator === '*' || operator === '/') {
    const result = operator === '*' ? product(left, right) : quotient(left, right);
    if (result === undefined) mismatch(expression, left, right, env, operator === '*' ? 'the product' : 'the quotient');
    return result;
  }
  if (left !== right) {
    mismatch(expression, left, right, env, operator === '+' || operator === '-' ? 'the sum' : 'the comparison');
    return undefined;
  }
  return operator === '+' || operator === '-' ? left : 'none';
}

function mismatch(expression: tree.Binary, left: Dimension, right: Dimension, env: Environment, what: string): void {
  const span = spanOf(env.file, expression);
  const expected = what === 'the product' || what === 'the quotient' ? 'quantities that go together' : nameOf(left);
  const found =
    what === 'the product' || what === 'the quotient' ? `${nameOf(left)} and ${nameOf(right)}` : nameOf(right);
  env.report.problem({ code: 'unit-mismatch', span, subject: what, expected, found });
}

function call(expression: tree.Call, env: Environment): Value | undefined {
  const name = expression.path[0];
  const known = name && isFunctionCall(expression) ? FUNCTIONS[name.text] : undefined;
  if (!name || !known) {
    if (name) env.report.unknown(env.file, name, 'function', FUNCTION_NAMES);
    return undefined;
  }
  const values = expression.arguments.map((argument) => evaluate(argument.value, env));
  if (values.length < known.least || values.length > known.most) {
    const expected =
      known.most === Infinity ? 'one argument or more' : `${known.most} argument${known.most > 1 ? 's' : ''}`;
    env.report.invalid(env.file, expression, name.text, `${values.length} arguments`, expected);
    return undefined;
  }
  const given = values.filter((value) => value !== undefined);
  if (given.length < values.length) return undefined;
  const dimension = given[0]!.dimension;
  const odd = given.findIndex((value) => value.dimension !== dimension);
  if (odd > 0) {
    const found = nameOf(given[odd]!.dimension);
    const span = spanOf(env.file, expression.arguments[odd]!);
    env.report.problem({
      code: 'unit-mismatch',
      span,
      subject: `‘${name.text}’`,
      expected: nameOf(dimension),
      found,
    });
    return undefined;
  }
  // Folded pairwise: a spread of a very long list of arguments would be a call with as many.
  const number =
    known.most === Infinity
      ? given.map((value) => value.number).reduce((a, b) => known.fold(a, b))
      : known.fold(...given.map((value) => value.number));
  return finite({ number, dimension: name.text === 'log2' ? 'none' : dimension }, expression, env);
}

function finite(value: Value, node: tree.Node, env: Environment): Value | undefined {
  if (Number.isFinite(value.number)) return value;
  env.report.invalid(env.file, node, 'value', `‘${textOf(env.file, node)}’, which is not finite`, 'a finite number');
  return undefined;
}

/** What a place of the language asks of a value. */
export interface Wanted {
  /** 'array', 'a clock', … */
  readonly subject: string;
  readonly dimension?: Dimension | readonly Dimension[];
  readonly whole?: boolean;
  /** Bounds in base units, both allowed. */
  readonly least?: number;
  readonly most?: number;
  /** The only values allowed. */
  readonly among?: readonly number[];
}

/** A value checked against what its place asks; undefined where it does not hold, which is reported. */
export function read(expression: tree.Expression | undefined, env: Environment, wanted: Wanted): number | undefined {
  const value = evaluate(expression, env);
  if (!value || !expression) return undefined;
  const dimensions = [wanted.dimension ?? 'none'].flat();
  const found = asFound(expression, value, env);
  if (!dimensions.includes(value.dimension)) {
    const span = spanOf(env.file, expression);
    const expected = dimensions.map(nameOf).join(' or ');
    env.report.problem({ code: 'unit-mismatch', span, subject: wanted.subject, expected, found });
    return undefined;
  }
  const { number } = value;
  const fits =
    (!wanted.whole || Number.isInteger(number)) &&
    number >= (wanted.least ?? -Infinity) &&
    number <= (wanted.most ?? Infinity) &&
    (wanted.among?.includes(number) ?? true);
  if (fits) return number;
  env.report.invalid(env.file, expression, wanted.subject, found, inWords(wanted, value.dimension));
  return undefined;
}

/** '0', 'rows * 2 = 7.5': a value as it is written, with what it comes to. */
function asFound(expression: tree.Expression, value: Value, env: Environment): string {
  const text = textOf(env.file, expression);
  const literal = expression.kind === 'unary' ? expression.operand : expression;
  const evident = literal?.kind === 'number' || literal?.kind === 'quantity';
  return evident ? text : `${text} = ${formatQuantity(value.number, value.dimension)}`;
}

function inWords(wanted: Wanted, dimension: Dimension): string {
  if (wanted.among)
    return wanted.among
      .map(formatNumber)
      .join(', ')
      .replace(/, ([^,]+)$/, ' or $1');
  const what = wanted.whole ? 'a whole number' : 'a value';
  const least = wanted.least === undefined ? undefined : formatQuantity(wanted.least, dimension);
  const most = wanted.most === undefined ? undefined : formatQuantity(wanted.most, dimension);
  if (least !== undefined && most !== undefined) return `${what} from ${least} to ${most}`;
  if (least !== undefined) return `${what} of at least ${least}`;
  return most === undefined ? what : `${what} of at most ${most}`;
}
