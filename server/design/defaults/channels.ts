/** Memory channels of weights, keys and values that nobody has given one. */

import type { Store } from '../design.ts';
import type { Device, Memory } from '../hardware.ts';
import type { Draft } from '../mapping/mapping.ts';
import { ceilPower, floorPower } from './balance.ts';
import type { Keeping } from './keeping.ts';
import { isKept } from './kept.ts';
import { fewestPorts, morePorts, type Shares } from './ports.ts';
import { cacheBytes, type Kept, weightBytes } from './stored.ts';

/** Of a channel, what weights of a kernel may fill: beside them lie scales and biases, and rows are padded. */
const CHANNEL_SHARE = 0.95;

/** How the products of a pass work. */
export interface Working {
  /** One after the other, each on all rows. */
  readonly inTurn: boolean;
  /** Bits of weights a cycle that a product can use, be its multipliers all that sets the pace. */
  readonly useful: (draft: Draft) => number;
  /** K and V that nobody has given a place. */
  readonly keeping: Keeping;
}

interface Memories {
  readonly device: Device;
  readonly clock: { readonly value: number };
  /** Channels of the first memory that streams use: rows, not weights. */
  readonly rowChannels: readonly number[];
}

/** Channels of a memory that hold so many bytes. */
export function channelsFor(bytes: number, { capacity }: Memory): number {
  const room = capacity * CHANNEL_SHARE;
  return room > 0 ? Math.max(1, Math.ceil(bytes / room)) : 1;
}

/**
 * Ports that a memory has: the switch in front of HBM has one a pseudo-channel (UG1393). DDR stands behind an interconnect of the
 * platform: undefined.
 */
export function portLimit({ name, channels: { first, last } }: Memory): number | undefined {
  return name === 'hbm' ? last - first + 1 : undefined;
}

/** Bits that a port brings in a cycle, alone on its channel. */
export function bitsACycle({ portBits, bandwidth }: Memory, clock: number, share = 1): number {
  return Math.min(portBits, (share * bandwidth * 8) / clock);
}

/** Ports for anything but weights, K and V: rows in and out, gains and biases, turns of positions. */
function portsBeside(drafts: readonly Draft[]): number {
  const operators = drafts.flatMap((draft) => (draft.asked.host?.value ? [] : draft.turns.flat()));
  const read = new Set(operators.flatMap(({ inputs }) => inputs.map(({ name }) => name)));
  // A bypass has a loader of its own.
  const loads = operators.flatMap(({ kind, inputs }) =>
    inputs.flatMap(({ name, external }) => (external ? [`${name} ${kind === 'add'}`] : [])),
  );
  const stores = operators.filter(({ name }) => !read.has(name));
  const tables = operators.filter(({ kind, parameters }) => parameters > 0 || kind === 'rope');
  return new Set(loads).size + stores.length + tables.length;
}

/** What a kernel keeps in channels that nobody has given it. */
interface Want {
  readonly draft: Draft;
  readonly what: 'weights' | 'cache';
  readonly bytes: number;
  /** Channels that hold it. */
  readonly least: number;
  /** Ports of which each still reads bursts that are long enough, and of these as many as the product can use. */
  readonly worthPorts: number;
  readonly mostPorts: number;
  /** Read before attention starts: of K and V, which must be there first. */
  readonly before: boolean;
  shares: Shares;
}

/** Fewest bytes of a pass that are worth a port of their own: the longest burst (AXI4, 4 KiB). */
const LEAST_OF_A_PORT = 4096;

/**
 * Hands out memory channels: as many as hold what is to be kept, the least used ones, of these the emptiest. More of them are
 * dealt out as long as there are any. Where products work one after the other, what one gains by more ports is gained by the
 * pass; where they work side by side, a pass gains what the slowest gains, until multipliers set the pace.
 *
 * Ports have equal shares of a tile, whose sides are powers of two, or of two and the number of ports: the number of ports is a
 * power of two, or that of the channels which the kernel fills anyhow. A port whose share does not fit one channel
 * spans neighbours.
 */
export class Channels {
  private readonly memory: Memory | undefined;
  private readonly known = new Map<number, { users: number; bytes: number; before: number }>();
  private readonly working: Working;
  readonly keeping: Keeping;
  private readonly wants: readonly Want[];
  private readonly taken = new Map<Want, readonly number[]>();

