/** `require`, `minimize`, `maximize`: arithmetic over metrics, checked here and evaluated where there are estimates. */
import type * as tree from '../../../grammar/tree.ts';
import type { Dimension, Metric, MetricExpression } from '../design.ts';
import type { ResourceName } from '../hardware.ts';
import type { Definition } from '../problem.ts';
import { combine, type Environment, evaluate, resultOf } from '../terms/expression.ts';
import { isPhase, PHASE_NAMES } from '../terms/phase.ts';
import { spanOf, textOf } from '../terms/report.ts';
import type { ResolvedDevice } from './device.ts';
import { memoryNames } from './places.ts';

const UNITS: Readonly<Record<Metric['name'], Dimension>> = {
  latency: 'time',
  'latency.first_token': 'time',
  'latency.per_token': 'time',
  throughput: 'token-rate',
  interval: 'time',
  power: 'power',
  'energy.per_token': 'energy',
  use: 'share',
  bandwidth: 'share',
};
const METRIC_NAMES = Object.keys(UNITS) as Metric['name'][];

/** As specs write them → as designs count them. */
const RESOURCES: Readonly<Record<string, ResourceName | 'sll'>> = {
  dsp: 'dsp',
  bram: 'bram36',
  uram: 'uram',
  lut: 'lut',
  ff: 'ff',
  sll: 'sll',
};

/** The resource of a name in `use(…)` or `reserve`; undefined, reported, where there is none. */
export function resourceOf(name: tree.Name, env: Environment, wires: boolean): ResourceName | 'sll' | undefined {
  const names = Object.keys(RESOURCES).filter((resource) => wires || resource !== 'sll');
  if (names.includes(name.text)) return RESOURCES[name.text];
  env.report.unknown(env.file, name, 'resource', names);
  return undefined;
}

/** What may stand in front of a metric. */
export type Scopes = ReadonlyMap<
  string,
  { readonly sort: 'layer' | 'region' | 'kernel'; readonly target: Definition | undefined }
>;

export class MetricReader {
  private readonly env: Environment;
  private readonly device: ResolvedDevice | undefined;
  private readonly scopes: Scopes;
  /** Sums of an objective are weighted by the one who writes them: `latency + 0.1 * use(lut)`. */
  private readonly mixed: boolean;

  constructor(env: Environment, device: ResolvedDevice | undefined, scopes: Scopes, mixed: boolean) {
    this.env = env;
    this.device = device;
    this.scopes = scopes;
    this.mixed = mixed;
  }

  /** The checked expression; undefined, reported, where it has no meaning. */
  read(expression: tree.Expression | undefined): MetricExpression | undefined {
    return this.typed(expression)?.expression;
  }

  private typed(
    expression: tree.Expression | undefined,
  ): { expression: MetricExpression; unit: Dimension } | undefined {
    switch (expression?.kind) {
      case undefined:
        return undefined;
      case 'parenthesised':
        return this.typed(expression.inner);
      case 'binary':
        return this.binary(expression);
      case 'unary': {
        const operand = this.typed(expression.operand);
        const minus: MetricExpression = { kind: 'constant', value: -1, unit: 'none' };
        return (
          operand && {
            ...operand,
            expression: { kind: 'binary', operator: '*', left: minus, right: operand.expression },
          }
        );
      }
      case 'reference':
      case 'call': {
        const metric = this.metric(expression);
        if (metric === 'unknown') return undefined;
        if (metric) {
          const unit = UNITS[metric.name];
          return { expression: { kind: 'metric', metric, unit, span: spanOf(this.env.file, expression) }, unit };
        }
      }
    }
    const value = evaluate(expression, this.env);
    return (
      value && { expression: { kind: 'constant', value: value.number, unit: value.dimension }, unit: value.dimension }
    );
  }

  private binary(expression: tree.Binary): { expression: MetricExpression; unit: Dimension } | undefined {
    const { operator } = expression;
    const sides = [this.typed(expression.left), this.typed(expression.right)];
    const [left, right] = sides;
    if (!left || !right) return undefined;
    if (left.expression.kind === 'constant' && right.expression.kind === 'constant') {
      const [a, b] = [left, right].map(({ expression, unit }) => ({
        number: expression.kind === 'constant' ? expression.value : 0,
        dimension: unit,
      }));
      const value = combine(expression, a!, b!, this.env);
      return (
        value && { expression: { kind: 'constant', value: value.number, unit: value.dimension }, unit: value.dimension }
      );
    }
    const sum = operator === '+' || operator === '-';
    // A model of images counts frames where one of text counts tokens; in frames, a sequence is one.
    const rates = [left.unit, right.unit].every((unit) => unit === 'token-rate' || unit === 'frame-rate');
    const unit = (sum && this.mixed) || rates ? left.unit : resultOf(expression, left.unit, right.unit, this.env);
    if (unit === undefined) return undefined;
    const [a, b] =
      rates && left.unit !== right.unit
        ? [inResults(left.expression), inResults(right.expression)]
        : [left.expression, right.expression];
    return { expression: { kind: 'binary', operator, left: a, right: b }, unit };
  }

