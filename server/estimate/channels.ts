/** Memory channels: what is asked of each at once, and what lies there for the whole model. */
import type { Accelerator, Memory } from '../design/design.ts';
import { clean } from './amounts.ts';
import type { ChannelEstimate, MemoryEstimate } from './estimate.ts';
import { type ChannelRef, isReadAhead, type Unit } from './netlist.ts';

/** When a unit is active in the pass, seconds. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

interface User {
  readonly kernel: string;
  readonly port: string;
  readonly unit: Unit;
  readonly demand: number;
  readonly window: Window;
}

export function channelName({ memory, channel }: ChannelRef): string {
  return `${memory}[${channel}]`;
}

/**
 * Demand of a channel: the sum, over the units that run at the same time, of bytes ÷ active time. Active time counts cycles
 * in which the kernel works, of its slowest process: rows are read as fast as they are used, not as fast as a port could.
 */
export function channelsOf(
  accelerator: Accelerator,
  units: readonly Unit[],
  windowOf: (unit: Unit) => Window | undefined,
): ChannelEstimate[] {
  const users = new Map<string, { ref: ChannelRef; users: User[] }>();
  for (const unit of units) {
    const window = kernelWindow(unit, units, windowOf);
    if (!window) continue;
    for (const traffic of unit.instance.law.traffic) {
      const refs = unit.channels[traffic.port] ?? [];
      const seconds = activeSeconds(unit, traffic.cycles, units, window);
      for (const ref of refs) {
        const entry = users.get(channelName(ref)) ?? { ref, users: [] };
        const demand = seconds > 0 ? clean(traffic.bytes / refs.length / seconds) : 0;
        entry.users.push({ kernel: unit.kernel, port: traffic.port, unit, demand, window });
        users.set(channelName(ref), entry);
      }
    }
  }
  return [...users.entries()].map(([name, { ref, users: all }]) => {
    const busiest = busiestMoment(all);
    const memory = accelerator.device.memories.find((candidate) => candidate.name === ref.memory);
    return {
      name,
      ...ref,
      demand: busiest.reduce((sum, { demand }) => sum + demand, 0),
      limit: clean(memory?.bandwidth ?? 0),
      users: busiest.map(({ kernel, port, demand }) => ({ kernel, port, demand })),
    };
  });
}

/** A loader runs ahead as far as its FIFO lets it; what it moves is wanted while its kernel works. */
function kernelWindow(
  unit: Unit,
  units: readonly Unit[],
  windowOf: (unit: Unit) => Window | undefined,
): Window | undefined {
  if (unit.role === 'load' || unit.role === 'store') return windowOf(unit);
  const all = units
    .filter(({ kernel, role }) => kernel === unit.kernel && role === 'operator')
    .flatMap((operator) => windowOf(operator) ?? []);
  if (all.length === 0) return windowOf(unit);
  return { start: Math.min(...all.map(({ start }) => start)), end: Math.max(...all.map(({ end }) => end)) };
}

function activeSeconds(unit: Unit, cycles: number, units: readonly Unit[], window: Window): number {
  const own = cycles / unit.clock;
  if (unit.role === 'weights' || unit.role === 'cache' || unit.role === 'operator') return own;
  // Gain and bias are read ahead, once a pass: they have as long as their kernel is at work.
  if (isReadAhead(unit)) return Math.max(own, window.end - window.start);
  const kernel = units.filter(({ kernel: name, role }) => name === unit.kernel && role === 'operator');
  return Math.max(own, ...kernel.map((operator) => activeCycles(operator) / operator.clock));
}

/** Cycles in which the slowest process of a unit issues, whole pass. */
export function activeCycles({ instance }: Unit): number {
  return Math.max(0, ...instance.law.processes.map(({ jobs, active }) => clean(jobs) * clean(active)));
}

/** The users that together ask for most, of all that are active at one time. */
export function busiestMoment<One extends Pick<User, 'demand' | 'window'>>(users: readonly One[]): One[] {
  let most: One[] = [];
  let highest = -1;
  for (const { window } of users) {
    const together = users.filter((other) => other.window.start <= window.start && window.start < other.window.end);
    const sum = together.reduce((total, { demand }) => total + demand, 0);
    if (sum > highest) {
      highest = sum;
      most = together;
    }
  }
  return most;
}

/** Ports of units that are tied to a memory: the unit of each. */
export function portsTo(units: readonly Unit[], { name }: Memory): Unit[] {
  return units.flatMap((unit) =>
    unit.instance.memories.flatMap((port) =>
      (unit.channels[port.name] ?? []).some(({ memory }) => memory === name) ? [unit] : [],
    ),
  );
}

/**
 * Ports that a memory has: the switch in front of HBM has one a pseudo-channel (UG1393). DDR stands behind an interconnect of the
 * platform: undefined.
 */
export function portLimit({ name, channels: { first, last } }: Memory): number | undefined {
  return name === 'hbm' ? last - first + 1 : undefined;
}

/** Bytes behind each channel: weights of all layers, rows of a layer twice (in and out change places). */
export function memoriesOf(accelerator: Accelerator, units: readonly Unit[]): MemoryEstimate[] {
  const { device, model, phase } = accelerator;
  const found = new Map<string, { ref: ChannelRef; contents: MemoryEstimate['contents'][number][] }>();
  const put = (ref: ChannelRef, kernel: string, what: string, bytes: number): void => {
    const entry = found.get(channelName(ref)) ?? { ref, contents: [] };
    if (bytes > 0) entry.contents.push({ kernel, what, bytes: Math.ceil(clean(bytes)) });
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
        else put(ref, unit.kernel, `${port.content}, ${model.layer.repeat} layers`, share * model.layer.repeat);
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