  constructor(drafts: readonly Draft[], around: Kept & Memories, working: Working) {
    this.memory = around.device.memories[0];
    this.working = working;
    this.keeping = working.keeping;
    const { first, last } = this.memory?.channels ?? { first: 0, last: -1 };
    for (let channel = first; channel <= last; channel++) this.known.set(channel, { users: 0, bytes: 0, before: 0 });
    const operators = drafts.flatMap(({ turns }) => turns.flat());
    const comesBefore = ({ turns }: Draft): boolean =>
      !working.inTurn && turns.flat().every(({ name, weights }) => weights === 0 || isKept(name, operators));
    for (const draft of drafts) {
      this.useOf(draft.asked.weights?.value, weightBytes(draft, around), comesBefore(draft));
      this.useOf(draft.asked.cache?.value, cacheBytes(draft, around), false);
    }
    this.wants = drafts.flatMap((draft) => this.wantsOf(draft, comesBefore(draft), around));
    const least = this.wants.reduce((sum, want) => sum + want.least, 0);
    // Rows are little beside what fills whole channels.
    const apart = this.free() - around.rowChannels.filter((channel) => this.isFree(channel)).length;
    if (least <= apart) this.use(around.rowChannels, 0, false);
    const ports = this.memory && portLimit(this.memory);
    const busy =
      portsBeside(drafts) +
      this.wants.reduce((sum, want) => sum + portsTaken(want, want.shares), 0) +
      this.written(drafts);
    const left = this.free() - least;
    if (ports === undefined && left < this.wants.length) this.spread();
    else this.deal(left, (ports ?? Infinity) - busy);
    // Who needs neighbours comes first: others would stand between them.
    for (const want of [...this.wants].sort((a, b) => spanOf(b.shares) - spanOf(a.shares))) {
      const count = want.shares.channels;
      const channels = spanOf(want.shares) > 1 ? this.neighbours(count) : this.emptiest(count);
      this.use(channels, want.bytes, want.before);
      this.taken.set(want, channels);
    }
  }

  /** Ports through which a kernel reads its weights, or its K or V: of channels that are written, one each. */
  portsOf(draft: Draft, what: Want['what']): number {
    const store = draft.asked[what]?.value;
    if (store) return store.kind === 'channels' ? store.channels.length : 1;
    return this.wantOf(draft, what)?.shares.ports ?? 1;
  }

  /**
   * Share of its channels that a kernel gets where all that is kept there is wanted at once: by size, so that all take as long.
   * K and V are ready before the rest has begun.
   */
  shareOf(draft: Draft, what: Want['what']): number {
    const want = this.wantOf(draft, what);
    const channels = (want && this.taken.get(want)) ?? [];
    if (!want || this.working.inTurn || channels.length === 0) return 1;
    const atOnce = (channel: number): number => {
      const { bytes, before } = this.known.get(channel)!;
      return want.before ? before : bytes - before;
    };
    return Math.min(1, ...channels.map((channel) => want.bytes / channels.length / atOnce(channel)));
  }

  storeOf(draft: Draft, what: Want['what']): Store {
    const want = this.wantOf(draft, what);
    const channels = want && this.taken.get(want);
    if (!this.memory || !channels) return { kind: 'on-chip', storage: 'bram', double: false };
    return { kind: 'channels', memory: this.memory.name, channels, double: false };
  }

  private wantOf(draft: Draft, what: Want['what']): Want | undefined {
    return this.wants.find((want) => want.draft === draft && want.what === what);
  }

  private wantsOf(draft: Draft, before: boolean, around: Kept & Memories): Want[] {
    const { memory } = this;
    const { asked } = draft;
    if (!memory || asked.host?.value) return [];
    const weights = asked.weights?.value ? 0 : weightBytes(draft, around);
    const cache = asked.cache?.value || this.keeping !== 'in memory' ? 0 : cacheBytes(draft, around);
    const want = (what: Want['what'], bytes: number, worthPorts: number, useful: number): Want => {
      const least = channelsFor(bytes, memory);
      const shares = what === 'weights' ? fewestPorts(least) : { ports: 1, channels: least };
      const mostPorts = Math.max(ceilPower(least), Math.min(worthPorts, useful));
      return { draft, what, bytes, least, worthPorts, mostPorts, before: before && what === 'weights', shares };
    };
    const bursts = (bytes: number): number => bytes / Math.max(1, around.repeat) / LEAST_OF_A_PORT;
    const { inTurn, useful } = this.working;
    const beat = floorPower(bitsACycle(memory, around.clock.value));
    const used = inTurn ? Number.POSITIVE_INFINITY : ceilPower(useful(draft) / beat);
    return [
      ...(weights > 0 ? [want('weights', weights, bursts(weights), used)] : []),
      ...(cache > 0 ? [want('cache', cache, inTurn ? bursts(cache) : 1, Number.POSITIVE_INFINITY)] : []),
    ];
  }

