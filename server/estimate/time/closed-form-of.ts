/** The paper's closed form for any accelerator: M of each product is what its kernel's array gives, not a balanced guess. */

import { isKept } from '../../design/defaults/kept.ts';
import type { Accelerator, ArrayShape, Kernel } from '../../design/design.ts';
import type { Operator } from '../../design/workload.ts';
import { elementBits } from '../../kernels/word.ts';
import type { ClosedForm } from '../estimate.ts';
import { linkRate } from '../lower/cards.ts';
import { builtKernels, isProduct, tileOf } from '../lower/pieces.ts';

interface Work {
  readonly seconds: number;
  readonly text: string;
}

interface Stage extends Work {
  readonly kernel: Kernel;
  /** What must be complete before attention starts. */
  readonly kept?: Work;
  /** What is left to do behind that: of an array that takes turns, its other turns. */
  readonly rest: Work;
}

/** @returns undefined where the accelerator has no product with an array. */
export function closedFormOf(accelerator: Accelerator): ClosedForm | undefined {
  const products = builtKernels(accelerator).flatMap((kernel) => stageOf(kernel, accelerator) ?? []);
  if (products.length === 0) return undefined;
  const stages = [...products, ...exchangeOf(accelerator, products[0]!.kernel)];
  const slower = <W extends Work>(a: W, b: W): W => (b.seconds > a.seconds ? b : a);
  const slowest = stages.reduce((a, b) => (b.rest.seconds > a.rest.seconds ? b : a));
  const kept = stages.flatMap((stage) => stage.kept ?? []);
  const first = kept.length > 0 ? kept.reduce(slower) : undefined;
  const copies = Math.max(1, accelerator.copies.value);
  const seconds = (first?.seconds ?? 0) + copies * slowest.rest.seconds;
  const begin = first ? `${first.text} + ` : '';
  return {
    seconds,
    formula: {
      symbolic: 'cycles(K, V) + C · max(cycles of each product), over the clock',
      numeric: `${begin}${copies > 1 ? `${copies} · ` : ''}${slowest.rest.text} [${slowest.kernel.name}]`,
      value: seconds,
      unit: 's',
      source: 'Chen et al., arXiv 2312.15159, section 4: the latency of prefill, and of decode with one row',
    },
  };
}

/** T_comm = l·d·b_A/(α·B), which joins the maximum where operators are cut over cards. */
function exchangeOf(accelerator: Accelerator, kernel: Kernel): Stage[] {
  const { split, model, phase, precision, link } = accelerator;
  const rate = linkRate(accelerator);
  if (split.tensor <= 1 || rate === undefined) return [];
  const columns = model.layer.inputs[0]?.columns ?? 0;
  const seconds = (phase.tokens * columns * elementBits[precision.activations]) / 8 / rate;
  const work = { seconds, text: 'l·d·b_A/(α·B)' };
  return [{ kernel: { ...kernel, name: link?.name ?? '' }, ...work, rest: work }];
}

function stageOf(kernel: Kernel, accelerator: Accelerator): Stage | undefined {
  const operators = kernel.turns.flat().filter(isProduct);
  const array = kernel.array?.value;
  if (operators.length === 0 || !array) return undefined;
  const { operators: all } = accelerator.model.layer;
  const before = operators.filter(({ name }) => isKept(name, all));
  const whole = workOf(operators, kernel, array, accelerator);
  if (!whole) return undefined;
  const kept = workOf(before, kernel, array, accelerator);
  if (!kept) return { kernel, ...whole, rest: whole };
  // An array of its own is one of the pipeline's stages; one that takes turns has its other turns to do.
  if (kernel.turns.length === 1) return { kernel, ...whole, kept: whole, rest: whole };
  const others = operators.filter((operator) => !before.includes(operator));
  return { kernel, ...whole, kept, rest: workOf(others, kernel, array, accelerator) ?? { seconds: 0, text: '0' } };
}

function workOf(
  operators: readonly Operator[],
  kernel: Kernel,
  array: ArrayShape,
  accelerator: Accelerator,
): Work | undefined {
  const perCycle = array.tokens * array.outputs * array.dot * kernel.pack.value * kernel.replicate.value;
  const macs = operators.reduce((sum, { macs }) => sum + macs, 0);
  if (!(perCycle > 0 && kernel.clock.value > 0 && macs > 0)) return undefined;
  const compute = macs / perCycle / kernel.clock.value;
  const memory = operators.reduce((sum, operator) => sum + weightSeconds(operator, kernel, accelerator), 0);
  const bound = memory > compute;
  return {
    seconds: Math.max(compute, memory),
    text: bound ? 'weight bytes / bandwidth' : `${macs} / ${perCycle} / ${kernel.clock.value / 1e6} MHz`,
  };
}

/** T_mem: the weights come once for every block of rows, or for every tile of them. */
function weightSeconds(operator: Operator, kernel: Kernel, { device, precision }: Accelerator): number {
  const store = kernel.weights?.value;
  if (operator.kind !== 'linear' || store?.kind !== 'channels') return 0;
  const memory = device.memories.find(({ name }) => name === store.memory);
  if (!memory || !(memory.bandwidth > 0)) return 0;
  const rows = Math.max(1, kernel.array?.value.tokens ?? 1, tileOf(kernel, operator)?.tokens ?? 0);
  const blocks = Math.ceil(operator.rows / rows);
  const bytes = (operator.weights * elementBits[precision.weights]) / 8;
  return (bytes * blocks) / (memory.bandwidth * Math.max(1, store.channels.length));
}
