import { count } from '../format.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';

const spec = (depth: string) => `model ffn {
  input x : [tokens, 768]
  norm1 = layernorm(x)
  up    = linear(norm1, 3072)
  act   = gelu(up)
  down  = linear(act, 768)
  add2  = add(norm1, down)
  output add2
}
accelerator a {
  device    u280 at 245 MHz
  model     ffn
  phase     forward(tokens: 64)
  precision W4A8
  kernel norm1  lanes 8
  kernel up     array 8 x 16  pack 2  weights hbm[1]
  kernel act    lanes 8
  kernel down   array 8 x 16  pack 2  weights hbm[2]
  kernel add2   lanes 8
  stream norm1 -> add2  8 x fp32  depth ${depth}
}`;

export const fifoDeadlock = estimateRule({
  code: 'fifo-deadlock',
  severity: 'error',
  page: {
    summary: 'The units wait for each other in a circle: the pass never ends.',
    why: 'Where a tensor forks and joins again, the short way must hold everything that the long way keeps inside before it gives its first result. The residual bypass around a feed-forward network is the classic: up needs a whole block of rows before down gives any. The vendor’s C simulation has infinite FIFOs and does not show it.',
    failing: spec('16'),
    mended: spec('auto'),
    remedies: ['Make the FIFO as deep as the message says, or `depth auto` (the quick fix).'],
  },
  *find({ accelerator, deadlock, netlist }) {
    if (!deadlock) return;
    const fifo = netlist.fifos.find((one) => one.id === deadlock.culprit);
    const span = fifo?.edge?.depth.span ?? fifo?.edge?.span ?? accelerator.nameSpan;
    const steps = deadlock.chain.map(({ kernel, waitsFor, kind }) => ({
      kernel,
      waits: kind === 'full' ? `for room in the FIFO to ‘${waitsFor}’` : `for data from ‘${waitsFor}’`,
    }));
    const chain = steps.map(({ kernel, waits }, index) => `‘${kernel}’ ${index === 0 ? 'waits ' : ''}${waits}`);
    const [from, to] = [fifo?.from, fifo?.to].map((end) => netlist.units.find(({ id }) => id === end?.unit)?.kernel);
    yield {
      span,
      message: `Deadlock: ${chain.join(', ')}. The FIFO ${from} -> ${to} needs a depth of at least ${count(deadlock.depth)}${typeof fifo?.asked === 'number' ? ` and has ${count(fifo.asked)}` : ''}.`,
      related: steps.map(({ kernel, waits }) => ({
        span: placeOf(accelerator, kernelNamed(accelerator, kernel), []),
        message: `‘${kernel}’ waits ${waits}`,
      })),
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
