import { count } from '../format.ts';
import { estimateRule } from './rule.ts';

export const fifoDeadlock = estimateRule({
  code: 'fifo-deadlock',
  severity: 'error',
  page: {
    summary: 'The units wait for each other in a circle: the pass never ends.',
    why: 'Where a tensor forks and joins again, the short way must hold everything that the long way keeps inside before it gives its first result. The residual bypass around a feed-forward network is the classic: up needs a whole block of rows before down gives any. The vendor’s C simulation has infinite FIFOs and does not show it.',
    failing: `accelerator a {
  device    u280 at 245 MHz
  model     bert_base
  phase     forward(tokens: 64)
  precision W4A8
  kernel up   array 8 x 16 pack 2
  kernel down array 8 x 16 pack 2
  kernel norm1 lanes 8 as fp32
  kernel add2  lanes 8 as fp32
  stream norm1 -> add2 8 x fp32 depth 16
}`,
    mended: `accelerator a {
  device    u280 at 245 MHz
  model     bert_base
  phase     forward(tokens: 64)
  precision W4A8
  kernel up   array 8 x 16 pack 2
  kernel down array 8 x 16 pack 2
  kernel norm1 lanes 8 as fp32
  kernel add2  lanes 8 as fp32
  stream norm1 -> add2 8 x fp32 depth auto
}`,
    remedies: ['Make the FIFO as deep as the message says, or `depth auto` (the quick fix).'],
  },
  *find({ accelerator, deadlock, netlist }) {
    if (!deadlock) return;
    const fifo = netlist.fifos.find((one) => one.id === deadlock.culprit);
    const span = fifo?.edge?.depth.span ?? fifo?.edge?.span ?? accelerator.nameSpan;
    const chain = deadlock.chain.map(
      (link) => `‘${link.kernel}’ waits for ‘${link.waitsFor}’ (${link.fifo} is ${link.kind})`,
    );
    yield {
      span,
      message: `Deadlock: ${chain.join(', ')}. ${deadlock.culprit} needs a depth of at least ${count(deadlock.depth)}.`,
      related: deadlock.chain.flatMap((link) => {
        const kernel = accelerator.kernels.find((one) => one.name === link.kernel);
        return kernel
          ? [{ span: kernel.nameSpan, message: `‘${link.kernel}’ waits: ${link.fifo} is ${link.kind}` }]
          : [];
      }),
      subject: { depth: String(deadlock.depth), written: fifo?.edge?.depth.span ? 'yes' : 'no' },
    };
  },
  fix(diagnostic) {
    if (diagnostic.subject.written !== 'yes') return [];
    return [
      {
        title: 'Use `depth auto`: as deep as the timeline needs',
        edits: [{ span: diagnostic.span, newText: 'depth auto' }],
        preferred: true,
      },
      {
        title: `Use the least that works: \`depth ${diagnostic.subject.depth}\``,
        edits: [{ span: diagnostic.span, newText: `depth ${diagnostic.subject.depth}` }],
      },
    ];
  },
});
