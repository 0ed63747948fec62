/** Memory channels: what is asked of each at once, and what lies there for the whole model. */
import type { Accelerator } from '../../design/design.ts';
import type { Memory } from '../../design/hardware.ts';
import { grouped } from '../../grouped.ts';
import type { Process } from '../../kernels/kernel.ts';
import { clean } from '../amounts.ts';
import { portRate } from '../cost/interfaces.ts';
import type { ChannelEstimate, MemoryEstimate } from '../estimate.ts';
import { overJobs } from '../flow/compile.ts';
import { type ChannelRef, channelsAtOnce, isReadAhead, type Unit, type UnitRole } from '../netlist.ts';
import { type Turn, type Window, type Windows, whole } from './windows.ts';

/** A port of a unit, or of one of its copies, on a channel; of an array that takes turns, in one of them. */
export interface User {
  readonly kernel: string;
  readonly port: string;
  readonly unit: string;
  /** Bytes a second while it is at it. */
  readonly demand: number;
  /** Of a pass, or a turn. */
  readonly bytes: number;
  readonly window: Window;
  readonly copy: number;
}

/** All that anybody moves through a channel in a pass. */
export interface ChannelUse {
  readonly ref: ChannelRef;
  /** Bytes a second. */
  readonly limit: number;
  readonly users: readonly User[];
}

export function channelName({ memory, channel }: ChannelRef): string {
  return `${memory}[${channel}]`;
}

/** Layers on the chip at once, each some seconds behind the one before it. */
export interface Copies {
  readonly count: number;
  readonly apart: number;
}

/**
 * Demand of a channel: the sum, over the units that run at the same time, of bytes ÷ active time. Active time counts cycles
 * in which the kernel works, of its slowest process: rows are read as fast as they are used, not as fast as a port could.
 * Every copy of a layer reads trained values and caches of its own.
 */
export function usesOf(
  { device }: Pick<Accelerator, 'device'>,
  units: readonly Unit[],
  windows: Windows,
  copies: Copies,
): Map<string, ChannelUse> {
  const uses = new Map<string, ChannelUse & { users: User[] }>();
  const limits = new Map(device.memories.map(({ name, bandwidth }) => [name, clean(bandwidth)]));
  const operators = grouped(units, ({ role, kernel }) => (role === 'operator' ? kernel : undefined));
  for (const unit of units) {
    const atWork = operators.of(unit.kernel);
    const own = demandWindows(unit, atWork, windows);
    const [window] = own;
    if (!window) continue;
    for (const traffic of unit.instance.law.traffic) {
      const refs = unit.channels[traffic.port] ?? [];
      const seconds = activeSeconds(unit, traffic.cycles, atWork, window);
      for (const ref of refs) {
        const entry = uses.get(channelName(ref)) ?? { ref, limit: limits.get(ref.memory) ?? 0, users: [] };
        const bytes = clean(traffic.bytes / channelsAtOnce(unit, traffic.port));
        const most = portRateBelow(unit, traffic.port, entry.limit);
        const demand = seconds > 0 ? Math.min(clean(bytes / seconds), most) : 0;
        for (const { share, ...turn } of own)
          repeated(unit.role, turn, copies).forEach((each, copy) => {
            const user = { kernel: unit.kernel, port: traffic.port, unit: unit.id, demand, bytes: bytes * share };
            entry.users.push({ ...user, window: each, copy });
          });
        uses.set(channelName(ref), entry);
      }
    }
  }
  return uses;
}

/**
 * Bytes a second that a port of a unit can take, where that is less than its channel gives: then the port holds an array up that
 * wants more, and the channel is asked for no more than that. Where the port could take it all, the channel is asked for all.
 */
export function portRateBelow(unit: Unit, port: string, limit: number): number {
  const bits = unit.instance.memories.find(({ name }) => name === port)?.bits ?? 0;
  const rate = bits > 0 ? portRate({ ...unit, bits }) : 0;
  return rate > 0 && rate < limit ? rate : Number.POSITIVE_INFINITY;
}

/** What is asked of each channel at its busiest moment. */
export function channelsOf(uses: ReadonlyMap<string, ChannelUse>): ChannelEstimate[] {
  return [...uses].map(([name, { ref, limit, users }]) => {
    const busiest = busiestMoment(users);
    return {
      name,
      ...ref,
      demand: busiest.reduce((sum, { demand }) => sum + demand, 0),
      limit,
      users: busiest.map(({ kernel, port, unit, demand }) => ({ kernel, port, unit, demand })),
    };
  });
}

/** Seconds in which the channel that has most to do moves all of a pass, whoever waits for whom. */
export function busiestChannel(uses: Iterable<ChannelUse>): number {
  let most = 0;
  for (const { limit, users } of uses)
    if (limit > 0) most = Math.max(most, users.reduce((sum, { bytes }) => sum + bytes, 0) / limit);
  return most;
}

/** Copies of which some work is done at once, each `apart` behind the one before it: further ones see the same moments later. */
export function copiesAtWork(count: number, pass: number, apart: number): Copies {
  return { count: apart > 0 ? Math.max(1, Math.min(count, 1 + Math.ceil(clean(pass / apart)))) : 1, apart };
}

/** The windows of the copies of a unit. Rows come from memory for the first copy, and go there from the last one. */
export function repeated(role: UnitRole, window: Window, { count, apart }: Copies): Window[] {
  const first = role === 'store' ? count - 1 : 0;
  const last = role === 'load' ? 1 : count;
  return Array.from({ length: last - first }, (_, i) => {
    const late = (first + i) * apart;
    return { start: window.start + late, end: window.end + late };
  });
}

