/** Edges become FIFOs: forks where a tensor has several readers, converters where words differ, loaders and stores at the memory. */
import type { Accelerator, Edge } from '../../design/design.ts';
import { grouped } from '../../grouped.ts';
import { convert } from '../../kernels/convert/index.ts';
import { fork } from '../../kernels/fork/index.ts';
import type { Word } from '../../kernels/kernel.ts';
import { load } from '../../kernels/load/index.ts';
import { store } from '../../kernels/store/index.ts';
import { type ChannelRef, type Fifo, type FifoEnd, type Netlist, rowsOf, type Unit } from '../netlist.ts';
import { cardIn } from './machine.ts';
import { portOf, unitIdOf } from './pieces.ts';
import { type Shape, type Surroundings, tensorShape } from './shapes.ts';

/** Port of a memory whose sheet does not say how wide it is: the widest that Vitis lets a kernel have (UG1399). */
const widestPort = 512;

/** An end of a stream with what goes through it. */
interface Joint extends FifoEnd {
  readonly word: Word;
}

/** By the operators that they compute. */
type Shapes = ReadonlyMap<string, Shape>;

export class Weaver {
  private readonly around: Surroundings;
  private readonly units = new Map<string, Unit>();
  private readonly fifos: Fifo[] = [];
  private readonly ids = new Set<string>();
  /** Of a name that is taken, the first number that it has not yet been given. */
  private readonly numbers = new Map<string, number>();
  private readonly caveats: string[] = [];
  /** Ports of pieces that other units have taken over. */
  private readonly redirected = new Map<string, readonly FifoEnd[]>();

  constructor(around: Surroundings) {
    this.around = around;
  }

  add(unit: Unit): void {
    this.units.set(unit.id, unit);
  }

  /** What is meant for a port of a piece goes to these instead, to each of them. */
  redirect(piece: string, port: string, to: readonly FifoEnd[]): void {
    this.redirected.set(`${piece}.${port}`, to);
  }

  /** Words a pass through a port. */
  wordsOf(unit: string, port: string): number {
    return this.streamOf(unit, port)?.words ?? 0;
  }

  /** A FIFO between two ports whose words are the same. */
  tie(from: string, fromPort: string, to: string, toPort: string): void {
    const word = this.streamOf(from, fromPort)?.word;
    if (word) this.fifo(`${fromPort}_to_${to}`, { unit: from, port: fromPort, word }, { unit: to, port: toPort, word });
  }

  /** All edges of the design; returns what had to be left open, in words. */
  connect(edges: readonly Edge[], all: readonly Shape[]): string[] {
    const shapes: Shapes = new Map(
      [...all].reverse().flatMap((shape) => shape.piece.operators.map(({ name }) => [name, shape])),
    );
    const taken = new Set<string>();
    const groups = new Map<string, { edge: Edge; sink: Joint | 'memory' }[]>();
    edges.forEach((edge, i) => {
      const sinks = this.sinksOf(edge, shapes, taken);
      const key = this.sourceKey(edge, shapes, i);
      if (sinks.length === 0 || key === undefined) return;
      const group = groups.get(key) ?? [];
      group.push(...sinks.map((sink) => ({ edge, sink })));
      groups.set(key, group);
    });
    for (const branches of groups.values()) this.fanOut(branches, shapes);
    return this.caveats;
  }

  /** In dataflow order: a unit comes after those that feed it. */
  netlist(): Pick<Netlist, 'units' | 'fifos'> {
    const waiting = new Map([...this.units.keys()].map((id) => [id, 0]));
    for (const { to } of this.fifos) waiting.set(to.unit, (waiting.get(to.unit) ?? 0) + 1);
    const leaving = grouped(this.fifos, ({ from }) => from.unit);
    const ordered: Unit[] = [];
    const left = new Set(this.units.keys());
    while (left.size > 0) {
      const next = this.first(left, (id) => waiting.get(id) === 0);
      left.delete(next);
      ordered.push(this.units.get(next)!);
      for (const { to } of leaving.of(next)) waiting.set(to.unit, waiting.get(to.unit)! - 1);
    }
    return { units: ordered, fifos: this.fifos };
  }

  /** In a circle of units nobody is first; then the order of the spec decides. */
  private first(left: ReadonlySet<string>, isReady: (id: string) => boolean): string {
    let fallback: string | undefined;
    for (const id of left) {
      if (isReady(id)) return id;
      fallback ??= id;
    }
    return fallback!;
  }

  private sinksOf({ to, tensor, from }: Edge, shapes: Shapes, taken: Set<string>): readonly (Joint | 'memory')[] {
    if (to.kind === 'memory' || to.kind === 'host') return from.kind === 'operator' ? ['memory'] : [];
    if (to.kind === 'link') {
      this.caveats.push(`${tensor} leaves through ${to.link}: links between cards are not timed`);
      return [];
    }
    const shape = shapes.get(to.operator);
    const port = shape?.inputs.find(
      ({ name, tensor: wanted }) => wanted === tensor && !taken.has(`${shape.piece.id}.${name}`),
    );
    if (!shape || !port) return [];
    const key = `${shape.piece.id}.${port.name}`;
    taken.add(key);
    const ends = this.redirected.get(key) ?? [{ unit: unitIdOf(shape.piece), port: port.name }];
    return ends.flatMap((end) => {
      const stream = this.streamOf(end.unit, end.port);
      return stream ? [{ ...end, word: stream.word }] : [];
    });
  }

