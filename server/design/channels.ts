/** Memory channels of weights, keys and values that nobody has given one. */
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

/** Hands out memory channels: the least used ones, of these the emptiest, and as many as hold what is to be kept. */
export class Channels {
  private readonly memory: Memory | undefined;
  private readonly known = new Map<number, { users: number; bytes: number }>();

  constructor(drafts: readonly Draft[], around: Kept & Memories) {
    this.memory = around.device.memories[0];
    const { first, last } = this.memory?.channels ?? { first: 0, last: -1 };
    for (let channel = first; channel <= last; channel++) this.known.set(channel, { users: 0, bytes: 0 });
    this.use(around.rowChannels, 0);
    for (const draft of drafts) {
      this.useOf(draft.asked.weights?.value, weightBytes(draft, around));
      this.useOf(draft.asked.cache?.value, cacheBytes(draft, around));
    }
  }

  take(bytes: number): Store {
    if (!this.memory) return { kind: 'on-chip', storage: 'bram', double: false };
    const room = this.memory.capacity * CHANNEL_SHARE;
    // Ports have equal shares of a tile, whose sides are powers of two: so must their number be.
    const count = room > 0 ? 2 ** Math.ceil(Math.log2(Math.max(1, bytes / room))) : 1;
    const best = [...this.known].sort(([, a], [, b]) => a.users - b.users || a.bytes - b.bytes).slice(0, count);
    const channels = best.map(([channel]) => channel).sort((a, b) => a - b);
    this.use(channels, bytes);
    return { kind: 'channels', memory: this.memory.name, channels, double: false };
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
