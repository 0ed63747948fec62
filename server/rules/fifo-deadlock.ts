import { count } from '../format.ts';
import { bypassWords } from './bypass.ts';
import { bypassSpec } from './bypass-spec.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';

export const fifoDeadlock = estimateRule({
  code: 'fifo-deadlock',
  severity: 'error',
  page: {
    summary: 'The units wait for each other in a circle: the pass never ends.',
    why: 'Where a tensor forks and joins again, the short way must hold everything that the long way keeps inside before it gives its first result. The residual bypass around a feed-forward network is the classic: up needs a whole block of rows before down gives any. The vendor’s C simulation has infinite FIFOs and does not show it.',
    failing: bypassSpec('16'),
    mended: bypassSpec('auto'),
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
      message: `Deadlock: ${chain.join(', ')}. The FIFO ${from} -> ${to} needs a depth of at least ${count(deadlock.depth)}${typeof fifo?.asked === 'number' ? ` and has ${count(fifo.asked)}` : ''}.${bypassWords(netlist, fifo)}`,
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
