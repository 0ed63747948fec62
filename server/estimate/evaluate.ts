/**
 * Many designs a second: what the tuner asks of each point of its search, around one design that was estimated in full.
 *
 * Exact: DSPs, memories, ports and logic of every unit, by die, as a full estimate adds them up: a kernel's part is kept by
 * what it depends on and summed. Approximate, and why: the timeline is not run. Latency is the longest way through the
 * pass with every FIFO deep enough and no channel shared (`bound.ts`), so it is never above what the full estimate says;
 * FIFOs that are `auto` cost what they cost in the design the search began with. The winner is for the full estimate to
 * confirm.
 */
import type { Accelerator, ArrayShape, Edge, Kernel, Setting, Store } from '../design/design.ts';
import type { ResourceName } from '../design/hardware.ts';
import { edgesOf } from '../design/mapping/edges.ts';
import type { Resources } from '../kernels/kernel.ts';
import { wordBits } from '../kernels/word.ts';
import { clean } from './amounts.ts';
import { costOf } from './assemble.ts';
import { fifoResources, fifoStorage } from './cost/fifo.ts';
import { crossing } from './cost/interfaces.ts';
import type { AcceleratorEstimate } from './estimate.ts';
import { instanceCache } from './lower/instances.ts';
import { type Lowered, lower } from './lower/lower.ts';
import { worksIn } from './lower/pieces.ts';
import { reachOf } from './lower/reach.ts';
import { shareOn, standing, type Unit } from './netlist.ts';
import { Bound, type TimedUnit } from './time/bound.ts';
import { busiestMoment, type Copies, copiesAtWork, repeated } from './time/channels.ts';
import { copiesOf } from './time/copies.ts';
import { aloneAt } from './time/pacing.ts';
import { graphOf } from './time/timeline.ts';
import { timesOf } from './time/timing.ts';
import { type Traffic, timedReaders, trafficOf } from './time/traffic.ts';
import type { Window } from './time/windows.ts';

/** What the search may change of a kernel. */
export interface KernelChange {
  readonly array?: ArrayShape;
  readonly lanes?: number;
  readonly pack?: number;
  readonly replicate?: number;
  readonly weights?: Store;
  readonly cache?: Store;
  readonly dies?: readonly string[];
}

/** By the kernel's name. */
export type Change = Readonly<Record<string, KernelChange>>;

export interface Point {
  /** Seconds of one pass, of all passes, and from one result to the next: not above the full estimate’s. */
  readonly perLayer: number;
  readonly model: number;
  readonly interval: number;
  /** By die, shell included: the middle of each band, as `Resources.used`. */
  readonly dies: readonly { readonly name: string; readonly used: Readonly<Record<ResourceName, number>> }[];
  /** Bytes a second at the busiest moment, of the channels that anybody uses. */
  readonly channels: readonly { readonly name: string; readonly demand: number; readonly limit: number }[];
  /** Every die has what it takes, less what is reserved, and no channel is asked for more than it gives. */
  readonly feasible: boolean;
}

const names: readonly ResourceName[] = ['dsp', 'bram36', 'uram', 'lut', 'ff'];

/** What one kernel adds to a point. */
interface Part {
  /** Five figures a die, dies in the device's order. */
  readonly used: Float64Array;
  readonly units: readonly TimedUnit[];
  readonly traffic: readonly Traffic[];
  /** Seconds of operators that take turns, and are not on the timeline. */
  readonly turns: number;
}

/** Parts after which the memory of an evaluator begins anew. */
const partLimit = 50_000;

export function createEvaluator(base: AcceleratorEstimate): (change: Change) => Point {
  return new Evaluator(base).evaluate;
}

class Evaluator {
  private readonly accelerator: Accelerator;
  private readonly instanceOf = instanceCache();
  private readonly parts = new Map<string, Part>();
  private readonly depths: ReadonlyMap<string, number>;
  /** Of each built kernel: the kernels whose settings its part depends on. */
  private readonly reach: readonly { readonly name: string; readonly on: readonly string[] }[];
  private readonly dies: readonly string[];
  private readonly shell: Float64Array;
  private readonly budget: Float64Array;
  private readonly hasUram: boolean;
  /** Share of a pass by which a copy of the layer is behind the one before it: as in the design that the search began with. */
  private readonly behind: number;
  private readonly bound = new Bound();
  /** Of the units of the design that the search began with: parts of several netlists are put in one order. */
  private readonly ranks: ReadonlyMap<string, number>;