  /** The metric of a path; undefined where it is a constant or a function; 'unknown' where it is reported. */
  private metric(expression: tree.Reference | tree.Call): Metric | undefined | 'unknown' {
    const { path } = expression;
    const [first] = path;
    if (!first) return 'unknown';
    const whole = metricName(path);
    if (whole) return this.withArguments({ name: whole }, expression);
    const name = path.length > 1 ? metricName(path.slice(1)) : undefined;
    if (path.length === 1 && (expression.kind === 'call' || this.env.find(first.text))) return undefined;
    const scope = this.scope(first);
    if (name && scope) return this.withArguments({ name, scope }, expression);
    if (path.length > 1 && !scope) {
      const candidates = metricName([first]) === undefined ? [...this.scopes.keys(), ...PHASE_NAMES] : METRIC_NAMES;
      this.env.report.unknown(this.env.file, first, 'layer, region, kernel or phase', candidates);
    } else {
      const wrong = path.length > 1 ? path[1]! : first;
      this.env.report.unknown(this.env.file, wrong, 'metric', METRIC_NAMES);
    }
    return 'unknown';
  }

  private scope(name: tree.Name): Metric['scope'] | undefined {
    const known = this.scopes.get(name.text);
    if (known?.target) this.env.report.bind(this.env.file, name, known.target);
    if (known) return { sort: known.sort, name: name.text };
    return isPhase(name.text) ? { sort: 'phase', name: name.text } : undefined;
  }

  private withArguments(metric: Metric, expression: tree.Reference | tree.Call): Metric | 'unknown' {
    const { report, file } = this.env;
    const given = expression.kind === 'call' ? expression.arguments : [];
    const value = given[0]?.value;
    const path = value?.kind === 'reference' ? value.path : undefined;
    if (metric.name !== 'use' && metric.name !== 'bandwidth') {
      if (given.length === 0) return metric;
      report.invalid(file, expression, metric.name, textOf(file, expression), `‘${metric.name}’ without arguments`);
      return 'unknown';
    }
    if (!path || given.length > 1) {
      const expected = metric.name === 'use' ? 'a resource, such as use(dsp)' : 'a memory, such as bandwidth(hbm)';
      report.invalid(file, expression, metric.name, textOf(file, expression), expected);
      return 'unknown';
    }
    return metric.name === 'use' ? this.use(metric, path) : this.bandwidth(metric, path[0]!);
  }

  private use(metric: Metric, path: readonly tree.Name[]): Metric | 'unknown' {
    const resource = resourceOf(path.at(-1)!, this.env, true);
    const die = path.length > 1 ? path[0]! : undefined;
    if (die && this.device) {
      const target = this.device.parts.get(die.text);
      if (target?.sort !== 'die') {
        this.env.report.unknown(
          this.env.file,
          die,
          'die',
          this.device.device.dies.map(({ name }) => name),
        );
        return 'unknown';
      }
      this.env.report.bind(this.env.file, die, target);
    }
    return resource ? { ...metric, resource, ...(die ? { die: die.text } : {}) } : 'unknown';
  }

  private bandwidth(metric: Metric, name: tree.Name): Metric | 'unknown' {
    const target = this.device?.parts.get(name.text);
    if (this.device && target?.sort !== 'memory' && target?.sort !== 'link') {
      const links = this.device.device.links.map((link) => link.name);
      this.env.report.unknown(this.env.file, name, 'memory', [...memoryNames(this.device), ...links]);
      return 'unknown';
    }
    if (target) this.env.report.bind(this.env.file, name, target);
    return { ...metric, memory: name.text };
  }
}

function metricName(path: readonly tree.Name[]): Metric['name'] | undefined {
  const text = path.map((name) => name.text).join('.');
  return METRIC_NAMES.find((name) => name === text);
}

/** Whether an expression compares: what `require` asks for. */
export function isCondition(expression: tree.Expression): boolean {
  const inner = expression.kind === 'parenthesised' ? expression.inner : expression;
  return inner?.kind === 'binary' && ['<', '<=', '>', '>=', '==', '!='].includes(inner.operator);
}

/** What is held against frames counts results of the model: images, or sequences whatever their length. */
function inResults(expression: MetricExpression): MetricExpression {
  switch (expression.kind) {
    case 'constant':
      return expression;
    case 'metric':
      return expression.metric.name === 'throughput'
        ? { ...expression, metric: { ...expression.metric, inResults: true } }
        : expression;
    case 'binary':
      return { ...expression, left: inResults(expression.left), right: inResults(expression.right) };
  }
}
