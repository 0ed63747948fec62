import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { bandwidth, enumeration, share } from '../format.ts';
import { estimateOf, fitsAsBefore } from './after.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';
import { spread } from './spread.ts';
import { quoted } from './words.ts';

/** From this load on several users are worth a word. Assumed: no source says what their row misses and turn-arounds cost. */
const CROWDED = 0.8;

const spec = (channel: string) =>
  `model pair {
  input x : [tokens, 768]
  q = linear(x, 768)
  k = linear(x, 768)
  qk = add(q, k)
  output qk
}
accelerator a {
  device    u280 at 245 MHz
  model     pair
  phase     forward(tokens: 512)
  precision W4A8
  region r on slr0  pack 2 {
    kernel q    array 8 x 16  weights hbm[1]
    kernel k    array 8 x 32  weights ${channel}
    kernel qk   lanes 8
  }
}`;

export const hbmChannelShared = estimateRule({
  code: 'hbm-channel-shared',
  severity: 'information',
  page: {
    summary: 'Several kernels that run at the same time share a memory channel that is nearly full.',
    why: 'What they ask for together fits the sheet’s bandwidth, but a channel that changes between ports loses cycles to row misses and turn-arounds, which the estimate leaves out. Beyond 80% of the sheet (assumed) little is left for that.',
    failing: spec('hbm[1]'),
    mended: spec('hbm[2]'),
    remedies: ['Give each kernel a channel of its own.', 'Use more rows in the array: every row shares the weights.'],
  },
  *find(estimate) {
    const { accelerator } = estimate;
    for (const { channel, load, kernels } of crowdedIn(estimate)) {
      const places = kernels.map((name) => ({
        name,
        span: placeOf(accelerator, kernelNamed(accelerator, name), ['weights', 'cache']),
      }));
      yield {
        span: places[0]!.span,
        message: `${enumeration(kernels.map(quoted))} share ${channel.name} at the same time: ${bandwidth(channel.demand)}, ${share(load)} of it. What they lose to each other there is not in the estimate.`,
        related: places.map(({ name, span }) => ({ span, message: `‘${name}’ is on ${channel.name}` })),
        subject: { channel: channel.name },
      };
    }
  },
  fix({ subject }, context) {
    const before = estimateOf(context.facts, subject.accelerator);
    const channel = before?.channels.find(({ name }) => name === subject.channel);
    if (!before || !channel) return [];
    const edits = spread(before, channel, CROWDED * channel.limit, context);
    const after = estimateOf(context.evaluate(edits), subject.accelerator);
    const crowded = (one: AcceleratorEstimate) => crowdedIn(one).map(({ channel: { name } }) => name);
    const known = new Set(crowded(before).filter((name) => name !== channel.name));
    const helped = after && fitsAsBefore(before, after) && crowded(after).every((name) => known.has(name));
    return edits.length > 0 && helped
      ? [{ title: `Use free channels of ${channel.memory}`, edits, preferred: true }]
      : [];
  },
});

/** Channels that are nearly full, with the kernels that share them. */
function crowdedIn({ channels }: AcceleratorEstimate) {
  return channels.flatMap((channel) => {
    const load = channel.limit > 0 ? channel.demand / channel.limit : 0;
    const kernels = [...new Set(channel.users.map(({ kernel }) => kernel))];
    return kernels.length < 2 || load < CROWDED || load > 1 ? [] : [{ channel, load, kernels }];
  });
}
