import { pipelinedCycles } from '../../../server/estimate/loops/cycles.ts';
import type { Question } from '../data.ts';
import { type Family, type Prediction, result } from '../score.ts';

/** Larger layers than anybody synthesises are a slip. */
const mostWeights = 2 ** 26;

/**
 * How often hls4ml's resource strategy can use a multiplier of a dense layer: numbers that divide its products so that each
 * multiplier stays with one output, or goes through whole inputs (`_check_conditions` of its FPGA backend).
 */
function reuses(inputs: number, outputs: number): number[] {
  const products = inputs * outputs;
  const fits = (reuse: number): boolean => (reuse < inputs ? (products / reuse) % outputs === 0 : reuse % inputs === 0);
  const found = new Set<number>();
  for (let divisor = 1; divisor * divisor <= products; divisor++)
    if (products % divisor === 0) found.add(divisor).add(products / divisor);
  return [...found].filter(fits).sort((a, b) => a - b);
}

/** The one closest to what is asked for; of two as close, the smaller. */
function closest(possible: readonly number[], asked: number): number {
  return possible.reduce((best, one) => (Math.abs(one - asked) < Math.abs(best - asked) ? one : best));
}

/** Cycles of an iteration of a layer's loop: a product is added, and what is complete written. */
const iteration = 2;

function predictLatency({ params }: Question): Prediction {
  const { layers, reuse_factor: asked, strategy } = params;
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
  if (!Array.isArray(layers) || layers.length < 2 || !layers.every(isCount))
    return { refused: 'the widths of its layers are not given as whole numbers above zero' };
  if (!isCount(asked)) return { refused: 'the reuse factor is not given as a whole number above zero' };
  if (strategy !== 'resource') return { refused: 'only of the resource strategy is the loop of a layer known' };
  const widths: readonly number[] = layers;
  if (widths.some((width, i) => i > 0 && width * widths[i - 1]! > mostWeights))
    return { refused: 'its parameters are no plausible sizes' };
  const loops = widths
    .slice(1)
    .map((outputs, i) => pipelinedCycles(closest(reuses(widths[i]!, outputs), asked), 1, iteration));
  return { value: loops.reduce((sum, cycles) => sum + cycles, 1) };
}

export const denseLayers: Family = {
  name: 'wa-hls4ml',
  quantity: 'cycles',
  goal: 'exact',
  tolerance: 0.01,
  model:
    'Dense layers of hls4ml’s resource strategy, one after another: each is a loop of as many iterations as a multiplier is ' +
    'used, the possible number closest to what is asked for (a divisor of the products that fits inputs or outputs), and the ' +
    'top takes a cycle. All public rows have two layers of weights. LUT, FF, DSP and memories are not modelled.',
  predict: predictLatency,
  measured: (answers) => result(answers, 'csynth', 'latency_cycles'),
};
