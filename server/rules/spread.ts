/** Kernels on a channel that is too full, and their way to others. */
import type { Kernel, Store } from '../design/design.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate, ChannelEstimate } from '../estimate/estimate.ts';
import { ranges } from '../format.ts';
import { freeChannels } from './free-channels.ts';
import { kernelNamed } from './places.ts';
import type { FixContext } from './rule.ts';

export interface User {
  readonly kernel: string;
  readonly demand: number;
}

/** Demand of each kernel, the greatest first. */
export function usersOf(channel: ChannelEstimate): User[] {
  const demands = new Map<string, number>();
  for (const { kernel, demand } of channel.users) demands.set(kernel, (demands.get(kernel) ?? 0) + demand);
  return [...demands].map(([kernel, demand]) => ({ kernel, demand })).sort((a, b) => b.demand - a.demand);
}

export function clausesOf(kernel: Kernel, channel: ChannelEstimate): ('weights' | 'cache')[] {
  return (['weights', 'cache'] as const).filter((clause) => isOn(kernel[clause]?.value, channel));
}

function isOn(store: Store | undefined, { memory, channel }: ChannelEstimate): boolean {
  return store?.kind === 'channels' && store.memory === memory && store.channels.includes(channel);
}

/**
 * Moves users of a channel whose place is written, the smallest first, to channels that nobody uses: as many as each needs, until
 * no more than `most` bytes a second are left.
 */
export function spread(
  { accelerator, channels }: AcceleratorEstimate,
  channel: ChannelEstimate,
  most: number,
  context: FixContext,
): TextEdit[] {
  const memory = accelerator.device.memories.find(({ name }) => name === channel.memory);
  if (!memory) return [];
  const free = freeChannels(accelerator, channels, memory);
  const edits: TextEdit[] = [];
  let left = channel.demand;
  for (const { kernel: name, demand } of usersOf(channel).reverse()) {
    const kernel = kernelNamed(accelerator, name);
    const clause = kernel && clausesOf(kernel, channel)[0];
    const store = clause && kernel[clause];
    if (left <= most) break;
    if (!store?.span || store.origin !== 'written') continue;
    const taken = free.splice(0, Math.ceil(demand / channel.limit));
    const text = context.text(store.span).replace(/\[[^\]]*\]/, `[${ranges(taken)}]`);
    if (taken.length * channel.limit >= demand) edits.push({ span: store.span, newText: text });
    left -= demand;
  }
  return edits;
}
