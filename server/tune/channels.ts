/** Which memory channels the ports of each kernel are tied to: those that are wanted at the same time have channels of their own. */
import type { Memory } from '../design/hardware.ts';

/** Ports that are to be tied, a channel each. */
export interface Wanted {
  readonly ports: number;
  /** Bytes a second of all of them while they are at work. */
  readonly demand: number;
  /** Bytes that lie behind them, for the whole model. */
  readonly bytes: number;
  /** Seconds of the pass in which they are at work. */
  readonly start: number;
  readonly end: number;
}

/** Of a channel, what trained values and caches may fill. */
const ROOM = 0.95;

/**
 * Channels of each of these, greatest demand first: of the channels with room those of which least is wanted in its time, and
 * then by number. More demand than there is in all is shared.
 *
 * @param taken channels that something else is on, with what that wants all the time
 */
export function channelsFor(
  wanted: readonly Wanted[],
  { channels: { first, last }, capacity }: Memory,
  taken: ReadonlyMap<number, number> = new Map(),
): number[][] {
  const known = Array.from({ length: last - first + 1 }, (_, i) => ({
    channel: first + i,
    bytes: 0,
    users: [] as Wanted[],
    always: taken.get(first + i) ?? 0,
  }));
  const result = wanted.map((): number[] => []);
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[b]!.demand - wanted[a]!.demand || a - b);
  for (const index of order) {
    const one = wanted[index]!;
    const load = ({ users, always }: (typeof known)[number]): number =>
      users.reduce(
        (sum, { demand, ports, start, end }) => sum + (start < one.end && one.start < end ? demand / ports : 0),
        always,
      );
    const full = ({ bytes }: (typeof known)[number]): boolean =>
      capacity > 0 && bytes + one.bytes / one.ports > ROOM * capacity;
    const ranked = known
      .map((channel) => ({ channel, load: load(channel), full: full(channel) ? 1 : 0 }))
      .sort(
        (a, b) =>
          a.full - b.full ||
          a.load - b.load ||
          a.channel.users.length - b.channel.users.length ||
          a.channel.channel - b.channel.channel,
      );
    for (const { channel } of ranked.slice(0, one.ports)) {
      channel.users.push(one);
      channel.bytes += one.bytes / one.ports;
      result[index]!.push(channel.channel);
    }
    result[index]!.sort((a, b) => a - b);
  }
  return result;
}
