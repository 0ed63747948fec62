/** Channels of a memory that a fix may take. */
import type { Accelerator } from '../design/design.ts';
import type { Memory } from '../design/hardware.ts';
import type { ChannelEstimate, MemoryEstimate } from '../estimate/estimate.ts';
import { ranges } from '../format.ts';

/** Channels without traffic that no kernel keeps anything behind either. */
export function freeChannels(accelerator: Accelerator, channels: readonly ChannelEstimate[], memory: Memory): number[] {
  const used = new Set(channels.filter((one) => one.memory === memory.name).map((one) => one.channel));
  for (const { weights, cache } of accelerator.kernels) {
    for (const store of [weights?.value, cache?.value]) {
      if (store?.kind === 'channels' && store.memory === memory.name) for (const one of store.channels) used.add(one);
    }
  }
  const { first, last } = memory.channels;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter((one) => !used.has(one));
}

/** Of one memory: 'hbm[7..9]' */
export function channelNames(channels: readonly Pick<MemoryEstimate, 'memory' | 'channel'>[]): string {
  return `${channels[0]?.memory}[${ranges(channels.map(({ channel }) => channel).sort((a, b) => a - b))}]`;
}

/** What has one key is together, in the order in which keys are found first. */
export function together<One>(all: readonly One[], keyOf: (one: One) => string): readonly (readonly [One, ...One[]])[] {
  const found = new Map<string, [One, ...One[]]>();
  for (const one of all) {
    const known = found.get(keyOf(one));
    if (known) known.push(one);
    else found.set(keyOf(one), [one]);
  }
  return [...found.values()];
}
