/** Which memory channels the ports of each kernel are tied to: those that are wanted at the same time have channels of their own. */
import type { Memory } from '../design/hardware.ts';

/** Channels that are to be found for the ports of a kernel. */
export interface Wanted {
  readonly channels: number;
  /** Channels of each port: it reaches no further than from one to its neighbour. */
  readonly span: number;
  /** Bytes a second of all of them while they are at work. */
  readonly demand: number;
  /** Bytes that lie behind them, for the whole model. */
  readonly bytes: number;
  /** Seconds of the pass in which they are at work. */
  readonly start: number;
  readonly end: number;
}

interface Known {
  readonly channel: number;
  bytes: number;
  readonly users: Wanted[];
  readonly always: number;
}

/** Of a channel, what trained values and caches may fill. */
const ROOM = 0.95;

/**
 * Channels of each of these, those that need neighbours first, then the greatest demand: of the channels with room those of which
 * least is wanted in its time, and then by number. More demand than there is in all is shared.
 *
 * @param taken channels that something else is on, with what that wants all the time
 */
export function channelsFor(
  wanted: readonly Wanted[],
  { channels: { first, last }, capacity }: Memory,
  taken: ReadonlyMap<number, number> = new Map(),
): number[][] {
  const known = Array.from(
    { length: last - first + 1 },
    (_, i): Known => ({ channel: first + i, bytes: 0, users: [], always: taken.get(first + i) ?? 0 }),
  );
  const result = wanted.map((): number[] => []);
  const order = wanted
    .map((_, index) => index)
    .sort((a, b) => wanted[b]!.span - wanted[a]!.span || wanted[b]!.demand - wanted[a]!.demand || a - b);
  for (const index of order) {
    const one = wanted[index]!;
    const load = ({ users, always }: Known): number =>
      users.reduce(
        (sum, { demand, channels, start, end }) => sum + (start < one.end && one.start < end ? demand / channels : 0),
        always,
      );
    const full = ({ bytes }: Known): number =>
      capacity > 0 && bytes + one.bytes / one.channels > ROOM * capacity ? 1 : 0;
    const ranked = (one.span > 1 ? runs(known, one.channels) : known.map((channel) => [channel]))
      .map((channels) => ({
        channels,
        full: sum(channels, full),
        load: sum(channels, load),
        users: sum(channels, ({ users }) => users.length),
      }))
      .sort((a, b) => a.full - b.full || a.load - b.load || a.users - b.users || numberOf(a) - numberOf(b));
    for (const channel of ranked.flatMap(({ channels }) => channels).slice(0, one.channels)) {
      channel.users.push(one);
      channel.bytes += one.bytes / one.channels;
      result[index]!.push(channel.channel);
    }
    result[index]!.sort((a, b) => a - b);
  }
  return result;
}

/** So many channels, one behind the other. */
function runs(known: readonly Known[], length: number): Known[][] {
  const most = Math.min(length, known.length);
  return known.slice(0, known.length - most + 1).map((_, first) => known.slice(first, first + most));
}

function sum(channels: readonly Known[], of: (channel: Known) => number): number {
  return channels.reduce((total, channel) => total + of(channel), 0);
}

const numberOf = ({ channels }: { readonly channels: readonly Known[] }): number => channels[0]?.channel ?? 0;