  /** Edges with the same key read one stream. */
  private sourceKey({ from, tensor, element, span }: Edge, shapes: Shapes, index: number): string | undefined {
    if (from.kind === 'link') {
      this.caveats.push(`${tensor} comes through ${from.link}: links between cards are not timed`);
      return undefined;
    }
    if (from.kind === 'operator') {
      const there = shapes.has(from.operator);
      // Its kernel is not timed, or stands on the host: its rows are taken as always ready.
      return there ? `operator ${from.operator} ${element.value}` : undefined;
    }
    const where = from.kind === 'memory' ? `${from.memory}[${from.channel}]` : 'host';
    return `${where} ${tensor} ${element.value} ${span ? `${span.file}:${span.start}` : index}`;
  }

  private fanOut(branches: readonly { edge: Edge; sink: Joint | 'memory' }[], shapes: Shapes): void {
    const first = branches[0]!;
    const source = this.sourceOf(first.edge, first.sink, shapes);
    if (!source) return;
    if (branches.length === 1) {
      this.branch(source, first.edge, first.sink);
      return;
    }
    const { tensor, rows, columns } = first.edge;
    const unit = this.units.get(source.unit)!;
    const shape = tensorShape(this.around.operator(tensor), columns);
    const { element, ...word } = source.word;
    const id = this.unique(`${tensor}_fork`);
    const total = { rows, columns: shape.columns * shape.heads, word, element, copies: branches.length };
    this.add({ ...moved(unit, id, 'fork'), instance: this.around.instance(fork, total), channels: {} });
    this.fifo(`${tensor}_to_fork`, source, { unit: id, port: 'in', word: source.word }, first.edge, true);
    for (const [i, { edge, sink }] of branches.entries())
      this.branch({ unit: id, port: `out${i}`, word: source.word }, edge, sink);
  }

  private sourceOf(edge: Edge, sink: Joint | 'memory', shapes: Shapes): Joint | undefined {
    const { from, element } = edge;
    if (from.kind === 'operator') {
      const shape = shapes.get(from.operator);
      if (!shape) return undefined;
      const unit = unitIdOf(shape.piece);
      const own = shape.piece.unit === undefined ? undefined : portOf('out', shape.piece);
      const outs = this.units
        .get(unit)
        ?.instance.streams.filter(({ direction, name }) => direction === 'out' && (own === undefined || name === own));
      const stream = outs?.find(({ word }) => word.element === element.value) ?? outs?.[0];
      return stream && { unit, port: stream.name, word: stream.word };
    }
    return sink === 'memory' ? undefined : this.loader(edge, sink);
  }

  private loader(edge: Edge, sink: Joint): Joint | undefined {
    const { tensor, from } = edge;
    const reader = this.units.get(sink.unit);
    if (!reader) return undefined;
    const element = edge.element.value;
    const word = this.memoryWord(edge);
    const instance = this.around.instance(load, this.rowsInMemory(edge, word, element));
    const id = this.unique(this.ids.has(`${tensor}_load`) ? `${tensor}_load_${reader.id}` : `${tensor}_load`);
    this.add({ ...moved(reader, id, 'load'), instance, channels: { memory: [this.channel(from, reader.die)] } });
    return { unit: id, port: 'out', word: { element, ...word } };
  }

  /** Rows in memory lie as the products want them; a word is as wide as the stream. */
  private memoryWord({ tensor, width, columns }: Edge): { tokens: number; columns: number } {
    const tokens = this.around.tokensOf(tensor);
    return { tokens, columns: Math.max(1, Math.min(columns, Math.floor(width.value / tokens))) };
  }

  /** What a loader or a store of them is made of. */
  private rowsInMemory({ tensor, rows, columns }: Edge, word: Omit<Word, 'element'>, element: Word['element']) {
    const portBits = defaultPortBits(this.around.accelerator);
    return { rows, columns, word, element, portBits, content: rowsOf(tensor) };
  }

  private channel(end: Edge['from'], die: string): ChannelRef {
    return end.kind === 'memory'
      ? { memory: end.memory, channel: end.channel }
      : defaultChannel(this.around.accelerator, die);
  }

