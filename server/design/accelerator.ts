/** `accelerator NAME { … }` → Accelerator. What is wrong yields one problem; the rest keeps its meaning. */
import type * as tree from '../../grammar/tree.ts';
import { cardsOf } from './cards.ts';
import { ClauseReader } from './clauses.ts';
import { within } from './constants.ts';
import type { Context } from './context.ts';
import { decodingOf } from './decoding.ts';
import { fillDefaults } from './defaults.ts';
import type { Accelerator, Definition, Edge, Kernel, Operator, Phase, Requirement } from './design.ts';
import type { ResolvedDevice } from './device.ts';
import { edgesOf, followTensors } from './edges.ts';
import type { Constant, Environment } from './expression.ts';
import { Mapping, type Written } from './mapping.ts';
import { isCondition, MetricReader, type Scopes } from './metric.ts';
import { type ResolvedModel, resolveModel } from './model.ts';
import type { ResolvedPhase } from './phase.ts';
import { channelsOf } from './places.ts';
import { definition, spanOf, textOf } from './report.ts';
import type { FileScope } from './scope.ts';
import {
  type Choice,
  choiceOf,
  clockOf,
  comparesOf,
  copiesOf,
  phaseOf,
  precisionOf,
  reservesOf,
  Statements,
} from './statements.ts';
import { Streams } from './streams.ts';
import { formatNumber } from './units.ts';

/** Statements that change some figures, or none. */
const DETAILS: ReadonlySet<tree.Statement['kind']> = new Set([
  ...(['kernel', 'region', 'stream', 'require', 'objective', 'compare', 'parameters'] as const),
]);
const isFoundation = (statement: tree.Statement): boolean => !DETAILS.has(statement.kind);

type Region = Accelerator['regions'][number] & { readonly target: Definition };

class AcceleratorReader {
  private readonly node: tree.Accelerator;
  private readonly name: tree.Name;
  private readonly file: FileScope;
  private readonly context: Context;
  private readonly choices = new Map<tree.Choose, Choice>();
  private readonly env: Environment;
  private readonly statements: Statements;

  constructor(node: tree.Accelerator, file: FileScope, context: Context) {
    this.node = node;
    this.file = file;
    this.context = context;
    const { start } = node.range;
    const keyword = { start, end: Math.min(node.range.end, start + 'accelerator'.length) };
    this.name = node.name ?? { kind: 'name', range: keyword, text: 'accelerator' };
    this.env = this.environment();
    this.statements = new Statements(node, this.env);
  }

