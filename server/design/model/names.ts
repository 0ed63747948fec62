/** The names in the body of a model: what they stand for, whether or not the model is used anywhere. */
import type * as tree from '../../../grammar/tree.ts';
import { descendants } from '../../../grammar/walk.ts';
import { isOperatorKind, OPERATOR_KINDS, OPERATORS } from '../operators.ts';
import type { Definition } from '../problem.ts';
import { within } from '../terms/constants.ts';
import { type Environment, evaluate, isFunctionCall, read } from '../terms/expression.ts';
import { definition, textOf } from '../terms/report.ts';
import { REPEAT, signature } from './graph.ts';

/** Tensors by name; a layer sees its own and its parameters. */
type Tensors = Map<string, Definition>;

export const ROWS: readonly string[] = ['tokens', 'past', 'batch'];

class BodyChecker {
  private readonly env: Environment;
  private readonly constants = new Map<string, Definition>();

  constructor(env: Environment) {
    this.env = within(
      env,
      (name) => (ROWS.includes(name) ? { value: undefined } : this.constant(name)),
      () => [...ROWS, ...this.constants.keys()],
    );
  }

  private constant(name: string): { value: undefined; target: Definition } | undefined {
    const target = this.constants.get(name);
    return target && { value: undefined, target };
  }

  parameters(parameters: readonly tree.Parameter[]): void {
    for (const parameter of parameters) {
      evaluate(parameter.default, this.env);
      if (!parameter.name) continue;
      const earlier = this.constants.get(parameter.name.text);
      if (earlier) this.env.report.duplicate(this.env.file, parameter.name, 'parameter', earlier.span);
      else this.constants.set(parameter.name.text, this.define('parameter', parameter.name, parameter));
    }
  }

  items(items: readonly tree.ModelItem[], tensors: Tensors): void {
    for (const item of items) {
      if (item.kind === 'input') {
        for (const extent of item.shape ?? []) evaluate(extent, this.env);
        if (item.name)
          this.add(
            tensors,
            'input',
            item.name,
            item,
            item.shape ? `[${item.shape.map((e) => textOf(this.env.file, e)).join(', ')}]` : undefined,
          );
      } else if (item.kind === 'output') {
        for (const name of item.names) this.tensor(name, tensors);
      } else if (item.kind === 'layer') this.layer(item, tensors);
      else this.operation(item, tensors);
    }
  }

  private layer(item: tree.Layer, tensors: Tensors): void {
    read(item.repeat, this.env, REPEAT);
    const inner: Tensors = new Map();
    for (const { name } of item.parameters ?? []) {
      const target = name && this.tensor(name, tensors);
      if (target) inner.set(name.text, target);
    }
    this.items(item.body, inner);
    if (!item.body.some((inside) => inside.kind === 'output') && item.name) {
      this.env.report.missing(this.env.file, item.name, `layer ‘${item.name.text}’`, 'an ‘output’');
    }
    if (item.name) this.add(tensors, 'layer', item.name, item, undefined);
  }

  private operation(item: tree.Operation, tensors: Tensors): void {
    const value = item.value;
    if (value?.kind === 'call' && !isFunctionCall(value)) this.call(value, tensors);
    else if (value?.kind === 'reference' && tensors.has(value.path[0]?.text ?? ''))
      this.tensor(value.path[0]!, tensors);
    else if (value && item.name && mentions(value, tensors)) this.sum(item.name, value);
    else if (value) {
      evaluate(value, this.env);
      if (item.name) this.constants.set(item.name.text, this.define('let', item.name, item));
      return;
    }
    if (item.name) this.add(tensors, 'operator', item.name, item, value && textOf(this.env.file, value));
  }

  /** Arithmetic is of numbers; of tensors it is an operator, which takes hardware and has a name. */
  private sum({ text }: tree.Name, value: tree.Expression): void {
    const { report, file } = this.env;
    const { left, right } = value.kind === 'binary' ? value : {};
    const kind =
      value.kind === 'binary' ? ({ '+': 'add', '*': 'mul' } as const)[value.operator as '+' | '*'] : undefined;
    const meant =
      kind && left?.kind === 'reference' && right?.kind === 'reference'
        ? `${kind}(${textOf(file, left)}, ${textOf(file, right)})`
        : 'add(a, b) or mul(a, b)';
    report.invalid(file, value, `‘${text}’`, textOf(file, value), `an operator of tensors, as in ${meant}`);
  }

  private call(call: tree.Call, tensors: Tensors): void {
    const { report, file } = this.env;
    const name = call.path[0];
    if (!name) return;
    const kind = name.text;
    if (call.path.length > 1 || !isOperatorKind(kind)) {
      report.unknown(file, name, 'operator kind', OPERATOR_KINDS);
      return;
    }
    const rule = OPERATORS[kind];
    const options = rule.options.map((option) => option.name);
    let inputs = 0;
    for (const { label, value } of call.arguments) {
      if (label && !options.includes(label.text)) report.unknown(file, label, 'argument', options);
      else if (label || inputs++ >= rule.inputs) evaluate(value, this.env);
      else if (value?.kind === 'reference') this.tensor(value.path[0]!, tensors);
      else if (value) {
        report.invalid(file, value, kind, textOf(file, value), `the name of an input, as in ${signature(kind)}`);
      }
    }
  }

  private tensor(name: tree.Name, tensors: Tensors): Definition | undefined {
    const target = tensors.get(name.text);
    if (target) this.env.report.bind(this.env.file, name, target);
    else this.env.report.unknown(this.env.file, name, 'tensor', tensors.keys());
    return target;
  }

  private add(
    tensors: Tensors,
    sort: 'input' | 'operator' | 'layer',
    name: tree.Name,
    node: tree.Node,
    detail: string | undefined,
  ): void {
    const earlier = tensors.get(name.text);
    if (earlier) this.env.report.duplicate(this.env.file, name, sort, earlier.span);
    const target = this.define(sort, name, node, detail);
    if (!earlier) tensors.set(name.text, target);
  }

  private define(sort: Definition['sort'], name: tree.Name, node: tree.Node, detail?: string): Definition {
    return this.env.report.define(definition(sort, this.env.file, name, node, detail));
  }
}

/** Whether some name in an expression is a tensor's. */
function mentions(value: tree.Expression, tensors: Tensors): boolean {
  for (const node of descendants(value))
    if (node.kind === 'reference' && tensors.has((node as tree.Reference).path[0]?.text ?? '')) return true;
  return false;
}

/** Checks and binds the names of a model's parameters and body; `env` are the constants of its file. */
export function checkModel(model: tree.Model, env: Environment): void {
  const checker = new BodyChecker(env);
  checker.parameters(model.parameters ?? []);
  checker.items(model.body ?? [], new Map());
}
