/** A kernel with each of its options as the cost laws see it: what it adds on the way through it, and what it takes. */
import { portLimit } from '../design/channels.ts';
import type { Accelerator, Kernel, Store } from '../design/design.ts';
import type { Memory, ResourceName } from '../design/hardware.ts';
import { costOf } from '../estimate/assemble.ts';
import { Bound } from '../estimate/bound.ts';
import { portsTo } from '../estimate/channels.ts';
import { changed, type KernelChange } from '../estimate/evaluate.ts';
import { fifoResources, fifoStorage } from '../estimate/fifo.ts';
import { lower } from '../estimate/lower.ts';
import type { Fifo, InstanceOf } from '../estimate/netlist.ts';
import { aloneAt } from '../estimate/pacing.ts';
import { graphOf } from '../estimate/timeline.ts';
import type { Resources } from '../kernels/kernel.ts';
import { wordBits } from '../kernels/word.ts';
import { Boundaries, between } from './boundaries.ts';
import type { KernelOption } from './options.ts';
import { type Parts, partsOf, partsOfChannels } from './parts.ts';

export interface Measured {
  /** 'q.out': ports of other kernels' operators that it reads, and its own that others may read. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** `Bound.through` of these: a row for each event of each output and for the end, in cycles. */
  readonly delays: readonly (readonly number[])[];
  /** Cycles of its slowest process. */
  readonly work: number;
  /** Of each of `RESOURCES`, and ports of each of `Measure.memories`. */
  readonly use: readonly number[];
  /** The library does not build it. */
  readonly refused: boolean;
}

/** An option of each kernel. */
export type Choices = readonly (readonly [Kernel, KernelOption])[];

/** Resources that are counted over the card. Dies are looked at by the full estimate, which has the last word. */
export const RESOURCES: readonly ResourceName[] = ['dsp', 'lut', 'ff', 'bram36', 'uram'];

/**
 * Measures a choice of each kernel at once. A kernel's own units (its operators, the loaders of its trained values, its
 * caches) know nothing of its neighbours but how many rows are side by side in a word, which must be the same in all choices.
 */
export class Measure {
  /** Kernels in dataflow order, of the last netlist. */
  order: readonly string[] = [];
  /** Memories that have only so many ports. */
  readonly memories: readonly Memory[];
  /** Of each of these, ports of loaders and stores of rows, which no kernel's choice has a say in: the fewest seen. */
  readonly rowPorts: number[];
  private readonly bound = new Bound();
  private parts: Parts = new Map();
  private readonly accelerator: Accelerator;
  private readonly instanceOf: InstanceOf;
  private readonly hasUram: boolean;

  constructor(accelerator: Accelerator, instanceOf: InstanceOf) {
    this.accelerator = accelerator;
    this.instanceOf = instanceOf;
    this.memories = accelerator.device.memories.filter((memory) => portLimit(memory) !== undefined);
    this.rowPorts = this.memories.map(() => Number.POSITIVE_INFINITY);
    this.hasUram = accelerator.device.dies.some(({ resources }) => resources.uram > 0);
  }

  /** Looks at the streams between kernels, which `of` sees in the same parts whatever is chosen. @returns kernels that are not built so. */
  look(choices: Choices): ReadonlySet<string> {
    const { graph, fifos, kernels, refused } = this.lowered(choices);
    this.parts = partsOf(graph, fifos, kernels);
    return refused;
  }

  /** What is asked for of these. */
  of(choices: Choices, asked: (choice: number) => boolean): (Measured | undefined)[] {
    const { bound } = this;
    const { units, fifos, graph, kernels, refused } = this.lowered(choices);
    const parts = partsOfChannels(graph, fifos, kernels, this.parts);
    const wanted = new Set(kernels.flatMap(({ own }, k) => (asked(k) ? own : [])));
    const timed = bound.unitsOf(units, graph, parts, (unit) => wanted.has(unit));
    this.order = [...new Set(units.filter(({ role }) => role === 'operator').map(({ kernel }) => kernel))];
    this.memories.forEach((memory, m) => {
      const rows = units.filter(({ role }) => between.has(role));
      this.rowPorts[m] = Math.min(this.rowPorts[m]!, portsTo(rows, memory).length);
    });
    return choices.map(([{ name }], k) => {
      if (!asked(k)) return undefined;
      const { own, inputs, outputs } = kernels[k]!;
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
        delays: bound.through(
          times,
          inputs.map(({ fifos: all }) => all),
          outputs.map(({ fifos: [fifo] }) => fifo!),
        ),
        work: bound.workOf(times),
        use: [
          ...RESOURCES.map((resource) => costs.reduce((sum, cost) => sum + cost[resource].used, 0)),
          ...this.memories.map((memory) => portsTo(built, memory).length),
        ],
        refused: refused.has(name),
      };
    });
  }

  private lowered(choices: Choices) {
    const { accelerator } = this;
    // On one die no stream waits at a crossing.
    const die = accelerator.device.dies[0]?.name;
    const change = choices.map(([kernel, option]) => {
      return [kernel.name, { ...onFirstChannels(kernel, option), ...(die === undefined ? {} : { die }) }] as const;
    });
    const { whole, netlist } = lower(changed(accelerator, Object.fromEntries(change)), this.instanceOf);
    const { units, fifos } = whole;
    const boundaries = new Boundaries(units, fifos);
    return {
      units,
      fifos,
      graph: graphOf(units, fifos, () => Number.POSITIVE_INFINITY, accelerator.clock.value, aloneAt(accelerator)),
      kernels: choices.map(([{ name }]) => boundaries.of(name)),
      refused: new Set(netlist.refused.map(({ kernel }) => kernel)),
    };
  }

  /** What a FIFO takes at least. */
  private shallow({ word, storage }: Fifo): Resources {
    const bits = wordBits(word);
    return fifoResources(SHALLOW, bits, fifoStorage(SHALLOW, storage, bits, this.hasUram));
  }
}

/** Words of a FIFO that nobody has made deeper. */
const SHALLOW = 2;

/** Alone, a port is as fast on one channel as on another. */
function onFirstChannels(kernel: Kernel, { weights, cache, ...rest }: KernelOption): KernelChange {
  const first = (store: Store | undefined, count: number | undefined): Store | undefined =>
    store?.kind === 'channels' && count !== undefined
      ? { ...store, channels: Array.from({ length: count }, (_, i) => i) }
      : undefined;
  const ofWeights = first(kernel.weights?.value, weights);
  const ofCache = first(kernel.cache?.value, cache);
  return { ...rest, ...(ofWeights ? { weights: ofWeights } : {}), ...(ofCache ? { cache: ofCache } : {}) };
}
