import { bandwidth, enumeration, share } from '../format.ts';
import { estimateRule } from './rule.ts';

export const hbmChannelBandwidth = estimateRule({
  code: 'hbm-channel-bandwidth',
  severity: 'warning',
  page: {
    summary: 'The kernels that run at the same time ask a memory channel for more than it gives.',
    why: 'The demand is the sum, over the kernels that run at the same time, of bytes moved divided by the time in which each of them moves its bytes. Past the limit all of them wait; the latency already counts that. Kernels that never run at the same time share a channel freely.',
    failing: `accelerator a {
  device    u280 at 245 MHz
  model     bert_base
  phase     forward(tokens: 512)
  precision W4A8
  kernel q  array 8 x 32 pack 2 weights hbm[1] on slr0
  kernel k  array 8 x 32 pack 2 weights hbm[1] on slr0
  kernel v  array 8 x 32 pack 2 weights hbm[1] on slr0
}`,
    mended: `accelerator a {
  device    u280 at 245 MHz
  model     bert_base
  phase     forward(tokens: 512)
  precision W4A8
  kernel q  array 8 x 32 pack 2 weights hbm[1] on slr0
  kernel k  array 8 x 32 pack 2 weights hbm[2] on slr0
  kernel v  array 8 x 32 pack 2 weights hbm[3] on slr0
}`,
    remedies: [
      'Give each kernel a channel of its own (the quick fix takes the least loaded ones).',
      'Give the kernel several channels: `weights hbm[4..5]`.',
      'Use more rows in the array: every row shares the weights that are read.',
    ],
  },
  *find({ accelerator, channels, kernels }) {
    for (const channel of channels) {
      if (channel.demand <= channel.limit) continue;
      const users = [...channel.users].sort((a, b) => b.demand - a.demand);
      const spans = users.flatMap((user) => {
        const kernel = accelerator.kernels.find((one) => one.name === user.kernel);
        return kernel ? [{ user, span: kernel.weights?.span ?? kernel.nameSpan }] : [];
      });
      const waiting = users.map((user) => user.kernel).filter((name, index, all) => all.indexOf(name) === index);
      const longest = Math.max(
        0,
        ...kernels
          .filter((kernel) => waiting.includes(kernel.name))
          .flatMap((kernel) => kernel.waits.filter((wait) => wait.on === channel.name).map((wait) => wait.share)),
      );
      const stall = longest > 0 ? `; they wait ${share(longest)} of the layer` : '';
      yield {
        span: spans[0]?.span ?? accelerator.nameSpan,
        message: `${channel.name} is over-subscribed: ${bandwidth(channel.demand)} of ${bandwidth(channel.limit)} (${share(channel.demand / channel.limit)}). ${enumeration(waiting.map((name) => `‘${name}’`))} ${waiting.length === 1 ? 'waits' : 'wait'} for it and ${waiting.length === 1 ? 'runs' : 'run'} at ${share(channel.limit / channel.demand)} of the speed${stall}.`,
        related: spans.map(({ user, span }) => ({
          span,
          message: `‘${user.kernel}’ asks for ${bandwidth(user.demand)}`,
        })),
        subject: { channel: channel.name },
      };
    }
  },
  fix(diagnostic, { facts }) {
    const estimate = facts.estimate.accelerators.find((one) => one.accelerator.name === diagnostic.subject.accelerator);
    const channel = estimate?.channels.find((one) => one.name === diagnostic.subject.channel);
    const memory = estimate?.accelerator.device.memories.find((one) => one.name === channel?.memory);
    if (!estimate || !channel || !memory) return [];
    const loads = new Map(
      estimate.channels.filter((one) => one.memory === memory.name).map((one) => [one.channel, one.demand]),
    );
    const free = Array.from(
      { length: memory.channels.last - memory.channels.first + 1 },
      (_, index) => memory.channels.first + index,
    ).filter((index) => (loads.get(index) ?? 0) === 0);
    const edits = [];
    let left = channel.demand;
    for (const user of [...channel.users].sort((a, b) => a.demand - b.demand)) {
      const store = estimate.accelerator.kernels.find((kernel) => kernel.name === user.kernel)?.weights;
      if (left <= channel.limit || store?.value.kind !== 'channels' || !store.span || store.origin === 'auto') continue;
      const target = free.shift();
      if (target === undefined) break;
      edits.push({
        span: store.span,
        newText: `weights ${memory.name}[${target}]${store.value.double ? ' double' : ''}`,
      });
      left -= user.demand;
    }
    if (edits.length === 0 || left > channel.limit) return [];
    return [{ title: `Spread over free channels of ${memory.name}`, edits, preferred: true }];
  },
});
