/** What two kinds of passes need of one card, in the place of what either needs: of `generate`, and of parts of a model. */

import { clean, larger, less, nothing, times, total } from '../amounts.ts';
import { closureOf } from '../cost/closure.ts';
import type { AcceleratorEstimate, ChannelEstimate, KernelEstimate, MemoryEstimate } from '../estimate.ts';

/** What of an estimate two kinds of passes have in common. */
type Hardware = Pick<
  AcceleratorEstimate,
  | 'kernels'
  | 'dies'
  | 'resources'
  | 'channels'
  | 'memories'
  | 'crossings'
  | 'closure'
  | 'caveats'
  | 'deadlock'
  | 'engines'
>;

/**
 * Hardware of two kinds of passes that follow each other: what is shared is built once, for the larger of its two needs.
 *
 * @param inMemory what both have there: the same thing `once`, as large as it gets, or that of `each`
 */
export function together(first: AcceleratorEstimate, last: AcceleratorEstimate, inMemory: 'once' | 'each'): Hardware {
  const alone = last.kernels.filter((kernel) => !first.kernels.some(({ name }) => name === kernel.name));
  const extra = new Map(alone.map((kernel) => [kernel.name, kernel.resources]));
  const shared = first.kernels.map((kernel): KernelEstimate => {
    const other = last.kernels.find(({ name }) => name === kernel.name);
    if (!other) return kernel;
    const resources = larger(kernel.resources, other.resources);
    extra.set(kernel.name, less(resources, kernel.resources));
    return {
      ...kernel,
      resources,
      partial: kernel.partial || other.partial,
      uncounted: kernel.uncounted || other.uncounted,
    };
  });
  const kernels = [...shared, ...alone];
  const copies = Math.max(1, Math.floor(clean(first.accelerator.copies.value)));
  const dies = first.dies.map((die) => {
    const here = kernels.filter((kernel) => kernel.die === die.name);
    const more = total(here.map(({ name }) => extra.get(name) ?? nothing));
    const timed = die.kernels.length > 0 ? die : (last.dies.find(({ name }) => name === die.name) ?? die);
    return {
      name: die.name,
      available: die.available,
      shell: die.shell,
      get latency() {
        return timed.latency;
      },
      resources: total([die.resources, times(more, copies)]),
      kernels: [...new Set([...die.kernels, ...here.map(({ name }) => name)])],
      partial: die.partial || here.some(({ partial }) => partial),
      uncounted: die.uncounted || here.some(({ uncounted }) => uncounted),
    };
  });
  const crossings = first.crossings.map((boundary) => {
    const other = last.crossings.find(({ between }) => between.join() === boundary.between.join());
    return other && other.used > boundary.used ? other : boundary;
  });
  const deadlock = first.deadlock ?? last.deadlock;
  const engines = [first.engines, last.engines].reduce((a, b) => ((b?.used ?? 0) > (a?.used ?? 0) ? b : a));
  return {
    kernels,
    dies,
    resources: total(dies.map(({ resources }) => resources)),
    channels: busier(first.channels, last.channels),
    memories: filled(first.memories, last.memories, inMemory),
    crossings,
    closure: closureOf(first.accelerator, dies, crossings),
    caveats: [...new Set([...first.caveats, ...last.caveats])],
    ...(engines ? { engines } : {}),
    ...(deadlock ? { deadlock } : {}),
  };
}

/** Of each channel, the pass that asks more of it: they follow each other. */
function busier(first: readonly ChannelEstimate[], last: readonly ChannelEstimate[]): ChannelEstimate[] {
  const names = [...new Set([...first, ...last].map(({ name }) => name))];
  return names.map((name) => {
    const both = [first, last].flatMap((channels) => channels.find((channel) => channel.name === name) ?? []);
    return both.reduce((a, b) => (b.demand > a.demand ? b : a));
  });
}

/** What lies in memory for both passes. Rows on their way are the same place, whoever reads them. */
function filled(
  first: readonly MemoryEstimate[],
  last: readonly MemoryEstimate[],
  inMemory: 'once' | 'each',
): MemoryEstimate[] {
  const found = new Map<string, MemoryEstimate>();
  for (const memory of [...first, ...last]) {
    const key = `${memory.memory}[${memory.channel}]`;
    const known = found.get(key);
    if (!known) {
      found.set(key, memory);
      continue;
    }
    const contents = new Map(known.contents.map((entry) => [`${entry.kernel} ${entry.what}`, entry]));
    for (const entry of memory.contents) {
      const name = `${entry.kernel} ${entry.what}`;
      const other = contents.get(name);
      const bytes = inMemory === 'each' && entry.layers ? (other?.bytes ?? 0) + entry.bytes : entry.bytes;
      if (bytes > (other?.bytes ?? -1)) contents.set(name, { ...entry, bytes });
    }
    const all = [...contents.values()];
    found.set(key, { ...known, contents: all, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) });
  }
  return [...found.values()];
}
