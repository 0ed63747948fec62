/**
 * Design → netlist: kernels become units of the library, edges become FIFOs with whatever stands between, memories get
 * loaders and stores. What the library cannot build is kept apart, priced coarsely, and named.
 */

import { weightPorts } from '../../design/defaults/ports.ts';
import type { Accelerator, ArrayShape, Edge, Store } from '../../design/design.ts';
import type { ElementType, Operator } from '../../design/workload.ts';
import { type Grouped, grouped } from '../../grouped.ts';
import type { Instance, Target } from '../../kernels/kernel.ts';
import { load as loadKernel, parameters as parametersKernel } from '../../kernels/load/index.ts';
import { turnsTensor } from '../../kernels/rope/index.ts';
import { weights as weightsKernel, weightsRefusal } from '../../kernels/weights/index.ts';
import type { WeightsParameters } from '../../kernels/weights/parameters.ts';
import { isInteger } from '../../kernels/word.ts';
import { type ChannelRef, type InstanceOf, type Netlist, standing, type Unit } from '../netlist.ts';
import { build, buildOverlay, groupOf } from './adapters.ts';
import { type Caches, cachesOf } from './caches.ts';
import { coarseInstance, readFrom } from './coarse.ts';
import { bringTogether } from './collective.ts';
import type { Collective } from './link-words.ts';
import { builtKernels, innerEdges, isProduct, type Piece, piecesOf, tileOf, unitIdOf } from './pieces.ts';
import { type Place, Ports } from './ports.ts';
import { greatestCommonDivisor, lanesOf, type Shape, type Surroundings, shapeOf } from './shapes.ts';
import { defaultChannel, defaultPortBits, Weaver } from './weave.ts';

export interface Lowered {
  /** What is exported. */
  readonly netlist: Netlist;
  /** The same with the coarsely priced units: what is timed. */
  readonly whole: Pick<Netlist, 'units' | 'fifos'>;
  /** What goes over the link because a reader is on another card. */
  readonly sends: readonly Collective[];
  readonly coarse: ReadonlySet<string>;
  /** Kernels that are not even timed among the others, with what is known of each piece. */
  readonly apart: readonly { readonly piece: Piece; readonly instance: Instance }[];
  readonly caveats: readonly string[];
}

export function lower(
  accelerator: Accelerator,
  instanceOf: InstanceOf = (module, parameters, target) => module.instantiate(parameters, target),
  collectives: readonly Collective[] = [],
): Lowered {
  return new Lowering(accelerator, instanceOf).result(collectives);
}

class Lowering {
  private readonly accelerator: Accelerator;
  private readonly instanceOf: InstanceOf;
  private readonly target: Target;
  private readonly around: Surroundings;
  private readonly weaver: Weaver;
  private readonly ports: Ports;
  private readonly shapes: Shape[] = [];
  private readonly refused: { kernel: string; reason: string }[] = [];
  private readonly caveats: string[] = [];
  private readonly coarse = new Set<string>();
  private readonly apart: { piece: Piece; instance: Instance }[] = [];
  private readonly pieceOf = new Map<string, Piece>();
  private readonly tokens = new Map<string, number>();

  constructor(accelerator: Accelerator, instanceOf: InstanceOf) {
    this.accelerator = accelerator;
    this.instanceOf = instanceOf;
    this.target = { dspKind: accelerator.device.dspKind, clock: accelerator.clock.value };
    const { layer, outside } = accelerator.model;
    const operators = new Map([...outside, ...layer.operators].map((operator) => [operator.name, operator]));
    this.around = {
      accelerator,
      target: this.target,
      tokensOf: (tensor) => this.tokensOf(tensor),
      operator: (name) => operators.get(name),
      instance: (module, parameters) => instanceOf(module, parameters, this.target),
    };
    this.weaver = new Weaver(this.around);
    this.ports = new Ports(this.around, this.weaver);
  }

