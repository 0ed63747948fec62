import { bytes, enumeration } from '../format.ts';
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
  kernel up array 8 x 16 pack 2 weights hbm[0]
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
  kernel up array 8 x 16 pack 2 weights hbm[0..7]
}`,
    remedies: [
      'Deal the weights out to several channels: `weights hbm[0..7]`.',
      'Use narrower weights.',
      'Split the model over several cards.',
    ],
  },
  *find({ accelerator, memories }) {
    for (const memory of memories) {
      if (memory.bytes <= memory.capacity) continue;
      const users = [...memory.contents].sort((a, b) => b.bytes - a.bytes);
      const spans = users.flatMap((user) => {
        const kernel = accelerator.kernels.find((one) => one.name === user.kernel);
        return kernel ? [{ user, span: kernel.weights?.span ?? kernel.cache?.span ?? kernel.nameSpan }] : [];
      });
      yield {
        span: spans[0]?.span ?? accelerator.nameSpan,
        message: `${memory.memory}[${memory.channel}] is to keep ${bytes(memory.bytes)} of ${bytes(memory.capacity)}: ${enumeration(
          users.map((user) => `${user.what} of ‘${user.kernel}’`),
          4,
        )}.`,
        related: spans.map(({ user, span }) => ({
          span,
          message: `‘${user.kernel}’ keeps ${bytes(user.bytes)} there (${user.what})`,
        })),
        subject: { memory: memory.memory },
      };
    }
  },
});