  /** From a source to one reader, by way of the stream that the spec asks for. */
  private branch(from: Joint, edge: Edge, sink: Joint | 'memory'): void {
    const end = sink === 'memory' ? this.storeOf(from, edge) : sink;
    const { width, tensor } = edge;
    const name = `${tensor}_to_${end.unit}`;
    const columns = Math.max(1, Math.floor(width.value / from.word.tokens));
    const between = { element: from.word.element, tokens: from.word.tokens, columns };
    // Ends that agree need no converter, unless the spec asks for another width between them.
    const asked = width.origin !== 'auto' && !sameWord(between, from.word);
    const straight = !asked || width.value === elements(end.word);
    const source = straight ? from : this.converted(name, edge, from, between, end);
    if (sameWord(source.word, end.word)) {
      this.fifo(name, source, end, edge);
      return;
    }
    // The stream itself is as wide as the spec says: what is left to convert is converted where the reader is.
    if (!straight || width.value === elements(source.word)) {
      const converter = this.converter(name, edge, source.word, end.word, end.unit, end.unit);
      this.fifo(name, source, { unit: converter, port: 'in', word: source.word }, edge);
      this.fifo(`${name}_words`, { unit: converter, port: 'out', word: end.word }, end);
      return;
    }
    this.fifo(name, this.converted(name, edge, source, end.word, end), end, edge);
  }

  /** A source behind a converter that stands where the source is. */
  private converted(name: string, edge: Edge, source: Joint, word: Word, end: Joint): Joint {
    const converter = this.converter(name, edge, source.word, word, source.unit, end.unit);
    this.fifo(`${name}_words`, source, { unit: converter, port: 'in', word: source.word });
    return { unit: converter, port: 'out', word };
  }

  private converter(name: string, edge: Edge, from: Word, to: Word, at: string, pays: string): string {
    const { heads, columns } = tensorShape(this.around.operator(edge.tensor), edge.columns);
    const id = this.unique(`${name}_convert`);
    const { element } = from;
    const words = { rows: edge.rows, heads, columns, element, from: shapeOnly(from), to: shapeOnly(to) };
    const place = this.units.get(at)!;
    const payer = this.units.get(pays) ?? place;
    this.add({
      ...moved(place, id, 'convert'),
      kernel: payer.kernel,
      instance: this.around.instance(convert, words),
      channels: {},
    });
    return id;
  }

  private storeOf(source: Joint, edge: Edge): Joint {
    const { tensor } = edge;
    const writer = this.units.get(source.unit)!;
    const element = source.word.element;
    const word = this.memoryWord(edge);
    const instance = this.around.instance(store, this.rowsInMemory(edge, word, element));
    const id = this.unique(`${tensor}_store`);
    this.add({ ...moved(writer, id, 'store'), instance, channels: { memory: [this.channel(edge.to, writer.die)] } });
    return { unit: id, port: 'in', word: { element, ...word } };
  }

  private fifo(name: string, from: Joint, to: Joint, edge?: Edge, beforeFork = false): void {
    const dies = [this.units.get(from.unit)?.die, this.units.get(to.unit)?.die] as const;
    const [left, right] = dies;
    const asked = edge && !beforeFork ? edge.depth.value : 'auto';
    const storage = edge && !beforeFork ? edge.storage.value : 'auto';
    this.fifos.push({
      id: this.unique(name),
      from: { unit: from.unit, port: from.port },
      to: { unit: to.unit, port: to.port },
      word: from.word,
      words: this.streamOf(from.unit, from.port)?.words ?? 0,
      asked,
      storage,
      ...(left !== undefined && right !== undefined && left !== right ? { crossing: [left, right] as const } : {}),
      ...(edge ? { edge } : {}),
    });
  }

  private streamOf(unit: string, port: string) {
    return this.units.get(unit)?.instance.streams.find(({ name }) => name === port);
  }

  private unique(name: string): string {
    let id = name;
    // What is taken stays taken: those with lower numbers are not asked for again.
    let next = this.numbers.get(name) ?? 2;
    for (; this.ids.has(id) || this.units.has(id); next++) id = `${name}_${next}`;
    this.numbers.set(name, next);
    this.ids.add(id);
    return id;
  }
}

/** A unit that only moves data, where another one stands and at its clock. */
function moved(unit: Unit, id: string, role: Unit['role']): Omit<Unit, 'instance' | 'channels'> {
  const { kernel, die, spread, twins, clock } = unit;
  return { id, role, kernel, operators: [], die, ...(spread ? { spread } : {}), ...(twins ? { twins } : {}), clock };
}

const elements = ({ tokens, columns }: Word): number => tokens * columns;
const shapeOnly = ({ tokens, columns }: Word): { tokens: number; columns: number } => ({ tokens, columns });
const sameWord = (a: Word, b: Word): boolean => a.tokens === b.tokens && a.columns === b.columns;

/** Where something lies that the spec puts nowhere: the first channel of the first memory, of the card that the die is on. */
export function defaultChannel({ device }: Accelerator, die = ''): ChannelRef {
  const memory = device.memories.find(({ name }) => cardIn(name) === cardIn(die)) ?? device.memories[0];
  return { memory: memory?.name ?? 'memory', channel: memory?.channels.first ?? 0 };
}

export function defaultPortBits({ device }: Accelerator): number {
  const bits = device.memories[0]?.portBits ?? widestPort;
  return [64, 128, 256, 512].includes(bits) ? bits : widestPort;
}