  /** Undefined, reported, where there is no card or nothing to compute. */
  read(): Accelerator | undefined {
    const { env, file, context, statements } = this;
    if (!this.node.name) context.report.missing(file, this.name, 'an accelerator', 'a name');
    const card = statements.one('device');
    const device = card?.name && context.device(card.name, file);
    const resolved = phaseOf(statements.one('phase'), env);
    const reference = statements.one('use-model')?.model;
    const model = reference && resolveModel(reference, file, env, resolved, context);
    this.checkParts(card, reference, model, resolved);
    const phase = model?.phase ?? resolved.phase;
    const precision = precisionOf(statements.one('use-precision'), file, env, context);
    const cards = card ? cardsOf(card, device, env) : { cards: 1, split: { tensor: 1, pipeline: 1 } };
    const reserves = reservesOf(statements.of('reserve'), device, env);
    const layer = model && { ...model.graph.layer, target: model.targets.get(model.graph.layer.name) };
    const copies = copiesOf(statements.of('copies'), layer, env);

    const reader = new ClauseReader(env, device, layer?.name);
    const mapping = new Mapping(env, reader, model && { ...model, phase, generates: phase.name === 'generate' });
    const { written, regions } = this.kernels(reader);
    mapping.map(written);
    const compare = comparesOf(statements.of('compare'), file, context);
    if (!card || !device || !reference || !model) {
      // Without a model nobody knows which layers and kernels there are to ask about.
      if (model) this.requirements(device, this.scopes(regions, [], mapping, model));
      return undefined;
    }
    const clock = clockOf(card, device.device, env);
    const drafts = [...mapping.drafts].sort((a, b) => mapping.position(a) - mapping.position(b));
    const rowChannels = this.rowChannels(device);
    const { repeat } = model.graph.layer;
    const around = { device: device.device, clock, precision, phase, reserves, repeat, rowChannels };
    const filled = fillDefaults(drafts, around);
    const kernels = [...mapping.drafts].map((draft) => filled[drafts.indexOf(draft)]!);
    const trained = statements.one('parameters');
    const parametersFile = trained?.path?.value;
    const { doc } = this.node;
    const accelerator: Accelerator = {
      name: this.name.text,
      nameSpan: spanOf(file, this.name),
      span: spanOf(file, this.node),
      foundation: [this.name, ...this.node.statements.filter(isFoundation)].map((node) => spanOf(file, node)),
      ...(doc === undefined ? {} : { doc }),
      device: device.device,
      deviceSpan: spanOf(file, card.name ?? card),
      ...cards,
      clock,
      model: model.graph,
      modelSpan: spanOf(file, reference),
      phase,
      precision,
      copies,
      reserves,
      regions: regions.map(({ name, span }) => ({ name, span, kernels: [] })),
      kernels,
      edges: this.edges(kernels, model, device, mapping, precision),
      host: hostOperators(model, kernels),
      unmapped: mapping.unmapped,
      requirements: [],
      objectives: [],
      choices: [...this.choices].map(([node, { values }]) => ({
        name: node.name?.text ?? '',
        values: values.map((value) => value.number),
        span: spanOf(file, node),
      })),
      compare,
      ...(parametersFile === undefined ? {} : { parametersFile }),
    };
    const tokens = model.rowsAreTokens
      ? decodingOf(accelerator, around, {
          model: (one) => resolveModel(reference, file, env, { phase: one, given: resolved.given }, context),
          mapping: (of, one) => {
            const other = new Mapping(env, reader, { ...of, phase: one, generates: true });
            other.map(written);
            return other;
          },
          edges: (own, of, other) => this.edges(own, of, device, other, precision),
        })
      : undefined;
    const all = [...kernels, ...(tokens?.kernels ?? [])];
    return {
      ...accelerator,
      ...(tokens ? { decoding: tokens.decoding } : {}),
      kernels: all,
      regions: accelerator.regions.map((region) => ({ ...region, kernels: namesIn(region.name, all) })),
      unmapped: [
        ...mapping.unmapped,
        ...(tokens?.unmapped ?? []).filter(({ name }) => !mapping.unmapped.some((one) => one.name === name)),
      ],
      ...this.requirements(device, this.scopes(regions, all, mapping, model)),
    };
  }

  /** `let` and `choose` of the accelerator, in front of those of its file; they may stand in any order. */
  private environment(): Environment {
    const { report, constants } = this.context;
    const outer = constants.environment(this.file);
    const named = new Map<string, tree.Let | tree.Choose>();
    const env = within(
      outer,
      (name) => this.constant(named.get(name), env),
      () => [...named.keys()],
    );
    for (const statement of this.node.statements) {
      if ((statement.kind !== 'let' && statement.kind !== 'choose') || !statement.name) continue;
      const earlier = named.get(statement.name.text);
      if (earlier?.name) report.duplicate(this.file, statement.name, 'constant', spanOf(this.file, earlier.name));
      else named.set(statement.name.text, statement);
    }
    for (const node of named.values()) {
      const target = this.constant(node, env)?.target;
      if (target) report.define(target);
    }
    return env;
  }

