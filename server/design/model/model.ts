/** `bert_base`, `gpt2(layers: 24, …)`: from a reference to the graph of a model for a phase. */
import type * as tree from '../../../grammar/tree.ts';
import { isLibrary } from '../../library/index.ts';
import type { Definition } from '../problem.ts';
import { within } from '../terms/constants.ts';
import { type Environment, evaluate, plain, type Value } from '../terms/expression.ts';
import type { ResolvedPhase } from '../terms/phase.ts';
import { definition, spanOf, textOf } from '../terms/report.ts';
import type { FileScope } from '../terms/scope.ts';
import { formatNumber } from '../terms/units.ts';
import type { ModelGraph, Operator, Phase } from '../workload.ts';
import { type Context, MAX_CHAIN } from './context.ts';
import { GraphBuilder } from './graph.ts';

/** A model with a body, and what its parameters are. */
interface Instance {
  readonly node: tree.Model & { body: tree.ModelItem[] };
  readonly file: FileScope;
  readonly arguments: ReadonlyMap<string, Value | undefined>;
  /** What gave it most of these: the innermost reference, and its file. */
  readonly made?: { readonly reference: tree.ModelReference; readonly file: FileScope };
  /** Tokens that attention looks back on at most, and what says so. */
  readonly window?: { readonly tokens: number; readonly path: tree.StringLiteral; readonly file: FileScope };
}

export interface ResolvedModel {
  readonly graph: ModelGraph;
  /** Layers and operators by name. */
  readonly targets: ReadonlyMap<string, Definition>;
  /** Operators that are written and have no meaning: each has said why. */
  readonly lost: ReadonlySet<string>;
  /** `tokens` is used, and the phase does not say it. */
  readonly lacksTokens: boolean;
  /** The phase as the model takes it: with the rows and the results of a model that says them itself. */
  readonly phase: Phase;
  /** The phase says how many rows there are. */
  readonly rowsAreTokens: boolean;
}

/** The graph of a model that is used in `file`; undefined, reported, where it has no meaning. */
export function resolveModel(
  reference: tree.ModelReference,
  file: FileScope,
  env: Environment,
  phase: ResolvedPhase,
  context: Context,
): ResolvedModel | undefined {
  const instance = instantiate(reference, file, env, context, 0);
  if (!instance) return undefined;
  const { node } = instance;
  const builder = new GraphBuilder(parametersOf(instance, reference, file, context), phase);
  const user = giverOf(instance, reference, file);
  const built = context.report.blaming(user.file, user.reference, () =>
    builder.build(node.name?.text ?? 'model', node.body),
  );
  if (built.layer.operators.length + built.outside.length === 0) {
    const silent = !node.body.some((item) => item.kind === 'operation' || item.kind === 'layer');
    // Where there are operators and none has a meaning, each has said why.
    if (silent) context.report.missing(file, reference, `model ‘${textOf(file, reference)}’`, 'an operator');
    return undefined;
  }
  checkWindow(instance, phase, context);
  const doc = documentation(reference, file, context) ?? node.doc;
  const graph: ModelGraph = {
    name: textOf(file, reference),
    span: spanOf(instance.file, node.name ?? node),
    ...(doc === undefined ? {} : { doc }),
    ...built,
  };
  const targets = targetsOf(graph, instance);
  const { lacksTokens, rowsAreTokens } = builder;
  return {
    graph,
    targets,
    lost: lostOf(node, targets),
    phase: phaseOf(graph, builder, phase.phase),
    lacksTokens,
    rowsAreTokens,
  };
}

/** A batch that the model's shapes name is among its rows already, and counts no second time. */
function phaseOf({ layer, outside }: ModelGraph, { countsBatch, rowsAreTokens }: GraphBuilder, phase: Phase): Phase {
  const batch = countsBatch ? 1 : phase.batch;
  if (rowsAreTokens) return { ...phase, batch };
  const operators = [...layer.operators, ...outside];
  const rows = operators[0]?.rows ?? 1;
  // Where the rows differ from operator to operator, as those of an image do, a pass has no number of them.
  const tokens = operators.every((operator) => operator.rows === rows) ? rows : 1;
  return { ...phase, batch, tokens, results: countsBatch ? phase.batch : 1 };
}

/** A window that the pass does not outgrow changes nothing. */
function checkWindow({ window }: Instance, { phase }: ResolvedPhase, { report }: Context): void {
  if (!window || phase.tokens + phase.past <= window.tokens) return;
  const subject = `attention within a window of ${formatNumber(window.tokens)} tokens`;
  report.notModelled(window.file, window.path, subject, 'it reads all rows of the past');
}

function documentation(reference: tree.ModelReference, file: FileScope, context: Context): string | undefined {
  return reference.name && context.files.find('model', reference.name.text, file)?.node.doc;
}