  result(collectives: readonly Collective[]): Lowered {
    const { accelerator, weaver, coarse } = this;
    const together = this.takeKernels();
    const edges = [...accelerator.edges, ...innerEdges(together, accelerator.precision.activations)];
    for (const piece of together) this.shapes.push(shapeOf(piece, this.around));
    const into = grouped(edges, ({ tensor }) => tensor);
    const outOf = leaving(edges);
    for (const shape of this.shapes) if (shape.piece.unit === undefined) this.place(shape, into, outOf);
    const turning = grouped(this.shapes, ({ piece }) => piece.unit);
    for (const unit of new Set(this.shapes.flatMap(({ piece }) => piece.unit ?? []))) {
      const shapes = turning.of(unit);
      const refused = this.weightsOf(shapes);
      if (refused) this.refuse(shapes[0]!.piece, shapes[0]!.operator, refused);
    }
    this.caveats.push(...weaver.connect(edges, this.shapes));
    const woven = weaver.netlist();
    const { sends, ...whole } = bringTogether(woven, collectives, accelerator, this.instanceOf);
    const real = new Set(woven.units.filter(({ id }) => !coarse.has(id)).map(({ id }) => id));
    const netlist: Netlist = {
      units: woven.units.filter(({ id }) => real.has(id)),
      fifos: woven.fifos.filter(({ from, to }) => real.has(from.unit) && real.has(to.unit)),
      refused: this.refused,
    };
    return { netlist, whole, sends, coarse, apart: this.apart, caveats: [...new Set(this.caveats)] };
  }

  /** Pieces that run side by side; kernels that take other operators than linears in turn are set apart. */
  private takeKernels(): Piece[] {
    const together: Piece[] = [];
    const outOf = leaving(this.accelerator.edges);
    for (const kernel of builtKernels(this.accelerator)) {
      let pieces = piecesOf(kernel);
      if (kernel.turns.length > 1) {
        const built = buildOverlay(pieces, (piece) => this.wanted(piece, outOf), this.around);
        if ('refused' in built) {
          const reason = `it serves ${kernel.turns.length} operators in turn: ${built.refused}`;
          this.refused.push({ kernel: kernel.name, reason });
          for (const piece of pieces) {
            const { device, precision } = this.accelerator;
            const instance = coarseInstance(shapeOf(piece, this.around), new Map(), [], precision);
            this.apart.push({ piece, instance: readFrom(device, piece, instance) });
          }
          continue;
        }
        pieces = pieces.map((piece) => ({ ...piece, unit: kernel.name }));
        this.weaver.add({
          ...this.unit(pieces[0]!, built.instance, {}),
          operators: kernel.turns.flat(),
          turns: pieces.map(({ operators }) => operators),
        });
      }
      for (const piece of pieces) {
        together.push(piece);
        for (const { name } of piece.operators) this.pieceOf.set(name, piece);
      }
      if (kernel.tile && kernel.turns.length > 1)
        this.caveats.push(
          `${kernel.name}: ‘tile’ is left out, an array that takes operators in turn keeps the weights of none`,
        );
      if (kernel.dies.value.length > 1)
        this.caveats.push(
          `${kernel.name} is placed on ${kernel.dies.value.join(' and ')}; each is counted to have an equal share of it, and the wires between them are not counted`,
        );
    }
    return together;
  }

  /** Rows side by side: of the product that gives them, or of the rows in front of a row kernel. */
  private tokensOf(tensor: string, depth = 0): number {
    const known = this.tokens.get(tensor);
    if (known !== undefined) return known;
    const piece = this.pieceOf.get(tensor);
    let tokens = this.memoryTokens();
    if (piece && depth < 64) {
      const operator = piece.operators.find(({ kind }) => kind !== 'causal') ?? piece.operators[0]!;
      if (operator.kind === 'flatten') tokens = 1;
      else if (isProduct(operator)) tokens = piece.kernel.array?.value.tokens ?? 1;
      else {
        // A circle cannot be: operators of a model are in order. The bound is for a model that says otherwise.
        const source = piece.operators[0]?.inputs[0]?.name ?? '';
        tokens = greatestCommonDivisor(lanesOf(piece), this.tokensOf(source, depth + 1));
      }
    }
    this.tokens.set(tensor, tokens);
    return tokens;
  }