  private constant(node: tree.Let | tree.Choose | undefined, env: Environment): Constant | undefined {
    if (!node?.name) return undefined;
    if (node.kind === 'let') return this.context.constants.constant(node, env);
    let choice = this.choices.get(node);
    if (!choice) {
      // Its values are those of the file: one knob does not turn another.
      choice = choiceOf(node as tree.Choose & { name: tree.Name }, this.context.constants.environment(this.file));
      this.choices.set(node, choice);
    }
    return { value: choice.values[0], target: choice.target };
  }

  /** What has no default: card, model, phase. */
  private checkParts(
    card: tree.DeviceStatement | undefined,
    reference: tree.ModelReference | undefined,
    model: ResolvedModel | undefined,
    phase: ResolvedPhase,
  ): void {
    const owner = this.node.name ? `accelerator ‘${this.name.text}’` : 'the accelerator';
    const missing = (part: string): void => this.context.report.missing(this.file, this.name, owner, part);
    if (!card) missing('a device, such as ‘device u280’');
    else if (!reference && !this.statements.one('use-model')) missing('a model, such as ‘model bert_base’');
    else if (model?.lacksTokens) {
      const statement = this.statements.one('phase');
      if (!statement) missing('a phase, such as ‘phase forward(tokens: 512)’');
      else if (statement.name) {
        this.context.report.missing(
          this.file,
          statement.name,
          `‘${phase.phase.name}’`,
          '‘tokens:’, the rows of the model’s input',
        );
      }
    } else if (model && !model.rowsAreTokens) this.checkTokens(phase, model.phase);
  }

  /** A model of images, or of a batch, says its rows itself; a phase that says others is mistaken. */
  private checkTokens({ phase: { tokens }, given }: ResolvedPhase, own: Phase): void {
    if (!given.has('tokens') || tokens === own.tokens) return;
    const [first, ...more] = this.statements.one('phase')?.arguments ?? [];
    const argument = [first, ...more].find((one) => one?.label?.text === 'tokens') ?? first;
    const expected =
      own.tokens > 1 ? `the ${formatNumber(own.tokens)} rows that the model has` : 'nothing: the model has no tokens';
    if (argument) this.context.report.invalid(this.file, argument, 'tokens', formatNumber(tokens), expected);
  }

  private kernels(reader: ClauseReader): { written: Written[]; regions: Region[] } {
    const written: Written[] = [];
    const regions: Region[] = [];
    for (const statement of this.node.statements) {
      if (statement.kind === 'kernel') written.push({ node: statement, defaults: {} });
      if (statement.kind !== 'region') continue;
      const region = this.region(statement, regions);
      const defaults = reader.read(statement.clauses, 'region');
      for (const node of statement.body) if (node.kind === 'kernel') written.push({ node, region, defaults });
    }
    return { written, regions };
  }

  private region(node: tree.Region, regions: Region[]): string {
    const { report } = this.context;
    if (!node.name) report.missing(this.file, node, 'a region', 'a name');
    const name = node.name?.text ?? `region${regions.length + 1}`;
    const earlier = regions.find((region) => region.name === name);
    if (earlier && node.name) report.duplicate(this.file, node.name, 'region', earlier.target.span);
    if (earlier) return name;
    const named = node.name ?? { kind: 'name', range: node.range, text: name };
    const count = node.body.filter((inside) => inside.kind === 'kernel').length;
    const target = definition('region', this.file, named, node, `${count} kernel${count === 1 ? '' : 's'}`);
    if (node.name) report.define(target);
    regions.push({ name, span: spanOf(this.file, node), kernels: [], target });
    return name;
  }

  private streamStatements(): tree.Stream[] {
    const inside = this.node.statements.flatMap((statement) =>
      statement.kind === 'region' ? statement.body : [statement],
    );
    return inside.filter((statement) => statement.kind === 'stream');
  }