  /** Fewer channels than kernels that want some: each lies on all of them, so that all channels are wanted as much. */
  private spread(): void {
    const most = floorPower(this.known.size);
    for (const want of this.wants) {
      const ports = Math.min(most, floorPower(want.worthPorts));
      if (ports > want.shares.ports && want.least <= ports) want.shares = { ports, channels: ports };
    }
  }

  /** More ports where a pass gains most by each one more, as long as there are any, and channels for them. */
  private deal(channels: number, ports: number): void {
    const left = { channels: Math.max(0, channels), ports };
    for (;;) {
      let best: { want: Want; more: Shares; channels: number; ports: number; gain: number } | undefined;
      for (const want of this.wants) {
        const { shares, bytes } = want;
        const more = nextOf(want);
        const takes = {
          channels: more.channels - shares.channels,
          ports: portsTaken(want, more) - portsTaken(want, shares),
        };
        if (more.ports > want.mostPorts || takes.channels > left.channels || takes.ports > left.ports) continue;
        const gain = this.working.inTurn
          ? (bytes / shares.ports - bytes / more.ports) / takes.ports
          : bytes / shares.ports;
        if (!best || gain > best.gain) best = { want, more, ...takes, gain };
      }
      if (!best) return;
      best.want.shares = best.more;
      left.channels -= best.channels;
      left.ports -= best.ports;
    }
  }

  /** Ports of weights, K and V that the spec itself ties to the memory. */
  private written(drafts: readonly Draft[]): number {
    const count = (store: Store | undefined): number =>
      store?.kind === 'channels' && store.memory === this.memory?.name ? store.channels.length : 0;
    return drafts.reduce((sum, { asked }) => sum + count(asked.weights?.value) + 2 * count(asked.cache?.value), 0);
  }

  private isFree(channel: number): boolean {
    return this.known.get(channel)?.users === 0;
  }

  private free(): number {
    return [...this.known.values()].filter(({ users }) => users === 0).length;
  }

  private emptiest(count: number): number[] {
    const best = [...this.known].sort(([, a], [, b]) => a.users - b.users || a.bytes - b.bytes).slice(0, count);
    return best.map(([channel]) => channel).sort((a, b) => a - b);
  }

  /** The run of channels, one behind the other, that is the least used. */
  private neighbours(count: number): number[] {
    const channels = [...this.known.keys()];
    const length = Math.min(count, channels.length);
    const runs = channels
      .slice(0, channels.length - length + 1)
      .map((_, first) => channels.slice(first, first + length));
    const sum = (run: readonly number[], of: 'users' | 'bytes'): number =>
      run.reduce((total, channel) => total + this.known.get(channel)![of], 0);
    return runs.sort((a, b) => sum(a, 'users') - sum(b, 'users') || sum(a, 'bytes') - sum(b, 'bytes'))[0] ?? [];
  }

  private useOf(store: Store | undefined, bytes: number, before: boolean): void {
    if (store?.kind === 'channels' && store.memory === this.memory?.name) this.use(store.channels, bytes, before);
  }

  /** Columns are dealt out evenly. */
  private use(channels: readonly number[], bytes: number, before: boolean): void {
    const each = bytes / channels.length;
    for (const channel of channels) {
      const known = this.known.get(channel);
      if (!known) continue;
      known.users += 1;
      known.bytes += each;
      if (before) known.before += each;
    }
  }
}

/** Channels that a port takes. */
function spanOf({ ports, channels }: Shares): number {
  return channels / ports;
}

/** The next number of ports; words of K and V are powers of two. */
function nextOf({ what, least, shares }: Want): Shares {
  if (what === 'weights') return morePorts(shares, least);
  const ports = 2 * shares.ports;
  return { ports, channels: ports * Math.ceil(least / ports) };
}

/** K and V are written as well as read, a channel a port. */
function portsTaken({ what }: Pick<Want, 'what'>, { ports, channels }: Shares): number {
  return what === 'cache' ? 2 * channels : ports;
}
