/** `stream` statements: what they change of the edges that follow from the data flow. */
import type * as tree from '../../../grammar/tree.ts';
import type { Edge, End, LinkStream, Setting, StorageKind } from '../design.ts';
import type { Memory } from '../hardware.ts';
import type { Definition } from '../problem.ts';
import type { ResolvedDevice } from '../sheets/device.ts';
import { channelsOf, devicePart, isStorage, memoryNames, STORAGE_KINDS } from '../sheets/places.ts';
import { ELEMENT_TYPES, isElementType } from '../sheets/precision.ts';
import { type Environment, read, type Wanted } from '../terms/expression.ts';
import { spanOf, textOf } from '../terms/report.ts';
import type { ElementType } from '../workload.ts';
import type { OpenEdge } from './edges.ts';

/** Elements a cycle: words of more bits than any device routes. */
const MAX_WIDTH = 4096;
/** Words: more than any device keeps. */
const MAX_DEPTH = 1 << 24;

/** One end of a statement. */
type Ending =
  | { readonly kind: 'unit'; readonly name: string }
  | { readonly kind: 'memory'; readonly memory: Memory; readonly channel: number | undefined }
  | { readonly kind: 'host' | 'link'; readonly name: string };

type Attributes = Partial<Pick<Edge, 'element' | 'width' | 'depth' | 'storage'>>;

export class Streams {
  /** Those between a unit and another card: the data flow of one card has no edge for them. */
  readonly links: LinkStream[] = [];
  private readonly env: Environment;
  private readonly device: ResolvedDevice;
  private readonly cards: number;
  private readonly units: ReadonlyMap<string, Definition | undefined>;
  private readonly from = new Map<string, OpenEdge[]>();
  private readonly into = new Map<string, OpenEdge[]>();
  private readonly said = new Map<OpenEdge, tree.Stream>();

  /** `units` are the names of kernels and operators with their definitions. */
  constructor(
    env: Environment,
    device: ResolvedDevice,
    units: ReadonlyMap<string, Definition | undefined>,
    edges: readonly OpenEdge[],
    cards: number,
  ) {
    this.env = env;
    this.device = device;
    this.cards = cards;
    this.units = units;
    for (const edge of edges) {
      index(this.from, edge.from, edge);
      index(this.into, edge.to, edge);
    }
  }

  apply(statement: tree.Stream): void {
    const source = statement.from && this.ending(statement.from);
    const attributes = this.attributes(statement);
    for (const place of statement.to) {
      const sink = this.ending(place);
      if (!source || !sink) continue;
      if (source.kind === 'link' || sink.kind === 'link') {
        this.overLink(statement, place, source, sink, attributes);
        continue;
      }
      const edges = this.between(source, sink);
      if (edges.length === 0) this.noFlow(statement, place, source, sink);
      for (const edge of edges) this.change(edge, statement, place, source, sink, attributes);
    }
  }

  private overLink(statement: tree.Stream, place: tree.Place, source: Ending, sink: Ending, asked: Attributes): void {
    const { report, file } = this.env;
    const [link, unit] = source.kind === 'link' ? [source, sink] : [sink, source];
    if (link.kind !== 'link' || unit.kind !== 'unit') {
      const found = `${statement.from ? textOf(file, statement.from) : ''} -> ${textOf(file, place)}`;
      report.invalid(file, place, 'stream', found, 'a kernel or an operator at the other end of a link');
      return;
    }
    const what = `a stream over ‘${link.name}’`;
    if (this.cards < 2) report.notModelled(file, place, what, 'there is no other card to exchange anything with');
    const direction = sink.kind === 'link' ? 'out' : 'in';
    this.links.push({ direction, link: link.name, unit: unit.name, ...asked, span: spanOf(file, statement) });
  }

  /** Edges of the data flow that a statement means. */
  private between(source: Ending, sink: Ending): OpenEdge[] {
    if (source.kind === 'unit') {
      const leaving = this.from.get(source.name) ?? [];
      if (sink.kind === 'unit') return leaving.filter(({ to }) => means(to, sink.name));
      return leaving.filter((edge) => edge.to.kind !== 'operator');
    }
    return sink.kind === 'unit' ? (this.into.get(sink.name) ?? []).filter((edge) => edge.from.kind !== 'operator') : [];
  }

  private change(
    edge: OpenEdge,
    statement: tree.Stream,
    place: tree.Place,
    source: Ending,
    sink: Ending,
    attributes: Attributes,
  ): void {
    const earlier = this.said.get(edge);
    if (earlier) {
      this.env.report.duplicate(this.env.file, place, 'stream to', spanOf(this.env.file, earlier));
      return;
    }
    this.said.set(edge, statement);
    edge.from = placed(edge.from, source);
    edge.to = placed(edge.to, sink);
    Object.assign(edge, attributes);
    edge.span = spanOf(this.env.file, statement);
  }

  private noFlow(statement: tree.Stream, place: tree.Place, source: Ending, sink: Ending): void {
    const shown = (end: tree.Place | undefined): string => (end ? textOf(this.env.file, end) : '');
    const found = `${shown(statement.from)} -> ${shown(place)}`;
    this.env.report.invalid(this.env.file, place, 'stream', found, this.possible(source, sink, shown(statement.from)));
  }

