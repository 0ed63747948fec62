/** Memory channels of weights, keys and values that nobody has given one. */

import { ceilPower } from './balance.ts';
import type { Device, Memory, Operator, Phase, Precision, Store } from './design.ts';
import type { Draft } from './mapping.ts';
import { bitsOf } from './precision.ts';

/** Of a channel, what weights of a kernel may fill: beside them lie scales and biases, and rows are padded. */
const CHANNEL_SHARE = 0.95;

/** What the size of kept values depends on. */
interface Kept {
  readonly precision: Precision;
  readonly phase: Phase;
  /** Passes through the repeated layer. */
  readonly repeat: number;
}

interface Memories {
  readonly device: Device;
  /** Channels of the first memory that streams use: rows, not weights. */
  readonly rowChannels: readonly number[];
}

/** Of all layers, as they lie in memory. */
export function weightBytes({ turns }: Draft, { precision, repeat }: Kept): number {
  const passes = ({ layer }: Operator): number => (layer === undefined ? 1 : repeat);
  // Each column has its multiplier and its bias in front, both fp32.
  const head = ({ columns, weights }: Operator): number => (weights > 0 ? 8 * columns : 0);
  return turns.flat().reduce((sum, operator) => {
    return sum + passes(operator) * (operator.weights * (bitsOf(precision.weights) / 8) + head(operator));
  }, 0);
}

/** K or V of all layers, as they lie in memory. */
export function cacheBytes({ turns }: Draft, { precision, phase, repeat }: Kept): number {
  const attention = turns.flat().filter((operator) => operator.keys > 0);
  const later = Math.max(0, (phase.output ?? 0) - 1);
  const values = ({ kind, keys, heads, kvHeads, columns, reduction }: Operator): number =>
    (keys + later) * kvHeads * (kind === 'context' ? columns / heads : reduction);
  const elements = attention.reduce((sum, operator) => sum + values(operator), 0);
  return elements * repeat * phase.batch * (bitsOf(precision.cache) / 8);
}

/** Sizes of what a kernel keeps in channels that nobody has given it: its weights, and K or V of earlier passes. */
function keptBy(draft: Draft, around: Kept): number[] {
  const { asked } = draft;
  const outlives = around.phase.past > 0 || around.phase.name === 'generate';
  const sizes = [
    asked.weights?.value ? 0 : weightBytes(draft, around),
    asked.cache?.value || !outlives ? 0 : cacheBytes(draft, around),
  ];
  return asked.host?.value ? [] : sizes.filter((bytes) => bytes > 0);
}

/**
 * Hands out memory channels: the least used ones, of these the emptiest, and as many as hold what is to be kept.
 *
 * Ports have equal shares of a tile, whose sides are powers of two, so their number is one, too. Where a memory has not as
 * many channels as that takes, they are counted out, and neighbours, since a port spans several of them then.
 */
export class Channels {
  private readonly memory: Memory | undefined;
  private readonly known = new Map<number, { users: number; bytes: number }>();
  private readonly tight: boolean;

  constructor(drafts: readonly Draft[], around: Kept & Memories) {
    this.memory = around.device.memories[0];
    const { first, last } = this.memory?.channels ?? { first: 0, last: -1 };
    for (let channel = first; channel <= last; channel++) this.known.set(channel, { users: 0, bytes: 0 });
    const wanted = this.memory ? drafts.flatMap((draft) => keptBy(draft, around)) : [];
    const counted = (round: (count: number) => number): number =>
      wanted.reduce((sum, bytes) => sum + round(this.countOf(bytes)), 0);
    this.tight = counted(ceilPower) > this.known.size && counted((count) => count) < counted(ceilPower);
    // Rows are little beside what fills whole channels.
    if (!this.tight) this.use(around.rowChannels, 0);
    for (const draft of drafts) {
      this.useOf(draft.asked.weights?.value, weightBytes(draft, around));
      this.useOf(draft.asked.cache?.value, cacheBytes(draft, around));
    }
  }

  take(bytes: number): Store {
    if (!this.memory) return { kind: 'on-chip', storage: 'bram', double: false };
    const count = this.countOf(bytes);
    const channels = this.tight ? this.neighbours(count) : this.emptiest(ceilPower(count));
    this.use(channels, bytes);
    return { kind: 'channels', memory: this.memory.name, channels, double: false };
  }

  /** Channels that hold so much. */
  private countOf(bytes: number): number {
    const room = (this.memory?.capacity ?? 0) * CHANNEL_SHARE;
    return room > 0 ? Math.max(1, Math.ceil(bytes / room)) : 1;
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

  private useOf(store: Store | undefined, bytes: number): void {
    if (store?.kind === 'channels' && store.memory === this.memory?.name) this.use(store.channels, bytes);
  }

  /** Columns are dealt out evenly. */
  private use(channels: readonly number[], bytes: number): void {
    for (const channel of channels) {
      const known = this.known.get(channel);
      if (known) this.known.set(channel, { users: known.users + 1, bytes: known.bytes + bytes / channels.length });
    }
  }
}