  /** Channels of the first memory that stream statements name. */
  private rowChannels(device: ResolvedDevice): number[] {
    const memory = device.device.memories[0];
    if (!memory) return [];
    const parts = this.streamStatements().flatMap(({ from, to }) =>
      [from, ...to].flatMap((place) => place?.parts[0] ?? []),
    );
    const channels = parts.flatMap((part) =>
      part.name.text === memory.name ? (channelsOf(part, memory, this.env) ?? []) : [],
    );
    return channels.length > 0 ? channels : [memory.channels.first];
  }

  private edges(
    kernels: readonly Kernel[],
    model: ResolvedModel,
    device: ResolvedDevice,
    mapping: Mapping,
    precision: Accelerator['precision'],
  ): Edge[] {
    const edges = edgesOf(kernels, model.graph, precision, device.device.memories[0]);
    const units = new Map<string, Definition | undefined>(model.targets);
    units.delete(model.graph.layer.name);
    for (const kernel of kernels) {
      const target = mapping.definitions.get(kernel.name);
      if (target || !units.has(kernel.name)) units.set(kernel.name, target);
    }
    const streams = new Streams(this.env, device, units, edges);
    for (const statement of this.streamStatements()) streams.apply(statement);
    followTensors(edges);
    return edges;
  }

  private scopes(
    regions: readonly Region[],
    kernels: readonly Kernel[],
    mapping: Mapping,
    model: ResolvedModel | undefined,
  ): Scopes {
    const scopes = new Map<string, { sort: 'layer' | 'region' | 'kernel'; target: Definition | undefined }>();
    for (const { name } of kernels) scopes.set(name, { sort: 'kernel', target: mapping.definitions.get(name) });
    for (const { name, target } of regions) scopes.set(name, { sort: 'region', target });
    const layer = model?.graph.layer.name;
    if (layer !== undefined) scopes.set(layer, { sort: 'layer', target: model?.targets.get(layer) });
    return scopes;
  }

  private requirements(
    device: ResolvedDevice | undefined,
    scopes: Scopes,
  ): Pick<Accelerator, 'requirements' | 'objectives'> {
    const requirement = (
      node: tree.Require | tree.Objective,
      asked: tree.Expression | undefined,
    ): Requirement | undefined => {
      const expression = new MetricReader(this.env, device, scopes, node.kind === 'objective').read(asked);
      return expression && asked && { span: spanOf(this.file, node), expression, text: textOf(this.file, asked) };
    };
    const requirements = this.statements.of('require').flatMap((node) => {
      const { condition } = node;
      if (condition && !isCondition(condition)) {
        const found = textOf(this.file, condition);
        this.context.report.invalid(this.file, condition, 'require', found, 'a comparison, such as latency < 30 ms');
        return [];
      }
      return requirement(node, condition) ?? [];
    });
    const objectives = this.statements.of('objective').flatMap((node) => {
      const read = requirement(node, node.value);
      const subject = `‘${node.direction}’`;
      if (read)
        this.context.report.notModelled(this.file, node, subject, 'there is no tuner yet: nothing is changed for it');
      return read ? [{ ...read, direction: node.direction }] : [];
    });
    return { requirements, objectives };
  }
}

function namesIn(region: string, kernels: readonly Kernel[]): string[] {
  return kernels.filter((kernel) => kernel.region === region).map(({ name }) => name);
}

/** What runs on the host: kernels that are put there, and what lies outside of the layer without a kernel. */
function hostOperators(model: ResolvedModel, kernels: readonly Kernel[]): Operator[] {
  const placed = new Set(kernels.filter((kernel) => !kernel.onHost).flatMap((kernel) => kernel.turns.flat()));
  const { outside, layer } = model.graph;
  return [...outside, ...layer.operators].filter((operator) => !placed.has(operator));
}

/** The meaning of one accelerator; problems, names and definitions go to the context's report. */
export function resolveAccelerator(node: tree.Accelerator, file: FileScope, context: Context): Accelerator | undefined {
  return new AcceleratorReader(node, file, context).read();
}