  private possible(source: Ending, sink: Ending, from: string): string {
    if (source.kind === 'unit') {
      const readers = [...new Set((this.from.get(source.name) ?? []).map((edge) => nameOf(edge.to)))];
      return readers.length > 0
        ? `a reader of ‘${from}’: ${readers.join(', ')}`
        : `a unit whose result goes into another unit`;
    }
    const writers =
      sink.kind === 'unit' ? [...new Set((this.into.get(sink.name) ?? []).map((edge) => nameOf(edge.from)))] : [];
    return sink.kind === 'unit' && writers.length > 0
      ? `a stream into ‘${sink.name}’ from ${writers.join(' or ')}`
      : 'one end that is a kernel or an operator';
  }

  private ending(place: tree.Place): Ending | undefined {
    const part = place.parts[0];
    if (!part) return undefined;
    const { name } = part;
    if (this.units.has(name.text) && !part.index) {
      const target = this.units.get(name.text);
      if (target) this.env.report.bind(this.env.file, name, target);
      return { kind: 'unit', name: name.text };
    }
    if (name.text === 'host') return { kind: 'host', name: name.text };
    const sort = devicePart(name, this.env, this.device);
    if (sort === 'link') return { kind: 'link', name: name.text };
    const memory = this.device.device.memories.find((candidate) => candidate.name === name.text);
    if (sort !== 'memory' || !memory) {
      const links = this.device.device.links.map((link) => link.name);
      const candidates = [...this.units.keys(), ...memoryNames(this.device), ...links, 'host'];
      this.env.report.unknown(this.env.file, name, 'end of a stream', candidates);
      return undefined;
    }
    const channels = channelsOf(part, memory, this.env);
    if (channels && channels.length > 1) {
      this.env.report.invalid(this.env.file, part, 'stream', textOf(this.env.file, part), 'one channel');
    }
    return { kind: 'memory', memory, channel: channels?.[0] };
  }

  private attributes(statement: tree.Stream): Attributes {
    const given = <T>(value: T, node: tree.Node): Setting<T> => {
      return { value, origin: 'written', span: spanOf(this.env.file, node) };
    };
    const auto = (node: tree.Node): Setting<'auto'> => {
      return { value: 'auto', origin: 'auto', span: spanOf(this.env.file, node) };
    };
    const width = this.number(statement.width, { subject: 'width', whole: true, least: 1, most: MAX_WIDTH });
    const element = this.element(statement);
    const result: Partial<Record<keyof Edge, unknown>> = {};
    if (width !== undefined && statement.width) result.width = given(width, statement.width);
    if (element !== undefined && statement.element?.name) result.element = given(element, statement.element.name);
    for (const attribute of statement.attributes) {
      const { word, value } = attribute;
      if (word === 'depth') {
        const depth = this.number(value, { subject: 'depth', whole: true, least: 1, most: MAX_DEPTH });
        if (value?.kind === 'auto') result.depth = auto(attribute);
        else if (depth !== undefined) result.depth = given(depth, attribute);
      } else {
        const storage = this.storage(value);
        if (value?.kind === 'auto') result.storage = auto(attribute);
        else if (storage !== undefined) result.storage = given(storage, attribute);
      }
    }
    return result as Attributes;
  }

  private number(dim: tree.Dim | undefined, wanted: Wanted): number | undefined {
    return dim?.kind === 'auto' ? undefined : read(dim, this.env, wanted);
  }

  private element({ element }: tree.Stream): ElementType | undefined {
    const name = element?.name;
    if (!name) return undefined;
    if (isElementType(name.text)) return name.text;
    this.env.report.unknown(this.env.file, name, 'element type', ELEMENT_TYPES);
    return undefined;
  }

  private storage(value: tree.Dim | undefined): StorageKind | undefined {
    if (!value || value.kind === 'auto') return undefined;
    const name = value.kind === 'reference' && value.path.length === 1 ? value.path[0]! : undefined;
    if (name && isStorage(name.text)) return name.text;
    if (name) this.env.report.unknown(this.env.file, name, 'storage', STORAGE_KINDS);
    else this.env.report.invalid(this.env.file, value, 'in', textOf(this.env.file, value), 'srl, lutram, bram or uram');
    return undefined;
  }
}

function index(edges: Map<string, OpenEdge[]>, end: End, edge: OpenEdge): void {
  if (end.kind !== 'operator') return;
  for (const name of new Set([end.kernel, end.operator])) {
    const known = edges.get(name);
    if (known) known.push(edge);
    else edges.set(name, [edge]);
  }
}

const means = (end: End, name: string): boolean =>
  end.kind === 'operator' && (end.kernel === name || end.operator === name);

/** An end outside of the chip moves to where the statement says. */
function placed(end: End, ending: Ending): End {
  if (ending.kind === 'host') return { kind: 'host' };
  if (ending.kind !== 'memory') return end;
  const { memory, channel } = ending;
  return { kind: 'memory', memory: memory.name, channel: channel ?? memory.channels.first };
}

/** '‘context’', '‘hbm[0]’' */
function nameOf(end: End): string {
  if (end.kind === 'operator') return `‘${end.operator}’`;
  return end.kind === 'memory' ? `‘${end.memory}[${end.channel}]’` : `‘${end.kind === 'link' ? end.link : 'host'}’`;
}
