import type { Accelerator } from '../design/design.ts';
import type { Device } from '../design/hardware.ts';
import type { Span } from '../diagnostic.ts';
import type { MemoryEstimate } from '../estimate/estimate.ts';
import { bytes, ranges, share } from '../format.ts';
import { estimateOf, fitsAsBefore } from './after.ts';
import { outgrown } from './cache-capacity.ts';
import { channelNames, freeChannels, together } from './free-channels.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';

export const hbmCapacity = estimateRule({
  code: 'hbm-capacity',
  severity: 'error',
  page: {
    summary: 'A memory channel is asked to keep more than it holds.',
    why: 'Weights of all layers, K and V and the activations between passes lie behind their channels for the whole run: a pseudo-channel of an U280 holds 256 MiB.',
    failing: `model wide {
  input x : [tokens, 16384]
  up = linear(x, 65536)
  output up
}
accelerator a {
  device    u280 at 245 MHz
  model     wide
  phase     forward(tokens: 8)
  precision W8A8
  kernel up  array 8 x 16  pack 2  weights hbm[1]
}`,
    mended: `model wide {
  input x : [tokens, 16384]
  up = linear(x, 65536)
  output up
}
accelerator a {
  device    u280 at 245 MHz
  model     wide
  phase     forward(tokens: 8)
  precision W8A8
  kernel up  array 8 x 16  pack 2  weights hbm[1..8]
}`,
    remedies: [
      'Deal the weights out to several channels: `weights hbm[1..8]`.',
      'Use narrower weights.',
      'Split the model over several cards.',
    ],
  },
  *find(estimate) {
    const { accelerator, memories } = estimate;
    const said = new Set(outgrown(estimate).map(({ memory }) => memory));
    const full = memories.filter((memory) => memory.bytes > memory.capacity && !said.has(memory));
    // Channels that one line fills are one finding, at that line.
    const lines = together(full, (memory) => {
      const [most] = usersOf([memory]);
      const { file, start } = most ? spanOf(accelerator, most) : accelerator.nameSpan;
      return `${memory.memory} ${file} ${start}`;
    });
    for (const channels of lines) {
      const users = usersOf(channels).map((user) => ({ ...user, span: spanOf(accelerator, user) }));
      yield {
        span: users[0]?.span ?? accelerator.nameSpan,
        message: `${amounts(channels, accelerator.device)}, most of it for ‘${users[0]?.kernel}’.`,
        related: users.map((user) => ({
          span: user.span,
          message: `‘${user.kernel}’ keeps ${bytes(user.bytes)} there: ${user.what}`,
        })),
        subject: { memory: channels[0].memory, kernel: users[0]?.kernel ?? '' },
      };
    }
  },
  fix({ subject }, { facts, text, evaluate }) {
    const before = estimateOf(facts, subject.accelerator);
    const memory = before?.accelerator.device.memories.find(({ name }) => name === subject.memory);
    const weights = before && kernelNamed(before.accelerator, subject.kernel)?.weights;
    if (!before || !memory || !weights?.span || weights.value.kind !== 'channels') return [];
    const free = freeChannels(before.accelerator, before.channels, memory);
    // A port each, and ports have equal shares: in powers of two.
    for (let count = 2 * weights.value.channels.length; count <= free.length; count *= 2) {
      const newText = text(weights.span).replace(/\[[^\]]*\]/, `[${ranges(free.slice(0, count))}]`);
      const edits = [{ span: weights.span, newText }];
      const after = estimateOf(evaluate(edits), subject.accelerator);
      const fits = after?.memories.every(({ bytes: kept, capacity }) => kept <= capacity);
      if (after && fits && fitsAsBefore(before, after))
        return [{ title: `Use ${count} free channels of ${memory.name}`, edits, preferred: true }];
    }
    return [];
  },
});

type Content = MemoryEstimate['contents'][number];

/** What lies behind all of these channels, the most first; what is dealt out to several of them once. */
function usersOf(channels: readonly MemoryEstimate[]): Content[] {
  return together(
    channels.flatMap(({ contents }) => contents),
    ({ kernel, what }) => `${kernel} ${what}`,
  )
    .map((parts) => ({ ...parts[0], bytes: parts.reduce((sum, part) => sum + part.bytes, 0) }))
    .sort((a, b) => b.bytes - a.bytes);
}

function spanOf(accelerator: Accelerator, { kernel }: Content): Span {
  return placeOf(accelerator, kernelNamed(accelerator, kernel), ['weights', 'cache']);
}

/** 'hbm[1..8] hold 2 GiB and are to keep 4 GiB (200%; the fullest, hbm[1], 240%)' */
function amounts(channels: readonly MemoryEstimate[], device: Device): string {
  const sum = (of: (memory: MemoryEstimate) => number): number => channels.reduce((all, one) => all + of(one), 0);
  const load = ({ bytes: kept, capacity }: { bytes: number; capacity: number }): number => kept / capacity;
  const whole = { bytes: sum((one) => one.bytes), capacity: sum(({ capacity }) => capacity) };
  if (device.memories.length === 0)
    return `The sheet of ‘${device.name}’ has no memory, and ${bytes(whole.bytes)} are to be kept in one`;
  const one = channels.length === 1;
  const name = channelNames(channels);
  const fullest = channels.reduce((a, b) => (load(b) > load(a) ? b : a));
  const uneven = load(fullest) > load(whole) * 1.01;
  const most = uneven ? `; the fullest, ${fullest.memory}[${fullest.channel}], ${share(load(fullest))}` : '';
  return `${name} ${one ? 'holds' : 'hold'} ${bytes(whole.capacity)} and ${one ? 'is' : 'are'} to keep ${bytes(whole.bytes)} (${share(load(whole))}${most})`;
}
