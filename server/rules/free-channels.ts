/** Channels of a memory that a fix may take. */
import type { Accelerator, Memory } from '../design/design.ts';
import type { ChannelEstimate } from '../estimate/estimate.ts';

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

/** '7..9', '7, 9' */
export function ranges(channels: readonly number[]): string {
  const [first, last] = [channels[0] ?? 0, channels.at(-1) ?? 0];
  const together = last - first === channels.length - 1 && channels.length > 1;
  return together ? `${first}..${last}` : channels.join(', ');
}
