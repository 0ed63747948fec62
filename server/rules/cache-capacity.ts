import type { Accelerator } from '../design/design.ts';
import type { AcceleratorEstimate, MemoryEstimate } from '../estimate/estimate.ts';
import { bytes, count, ranges } from '../format.ts';
import { channelNames, freeChannels, together } from './free-channels.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';

const spec = (channels: string) => `model attention_only {
  input x : [tokens, 1024]
  layer block(x) repeat 24 {
    q       = linear(x, 1024)
    k       = linear(x, 1024)
    v       = linear(x, 1024)
    scores  = scores(q, k, heads: 16)
    softmax = softmax(scores)
    context = context(softmax, v, heads: 16)
    output context
  }
  output block
}
accelerator a {
  device    u280 at 180 MHz
  model     attention_only
  phase     decode(past: 11000)
  precision W8A8
  kernel q        array 1 x 1 x 64  pack 2  weights hbm[0..1]
  kernel k        array 1 x 1 x 64  pack 2  weights hbm[2..3]
  kernel v        array 1 x 1 x 64  pack 2  weights hbm[4..5]
  kernel scores   array 1 x 2 x 32  cache hbm[${channels}]
  kernel softmax  lanes 1  as fp32
  kernel context  array 1 x 16 x 8  cache hbm[26..27]
  stream hbm[31] -> q, k, v  64 x int8
  stream context -> hbm[31]  64 x int8
}`;

/** K and V behind one channel, where they are what is too much. */
export interface Outgrown {
  readonly memory: MemoryEstimate;
  readonly kernel: string;
  readonly cache: number;
  /** What else lies there. */
  readonly others: number;
}

/** Channels that would hold what they are to keep if it were not for the cache: `hbm-capacity` says the others. */
export function outgrown({ accelerator, memories }: AcceleratorEstimate): Outgrown[] {
  return memories.flatMap((memory) => {
    const caches = memory.contents.filter(({ kernel }) => isCacheOf(accelerator, kernel, memory));
    const cache = caches.reduce((sum, one) => sum + one.bytes, 0);
    const others = memory.bytes - cache;
    const most = [...caches].sort((a, b) => b.bytes - a.bytes)[0];
    return most && memory.bytes > memory.capacity && others <= memory.capacity
      ? [{ memory, kernel: most.kernel, cache, others }]
      : [];
  });
}

function isCacheOf(accelerator: Accelerator, name: string, { memory, channel }: MemoryEstimate): boolean {
  const store = kernelNamed(accelerator, name)?.cache?.value;
  return store?.kind === 'channels' && store.memory === memory && store.channels.includes(channel);
}

export const cacheCapacity = estimateRule({
  code: 'cache-capacity',
  severity: 'error',
  page: {
    summary: 'K and V of the stated context do not fit behind their memory channel.',
    why: 'In a decode step K and V of every row so far, of all layers, are in memory, and grow by a row with each token: `past` (with `generate`, prompt and output together) says how far. The message says how many rows fit.',
    failing: spec('24'),
    mended: spec('24..25'),
    remedies: [
      'Deal the cache out to more channels: `cache hbm[24..25]` (the quick fix).',
      'State the context that is really needed: a shorter `past`, or less `output`.',
      'Use a narrower type for the cache, or a model with fewer heads of k and v.',
    ],
  },
  *find(estimate) {
    const { accelerator } = estimate;
    const { past, tokens, prompt, output } = accelerator.phase;
    const rows = prompt === undefined ? past + tokens : prompt + (output ?? 0);
    // A cache is dealt out to its channels: all that it outgrows are one finding.
    for (const channels of together(outgrown(estimate), (one) => one.kernel)) {
      const [{ kernel }] = channels;
      const sum = (of: (one: Outgrown) => number): number => channels.reduce((all, one) => all + of(one), 0);
      const fit = Math.min(
        ...channels.map(({ memory, cache, others }) => Math.floor((rows * (memory.capacity - others)) / cache)),
      );
      const others = sum((one) => one.others);
      const beside = others > 0 ? `, beside ${bytes(others)} of something else` : '';
      const name = channelNames(channels.map(({ memory }) => memory));
      const hold = channels.length === 1 ? 'the channel holds' : 'the channels hold';
      yield {
        span: placeOf(accelerator, kernelNamed(accelerator, kernel), ['cache']),
        message: `The cache of ‘${kernel}’ outgrows ${name}: ${count(rows)} rows of context are ${bytes(sum(({ cache }) => cache))} there${beside}, and ${hold} ${bytes(sum(({ memory }) => memory.capacity))}. ${count(fit)} rows fit.`,
        subject: { kernel },
      };
    }
  },
  fix({ subject }, { facts, text, evaluate }) {
    const named = (one: AcceleratorEstimate): boolean => one.accelerator.name === subject.accelerator;
    const before = facts.estimate.accelerators.find(named);
    const cache = before && kernelNamed(before.accelerator, subject.kernel)?.cache;
    if (!before || !cache?.span || cache.value.kind !== 'channels') return [];
    const { memory: name, channels } = cache.value;
    const memory = before.accelerator.device.memories.find((one) => one.name === name);
    const all = memory ? freeChannels(before.accelerator, before.channels, memory) : [];
    const last = Math.max(...channels);
    const free = [...all.filter((one) => one > last), ...all.filter((one) => one < last)];
    // Powers of two of what is there: a tile's columns are dealt out evenly.
    for (let more = channels.length; more <= free.length; more = 2 * more + channels.length) {
      const taken = [...channels, ...free.slice(0, more)].sort((a, b) => a - b);
      const newText = text(cache.span).replace(/\[[^\]]*\]/, `[${ranges(taken)}]`);
      const edits = [{ span: cache.span, newText }];
      const after = evaluate(edits).estimate.accelerators.find(named);
      const fits = after && outgrown(after).every(({ kernel }) => kernel !== subject.kernel);
      if (
        fits &&
        after.kernels.filter(({ partial }) => partial).length <= before.kernels.filter(({ partial }) => partial).length
      )
        return [{ title: `Deal the cache out to ${taken.length} channels: \`${newText}\``, edits, preferred: true }];
    }
    return [];
  },
});
