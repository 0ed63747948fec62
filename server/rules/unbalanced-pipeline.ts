import { isMatrixProduct } from '../design/operators.ts';
import type { AcceleratorEstimate, KernelEstimate } from '../estimate/estimate.ts';
import { count, enumeration, share } from '../format.ts';
import { estimateOf, fitsAsBefore } from './after.ts';
import { feedForwardSpec } from './feed-forward-spec.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';
import { quoted } from './words.ts';

/** Where the DSPs work less than this on average, the sizes of the arrays are worth another thought. */
const IDLE = 0.75;

/** What the slowest has to be busy: where all of them wait for each other or for memory, sizes are not what is wrong. */
const SATURATED = 0.5;

export const unbalancedPipeline = estimateRule({
  code: 'unbalanced-pipeline',
  severity: 'information',
  page: {
    summary: 'One kernel sets the pace, and most of the DSPs of the others wait for it.',
    why: 'A pipeline is as fast as its slowest stage: what the others could do beyond that is paid for and idle. The share is the DSPs of all kernels, each weighed by the time in which it does not work.',
    failing: feedForwardSpec({ up: 'array 4 x 1' }),
    mended: feedForwardSpec({}),
    remedies: [
      'Give the slowest kernel more multipliers, or the idle ones fewer.',
      'Leave the arrays `auto`: they are balanced.',
      'Let small linears take turns on one array.',
    ],
  },
  *find(estimate) {
    const { accelerator, bottleneck } = estimate;
    const products = productsOf(estimate);
    const slowest = [...products].sort((a, b) => b.busy - a.busy)[0];
    const dsp = products.reduce((sum, { resources }) => sum + resources.dsp.used, 0);
    const idle = products.reduce((sum, { resources, busy }) => sum + resources.dsp.used * (1 - busy), 0);
    if (!slowest || bottleneck?.kernel !== slowest.name) return;
    if (products.length < 2 || slowest.busy < SATURATED || dsp === 0 || idle / dsp < IDLE) return;
    const waiting = products
      .filter(({ name }) => name !== slowest.name)
      .sort((a, b) => b.resources.dsp.used * (1 - b.busy) - a.resources.dsp.used * (1 - a.busy))
      .slice(0, 3);
    yield {
      span: placeOf(accelerator, kernelNamed(accelerator, slowest.name), ['array']),
      message: `‘${slowest.name}’ sets the pace and works ${share(slowest.busy)} of the layer; ${share(idle / dsp)} of the ${count(dsp)} DSPs of the matrix products stand idle on average, most of them in ${enumeration(waiting.map(({ name }) => quoted(name)))}.`,
      related: waiting.map(({ name, busy, resources }) => ({
        span: placeOf(accelerator, kernelNamed(accelerator, name), ['array']),
        message: `‘${name}’ has ${count(resources.dsp.used)} DSPs and works ${share(busy)} of the layer`,
      })),
      subject: { kernel: slowest.name },
    };
  },
  fix({ subject }, { facts, evaluate }) {
    const before = estimateOf(facts, subject.accelerator);
    const array = before && kernelNamed(before.accelerator, subject.kernel)?.array;
    if (!before || !array?.span || array.origin !== 'written') return [];
    const edits = [{ span: array.span, newText: 'array auto' }];
    const after = estimateOf(evaluate(edits), subject.accelerator);
    const helped = after && after.timing.perLayer < before.timing.perLayer && fitsAsBefore(before, after);
    return helped ? [{ title: `Use \`array auto\` for ‘${subject.kernel}’: balanced with the others`, edits }] : [];
  },
});

/** Kernels of matrix products that somebody sized: an array that is `auto` is balanced already. */
function productsOf({ accelerator, kernels }: AcceleratorEstimate): KernelEstimate[] {
  return kernels.filter(({ name }) => {
    const kernel = kernelNamed(accelerator, name);
    return (
      kernel?.array !== undefined &&
      kernel.array.origin !== 'auto' &&
      kernel.turns.flat().some(({ kind }) => isMatrixProduct(kind))
    );
  });
}
