/** The body of a model with its parameters put in → operators with shapes. Names are checked elsewhere (names.ts). */
import type * as tree from '../../../grammar/tree.ts';
import { isMisfit, isOperatorKind, OPERATORS, type Options, type Tensor, tensorOf } from '../operators.ts';
import { within } from '../terms/constants.ts';
import {
  type Environment,
  evaluate,
  isFunctionCall,
  plain,
  read,
  type Value,
  type Wanted,
} from '../terms/expression.ts';
import type { ResolvedPhase } from '../terms/phase.ts';
import { spanOf } from '../terms/report.ts';
import type { LayerGraph, Operator, OperatorKind } from '../workload.ts';

/** Deeper stacks than this have not been built; beyond it, something else is meant. */
const MAX_REPEAT = 10_000;
/** What `repeat` may be. */
export const REPEAT: Wanted = { subject: 'repeat', whole: true, least: 1, most: MAX_REPEAT };
/** A single dimension of a tensor: rows, columns, vocabulary. */
const MAX_EXTENT = 1 << 24;

interface Known extends Tensor {
  /** Comes from outside of what is being built. */
  readonly external: boolean;
}

type Scope = Map<string, Known>;

export interface Built {
  readonly layer: LayerGraph;
  readonly moreLayers: readonly LayerGraph[];
  readonly outside: readonly Operator[];
  readonly outputs: readonly string[];
}

export class GraphBuilder {
  private readonly env: Environment;
  private readonly phase: ResolvedPhase;
  private readonly constants = new Map<string, Value>();
  private askedForTokens = false;
  private readonly layers: LayerGraph[] = [];
  /** Names of the model's own rows: `batch` in a shape. */
  countsBatch = false;

  /** `env` holds the model's file and its parameters. */
  constructor(env: Environment, phase: ResolvedPhase) {
    this.phase = phase;
    const { tokens, past, batch } = phase.phase;
    const known: Record<string, number> = { tokens, past, batch };
    this.env = within(
      env,
      (name) => {
        const constant = this.constants.get(name);
        if (constant) return { value: constant };
        if (!Object.hasOwn(known, name)) return undefined;
        if (name === 'tokens') this.askedForTokens = true;
        if (name === 'batch') this.countsBatch = true;
        return { value: plain(known[name]!) };
      },
      () => ['tokens', 'past', 'batch', ...this.constants.keys()],
    );
  }

  /** The model's rows are those of the phase. */
  get rowsAreTokens(): boolean {
    return this.askedForTokens;
  }

  /** The model uses `tokens`, and the phase does not say how many. */
  get lacksTokens(): boolean {
    const { name } = this.phase.phase;
    return this.askedForTokens && (name === 'forward' || name === 'prefill') && !this.phase.given.has('tokens');
  }

  build(name: string, body: readonly tree.ModelItem[]): Built {
    const scope: Scope = new Map();
    const outside = this.items(body, scope, undefined);
    const outputs = outputsOf(body);
    const [layer, ...moreLayers] = this.layers;
    if (layer) return { layer, moreLayers, outside, outputs };
    // A model without a repeated part is a layer that is passed through once.
    const inputs = body.flatMap((item) => (item.kind === 'input' && item.name ? [scope.get(item.name.text)] : []));
    const named = inputs.flatMap((tensor) => (tensor ? [{ name: tensor.name, columns: tensor.columns }] : []));
    const output = outputs[0] ?? outside.at(-1)?.name ?? name;
    const operators = outside.map((operator) => ({ ...operator, layer: name }));
    const only = {
      name,
      repeat: 1,
      inputs: named,
      output,
      outputs: outputs.length > 0 ? outputs : [output],
      operators,
    };
    return { layer: only, moreLayers: [], outside: [], outputs };
  }

  private items(items: readonly tree.ModelItem[], scope: Scope, layer: string | undefined): Operator[] {
    const operators: Operator[] = [];
    for (const item of items) {
      if (item.kind === 'input') this.input(item, scope);
      else if (item.kind === 'layer') this.block(item, scope, layer);
      else if (item.kind === 'operation') {
        const operator = this.operation(item, scope, layer);
        if (operator) operators.push(operator);
      }
    }
    return operators;
  }

