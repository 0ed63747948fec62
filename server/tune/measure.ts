/** A kernel with each of its options as the cost laws see it: what it adds on the way through it, and what it takes. */
import { portLimit } from '../design/channels.ts';
import type { Accelerator, Kernel, Memory, ResourceName, Store } from '../design/design.ts';
import { costOf } from '../estimate/assemble.ts';
import { Bound } from '../estimate/bound.ts';
import { portsTo } from '../estimate/channels.ts';
import { changed, type KernelChange } from '../estimate/evaluate.ts';
import { fifoResources, fifoStorage } from '../estimate/fifo.ts';
import { lower } from '../estimate/lower.ts';
import type { Fifo, InstanceOf, Unit } from '../estimate/netlist.ts';
import { aloneAt } from '../estimate/pacing.ts';
import { graphOf } from '../estimate/timeline.ts';
import type { Resources } from '../kernels/kernel.ts';
import { wordBits } from '../kernels/word.ts';
import type { KernelOption } from './options.ts';

export interface Measured {
  /** 'q.out': ports of other kernels' operators that it reads, and its own that others may read. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** `Bound.through` of these: a row for the first and the last word of each output and for the end, in cycles. */
  readonly delays: readonly (readonly number[])[];
  /** Cycles of its slowest process. */
  readonly work: number;
  /** Of each of `RESOURCES`, and ports of each of `Measure.memories`. */
  readonly use: readonly number[];
  /** The library does not build it. */
  readonly refused: boolean;
}

/** Resources that are counted over the card. Dies are looked at by the full estimate, which has the last word. */
export const RESOURCES: readonly ResourceName[] = ['dsp', 'lut', 'ff', 'bram36', 'uram'];

/** What stands between kernels follows from both ends: no lower bound may count on it. */
const between: ReadonlySet<Unit['role']> = new Set(['fork', 'convert', 'load', 'store', 'link']);

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

  of(choices: readonly (readonly [Kernel, KernelOption])[]): Measured[] {
    const { accelerator, bound } = this;
    // On one die no stream waits at a crossing.
    const die = accelerator.device.dies[0]?.name;
    const change = choices.map(([kernel, option]) => {
      return [kernel.name, { ...onFirstChannels(kernel, option), ...(die === undefined ? {} : { die }) }] as const;
    });
    const { whole, netlist } = lower(changed(accelerator, Object.fromEntries(change)), this.instanceOf);
    const { units, fifos } = whole;
    const clock = accelerator.clock.value;
    const graph = graphOf(units, fifos, () => Number.POSITIVE_INFINITY, clock, aloneAt(accelerator));
    const timed = bound.unitsOf(units, graph);
    this.order = [...new Set(units.filter(({ role }) => role === 'operator').map(({ kernel }) => kernel))];
    this.memories.forEach((memory, m) => {
      const rows = units.filter(({ role }) => between.has(role));
      this.rowPorts[m] = Math.min(this.rowPorts[m]!, portsTo(rows, memory).length);
    });
    const boundaries = new Boundaries(units, fifos);
    const refused = new Set(netlist.refused.map(({ kernel }) => kernel));
    return choices.map(([{ name }]) => {
      const { own, inputs, outputs } = boundaries.of(name);
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

  /** What a FIFO takes at least. */
  private shallow({ word, storage }: Fifo): Resources {
    const bits = wordBits(word);
    return fifoResources(SHALLOW, bits, fifoStorage(SHALLOW, storage, bits, this.hasUram));
  }
}

/** Words of a FIFO that nobody has made deeper. */
const SHALLOW = 2;

/** FIFOs at the boundary of a kernel, and the port of an operator whose words they carry. */
interface Stream {
  readonly fifos: readonly string[];
  readonly source: string;
}

/** Which units of a netlist are a kernel's, and what goes in and out of them. */
class Boundaries {
  private readonly units: readonly Unit[];
  private readonly fifos: readonly Fifo[];
  private readonly byId: ReadonlyMap<string, Unit>;
  private readonly into: ReadonlyMap<string, Fifo>;

  constructor(units: readonly Unit[], fifos: readonly Fifo[]) {
    this.units = units;
    this.fifos = fifos;
    this.byId = new Map(units.map((unit) => [unit.id, unit]));
    this.into = new Map(fifos.map((fifo) => [fifo.to.unit, fifo]));
  }

  /** @returns indices of its units, with the converters and forks inside of it, and its streams. */
  of(kernel: string): { own: readonly number[]; inputs: readonly Stream[]; outputs: readonly Stream[] } {
    const isOwn = (unit: Unit): boolean =>
      unit.kernel === kernel &&
      (!between.has(unit.role) || this.byId.get(this.sourceOf(unit.id)?.unit ?? '')?.kernel === kernel);
    const own = this.units.flatMap((unit, u) => (isOwn(unit) ? [u] : []));
    const inside = new Set(own.map((u) => this.units[u]!.id));
    const inputs = new Map<string, string[]>();
    const outputs: Stream[] = [];
    for (const { id, from, to } of this.fifos) {
      if (inside.has(from.unit) && this.byId.get(from.unit)!.role === 'operator')
        outputs.push({ fifos: [id], source: `${from.unit}.${from.port}` });
      if (!inside.has(to.unit) || inside.has(from.unit)) continue;
      const source = between.has(this.byId.get(from.unit)!.role) ? this.sourceOf(from.unit) : from;
      if (!source) continue;
      const key = `${source.unit}.${source.port}`;
      const known = inputs.get(key);
      if (known) known.push(id);
      else inputs.set(key, [id]);
    }
    return { own, inputs: [...inputs].map(([source, fifos]) => ({ source, fifos })), outputs };
  }

  /** The operator's port behind what stands between; undefined where rows come from memory: they are there from the start. */
  private sourceOf(unit: string): Fifo['from'] | undefined {
    for (let at = unit, steps = 0; steps <= this.units.length; steps++) {
      const from = this.into.get(at)?.from;
      if (!from || !between.has(this.byId.get(from.unit)!.role)) return from;
      at = from.unit;
    }
    return undefined;
  }
}

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
