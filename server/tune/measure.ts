/** A kernel with each of its options as the cost laws see it: what it adds on the way through it, and what it takes. */
import { portLimit } from '../design/defaults/channels.ts';
import type { Accelerator, Edge, Kernel, Setting, Store } from '../design/design.ts';
import type { Memory, ResourceName } from '../design/hardware.ts';
import { costOf } from '../estimate/assemble.ts';
import { fifoResources, fifoStorage } from '../estimate/cost/fifo.ts';
import { changed, type KernelChange } from '../estimate/evaluate.ts';
import { lower } from '../estimate/lower/lower.ts';
import { isProduct, isTiled, mainOperator, piecesOf } from '../estimate/lower/pieces.ts';
import type { Fifo, InstanceOf, Netlist, Unit } from '../estimate/netlist.ts';
import { Bound } from '../estimate/time/bound.ts';
import { portsTo } from '../estimate/time/channels.ts';
import type { PartsOf } from '../estimate/time/marks.ts';
import { aloneAt } from '../estimate/time/pacing.ts';
import { type Graph, graphOf } from '../estimate/time/timeline.ts';
import type { Resources } from '../kernels/kernel.ts';
import { wordBits } from '../kernels/word.ts';
import { Boundaries, type Boundary, between } from './boundaries.ts';
import type { Measured, Measures } from './measures.ts';
import type { KernelOption } from './options.ts';
import { type Parts, partsOf, partsOfChannels } from './parts.ts';
import { type OnChip, openChannels, type Place } from './places.ts';

/** An option of each kernel. */
export type Choices = readonly (readonly [Kernel, KernelOption])[];

/** Resources that are counted over the card. Dies are looked at by the full estimate, which has the last word. */
export const RESOURCES: readonly ResourceName[] = ['dsp', 'lut', 'ff', 'bram36', 'uram'];

/**
 * Measures a choice of each kernel at once. A kernel's own units (its operators, the loaders of its trained values, its
 * caches) know nothing of its neighbours but how many rows are side by side in a word, which must be the same in all choices.
 */
export class Measure {
  /** Kernels in dataflow order, of the netlist that was looked at. */
  order: readonly string[] = [];
  /** Streams that are what the layer gives. */
  results: readonly string[] = [];
  /** Memories that have only so many ports. */
  readonly memories: readonly Memory[];
  /** Of each of these, ports of loaders and stores of rows, which no kernel's choice has a say in: the fewest seen. */
  readonly rowPorts: number[];
  private readonly bound = new Bound();
  private readonly likenesses = new Map<string, string>();
  private parts: Parts = new Map();
  /** What goes into each kernel and comes out of it. */
  private streams: ReadonlyMap<string, Boundary> = new Map();
  private readonly accelerator: Accelerator;
  private readonly instanceOf: InstanceOf;
  private readonly known: Measures;
  private readonly hasUram: boolean;

  /** @param known measures of kernels alone, of this accelerator and of others. */
  constructor(accelerator: Accelerator, instanceOf: InstanceOf, known: Measures) {
    this.accelerator = accelerator;
    this.known = known;
    this.instanceOf = instanceOf;
    this.memories = accelerator.device.memories.filter((memory) => portLimit(memory) !== undefined);
    this.rowPorts = this.memories.map(() => Number.POSITIVE_INFINITY);
    this.hasUram = accelerator.device.dies.some(({ resources }) => resources.uram > 0);
  }

  /** Looks at the streams between kernels, which all measures see in the same parts whatever is chosen. @returns kernels that are not built so. */
  look(choices: Choices): ReadonlySet<string> {
    const { units, graph, fifos, boundaries, refused } = this.lowered(choices);
    const kernels = choices.map(([{ name }]) => boundaries.of(name));
    this.order = [...new Set(units.filter(({ role }) => role === 'operator').map(({ kernel }) => kernel))];
    this.parts = partsOf(graph, fifos, kernels);
    const given = new Set(this.accelerator.model.layer.outputs);
    const results = kernels.flatMap(({ outputs }) => outputs.filter(({ tensor }) => given.has(tensor ?? '')));
    this.results = [...new Set(results.map(({ source }) => source))];
    this.streams = new Map(choices.map(([{ name }], k) => [name, kernels[k]!]));
    return refused;
  }