function instantiate(
  reference: tree.ModelReference,
  file: FileScope,
  env: Environment,
  context: Context,
  depth: number,
): Instance | undefined {
  const { report, files } = context;
  if (reference.importPath) return imported(reference.importPath, file, context);
  if (!reference.name) return undefined;
  const found = files.find('model', reference.name.text, file);
  if (!found) {
    report.unknown(file, reference.name, 'model', files.names('model', file));
    return undefined;
  }
  report.bind(file, reference.name, context.modelDefinition(found.node, found.file));
  const given = argumentsOf(reference, found.node, env);
  if (found.node.body) {
    const node = { ...found.node, body: found.node.body };
    return { node, file: found.file, arguments: given, made: { reference, file } };
  }
  if (!found.node.instance) return undefined;
  if (depth >= MAX_CHAIN) {
    report.invalid(
      file,
      reference.name,
      'model',
      `a chain of more than ${MAX_CHAIN} instances`,
      'an instance of a model with a body',
    );
    return undefined;
  }
  const base = instantiate(
    found.node.instance,
    found.file,
    context.constants.environment(found.file),
    context,
    depth + 1,
  );
  // `bert_base(layers: 2)`: arguments of an instance replace those that it was made with.
  return base && { ...base, arguments: new Map([...base.arguments, ...given]) };
}

/** A model of the standard library with the sizes of a configuration file. */
function imported(path: tree.StringLiteral, file: FileScope, context: Context): Instance | undefined {
  const configured = context.configuration(path, file);
  const found = configured && context.files.standard('model', configured.model);
  if (!configured || !found?.node.body) return undefined;
  const values = [...configured.arguments].map(([name, value]) => [name, plain(value)] as const);
  return {
    node: { ...found.node, body: found.node.body },
    file: found.file,
    arguments: new Map(values),
    ...(configured.window === undefined ? {} : { window: { tokens: configured.window, path, file } }),
  };
}

function argumentsOf(
  reference: tree.ModelReference,
  model: tree.Model,
  env: Environment,
): Map<string, Value | undefined> {
  const given = new Map<string, Value | undefined>();
  for (const [index, argument] of (reference.arguments ?? []).entries()) {
    const name = argument.label?.text ?? model.parameters?.[index]?.name?.text;
    const value = evaluate(argument.value, env);
    if (name !== undefined) given.set(name, value);
    else env.report.invalid(env.file, argument, 'model', 'one argument too many', 'labelled arguments');
  }
  return given;
}

/** Who gave a model its sizes: the innermost reference outside of the library. */
function giverOf({ made }: Instance, reference: tree.ModelReference, file: FileScope): NonNullable<Instance['made']> {
  return made && !isLibrary(made.file.uri) ? made : { reference, file };
}

/** The model's file, with its parameters in front. */
function parametersOf(
  instance: Instance,
  reference: tree.ModelReference,
  user: FileScope,
  context: Context,
): Environment {
  const { node, file } = instance;
  const outer = context.constants.environment(file);
  const values = new Map<string, { value: Value | undefined; target: Definition }>();
  const env = within(
    outer,
    (name) => values.get(name),
    () => [...values.keys()],
  );
  const declared = new Set((node.parameters ?? []).map((parameter) => parameter.name?.text));
  for (const parameter of node.parameters ?? []) {
    if (!parameter.name) continue;
    const name = parameter.name.text;
    const target = definition('parameter', file, parameter.name, parameter);
    const given = instance.arguments.has(name);
    const value = given ? instance.arguments.get(name) : evaluate(parameter.default, env);
    if (!given && !parameter.default) {
      const made = giverOf(instance, reference, user);
      // A label that names no parameter is the mistake.
      const slips = (made.reference.arguments ?? []).some(({ label }) => label && !declared.has(label.text));
      if (!slips) context.report.missing(made.file, made.reference, `model ‘${node.name?.text ?? ''}’`, `‘${name}:’`);
    }
    values.set(name, { value, target });
  }
  for (const argument of reference.arguments ?? []) {
    const known = argument.label && values.get(argument.label.text);
    if (known) context.report.bind(user, argument.label!, known.target);
    else if (argument.label) context.report.unknown(user, argument.label, 'parameter', [...values.keys()]);
  }
  return env;
}

/** Layers and operators by name; of two operators of one name, that of the first layer. */
function targetsOf(
  { layer: first, moreLayers, outside }: ModelGraph,
  { node, file }: Instance,
): Map<string, Definition> {
  const targets = new Map<string, Definition>();
  for (const { name, repeat, operators } of [first, ...moreLayers]) {
    const layer = node.body.find((item) => item.kind === 'layer' && item.name?.text === name);
    if (layer?.kind !== 'layer' || !layer.name) continue;
    targets.set(name, definition('layer', file, layer.name, layer, `${repeat} × ${operators.length} operators`));
  }
  for (const operator of [...outside, ...first.operators, ...moreLayers.flatMap(({ operators }) => operators)])
    if (!targets.has(operator.name)) targets.set(operator.name, operatorTarget(operator));
  return targets;
}

function lostOf({ body }: Instance['node'], targets: ReadonlyMap<string, Definition>): Set<string> {
  const written = body.flatMap((item) => (item.kind === 'layer' ? [item, ...(item.body ?? [])] : [item]));
  const names = written.flatMap((item) =>
    item.kind === 'layer' || (item.kind === 'operation' && item.value?.kind === 'call') ? (item.name?.text ?? []) : [],
  );
  return new Set(names.filter((name) => !targets.has(name)));
}

export function operatorTarget(operator: Operator): Definition {
  const { name, span } = operator;
  return { sort: 'operator', name, span, full: span, detail: operatorDetail(operator) };
}

/** 'linear [512, 768] → [512, 3072]' */
function operatorDetail(operator: Operator): string {
  const inputs = operator.inputs.map((input) => `[${input.shape.join(', ')}]`).join(' · ');
  return `${operator.kind} ${inputs} → [${operator.shape.join(', ')}]`;
}