  /** Rows in memory lie as the first product of the layer wants them: its input is what is read most. */
  private memoryTokens(): number {
    for (const { name } of this.accelerator.model.layer.operators) {
      const piece = this.pieceOf.get(name);
      if (piece?.kernel.array) return piece.kernel.array.value.tokens;
    }
    return 1;
  }

  private place(shape: Shape, into: Grouped<string, Edge>, outOf: Grouped<string, Edge>): void {
    const { piece, operator } = shape;
    const inputs = new Map<string, ElementType>();
    for (const port of shape.inputs) {
      const edge = into
        .of(port.tensor)
        .find(({ to }) => to.kind === 'operator' && piece.operators.some(({ name }) => name === to.operator));
      if (edge) inputs.set(port.name, edge.element.value);
    }
    const outputs = this.wanted(piece, outOf);
    const built = build(shape, inputs, outputs, this.around);
    const refused = 'refused' in built ? built.refused : this.needsOf(shape, built.instance);
    if ('instance' in built && !refused) return;
    this.refuse(piece, operator, refused);
    const instance = coarseInstance(shape, inputs, outputs, this.accelerator.precision);
    this.coarse.add(piece.id);
    const { name } = piece.kernel;
    this.caveats.push(
      `${name}${name === operator.name ? '' : ` (${operator.name})`} is priced by arithmetic alone: ${refused}; its LUT, FF and memories are left out`,
    );
    this.weaver.add(this.unit(piece, instance, this.channelsOf(shape, instance)));
  }

  private refuse({ kernel }: Piece, { name }: Operator, reason: string | undefined): void {
    this.refused.push({ kernel: kernel.name, reason: kernel.name === name ? `${reason}` : `${name}: ${reason}` });
  }

  /** Types that the readers of a piece want, no two alike. */
  private wanted(piece: Piece, outOf: Grouped<string, Edge>): ElementType[] {
    const given = piece.operators.at(-1)!.name;
    return [...new Set(outOf.of(given).map(({ element }) => element.value))];
  }

  /**
   * Adds the loaders of a product's weights, or of all products that an array takes in turn, and the unit that they are tied to
   * unless it is there; or says why not.
   */
  private weightsOf(shapes: readonly Shape[], unit?: Unit): string | undefined {
    const { piece, operator, tokens } = shapes[0]!;
    const { kernel } = piece;
    const { weaver, accelerator } = this;
    const store = kernel.weights?.value;
    // An array that takes turns keeps the weights of none.
    const tile = piece.unit === undefined ? tileOf(kernel, operator) : undefined;
    const blocks = Math.ceil(operator.rows / Math.max(tokens, tile?.tokens ?? 0));
    const keptFor = Math.ceil(operator.rows / tokens) / blocks;
    const ahead = store?.kind === 'on-chip' && store.double;
    const array = kernel.array?.value ?? { tokens: 1, outputs: 1, dot: 1 };
    const parameters = {
      blocks,
      matrices: shapes.map((shape) => this.matrixOf(shape.piece, shape.operator, array)),
      array,
      pack: kernel.pack.value,
      weights: accelerator.precision.weights,
      portBits: store?.portBits ?? defaultPortBits(accelerator),
      storage: store?.kind === 'on-chip' ? store.storage : ('memory' as const),
      ...stagingOf(store),
      ...(keptFor > 1 ? { keptFor } : {}),
      ...(ahead ? { ahead } : {}),
      content: `weights of ${shapes.map(({ operator: { name } }) => name).join(', ')}`,
      ...(operator.shape.length === 3 ? { jobs: Math.min(operator.shape[1] ?? 1, blocks) } : {}),
    };
    const refused = weightsRefusal(parameters);
    if (refused) return refused;
    if (unit) weaver.add(unit);
    const [memory] = this.around.instance(weightsKernel, parameters).memories;
    this.ports.weights(unitIdOf(piece), parameters, this.weightChannels(piece, memory?.bytes), {
      ...this.where(piece),
      ...burstOf(store),
      ...(ahead ? { ahead } : {}),
    });
    return undefined;
  }