  /** What is asked for of these. */
  of(choices: Choices, asked: (choice: number) => boolean): (Measured | undefined)[] {
    const lowered = this.lowered(choices);
    const rows = lowered.units.filter(({ role }) => between.has(role));
    this.memories.forEach((memory, m) => {
      this.rowPorts[m] = Math.min(this.rowPorts[m]!, portsTo(rows, memory).length);
    });
    const kernels = choices.map(([{ name }]) => lowered.boundaries.of(name));
    const parts = partsOfChannels(lowered.graph, lowered.fifos, kernels, this.parts);
    return choices.map(([{ name }], k) => (asked(k) ? this.measured(name, kernels[k]!, lowered, parts) : undefined));
  }

  /** Whether a kernel can be measured without the others: one product, or some in turn, each of which gives one stream to kernels alone. */
  standsAlone(kernel: Kernel): boolean {
    const streams = this.streams.get(kernel.name);
    const pieces = piecesOf(kernel);
    const isPlain =
      pieces.length === kernel.turns.length &&
      pieces.every((piece) => isProduct(mainOperator(piece)) && !isTiled(piece));
    const leaving = this.accelerator.edges.filter(
      ({ from }) => from.kind === 'operator' && from.kernel === kernel.name,
    );
    return isPlain && streams?.outputs.length === pieces.length && leaving.every(({ to }) => to.kind === 'operator');
  }

  /** The same as among the others, in a netlist of this kernel; of kernels that are alike in all but their names, once. */
  alone(kernel: Kernel, option: KernelOption): Measured {
    const { inputs, outputs } = this.streams.get(kernel.name)!;
    const known = this.known.get(this.likeness(kernel), JSON.stringify(option), () =>
      this.measuredAlone(kernel, option),
    );
    return { ...known, inputs: inputs.map(({ source }) => source), outputs: outputs.map(({ source }) => source) };
  }

  private measuredAlone(kernel: Kernel, option: KernelOption): Measured {
    const lowered = this.lowered([[kernel, option]], onlyWith(this.accelerator, kernel.name));
    const boundary = lowered.boundaries.alone(kernel.name, this.streams.get(kernel.name)!);
    const parts = partsOfChannels(lowered.graph, lowered.fifos, [boundary], this.parts);
    return this.measured(kernel.name, boundary, lowered, parts);
  }

  /** All that such a measure depends on, without names and places. */
  likeness(kernel: Kernel): string {
    const known = this.likenesses.get(kernel.name);
    if (known !== undefined) return known;
    const { accelerator, parts } = this;
    const { inputs, outputs } = this.streams.get(kernel.name)!;
    const edges = onlyWith(accelerator, kernel.name).edges.map(({ from, element, width }) => [
      from.kind,
      element.value,
      width.value,
    ]);
    const streams = [...inputs, ...outputs].map(({ source, inOrder }) => [inOrder, parts.get(source)]);
    const { device, clock, precision, phase, model } = accelerator;
    const all = [whateverChosen(kernel), edges, streams, device, clock.value, precision, phase, model.layer.repeat];
    const likeness = JSON.stringify(all, (key, value: unknown) => {
      if (unlike.has(key)) return undefined;
      return key === 'channels' && Array.isArray(value) ? value.length : value;
    });
    this.likenesses.set(kernel.name, likeness);
    return likeness;
  }

  private measured(
    kernel: string,
    { own, inputs, outputs }: Boundary,
    { units, fifos, graph, refused }: Pick<Netlist, 'units' | 'fifos'> & { graph: Graph; refused: ReadonlySet<string> },
    parts: PartsOf,
  ): Measured {
    const wanted = new Set(own);
    // What other kernels are is open: nothing is known of the pace at which they bring something.
    const timed = this.bound.unitsOf(units, graph, parts, (unit) => wanted.has(unit));
    const times = own.map((u) => timed[u]!);
    const built = own.map((u) => units[u]!).filter(({ role }) => !between.has(role));
    const ids = new Set(built.map(({ id }) => id));
    const costs = [
      ...built.map((unit) => costOf(unit, this.hasUram)),
      ...fifos.filter(({ from, to }) => ids.has(from.unit) && ids.has(to.unit)).map((fifo) => this.shallow(fifo)),
    ];
    return {
      inputs: inputs.map(({ source }) => source),
      outputs: outputs.map(({ source }) => source),
      delays: this.bound.through(
        times,
        inputs.map(({ fifos: all }) => all),
        outputs.map(({ fifos: [fifo] }) => fifo!),
      ),
      fills: built.reduce((sum, unit) => sum + this.fillsOf(unit), 0),
      use: [
        ...RESOURCES.map((resource) => costs.reduce((sum, cost) => sum + cost[resource].used, 0)),
        ...this.memories.map((memory) => portsTo(built, memory).length),
      ],
      refused: refused.has(kernel),
    };
  }

