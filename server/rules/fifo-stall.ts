import type { AcceleratorEstimate, Wait } from '../estimate/estimate.ts';
import { count, share } from '../format.ts';
import { bypassWords } from './bypass.ts';
import { bypassSpec } from './bypass-spec.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';

/** Shorter waits of the kernel that sets the pace are what any bounded FIFO costs at its start and end. */
const NOTABLE = 0.01;

export const fifoStall = estimateRule({
  code: 'fifo-stall',
  severity: 'warning',
  page: {
    summary: 'A FIFO of written depth is full while its writer has more to give, and the pass takes longer for it.',
    why: 'A writer that finds no room stands still, and with it whatever waits for its other results. A residual bypass must hold the rows that the long way has in flight, or the long way drains before the next block may enter. The timeline says how deep the FIFO must be for nobody to wait.',
    failing: bypassSpec('1000'),
    mended: bypassSpec('auto'),
    remedies: [
      'Let the timeline find the depth: `depth auto`.',
      'Write the depth that the quick fix names: what the timeline needs today.',
    ],
  },
  *find(estimate) {
    const { accelerator, fifos, netlist, deadlock } = estimate;
    const stalled = deadlock ? undefined : stalledWriter(estimate);
    const full = fifos.find(({ fifo }) => fifo.id === stalled?.fifo);
    const depth = full?.fifo.edge?.depth;
    if (!stalled || !full || !depth?.span || depth.value === 'auto' || full.peak < full.depth) return;
    const reader = netlist.units.find(({ id }) => id === full.fifo.to.unit)?.kernel;
    const { chain, share: lost } = stalled;
    const [pace, writer] = [chain[0]!, chain.at(-1)!];
    const kept = pace === writer ? '' : `; ‘${pace}’, which sets the pace, waits for it ${share(lost)} of the layer`;
    yield {
      span: depth.span,
      message: `‘${writer}’ waits for room in the FIFO to ‘${reader}’, which is full at ${count(full.depth)} words${kept}.${bypassWords(netlist, full.fifo)}`,
      related: [...chain].reverse().map((name, index) => ({
        span: placeOf(accelerator, kernelNamed(accelerator, name), []),
        message: index === 0 ? `‘${name}’ waits for room` : `‘${name}’ waits for ‘${chain.at(-index)}’`,
      })),
      subject: { fifo: full.fifo.id },
    };
  },
  fix({ span, subject }, { facts, evaluate }) {
    const latency = (edits: Parameters<typeof evaluate>[0]) => {
      const after = (edits.length === 0 ? facts : evaluate(edits)).estimate.accelerators.find(
        (one) => one.accelerator.name === subject.accelerator,
      );
      return { after, seconds: after?.timing.perLayer ?? Number.POSITIVE_INFINITY };
    };
    const auto = [{ span, newText: 'depth auto' }];
    const [now, free] = [latency([]), latency(auto)];
    const needed = free.after?.fifos.find(({ fifo }) => fifo.id === subject.fifo)?.depth;
    if (needed === undefined || free.seconds > now.seconds) return [];
    const gain = 1 - free.seconds / now.seconds;
    const words = gain >= 0.001 ? `the layer is ${share(gain)} shorter` : 'nobody waits for room';
    return [
      { title: `Use \`depth auto\`: ${words}`, edits: auto, preferred: true },
      {
        title: `Use \`depth ${needed}\`, what the timeline needs`,
        edits: [{ span, newText: `depth ${needed}` }],
      },
    ];
  },
});

interface Stall {
  /** From the kernel that sets the pace to the one that finds no room. */
  readonly chain: readonly string[];
  readonly fifo: string;
  /** What the first of them loses, as a share of the layer. */
  readonly share: number;
}

/**
 * Only a wait that the pace setter feels costs anything: from it along its longest waits for data to a kernel that waits
 * for room above all. A fast kernel in front of a slow one waits for room all the time and costs nothing.
 */
function stalledWriter({ bottleneck, kernels }: AcceleratorEstimate): Stall | undefined {
  const chain: string[] = [];
  let lost = 0;
  for (let name = bottleneck?.kernel; name !== undefined && !chain.includes(name); ) {
    const wait: Wait | undefined = kernels.find((kernel) => kernel.name === name)?.waits[0];
    if (!wait || wait.share < NOTABLE) return undefined;
    chain.push(name);
    if (chain.length === 1) lost = wait.share;
    if (wait.kind === 'room') return { chain, fifo: wait.on, share: lost };
    name = wait.kind === 'input' ? wait.on : undefined;
  }
  return undefined;
}