  /** Rows and columns that a loader knows: groups with a scale each are tiles of columns to it, one behind the other. */
  private matrixOf(piece: Piece, operator: Operator, { outputs, dot }: ArrayShape) {
    const { columns, reduction } = operator;
    const { precision } = this.accelerator;
    const { group } = groupOf(operator, precision);
    if (group !== undefined && piece.unit === undefined) {
      const wide = outputs * piece.kernel.pack.value;
      return { reduction: group, columns: Math.ceil(columns / wide) * wide * Math.ceil(reduction / group) };
    }
    if (precision.group > 0 && isInteger(precision.weights) && precision.group < reduction)
      this.caveats.push(
        `${piece.kernel.name} (${operator.name}): every output channel is counted with one scale; groups are those of linears with an array of their own`,
      );
    return { reduction: weightRows(operator, dot), columns };
  }

  /** Adds the unit with the loaders of its trained values; or says why there is none of these. */
  private needsOf(shape: Shape, instance: Instance): string | undefined {
    const { piece, operator } = shape;
    const { weaver, around, accelerator } = this;
    if (operator.kind === 'linear' || operator.kind === 'conv2d') {
      return this.weightsOf([shape], this.unit(piece, instance, {}));
    }
    const unit = this.unit(piece, instance, {});
    weaver.add(unit);
    const { activations, cache } = accelerator.precision;
    if (
      operator.keys > 0 &&
      piece.kernel.cache?.value.kind === 'on-chip' &&
      isProduct(operator) &&
      cache !== activations
    )
      this.caveats.push(
        `${piece.kernel.name}: on the chip ${operator.kind === 'scores' ? 'K' : 'V'} is kept as it is read, in ${activations}, not in ${cache}`,
      );
    const place = { ...this.where(piece), ...burstOf(piece.kernel.cache?.value) };
    for (const caches of cachesOf(shape, around))
      this.ports.caches(piece.id, caches, this.cacheChannels(shape, caches), place);
    if (operator.kind === 'layernorm' || operator.kind === 'rmsnorm') {
      const both = operator.kind === 'layernorm';
      const loader = around.instance(parametersKernel, {
        columns: operator.columns,
        vectors: both ? 2 : 1,
        lanes: shape.out.columns,
        portBits: defaultPortBits(accelerator),
        content: `${both ? 'gain and bias' : 'gain'} of ${operator.name}`,
      });
      this.loader(shape, 'parameters', loader, 'parameters');
    }
    if (operator.kind === 'rope') {
      const { rows, headDim } = operator;
      const loader = around.instance(loadKernel, {
        ...turnsTensor({ rows, headDim, word: shape.out }),
        element: 'fp32',
        portBits: defaultPortBits(accelerator),
        content: `cosines and sines of the positions of ${operator.name}`,
      });
      this.loader(shape, 'turns', loader, 'turns');
    }
    return undefined;
  }

  /** A loader beside a row kernel, for what it needs once a pass. */
  private loader({ piece }: Shape, role: 'parameters' | 'turns', instance: Instance, port: string): void {
    const id = `${piece.id}_${role}`;
    const channels = { memory: [this.parameterChannel(piece)] };
    this.weaver.add({ ...this.unit(piece, instance, channels), id, role, operators: [] });
    this.weaver.tie(id, 'out', piece.id, port);
  }

  private unit(piece: Piece, instance: Instance, channels: Unit['channels']): Unit {
    return { ...this.where(piece), id: piece.id, role: 'operator', operators: piece.operators, instance, channels };
  }

  /** Where a piece stands, at what clock, and who pays. */
  private where({ kernel }: Piece): Place {
    const { device } = this.accelerator;
    const place = standing(kernel);
    const die = place.die || (device.dies[0]?.name ?? device.name);
    return { ...place, kernel: kernel.name, die, clock: kernel.clock.value };
  }

