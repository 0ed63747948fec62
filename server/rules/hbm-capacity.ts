import { bytes, share } from '../format.ts';
import { outgrown } from './cache-capacity.ts';
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
    for (const memory of memories) {
      if (memory.bytes <= memory.capacity || said.has(memory)) continue;
      const users = [...memory.contents]
        .sort((a, b) => b.bytes - a.bytes)
        .map((user) => ({
          ...user,
          span: placeOf(accelerator, kernelNamed(accelerator, user.kernel), ['weights', 'cache']),
        }));
      const name = `${memory.memory}[${memory.channel}]`;
      yield {
        span: users[0]?.span ?? accelerator.nameSpan,
        message: `${name} holds ${bytes(memory.capacity)} and is to keep ${bytes(memory.bytes)} (${share(memory.bytes / memory.capacity)}), most of it for ‘${users[0]?.kernel}’.`,
        related: users.map((user) => ({
          span: user.span,
          message: `‘${user.kernel}’ keeps ${bytes(user.bytes)} there: ${user.what}`,
        })),
        subject: { memory: memory.memory },
      };
    }
  },
});
