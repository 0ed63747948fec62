import type { AcceleratorEstimate, WaitStep } from '../estimate/estimate.ts';
import { share } from '../format.ts';
import { everyDieFits } from '../tune/confirm.ts';
import { editsOf } from '../tune/edits.ts';
import { inTurn } from '../tune/turns.ts';
import { latencyOf } from '../tune/variants.ts';
import { estimateOf } from './after.ts';
import { feedForwardSpec } from './feed-forward-spec.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';
import { quoted } from './words.ts';

/** What is proposed makes a pass shorter by this factor at least. */
const WORTHWHILE = 1.1;

/** Where the pace setter waits less than this share of the layer, it is what filling and draining a pipeline costs. */
const NOTABLE = 0.4;

export const kernelWaits = estimateRule({
  code: 'kernel-waits',
  severity: 'information',
  page: {
    summary: 'The kernel that sets the pace waits for data for a good part of the layer.',
    why: 'A pipeline is kept busy by rows that follow each other. Where there are few of them, as in a decode step, or where a kernel needs all of its input first, each kernel waits for the one before it, and the layer takes the sum of their times instead of the longest. The chain is that of the longest waits, from the kernel that sets the pace to the one that works while the others wait.',
    failing: feedForwardSpec({ tokens: 1, up: 'array 1 x 8 x 4', down: 'array 1 x 6 x 4' }),
    mended: feedForwardSpec({ tokens: 128, up: 'array 1 x 8 x 4', down: 'array 1 x 6 x 4' }),
    remedies: [
      'Give more multipliers to the kernel at the end of the chain: the layer gets shorter by what it gains.',
      'Let more rows follow each other: a batch, or a longer prompt.',
      'Where there is one row, let one array do the products in turn: a pipeline of idle arrays is no faster. Of a token whose products nobody has mapped, the quick fix writes it; `weft tune` finds the best of them.',
    ],
  },
  *find(estimate) {
    const { accelerator, bottleneck } = estimate;
    const chain = chainOf(estimate);
    const [first] = chain;
    if (!first || first.share < NOTABLE) return;
    const pace = kernelNamed(accelerator, bottleneck?.kernel);
    const [next, ...others] = chain.map(({ on }) => quoted(on));
    const rest = others.map((name) => `, which waits for ${name}`).join('');
    yield {
      span: placeOf(accelerator, pace, ['array', 'lanes']),
      message: `‘${first.kernel}’ sets the pace and stands still for ${share(first.share)} of the layer: it waits for ${next}${rest}.`,
      related: chain.map(({ kernel, on, share: lost, kind }) => ({
        span: placeOf(accelerator, kernelNamed(accelerator, on), []),
        message: `‘${kernel}’ waits ${share(lost)} of the layer for ${kind === 'barrier' ? 'all of what' : 'what'} ‘${on}’ gives`,
      })),
      subject: { kernel: first.kernel },
    };
  },
  fix({ subject }, context) {
    const before = estimateOf(context.facts, subject.accelerator);
    const heads = before && inTurn(before.accelerator);
    if (!before || !heads) return [];
    const edits = editsOf(before.accelerator, { kernels: new Map(), streams: [] }, heads);
    const after = estimateOf(context.evaluate(edits), subject.accelerator);
    const per = before.generation ? 'generation' : 'layer';
    const isBuilt = after && !after.deadlock && after.netlist.refused.length === 0 && everyDieFits(after);
    const isFaster = isBuilt && WORTHWHILE * latencyOf(after, per) < latencyOf(before, per);
    return isFaster ? [{ title: 'Let one array do all products in turn', edits }] : [];
  },
});

/** Waits for data alone: those for memory and for room in a FIFO have rules of their own. */
function chainOf({ bottleneck, kernels, deadlock }: AcceleratorEstimate): readonly WaitStep[] {
  const chain = deadlock ? [] : (kernels.find(({ name }) => name === bottleneck?.kernel)?.chain ?? []);
  const end = chain.findIndex(({ kind }) => kind === 'memory' || kind === 'room');
  return end < 0 ? chain : [];
}