  /** Channels of every port of a product's weights. */
  private weightChannels(piece: Piece, bytes = 0): readonly (readonly ChannelRef[])[] {
    const store = piece.kernel.weights?.value;
    if (store?.kind !== 'channels' || store.channels.length === 0)
      return [[defaultChannel(this.accelerator, piece.kernel.dies.value[0])]];
    const { device, model } = this.accelerator;
    const { outputs } = piece.kernel.array?.value ?? { outputs: 1 };
    const capacity = device.memories.find(({ name }) => name === store.memory)?.capacity ?? 0;
    const need = capacity > 0 ? Math.ceil((bytes * model.layer.repeat) / capacity) : 1;
    const { ports, span } = weightPorts(outputs * piece.kernel.pack.value, store.channels.length, need);
    const all = this.portChannels(piece, store, ports * span, 'weights');
    return Array.from({ length: ports }, (_, port) => all.slice(port * span, (port + 1) * span));
  }

  private cacheChannels({ piece }: Shape, { ports, channels }: Caches): readonly ChannelRef[] {
    const store = piece.kernel.cache?.value;
    return store?.kind === 'channels' ? this.portChannels(piece, { ...store, channels }, ports, 'cache') : [];
  }

  /** A channel a port; what is left over is said. */
  private portChannels(
    { kernel }: Piece,
    { memory, channels }: Extract<Store, { kind: 'channels' }>,
    used: number,
    what: string,
  ): readonly ChannelRef[] {
    if (channels.length > used)
      this.caveats.push(
        `${kernel.name}: its ${what} ${what === 'cache' ? 'goes' : 'go'} through ${used} of ${channels.length} channels: a port has an equal share of the columns of a tile`,
      );
    return channels.slice(0, used).map((channel) => ({ memory, channel }));
  }

  /** Where a coarsely priced unit reads weights, K and V. */
  private channelsOf(shape: Shape, instance: Instance): Unit['channels'] {
    const { cache } = shape.piece.kernel;
    const channels: Record<string, readonly ChannelRef[]> = {};
    for (const { name } of instance.memories) {
      const store = name === 'cache' ? cache?.value : undefined;
      channels[name] =
        store?.kind === 'channels'
          ? store.channels.map((channel) => ({ memory: store.memory, channel }))
          : this.weightChannels(shape.piece).flat();
    }
    return channels;
  }

  /**
   * Small parameters lie with the weights of the first product on the same die: first in the data flow, whatever the order
   * of the lines; not with those of an array in turn, which reads its channels all the time. Unless their own line says where.
   */
  private parameterChannel(piece: Piece): ChannelRef {
    const { weights: own, dies } = piece.kernel;
    if (own && own.origin !== 'auto' && own.value.kind === 'channels' && own.value.channels[0] !== undefined)
      return { memory: own.value.memory, channel: own.value.channels[0] };
    const die = dies.value[0];
    for (const operator of this.accelerator.model.layer.operators) {
      const other = isLinear(operator) ? this.pieceOf.get(operator.name) : undefined;
      const store = other?.kernel.weights?.value;
      if (!other || other.kernel.dies.value[0] !== die || other.kernel.turns.length > 1) continue;
      if (store?.kind === 'channels' && store.channels[0] !== undefined)
        return { memory: store.memory, channel: store.channels[0] };
    }
    return defaultChannel(this.accelerator, die);
  }
}

/** Edges by the operator that they come from. */
function leaving(edges: readonly Edge[]): Grouped<string, Edge> {
  return grouped(edges, ({ from }) => (from.kind === 'operator' ? from.operator : undefined));
}

/** Beats of a burst, where the spec says how many. */
function burstOf(store: Store | undefined): Pick<Unit, 'burst'> {
  return store?.burst === undefined ? {} : { burst: store.burst };
}

/** `via uram`: a tile of weights in front of the array; `double`, the next one beside it. */
function stagingOf(store: Store | undefined): Pick<WeightsParameters, 'staging'> {
  if (store?.kind !== 'channels' || store.via === undefined) return {};
  return { staging: { storage: store.via, tiles: store.double ? 2 : 1 } };
}

/** Rows of a matrix of weights: the channels of each tap of a window fill whole dot products. */
function weightRows({ reduction, window }: Operator, dot: number): number {
  if (!window) return reduction;
  return window.size * window.size * Math.ceil(window.channels / dot) * dot;
}

function isLinear(operator: Operator): boolean {
  return operator.kind === 'linear';
}