  constructor(base: AcceleratorEstimate) {
    const { accelerator } = base;
    const { device, reserves } = accelerator;
    this.accelerator = accelerator;
    this.behind = base.timing.perLayer > 0 ? base.timing.behind / base.timing.perLayer : 1;
    this.depths = new Map(base.fifos.map(({ fifo, depth }) => [fifo.id, depth]));
    this.reach = reachOf(accelerator);
    this.ranks = new Map(base.netlist.units.map(({ id }, rank) => [id, rank]));
    this.dies = device.dies.map(({ name }) => name);
    this.hasUram = device.dies.some(({ resources }) => resources.uram > 0);
    this.shell = new Float64Array(5 * this.dies.length);
    this.budget = new Float64Array(5 * this.dies.length);
    device.dies.forEach((die, d) => {
      names.forEach((name, r) => {
        if (device.shell?.die === die.name) this.shell[5 * d + r] = clean(device.shell.resources[name]);
        const kept = reserves.filter((one) => one.resource === name && (one.die === undefined || one.die === die.name));
        const share = kept.reduce((most, one) => Math.max(most, one.share), 0);
        this.budget[5 * d + r] = clean(die.resources[name]) * (1 - share);
      });
    });
  }

  readonly evaluate = (change: Change): Point => {
    const { accelerator } = this;
    const parts = this.partsOf(change);
    const copies = copiesOf(accelerator);
    const used = this.shell.slice();
    let turns = 0;
    for (const part of parts) {
      turns += part.turns;
      for (let i = 0; i < used.length; i++) used[i]! += part.used[i]! * copies;
    }
    const { bound } = this;
    bound.run(parts.map(({ units }) => units));
    const clock = accelerator.clock.value;
    const end = clean(bound.end / clock);
    const slowest = Math.max(clean(bound.slowest / clock), turns);
    const behind = (end + turns) * this.behind;
    const times = timesOf(accelerator, { alone: end + turns, slowestUnit: slowest, behind }, copies);
    const channels = this.channelsOf(parts, clock, copiesAtWork(copies, end, end * this.behind));
    const fits = used.every((value, i) => value <= this.budget[i]! + 1e-9);
    return {
      ...times,
      dies: this.dies.map((name, d) => ({
        name,
        used: {
          dsp: used[5 * d]!,
          bram36: used[5 * d + 1]!,
          uram: used[5 * d + 2]!,
          lut: used[5 * d + 3]!,
          ff: used[5 * d + 4]!,
        },
      })),
      channels,
      feasible: fits && channels.every(({ demand, limit }) => !(limit > 0) || demand <= limit),
    };
  };

  private partsOf(change: Change): Part[] {
    const shown = new Map(Object.entries(change).map(([name, own]) => [name, shownKey(own)]));
    const found: Part[] = [];
    let lowered: ReadonlyMap<string, Part> | undefined;
    for (const { name, on } of this.reach) {
      const own = change[name];
      let key = own ? `${name}|${changeKey(own)}` : name;
      for (const other of on) key += `|${shown.get(other) ?? ''}`;
      let part = this.parts.get(key);
      if (!part) {
        lowered ??= this.lowerParts(changed(this.accelerator, change));
        part = lowered.get(name);
        if (!part) continue;
        if (this.parts.size >= partLimit) this.parts.clear();
        this.parts.set(key, part);
      }
      found.push(part);
    }
    return found;
  }

  /** The parts of all kernels of a changed design, by way of its netlist. */
  private lowerParts(accelerator: Accelerator): ReadonlyMap<string, Part> {
    const lowered = lower(accelerator, this.instanceOf);
    const { units, fifos } = lowered.whole;
    const graph = graphOf(units, fifos, () => Number.POSITIVE_INFINITY, accelerator.clock.value, aloneAt(accelerator));
    const timed = this.bound.unitsOf(units, graph);
    // A unit that the first design does not have (a converter) comes right behind the last one that it has.
    let rank = -1;
    units.forEach(({ id }, u) => {
      rank = this.ranks.get(id) ?? rank + 1 / (units.length + 1);
      timed[u]!.rank = rank;
    });
    const readersOf = timedReaders(lowered.whole, graph, timed);
    const parts = new Map<string, Part>();
    for (const { name } of this.reach) {
      const turns = lowered.apart
        .filter(({ piece }) => piece.kernel.name === name)
        .reduce((sum, { piece, instance }) => sum + clean(instance.law.cycles.value / piece.kernel.clock.value), 0);
      parts.set(name, {
        used: this.usedOf(name, lowered),
        units: timed.filter((_, u) => units[u]!.kernel === name),
        traffic: trafficOf(name, lowered, accelerator, readersOf),
        turns,
      });
    }
    return parts;
  }

