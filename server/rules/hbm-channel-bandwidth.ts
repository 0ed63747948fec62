import { NEARLY_ENOUGH } from '../design/defaults/balance.ts';
import type { Accelerator } from '../design/design.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate, ChannelEstimate } from '../estimate/estimate.ts';
import { bandwidth, enumeration, ranges, share } from '../format.ts';
import { estimateOf, fitsAsBefore } from './after.ts';
import { keepWeights } from './keep-weights.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule, type FixContext } from './rule.ts';
import { clausesOf, spread, type User, usersOf } from './spread.ts';
import { quoted } from './words.ts';

/** Shorter waits than this share of a layer are not worth a word. */
const NOTABLE = 0.01;

const spec = (channels: readonly string[]) => `model project {
  input x : [tokens, 768]
  q = linear(x, 768)
  k = linear(x, 768)
  v = linear(x, 768)
  qk  = add(q, k)
  qkv = add(qk, v)
  output qkv
}
accelerator a {
  device    u280 at 245 MHz
  model     project
  phase     forward(tokens: 512)
  precision W4A8
  region r on slr0  pack 2 {
    kernel q    array 8 x 32  weights ${channels[0]}
    kernel k    array 8 x 32  weights ${channels[1]}
    kernel v    array 8 x 32  weights ${channels[2]}
    kernel qk   lanes 8
    kernel qkv  lanes 8
  }
}`;

/** An excess that no figure of three digits shows is not worth a warning; the timeline counts it all the same. */
const UNSEEN = 0.005;

export const hbmChannelBandwidth = estimateRule({
  code: 'hbm-channel-bandwidth',
  severity: 'warning',
  page: {
    summary: 'The kernels that run at the same time ask a memory channel for more than it gives.',
    why: 'The demand is the sum, over the kernels that run at the same time, of bytes moved divided by the time in which each of them moves its bytes. Past the limit all of them wait; the latency already counts that. Kernels that never run at the same time share a channel freely, and a product of one block of rows (a token) that has a channel to itself may ask for up to a third more than it gives: it goes at the pace of its memory.',
    failing: spec(['hbm[1]', 'hbm[1]', 'hbm[1]']),
    mended: spec(['hbm[1]', 'hbm[2]', 'hbm[3]']),
    remedies: [
      'Give each kernel a channel of its own (the quick fix takes free ones).',
      'Give a kernel several channels: `weights hbm[4..5]`.',
      'Use more rows in the array: every row shares the weights that are read.',
      'Keep the weights of a product on the chip for several blocks of rows: `tile 64` (a quick fix says how many).',
    ],
  },
  *find(estimate) {
    const { accelerator } = estimate;
    // A card without a memory has no channels either: `hbm-capacity` says so.
    const over = estimate.channels.filter(
      (channel) =>
        channel.demand > channel.limit * (1 + UNSEEN) &&
        accelerator.device.memories.length > 0 &&
        !isPaced(usersOf(channel)[0], channel, accelerator),
    );
    for (const group of sharedAlike(over)) {
      const channel = group.reduce((most, next) => (next.demand > most.demand ? next : most));
      const users = usersOf(channel);
      const places = users.map((user) => {
        const kernel = kernelNamed(accelerator, user.kernel);
        return { ...user, span: placeOf(accelerator, kernel, kernel ? clausesOf(kernel, channel) : []) };
      });
      yield {
        span: places[0]?.span ?? accelerator.nameSpan,
        message: `${named(group)} over-subscribed: ${excess(channel, group.length)}. ${waiting(users, channel, estimate)}.`,
        related: places.map(({ span, kernel, demand }) => ({
          span,
          message: `‘${kernel}’ asks for ${bandwidth(demand)}`,
        })),
        subject: { channel: channel.name },
      };
    }
  },
  fix({ subject }, context) {
    const estimate = context.facts.estimate.accelerators.find((one) => one.accelerator.name === subject.accelerator);
    const channel = estimate?.channels.find((one) => one.name === subject.channel);
    const memory = estimate?.accelerator.device.memories.find((one) => one.name === channel?.memory);
    if (!estimate || !channel || !memory) return [];
    const helps = (edits: readonly TextEdit[]) => edits.length > 0 && holds(edits, estimate, channel, context);
    const moved = spread(estimate, channel, channel.limit, context);
    const fixes = helps(moved) ? [{ title: `Use free channels of ${memory.name}`, edits: moved }] : [];
    for (const { blocks, edits } of keepWeights(estimate, channel)) {
      if (!helps(edits)) continue;
      fixes.push({ title: `Keep weights for ${blocks} blocks of rows`, edits });
      break;
    }
    return fixes.map((fix, i) => ({ ...fix, preferred: i === 0 }));
  },
});

