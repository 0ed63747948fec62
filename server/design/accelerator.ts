/** `accelerator NAME { … }` → Accelerator. What is wrong yields one problem; the rest keeps its meaning. */
import { headOf } from '../../grammar/anchor.ts';
import type * as tree from '../../grammar/tree.ts';
import { tokenPhases, tokensBehind } from './decoding.ts';
import type { Accelerator, Kernel, Passes } from './design.ts';
import { type Asked, ClauseReader, inherit } from './mapping/clauses.ts';
import { followTensors } from './mapping/edges.ts';
import { Mapper } from './mapping/mapper.ts';
import type { Written } from './mapping/mapping.ts';
import { partsOf, phaseNames, TOKEN_PASS } from './mapping/parts.ts';
import { onStages } from './mapping/stages.ts';
import { Streams } from './mapping/streams.ts';
import type { Context } from './model/context.ts';
import { type ResolvedModel, resolveModel } from './model/model.ts';
import { type BuiltPart, PartBuilder } from './part-builder.ts';
import type { Definition } from './problem.ts';
import { requirementsOf } from './requirements.ts';
import { cardsOf } from './sheets/cards.ts';
import type { ResolvedDevice } from './sheets/device.ts';
import type { Scopes } from './sheets/metric.ts';
import { channelsOf } from './sheets/places.ts';
import { clockOf, comparesOf, copiesOf, phaseOf, precisionOf, reservesOf, Statements } from './statements.ts';
import { choiceOf, type ReadChoice } from './terms/choices.ts';
import { within } from './terms/constants.ts';
import type { Constant, Environment } from './terms/expression.ts';
import type { ResolvedPhase } from './terms/phase.ts';
import { definition, spanOf } from './terms/report.ts';
import type { FileScope } from './terms/scope.ts';
import { formatNumber } from './terms/units.ts';
import type { Operator, Phase } from './workload.ts';

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
  private readonly choices = new Map<tree.Choose, ReadChoice>();
  private readonly env: Environment;
  private readonly statements: Statements;

  constructor(node: tree.Accelerator, file: FileScope, context: Context) {
    this.node = node;
    this.file = file;
    this.context = context;
    const keyword = 'accelerator';
    this.name = node.name ?? { kind: 'name', range: headOf(node.range, keyword.length), text: keyword };
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
    const precision = precisionOf(statements.one('use-precision'), file, env, context);
    const reserves = reservesOf(statements.of('reserve'), device, env);
    const layers = model ? [model.graph.layer, ...model.graph.moreLayers] : [];
    const cards = card ? cardsOf(card, device, env) : { cards: 1, split: { tensor: 1, pipeline: 1 } };
    const copies = copiesOf(statements.of('copies'), layers, model?.targets, env);
    const known = layers.map(({ name, repeat }) => ({ name, repeat, target: model?.targets.get(name) }));
    const { written, regions } = this.kernels(
      new ClauseReader(env, { device, cards: cards.cards, layers: known }),
      (asked) => onStages(asked, known, cards.split, env),
    );
    const mapper = new Mapper(env, written, model?.lost);
    const compared = comparesOf(statements.of('compare'), file, context, this.node.name?.text);
    if (!reference || !model) {
      // Its unit is wrong whatever becomes of the model.
      if (card && device) clockOf(card, device.device, env);
      return undefined;
    }
    const asked = written.map((kernel) => kernel.asked);
    const prompt = partsOf(model, phaseNames(model.phase), asked);
    const samples = model.rowsAreTokens
      ? tokenPhases(resolved).flatMap((phase) => resolveModel(reference, file, env, phase, context) ?? [])
      : [];
    const tokens = samples.map((sample) => partsOf(sample, TOKEN_PASS, asked));
    // The longest past decides what hardware there is for tokens alone.
    const longest = tokens.at(-1) ?? [];
    if (!card || !device) {
      for (const part of [...prompt, ...longest]) mapper.map(part);
      mapper.finish([]);
      requirementsOf(statements, device, scopesOf(regions, [], mapper, model), env);
      return undefined;
    }
    const clock = clockOf(card, device.device, env);
    const around = { device: device.device, clock, precision, reserves, rowChannels: this.rowChannels(device) };
    const apart = asked.some(({ phases }) => phases?.value && !phases.value.includes('prefill'));
    const builder = new PartBuilder(mapper, around, apart ? 0 : tokensBehind(model.phase));
    const ofPrompt = prompt.map((part) => builder.build(part));
    const ofLongest = longest.map((part) => builder.build(part, ['decode']));
    const decoding = tokens.map((parts) =>
      parts === longest ? ofLongest : parts.map((part, index) => builder.again(ofLongest[index]!, part)),
    );
    mapper.finish([...prompt, ...longest]);
    const linkStreams = this.streams([...ofPrompt, ...decoding.flat()], model, device, mapper, cards.cards);
    const trained = statements.one('parameters');
    const parametersFile = trained?.path?.value;
    if (trained?.path) context.files.parameters(file, trained.path);
    const { doc } = this.node;
    const common = {
      name: this.name.text,
      nameSpan: spanOf(file, this.name),
      span: spanOf(file, this.node),
      foundation: [this.name, ...this.node.statements.filter(isFoundation)].map((node) => spanOf(file, node)),
      ...(doc === undefined ? {} : { doc }),
      device: device.device,
      deviceSpan: spanOf(file, card.name ?? card),
      ...cards,
      clock,
      modelSpan: spanOf(file, reference),
      precision,
      copies,
      reserves,
      ...requirementsOf(statements, device, scopesOf(regions, builder.kernels, mapper, model), env),
      choices: [...this.choices.values()].flatMap(({ choice }) => choice ?? []),
      ...compared,
      ...(parametersFile === undefined ? {} : { parametersFile }),
    };
    const inRegions = (kernels: readonly Kernel[]): Accelerator['regions'] =>
      regions.map(({ name, span }) => {
        return { name, span, kernels: kernels.filter(({ region }) => region === name).map((kernel) => kernel.name) };
      });
    const accelerator = ({ part, kernels, ...own }: BuiltPart): Accelerator => {
      const { graph, phase, passes } = part;
      return {
        ...common,
        ...own,
        model: graph,
        phase,
        passes,
        kernels,
        linkStreams,
        regions: inRegions(kernels),
        further: [],
      };
    };
    const together = ([first, ...further]: readonly BuiltPart[]): Accelerator[] => {
      if (!first) return [];
      const kernels = [...first.kernels, ...laterKernels(first, further)];
      return [{ ...accelerator(first), kernels, regions: inRegions(kernels), further: further.map(accelerator) }];
    };
    const [whole] = together(ofPrompt);
    if (!whole) return undefined;
    const forTokens = together(ofLongest).flatMap((one) =>
      one.kernels.filter(({ name }) => !whole.kernels.some((kernel) => kernel.name === name)),
    );
    const kernels = [...whole.kernels, ...forTokens];
    return {
      ...whole,
      kernels,
      regions: inRegions(kernels),
      unmapped: unmappedOf([...ofPrompt, ...ofLongest]),
      ...(decoding.length > 0 ? { decoding: decoding.flatMap(together) } : {}),
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
      const { chosen } = this.context;
      const { name } = node as { name: tree.Name };
      const asked = chosen[`${this.name.text}.${name.text}`] ?? chosen[name.text];
      choice = choiceOf({ ...node, name }, this.context.constants.environment(this.file), asked);
      this.choices.set(node, choice);
    }
    return { value: choice.value, target: choice.target };
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
      else if (statement.name && !phase.misnamed) {
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
      own.tokens > 1
        ? `the ${formatNumber(own.tokens)} rows that the model has`
        : 'no ‘tokens’: the model says its rows itself';
    if (argument) this.context.report.invalid(this.file, argument, 'tokens', formatNumber(tokens), expected);
  }

  private kernels(reader: ClauseReader, placed: (asked: Asked) => Asked): { written: Written[]; regions: Region[] } {
    const written: Written[] = [];
    const regions: Region[] = [];
    for (const statement of this.node.statements) {
      if (statement.kind === 'kernel')
        written.push({ node: statement, asked: placed(reader.read(statement.clauses, 'written')) });
      if (statement.kind !== 'region') continue;
      const region = this.region(statement, regions);
      const defaults = reader.read(statement.clauses, 'region');
      for (const node of statement.body) {
        if (node.kind !== 'kernel') continue;
        written.push({ node, region, asked: placed(inherit(reader.read(node.clauses, 'written'), defaults)) });
      }
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

  /** Applies stream statements to the edges of all parts; gives those that lead to other cards. */
  private streams(
    built: readonly BuiltPart[],
    model: ResolvedModel,
    device: ResolvedDevice,
    mapper: Mapper,
    cards: number,
  ): Accelerator['linkStreams'] {
    const units = new Map<string, Definition | undefined>(model.targets);
    for (const { name } of [model.graph.layer, ...model.graph.moreLayers]) units.delete(name);
    for (const { name } of built.flatMap(({ kernels }) => kernels)) {
      const target = mapper.definitions.get(name);
      if (target || !units.has(name)) units.set(name, target);
    }
    const streams = new Streams(
      this.env,
      device,
      units,
      built.flatMap(({ edges }) => edges),
      cards,
    );
    for (const statement of this.streamStatements()) streams.apply(statement);
    for (const { edges } of built) followTensors(edges);
    return streams.links;
  }
}

/** Kernels that work behind the first part alone, with the passes in which they do. */
function laterKernels(first: BuiltPart, further: readonly BuiltPart[]): Kernel[] {
  const known = new Set(first.kernels.map(({ name }) => name));
  const later = new Map<string, { readonly kernel: Kernel; readonly passes: Passes[] }>();
  for (const { part, kernels } of further) {
    for (const kernel of kernels) {
      if (known.has(kernel.name)) continue;
      const found = later.get(kernel.name) ?? { kernel, passes: [] };
      found.passes.push(part.passes);
      later.set(kernel.name, found);
    }
  }
  return [...later.values()].map(({ kernel, passes }) => ({ ...kernel, passes: kernel.passes ?? passes }));
}

/** What may stand in front of a metric. */
function scopesOf(
  regions: readonly Region[],
  kernels: readonly Kernel[],
  mapper: Mapper,
  { graph, targets }: ResolvedModel,
): Scopes {
  const scopes = new Map<string, { sort: 'layer' | 'region' | 'kernel'; target: Definition | undefined }>();
  for (const { name } of kernels) scopes.set(name, { sort: 'kernel', target: mapper.definitions.get(name) });
  for (const { name, target } of regions) scopes.set(name, { sort: 'region', target });
  for (const { name } of [graph.layer, ...graph.moreLayers])
    scopes.set(name, { sort: 'layer', target: targets.get(name) });
  return scopes;
}

/** Of all parts, each operator once. */
function unmappedOf(parts: readonly BuiltPart[]): Operator[] {
  const all = parts.flatMap(({ unmapped }) => unmapped);
  return [...new Map(all.map((operator) => [`${operator.layer}.${operator.name}`, operator])).values()];
}

/** The meaning of one accelerator; problems, names and definitions go to the context's report. */
export function resolveAccelerator(node: tree.Accelerator, file: FileScope, context: Context): Accelerator | undefined {
  return new AcceleratorReader(node, file, context).read();
}
