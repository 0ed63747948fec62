/** Streams that follow from the data flow, each with the width and type that its ends want. */

import type { Edge, End, Kernel } from '../design.ts';
import type { Memory } from '../hardware.ts';
import { isMatrixProduct, tensorOf } from '../operators.ts';
import { bitsOf, multiplied } from '../sheets/precision.ts';
import type { ElementType, ModelGraph, Operator, Precision } from '../workload.ts';
import { sideBySide } from './side-by-side.ts';

/** An edge that stream statements may still change. */
export type OpenEdge = { -readonly [K in keyof Edge]: Edge[K] };

/** An operator with the kernel that computes it, and its turn. */
interface Seat {
  readonly operator: Operator;
  readonly kernel: Kernel;
  readonly turn: readonly Operator[];
}

/** Bits of a word to the host, where no memory says how wide a port is. */
const HOST_BITS = 512;

class EdgeBuilder {
  readonly edges: OpenEdge[] = [];
  private readonly seats = new Map<string, Seat>();
  private readonly graph: ModelGraph;
  private readonly precision: Precision;
  private readonly memory: Memory | undefined;

  constructor(kernels: readonly Kernel[], graph: ModelGraph, precision: Precision, memory: Memory | undefined) {
    this.graph = graph;
    this.precision = precision;
    this.memory = memory;
    for (const kernel of kernels) {
      if (kernel.onHost) continue;
      for (const turn of kernel.turns)
        for (const operator of turn) this.seats.set(operator.name, { operator, kernel, turn });
    }
  }

  build(): OpenEdge[] {
    for (const { name, inputs } of [...this.graph.outside, ...this.graph.layer.operators]) {
      const seat = this.seats.get(name);
      if (seat) for (const input of inputs) this.into(seat, input);
    }
    this.outOf();
    return this.edges;
  }

  private into(seat: Seat, input: Operator['inputs'][number]): void {
    const producer = input.external ? undefined : this.seats.get(input.name);
    if (producer && producer.turn === seat.turn) return;
    const to: End = { kind: 'operator', kernel: seat.kernel.name, operator: seat.operator.name };
    if (producer) {
      const { operator, kernel } = producer;
      const from: End = { kind: 'operator', kernel: kernel.name, operator: operator.name };
      const width = Math.min(outputWidth(producer), inputWidth(seat));
      this.add(from, to, input.name, operator, this.typeInto(seat), width);
    } else {
      const from = input.external ? this.rows() : HOST;
      const tensor = tensorOf(input.name, input.shape);
      const type = seat.operator.kind === 'embed' ? 'int32' : this.precision.activations;
      this.add(from, to, input.name, tensor, type, this.portWidth(type));
    }
  }

  /** Results that leave the chip: of the layer, of what feeds or follows it, and what the host reads. */
  private outOf(): void {
    const { layer, outside } = this.graph;
    const readers = new Set(
      [...outside, ...layer.operators].flatMap((operator) => operator.inputs.map((input) => input.name)),
    );
    const toHost = new Set<string>();
    for (const operator of [...outside, ...layer.operators]) {
      if (this.seats.has(operator.name)) continue;
      for (const input of operator.inputs) if (!input.external) toHost.add(input.name);
    }
    const entries = new Set([layer, ...this.graph.moreLayers].flatMap(({ inputs }) => inputs.map(({ name }) => name)));
    const results = new Set(this.graph.outputs);
    for (const { operator, kernel } of this.seats.values()) {
      const { name } = operator;
      const from: End = { kind: 'operator', kernel: kernel.name, operator: name };
      const leaves =
        operator.layer === layer.name
          ? layer.outputs.includes(name)
          : entries.has(name) || results.has(name) || !readers.has(name);
      const type = this.precision.activations;
      if (leaves) this.add(from, this.rows(), name, operator, type, this.portWidth(type));
      if (toHost.has(name)) this.add(from, HOST, name, operator, type, this.portWidth(type));
    }
  }

  private add(
    from: End,
    to: End,
    tensor: string,
    { rows, columns, heads, kind }: { rows: number; columns: number; heads: number; kind?: string },
    element: ElementType,
    width: number,
  ): void {
    this.edges.push({
      from,
      to,
      tensor,
      rows,
      // `columns` of scores and what is computed from them are those of one head; of a context, of all of them.
      columns: kind === 'context' ? columns : columns * heads,
      element: { value: element, origin: 'auto' },
      width: { value: width, origin: 'auto' },
      depth: { value: 'auto', origin: 'auto' },
      storage: { value: 'auto', origin: 'auto' },
    });
  }

  /** Where rows of a pass come from and go to: the first channel of the first memory. */
  private rows(): End {
    return this.memory ? { kind: 'memory', memory: this.memory.name, channel: this.memory.channels.first } : HOST;
  }

  /**
   * A matrix product reads activations (unless its `as` says another type), everything else what it computes in. Images travel as activations everywhere: a
   * pooling picks or sums them as they are, and a line buffer or a bypass of fp32 would be four times as large.
   */
  private typeInto({ kernel, operator }: Seat): ElementType {
    const { activations, nonlinear } = this.precision;
    const exact = operator.kind === 'flatten' || isImage(operator);
    if (isMatrixProduct(operator.kind)) return multiplied(kernel, this.precision);
    return kernel.as?.value ?? (exact ? activations : nonlinear);
  }

  private portWidth(type: ElementType): number {
    return Math.max(1, Math.floor((this.memory?.portBits ?? HOST_BITS) / bitsOf(type)));
  }
}

const HOST: End = { kind: 'host' };

/** [channels, height, width] with a row a pixel; scores have three dimensions too, and a row a token. */
function isImage({ shape: [channels, height = 0, width = 0, ...more], rows, columns }: Operator): boolean {
  return more.length === 0 && channels === columns && height * width === rows;
}

/** Elements a cycle that a unit reads: an array its tokens times the width of its dot products. */
function inputWidth({ kernel: written, operator }: Seat): number {
  const kernel = sideBySide(written);
  const array = kernel.array?.value;
  if (array && isMatrixProduct(operator.kind)) return array.tokens * array.dot;
  return kernel.lanes?.value ?? array?.tokens ?? 1;
}

/** Elements a cycle that a unit writes: an array one column of its tokens. */
function outputWidth({ kernel: written, turn }: Seat): number {
  const kernel = sideBySide(written);
  const array = kernel.array?.value;
  if (array && turn.some((operator) => isMatrixProduct(operator.kind))) return array.tokens;
  return kernel.lanes?.value ?? 1;
}

/** Who reads a tensor that another statement has given a place in memory reads it there. */
export function followTensors(edges: readonly OpenEdge[]): void {
  const places = new Map<string, End>();
  for (const { from, tensor, span } of edges) if (span && from.kind === 'memory') places.set(tensor, from);
  for (const edge of edges) {
    const place = places.get(edge.tensor);
    if (place && !edge.span && edge.from.kind === 'memory') edge.from = place;
  }
}

/**
 * The streams of an accelerator: one edge for each input that comes from another unit, from memory or from the host, and
 * one for each result that leaves. A width is that of the narrower end: more would never be used.
 */
export function edgesOf(
  kernels: readonly Kernel[],
  graph: ModelGraph,
  precision: Precision,
  memory: Memory | undefined,
): OpenEdge[] {
  return new EdgeBuilder(kernels, graph, precision, memory).build();
}