  private lowered(choices: Choices, accelerator = this.accelerator) {
    // On one die no stream waits at a crossing.
    const die = accelerator.device.dies[0]?.name;
    const change = choices.map(([kernel, option]) => {
      return [
        kernel.name,
        { ...onFirstChannels(kernel, option), ...(die === undefined ? {} : { dies: [die] }) },
      ] as const;
    });
    const { whole, netlist } = lower(changed(accelerator, Object.fromEntries(change)), this.instanceOf);
    const { units, fifos } = whole;
    const boundaries = new Boundaries(units, fifos);
    return {
      units,
      fifos,
      boundaries,
      graph: graphOf(units, fifos, () => Number.POSITIVE_INFINITY, accelerator.clock.value, aloneAt(accelerator)),
      refused: new Set(netlist.refused.map(({ kernel }) => kernel)),
    };
  }

  private fillsOf({ instance: { law }, channels, role }: Unit): number {
    if (role !== 'weights' || law.load === undefined) return 0;
    const { device, clock } = this.accelerator;
    return law.traffic.reduce((sum, { port, bytes }) => {
      const memory = device.memories.find(({ name }) => name === channels[port]?.[0]?.memory);
      return memory && memory.bandwidth > 0 ? sum + (bytes / memory.bandwidth) * clock.value : sum;
    }, 0);
  }

  /** What a FIFO takes at least. */
  private shallow({ word, storage }: Fifo): Resources {
    const bits = wordBits(word);
    return fifoResources(SHALLOW, bits, fifoStorage(SHALLOW, storage, bits, this.hasUram));
  }
}

/** Words of a FIFO that nobody has made deeper. */
const SHALLOW = 2;

/** Where kernels may differ and yet be alike. */
const unlike: ReadonlySet<string> = new Set(['name', 'nameSpan', 'span', 'doc', 'inputs', 'auto', 'region']);

/** A kernel without what its option says in any case, and without its dies: it is measured on one of them. */
function whateverChosen({ dies: _, array, weights, cache, ...rest }: Kernel): object {
  const store = (setting: Setting<Store> | undefined) =>
    openChannels(setting) ? { ...setting, value: { ...setting?.value, channels: 'open' } } : setting;
  return {
    ...rest,
    array: array?.origin === 'auto' ? array.origin : array,
    weights: store(weights),
    cache: store(cache),
  };
}

/** What a channel would hold, kept on the chip; K and V with the halves that they have. */
export function keptIn(storage: OnChip, store: Store | undefined): Store {
  return { kind: 'on-chip', storage, double: store?.kind === 'on-chip' && store.double };
}

/** An accelerator of one kernel: rows come from the host, and go there. */
function onlyWith(accelerator: Accelerator, name: string): Accelerator {
  const isOwn = (end: Edge['from']): boolean => end.kind === 'operator' && end.kernel === name;
  const host = { kind: 'host' } as const;
  return {
    ...accelerator,
    kernels: accelerator.kernels.filter((kernel) => kernel.name === name),
    edges: accelerator.edges.flatMap((edge): Edge[] => {
      if (isOwn(edge.from)) return [{ ...edge, to: host }];
      return isOwn(edge.to) ? [{ ...edge, from: host }] : [];
    }),
  };
}

/** Alone, a port is as fast on one channel as on another. */
function onFirstChannels(kernel: Kernel, { weights, cache, ...rest }: KernelOption): KernelChange {
  const first = (store: Store | undefined, place: Place | undefined): Store | undefined => {
    if (typeof place === 'string') return keptIn(place, store);
    return store?.kind === 'channels' && place !== undefined
      ? { ...store, channels: Array.from({ length: place }, (_, i) => i) }
      : undefined;
  };
  const ofWeights = first(kernel.weights?.value, weights);
  const ofCache = first(kernel.cache?.value, cache);
  return { ...rest, ...(ofWeights ? { weights: ofWeights } : {}), ...(ofCache ? { cache: ofCache } : {}) };
}