/** Of the limit of a channel, what a kernel asks for that is worth a word. */
const WORTH_A_WORD = 0.05;

/** Channels that the same kernels share are one matter: weights that lie on all of them. */
function sharedAlike(channels: readonly ChannelEstimate[]): ChannelEstimate[][] {
  const groups = new Map<string, ChannelEstimate[]>();
  for (const channel of channels) {
    const users = usersOf(channel).filter(({ demand }) => demand > WORTH_A_WORD * channel.limit);
    const key = [channel.memory, ...users.map(({ kernel }) => kernel).sort()].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), channel]);
  }
  return [...groups.values()];
}

/** '23.5 of 14.4 GB/s (163%)' */
function excess({ demand, limit }: ChannelEstimate, channels: number): string {
  const figure = `${gigabytes(demand)} of ${bandwidth(limit)}`;
  return channels > 1 ? `up to ${figure} a channel (${share(demand / limit)})` : `${figure} (${share(demand / limit)})`;
}

/** 'hbm[1] is', 'hbm[1..2, 5] are' */
function named(channels: readonly ChannelEstimate[]): string {
  const [first] = channels;
  if (!first || channels.length === 1) return `${first?.name} is`;
  return `${first.memory}[${ranges(channels.map(({ channel }) => channel))}] are`;
}

/** Of the demand of a channel, what one kernel has that has it nearly for itself. */
const NEARLY_ALONE = 0.9;

/**
 * A product of one block of rows goes at the pace of its memory. That its array takes a little more than its channels give is
 * how it gets all that they give, and no mistake.
 */
function isPaced(user: User | undefined, { demand, limit }: ChannelEstimate, accelerator: Accelerator): boolean {
  const kernel = user && kernelNamed(accelerator, user.kernel);
  const tokens = kernel?.array?.value.tokens;
  if (!kernel || tokens === undefined || user.demand < NEARLY_ALONE * demand) return false;
  return kernel.turns.flat().every(({ rows }) => rows <= tokens) && limit >= NEARLY_ENOUGH * demand;
}

/** The unit is said once: '23.5 of 14.4 GB/s'. */
function gigabytes(bytesPerSecond: number): string {
  return bandwidth(bytesPerSecond).replace(/ GB\/s$/, '');
}

/** '‘q’, ‘k’ and ‘v’ use it at the same time: each gets 61% of what it asks for then, and waits up to 6% of the layer' */
function waiting(users: readonly User[], channel: ChannelEstimate, { kernels }: AcceleratorEstimate): string {
  const names = enumeration(users.map((user) => quoted(user.kernel)));
  const longest = kernels
    .filter(({ name }) => users.some((user) => user.kernel === name))
    .flatMap(({ waits }) => waits.filter(({ on }) => on === channel.name))
    .reduce((most, wait) => Math.max(most, wait.share), 0);
  const gets = share(channel.limit / channel.demand);
  const wait = longest >= NOTABLE ? share(longest) : `less than ${share(NOTABLE)}`;
  return users.length === 1
    ? `${names} gets ${gets} of what it asks for and waits ${wait} of the layer`
    : `${names} use it at the same time: each gets ${gets} of what it asks for then, and waits ${longest >= NOTABLE ? 'up to ' : ''}${wait} of the layer`;
}

/** Whether the channel is no longer over-subscribed, nothing is wrong that was not before, and the pass takes no longer. */
function holds(
  edits: readonly TextEdit[],
  before: AcceleratorEstimate,
  channel: ChannelEstimate,
  context: FixContext,
): boolean {
  const after = estimateOf(context.evaluate(edits), before.accelerator.name);
  if (!after || !fitsAsBefore(before, after)) return false;
  const full = after.channels.some(({ name, demand, limit }) => name === channel.name && demand > limit);
  return !full && after.timing.model <= before.timing.model * (1 + UNSEEN);
}