/**
 * A loader runs ahead as far as its FIFO lets it; what it moves is wanted while that process works which reads it: of an array
 * that takes turns, in each of its turns. Small values are wanted while their kernel works, the next layer's weights by the end of the pass.
 */
function demandWindows(unit: Unit, operators: readonly Unit[], windows: Windows): readonly Turn[] {
  const alone = windows.of(unit);
  const own = alone ? [whole(alone)] : [];
  if (unit.ahead) return [whole(windows.pass)];
  if (unit.role === 'load' || unit.role === 'store') return own;
  if (unit.role === 'weights' || unit.role === 'cache') return windows.ofReaders(unit) ?? own;
  const all = operators.flatMap((operator) => windows.of(operator) ?? []);
  if (all.length === 0) return own;
  return [whole({ start: Math.min(...all.map(({ start }) => start)), end: Math.max(...all.map(({ end }) => end)) })];
}

function activeSeconds(unit: Unit, cycles: number, operators: readonly Unit[], window: Window): number {
  const own = cycles / unit.clock;
  // Gain and bias are read ahead, once a pass: they have as long as their kernel is at work; the next layer's weights, all of it.
  if (isReadAhead(unit)) return Math.max(own, window.end - window.start);
  if (unit.role === 'weights' || unit.role === 'cache' || unit.role === 'operator') return own;
  return Math.max(own, ...operators.map((operator) => activeCycles(operator) / operator.clock));
}

/** Cycles in which the slowest process of a unit issues, whole pass. */
export function activeCycles({ instance }: Unit): number {
  return Math.max(0, ...instance.law.processes.map(activeOf));
}

/** Cycles in which the busiest hardware of a unit issues, whole pass: of processes that take turns on it, all of them. */
export function busyCycles({ instance }: Unit): number {
  const work = new Map<string, number>();
  for (const process of instance.law.processes) {
    const { name, hardware = name } = process;
    work.set(hardware, (work.get(hardware) ?? 0) + activeOf(process));
  }
  return Math.max(0, ...work.values());
}

function activeOf(process: Process): number {
  return clean(overJobs<{ readonly active: number }>(process, ({ active }) => clean(active)));
}

/** Share of a window at its end that is not looked at: one user is ending, another begins, and both are hardly at work. */
const ending = 0.01;

/** The users that together ask for most, of all that are active at one time: of equal moments the first. */
export function busiestMoment<One extends Pick<User, 'demand' | 'window'>>(users: readonly One[]): One[] {
  const endOf = ({ window: { start, end } }: One): number => end - ending * (end - start);
  const active = users.filter((user) => user.window.start < endOf(user));
  const starts = [...active].sort((a, b) => a.window.start - b.window.start);
  const ends = [...active].sort((a, b) => endOf(a) - endOf(b));
  let highest = -1;
  let best = 0;
  let sum = 0;
  let ended = 0;
  for (const { demand, window } of starts) {
    while (endOf(ends[ended]!) <= window.start) sum -= ends[ended++]!.demand;
    sum += demand;
    // Sums that go up and down again are off by rounding; that is no busier moment.
    if (sum <= highest * (1 + 1e-9)) continue;
    highest = sum;
    best = window.start;
  }
  return active.filter((user) => user.window.start <= best && best < endOf(user));
}

/** Ports of units that are tied to a memory: the unit of each. */
export function portsTo(units: readonly Unit[], { name }: Memory): Unit[] {
  return units.flatMap((unit) =>
    unit.instance.memories.flatMap((port) =>
      (unit.channels[port.name] ?? []).some(({ memory }) => memory === name) ? [unit] : [],
    ),
  );
}

/** Bytes behind each channel: weights of all layers, rows of a layer twice (in and out change places). */
export function memoriesOf(accelerator: Accelerator, units: readonly Unit[]): MemoryEstimate[] {
  const { device, model, phase } = accelerator;
  const found = new Map<string, { ref: ChannelRef; contents: MemoryEstimate['contents'][number][] }>();
  const put = (ref: ChannelRef, kernel: string, what: string, bytes: number, layers?: number): void => {
    const entry = found.get(channelName(ref)) ?? { ref, contents: [] };
    if (bytes > 0)
      entry.contents.push({
        kernel,
        what,
        bytes: Math.ceil(clean(bytes)),
        ...(layers === undefined ? {} : { layers }),
      });
    found.set(channelName(ref), entry);
  };
  const rows = new Set<string>();
  for (const unit of units) {
    for (const port of unit.instance.memories) {
      // What a cache writes lies where it reads.
      if (unit.role === 'cache' && port.direction === 'write') continue;
      const refs = unit.channels[port.name] ?? [];
      for (const ref of refs) {
        const share = port.bytes / refs.length;
        if (unit.role === 'load' || unit.role === 'store') {
          // Every reader of the layer's input reads the same rows.
          const key = `${channelName(ref)} ${port.content}`;
          if (rows.has(key)) continue;
          rows.add(key);
          put(ref, unit.kernel, port.content, share * phase.batch);
        } else if (unit.role === 'turns') put(ref, unit.kernel, port.content, share);
        else {
          const { repeat } = model.layer;
          put(
            ref,
            unit.kernel,
            `${port.content}, ${repeat} ${repeat === 1 ? 'layer' : 'layers'}`,
            share * repeat,
            repeat,
          );
        }
      }
    }
  }
  return [...found.values()].map(({ ref, contents }) => ({
    ...ref,
    bytes: contents.reduce((sum, { bytes }) => sum + bytes, 0),
    capacity: clean(device.memories.find(({ name }) => name === ref.memory)?.capacity ?? 0),
    contents,
  }));
}