  private input(item: tree.ModelInput, scope: Scope): void {
    if (!item.name || !item.shape) return;
    const shape = item.shape.map((extent) => this.extent(extent));
    const known = shape.filter((extent) => extent !== undefined);
    if (known.length === shape.length && known.length > 0) {
      scope.set(item.name.text, { ...tensorOf(item.name.text, known), external: true });
    }
  }

  private extent(expression: tree.Expression): number | undefined {
    return read(expression, this.env, {
      subject: 'a shape',
      dimension: ['none', 'tokens'],
      whole: true,
      least: 1,
      most: MAX_EXTENT,
    });
  }

  private block(item: tree.Layer, scope: Scope, outer: string | undefined): void {
    if (!item.name) return;
    const { report, file } = this.env;
    const inputs: LayerGraph['inputs'][number][] = [];
    const inner: Scope = new Map();
    for (const parameter of item.parameters ?? []) {
      const tensor = parameter.name && scope.get(parameter.name.text);
      if (!tensor) continue;
      inner.set(tensor.name, { ...tensor, external: true });
      inputs.push({ name: tensor.name, columns: tensor.columns });
    }
    const count = read(item.repeat, this.env, REPEAT);
    const operators = this.items(item.body, inner, item.name.text);
    const outputs = outputsOf(item.body);
    const output = outputs[0] ?? operators.at(-1)?.name;
    const result = output === undefined ? undefined : inner.get(output);
    if (!result || output === undefined) return;
    this.checkRepeat(item, inner, result, count ?? 1);
    scope.set(item.name.text, { ...result, name: item.name.text, external: true });
    if (outer !== undefined) {
      report.notModelled(file, item.name, 'a layer inside of another', 'its operators are left out');
      return;
    }
    const all = outputs.length > 0 ? outputs : [output];
    this.layers.push({ name: item.name.text, repeat: count ?? 1, inputs, output, outputs: all, operators });
  }

  /** What comes out of a repeated layer goes into its next pass. */
  private checkRepeat(item: tree.Layer, inner: Scope, result: Known, repeat: number): void {
    const name = item.parameters?.[0]?.name;
    const entry = name && inner.get(name.text);
    if (repeat === 1 || !entry || entry.shape.join() === result.shape.join()) return;
    this.env.report.problem({
      code: 'shape-mismatch',
      span: spanOf(this.env.file, item.name ?? item),
      operator: item.name?.text ?? 'layer',
      left: `output ‘${result.name}’ [${result.shape.join(', ')}]`,
      right: `input ‘${entry.name}’ [${entry.shape.join(', ')}] of the next pass`,
      related: [],
    });
  }

  private operation(item: tree.Operation, scope: Scope, layer: string | undefined): Operator | undefined {
    if (!item.name || !item.value) return undefined;
    const call = item.value;
    const kind = call.kind === 'call' ? call.path[0]?.text : undefined;
    if (call.kind !== 'call' || kind === undefined || !isOperatorKind(kind)) {
      this.other(item.name.text, item.value, scope);
      return undefined;
    }
    const inputs = this.inputs(call, kind, scope);
    const options = inputs && this.options(call, kind);
    if (!inputs || !options) return undefined;
    const result = OPERATORS[kind].infer(inputs, options, this.phase.phase.past);
    const span = spanOf(this.env.file, item.name);
    if (isMisfit(result)) {
      const problem = { span: spanOf(this.env.file, call), operator: item.name.text, ...result, related: [] };
      this.env.report.problem({ code: 'shape-mismatch', ...problem });
      return undefined;
    }
    const none = { reduction: 0, keys: 0, headDim: 0, weights: 0, parameters: 0, macs: 0, kvHeads: result.heads };
    const name = item.name.text;
    // A context and a norm of heads give them side by side.
    const heads = kind === 'context' || kind === 'rmsnorm' ? 1 : result.heads;
    scope.set(name, { name, shape: result.shape, rows: result.rows, columns: result.columns, heads, external: false });
    const read = inputs.map((tensor) => ({ name: tensor.name, shape: tensor.shape, external: tensor.external }));
    return { name, kind, span, ...(layer === undefined ? {} : { layer }), inputs: read, ...none, ...result };
  }