  private usedOf(kernel: string, { whole, coarse, apart }: Lowered): Float64Array {
    const used = new Float64Array(5 * this.dies.length);
    const add = (place: ReturnType<typeof standing>, { dsp, bram36, uram, lut, ff }: Resources): void =>
      this.dies.forEach((die, d) => {
        const share = shareOn(die, place);
        if (share > 0)
          [dsp, bram36, uram, lut, ff].forEach((amount, r) => {
            used[5 * d + r]! += share * clean(amount.used);
          });
      });
    const places = new Map<string, Unit>();
    for (const unit of whole.units) {
      if (unit.kernel !== kernel) continue;
      places.set(unit.id, unit);
      add(unit, coarse.has(unit.id) ? unit.instance.law.logic : costOf(unit, this.hasUram));
    }
    for (const fifo of whole.fifos) {
      const place = places.get(fifo.to.unit);
      if (!place) continue;
      const bits = wordBits(fifo.word);
      const depth =
        fifo.asked === 'auto' ? (this.depths.get(fifo.id) ?? 2) : Math.max(1, Math.floor(clean(fifo.asked)));
      add(place, fifoResources(depth, bits, fifoStorage(depth, fifo.storage, bits, this.hasUram)));
      if (fifo.crossing) add(place, crossing(bits));
    }
    for (const { piece, instance } of apart)
      if (piece.kernel.name === kernel) add(standing(piece.kernel), instance.law.logic);
    return used;
  }

  private channelsOf(parts: readonly Part[], clock: number, copies: Copies): Point['channels'] {
    const users = new Map<string, { limit: number; users: { demand: number; window: Window }[] }>();
    parts.forEach(({ traffic, units }) => {
      const window = this.bound.windowOf(units, clock);
      for (const { channel, limit, bytes, seconds, whole, pass, unit, readers, role } of traffic) {
        const rows = unit === undefined ? window : (this.bound.windowOf(units, clock, unit) ?? window);
        const all = { start: 0, end: this.bound.end / clock };
        const own = pass ? all : readers ? this.bound.windowOfReaders(readers, clock) : rows;
        if (!own) continue;
        const active = whole ? Math.max(seconds, own.end - own.start) : seconds;
        const entry = users.get(channel) ?? { limit, users: [] };
        const demand = active > 0 ? clean(bytes / active) : 0;
        for (const each of repeated(role, own, copies)) entry.users.push({ demand, window: each });
        users.set(channel, entry);
      }
    });
    return [...users].map(([name, { limit, users: all }]) => ({
      name,
      limit,
      demand: busiestMoment(all).reduce((sum, { demand }) => sum + demand, 0),
    }));
  }
}

/** The design with the change; streams whose width nobody wrote follow from the arrays at their ends. */
export function changed(accelerator: Accelerator, change: Change): Accelerator {
  const kernels = accelerator.kernels.map((kernel) => {
    const own = change[kernel.name];
    return own ? changedKernel(kernel, own) : kernel;
  });
  const { model, precision, device } = accelerator;
  const here = kernels.filter((kernel) => worksIn(kernel, accelerator.passes));
  const fresh = edgesOf(here, model, precision, device.memories[0]);
  const edges = accelerator.edges.map((edge, i): Edge => {
    const now = fresh[i];
    return now && now.tensor === edge.tensor && edge.width.origin === 'auto' ? { ...edge, width: now.width } : edge;
  });
  return { ...accelerator, kernels, edges };
}

function changedKernel(kernel: Kernel, change: KernelChange): Kernel {
  const set = <T>(value: T): Setting<T> => ({ value, origin: 'written' });
  return {
    ...kernel,
    ...(change.array ? { array: set(change.array) } : {}),
    ...(change.lanes === undefined ? {} : { lanes: set(change.lanes) }),
    ...(change.pack === undefined ? {} : { pack: set(change.pack) }),
    ...(change.replicate === undefined ? {} : { replicate: set(change.replicate) }),
    ...(change.weights ? { weights: set(change.weights) } : {}),
    ...(change.cache ? { cache: set(change.cache) } : {}),
    ...(change.dies ? { dies: set(change.dies) } : {}),
  };
}

function changeKey({ array, lanes, pack, replicate, weights, cache, dies }: KernelChange): string {
  const shape = array ? `${array.tokens}x${array.outputs}x${array.dot}` : '';
  return `${shape},${lanes ?? ''},${pack ?? ''},${replicate ?? ''},${storeKey(weights)},${storeKey(cache)},${dies ?? ''}`;
}

/** What those around a kernel see of it: the words it reads and writes (of K and V, tiles of its columns), and where it stands. */
function shownKey({ array, pack, lanes, dies }: KernelChange): string {
  if (!array && pack === undefined && lanes === undefined && !dies) return '';
  const shape = array ? `${array.tokens}x${array.outputs}x${array.dot}` : '';
  return `${shape},${pack ?? ''},${lanes ?? ''},${dies ?? ''}`;
}

function storeKey(store: Store | undefined): string {
  if (!store) return '';
  return store.kind === 'channels'
    ? `${store.memory}${store.channels.join('.')}p${store.portBits ?? ''}b${store.burst ?? ''}${store.double}${store.via ?? ''}`
    : `${store.storage}${store.double}`;
}
