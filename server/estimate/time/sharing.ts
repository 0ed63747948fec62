/** How those share a channel that ask for more than it gives: by how much each is slowed down. */
import { channelsAtOnce, isReadAhead } from '../netlist.ts';
import { type ChannelUse, channelName } from './channels.ts';
import type { Pacing } from './timeline.ts';
import type { Window } from './windows.ts';

/** Less than this is not worth another run. */
const NOTABLE = 1.001;

/** Who is slowed down on the channels of a pass, as far as is known from the runs so far. */
export class Sharing {
  /** As if each were alone, in the first run. */
  private readonly first: ReadonlyMap<string, ChannelUse>;
  /** Bytes a second of every port on a channel while it is at work. */
  private readonly demands = new Map<string, number>();
  private factors: ReadonlyMap<string, number> = new Map();
  /** Whether the next run would be another one. */
  slowed = false;

  constructor(first: ReadonlyMap<string, ChannelUse>) {
    this.first = first;
    for (const [channel, { users }] of first)
      for (const { unit, port, demand } of users) this.demands.set(key(channel, unit, port), demand);
    this.again(first);
  }

  /** Paces of the next run: each moves what it wants, which may be less than its port could, as much slower as the others make it. */
  pacing(alone: Pacing): Pacing {
    return {
      paceOf: (unit, port, rate) => {
        const own = alone.paceOf(unit, port, rate);
        const paces = (unit.channels[port] ?? []).map((ref) => {
          const name = key(channelName(ref), unit.id, port);
          const factor = this.factors.get(name) ?? 1;
          if (factor <= 1) return own;
          // Gains that are read in one burst a pass ask for next to nothing on average: held to that, they would take all of it.
          if (isReadAhead(unit)) return own / factor;
          return Math.min(own, ((this.demands.get(name) ?? 0) * channelsAtOnce(unit, port)) / rate) / factor;
        });
        return Math.min(own, ...paces);
      },
    };
  }

  /** After a run: who moves when, now. */
  again(uses: ReadonlyMap<string, ChannelUse>): void {
    const factors = new Map<string, number>();
    for (const [channel, { limit, users }] of uses) {
      if (!(limit > 0)) continue;
      const waits = new Map<string, { readonly name: string; moving: number; longer: number }>();
      const before = this.first.get(channel)?.users ?? users;
      const moves = users.map((user, i): Move & { readonly moving: number } => {
        const { unit, port, bytes, demand, window } = user;
        const known = before[i]!.window;
        const alone = known.end - known.start;
        const moving = Math.min(alone, demand > 0 ? bytes / Math.min(limit, demand) : 0);
        // What it moves longer than alone is the channel's doing; the rest of its window are others that it waits for.
        const slowed = moving * ((this.factors.get(key(channel, unit, port)) ?? 1) - 1);
        const length = Math.max(alone, window.end - window.start - slowed);
        return { bytes, moving, window: { start: window.start, end: window.start + length } };
      });
      slowdowns(moves, limit).forEach((slowdown, i) => {
        const { moving, window } = moves[i]!;
        const { unit, port, copy } = users[i]!;
        const name = key(channel, unit, port);
        const wait = waits.get(`${name} ${copy}`) ?? { name, moving: 0, longer: 0 };
        waits.set(`${name} ${copy}`, wait);
        wait.moving += moving;
        wait.longer += (slowdown - 1) * (window.end - window.start);
      });
      // All of what it takes longer is spent moving: of a loader in all of its turns, at one pace. Copies have the same hardware: the one
      // that waits most counts.
      for (const { name, moving, longer } of waits.values())
        factors.set(name, Math.max(factors.get(name) ?? 1, moving > 0 ? 1 + longer / moving : 1));
    }
    this.slowed = [...factors].some(([name, factor]) => {
      const ratio = factor / (this.factors.get(name) ?? 1);
      return ratio > NOTABLE || ratio < 1 / NOTABLE;
    });
    this.factors = factors;
  }
}

const key = (channel: string, unit: string, port: string): string => `${channel} ${unit} ${port}`;

/** What moves through a channel in a pass: so many bytes, evenly over its window where nobody else is on the channel. */
export interface Move {
  readonly bytes: number;
  readonly window: Window;
}

/**
 * How many times longer each takes than alone, 1 and more. At every moment those that have begun and are not done share what
 * the channel gives in proportion to what they want; who is done leaves its part to the others.
 *
 * @param limit bytes a second
 */
export function slowdowns(moves: readonly Move[], limit: number): number[] {
  const alone = moves.map(({ window: { start, end } }) => Math.max(0, end - start));
  const rates = moves.map(({ bytes }, i) => (alone[i]! > 0 ? bytes / alone[i]! : 0));
  const left = moves.map(({ bytes }, i) => (rates[i]! > 0 ? bytes : 0));
  const ends = moves.map(({ window }) => window.end);
  const order = moves.map((_, i) => i).sort((a, b) => moves[a]!.window.start - moves[b]!.window.start);
  const active = new Set<number>();
  let now = 0;
  let next = 0;
  while (next < order.length || active.size > 0) {
    if (active.size === 0) now = Math.max(now, moves[order[next]!]!.window.start);
    while (next < order.length && moves[order[next]!]!.window.start <= now) {
      const one = order[next++]!;
      if (left[one]! > 0) active.add(one);
    }
    const wanted = [...active].reduce((sum, one) => sum + rates[one]!, 0);
    if (!(wanted > 0)) continue;
    const share = Math.min(1, limit / wanted);
    let step = Math.min(...[...active].map((one) => left[one]! / (rates[one]! * share)));
    const begins = next < order.length ? moves[order[next]!]!.window.start - now : Number.POSITIVE_INFINITY;
    step = Math.min(step, begins);
    now += step;
    for (const one of active) {
      left[one] = left[one]! - rates[one]! * share * step;
      // What is left by rounding is nothing.
      if (left[one]! > 1e-9 * moves[one]!.bytes) continue;
      active.delete(one);
      ends[one] = now;
    }
  }
  return moves.map(({ window: { start } }, i) => (alone[i]! > 0 ? Math.max(1, (ends[i]! - start) / alone[i]!) : 1));
}