  /** `head = hidden / heads` is a constant, `y = x` another name for a tensor. */
  private other(name: string, value: tree.Expression, scope: Scope): void {
    const alias = value.kind === 'reference' && value.path.length === 1 ? scope.get(value.path[0]!.text) : undefined;
    if (alias) {
      scope.set(name, alias);
    } else if (onlyNumbers(value, this.env)) {
      const constant = evaluate(value, this.env);
      if (constant) this.constants.set(name, constant);
    }
  }

  private inputs(call: tree.Call, kind: OperatorKind, scope: Scope): Known[] | undefined {
    const wanted = OPERATORS[kind].inputs;
    const unlabelled = call.arguments.filter((argument) => !argument.label);
    const given = wanted === Infinity ? unlabelled : unlabelled.slice(0, wanted);
    if (given.length < (wanted === Infinity ? 1 : wanted)) {
      const count = wanted === Infinity ? 'one input or more' : `${wanted} input${wanted > 1 ? 's' : ''}`;
      this.env.report.missing(this.env.file, call, `‘${kind}’`, count);
      return undefined;
    }
    const tensors = given.map(({ value }) =>
      value?.kind === 'reference' ? scope.get(value.path[0]?.text ?? '') : undefined,
    );
    const known = tensors.filter((tensor) => tensor !== undefined);
    return known.length === tensors.length ? known : undefined;
  }

  private options(call: tree.Call, kind: OperatorKind): Options | undefined {
    const rule = OPERATORS[kind];
    const positional = call.arguments.filter((argument) => !argument.label).slice(rule.inputs);
    const values: Record<string, number> = {};
    for (const option of rule.options) {
      const labelled = call.arguments.find((argument) => argument.label?.text === option.name);
      const argument = labelled ?? positional.shift();
      const wanted = { subject: option.name, whole: true, least: option.least, most: option.most ?? MAX_EXTENT };
      const value = argument ? read(argument.value, this.env, wanted) : option.default;
      if (value === undefined) {
        if (!argument) this.env.report.missing(this.env.file, call, `‘${kind}’`, `‘${option.name}’`);
        return undefined;
      }
      values[option.name] = value;
    }
    const extra = positional[0];
    if (extra) this.env.report.invalid(this.env.file, extra, kind, 'one argument too many', signature(kind));
    return values;
  }
}

/** 'linear(input, columns)' */
export function signature(kind: OperatorKind): string {
  const rule = OPERATORS[kind];
  const inputs = rule.inputs === Infinity ? ['input …'] : Array.from({ length: rule.inputs }, () => 'input');
  return `${kind}(${[...inputs, ...rule.options.map((option) => option.name)].join(', ')})`;
}

/** Of all `output` statements, each once. */
function outputsOf(body: readonly tree.ModelItem[]): string[] {
  return [...new Set(body.flatMap((item) => (item.kind === 'output' ? item.names.map((name) => name.text) : [])))];
}

/** Whether every name of an expression stands for a number; asked first, because a wrong one is reported elsewhere. */
function onlyNumbers(expression: tree.Expression | undefined, env: Environment): boolean {
  switch (expression?.kind) {
    case 'reference':
      return env.find(expression.path[0]?.text ?? '') !== undefined;
    case 'unary':
      return onlyNumbers(expression.operand, env);
    case 'parenthesised':
      return onlyNumbers(expression.inner, env);
    case 'binary':
      return onlyNumbers(expression.left, env) && onlyNumbers(expression.right, env);
    case 'call':
      return isFunctionCall(expression) && expression.arguments.every(({ value }) => onlyNumbers(value, env));
    default:
      return true;
  }
}
