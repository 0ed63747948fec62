import type { Kernel } from '../design/design.ts';
import { sideBySide } from '../design/mapping/side-by-side.ts';
import { isMatrixProduct } from '../design/operators.ts';
import type { Operator } from '../design/workload.ts';
import { count, share } from '../format.ts';
import { estimateOf } from './after.ts';
import { isNotable, wasteOf } from './padding.ts';
import { kernelNamed } from './places.ts';
import { acceleratorRule, type Facts } from './rule.ts';

export const arrayDoesNotDivide = acceleratorRule({
  code: 'array-does-not-divide',
  severity: 'warning',
  page: {
    summary: 'The array does not divide the operator, so its edge works for nothing.',
    why: 'The last tile of each row or column is padded. The array spends its cycles there all the same; the estimate counts them.',
    failing: `model query {
  input x : [tokens, 768]
  q = linear(x, 768)
  output q
}
accelerator a {
  device    u280 at 245 MHz
  model     query
  phase     forward(tokens: 512)
  precision W4A8
  kernel q  array 8 x 20  pack 2  weights hbm[3]
}`,
    mended: `model query {
  input x : [tokens, 768]
  q = linear(x, 768)
  output q
}
accelerator a {
  device    u280 at 245 MHz
  model     query
  phase     forward(tokens: 512)
  precision W4A8
  kernel q  array 8 x 24  pack 2  weights hbm[3]
}`,
    remedies: ['Take a factor that divides (the quick fix takes the nearest, where one is near).'],
  },
  *find(accelerator) {
    for (const kernel of accelerator.kernels) {
      const worst = worstEdge(kernel);
      if (!worst || !kernel.array?.span || kernel.array.origin === 'auto') continue;
      const { operator, side, size, factor, waste } = worst;
      const instances = instancesAlong(kernel)[side];
      const together = instances > 1 ? ` (${count(instances)} instances side by side)` : '';
      yield {
        span: kernel.array.span,
        message: `${count(factor)} ${side} at a time${together} do not divide the ${count(size)} of ‘${operator.name}’: the edge wastes ${share(waste)} of the cycles.`,
        subject: { accelerator: accelerator.name, kernel: kernel.name },
      };
    }
  },
  fix({ span, subject }, { facts, evaluate }) {
    const kernel = kernelOf(facts, subject);
    if (!kernel?.array) return [];
    const { tokens, outputs, dot } = kernel.array.value;
    const operators = kernel.turns.flat().filter((operator) => isMatrixProduct(operator.kind));
    const instances = instancesAlong(kernel);
    /** The nearest factor of a side; `each` rows or columns go through one of the array as it is written. */
    const factor = (side: Edge['side'], now: number, each = 1) => {
      const sizes = operators.map((operator) => sizeOf(operator, side));
      const most = sizes.reduce((least, size) => Math.min(least, Math.max(1, Math.floor(size / each))), now);
      return nearest(most, (value) => sizes.every((size) => size % (value * each) === 0));
    };
    const sides = [
      factor('tokens', tokens, instances.tokens),
      factor('outputs', outputs, kernel.pack.value * instances.outputs),
      ...(dot > 1 ? [factor('factors', dot)] : []),
    ];
    if (sides.includes(undefined)) return [];
    const shape = sides.join(' x ');
    const edits = [{ span, newText: `array ${shape}` }];
    const tried = evaluate(edits);
    const after = kernelOf(tried, subject);
    // A word of memory that is no power of two has no port: such a kernel is priced by arithmetic alone.
    const built = (of: Facts) =>
      !estimateOf(of, subject.accelerator)?.netlist.refused.some((one) => one.kernel === subject.kernel);
    return after && !worstEdge(after) && (built(tried) || !built(facts))
      ? [{ title: `Use \`array ${shape}\``, edits, preferred: true }]
      : [];
  },
});

function kernelOf({ design }: Facts, subject: Readonly<Record<string, string>>): Kernel | undefined {
  const accelerator = design.accelerators.find((one) => one.name === subject.accelerator);
  return accelerator && kernelNamed(accelerator, subject.kernel);
}

interface Edge {
  readonly operator: Operator;
  readonly side: 'tokens' | 'outputs' | 'factors';
  readonly size: number;
  readonly factor: number;
  readonly waste: number;
}

/** How many instances of the written array `replicate` puts side by side, along each of its sides. */
function instancesAlong(kernel: Kernel): Readonly<Record<Edge['side'], number>> {
  const written = kernel.array?.value;
  const built = sideBySide(kernel).array?.value;
  if (!written || !built) return { tokens: 1, outputs: 1, factors: 1 };
  return { tokens: built.tokens / written.tokens, outputs: built.outputs / written.outputs, factors: 1 };
}

/** The dimension of the kernel's operators that pads most as the kernel is built, if any does. */
function worstEdge(written: Kernel): Edge | undefined {
  const kernel = sideBySide(written);
  if (!kernel.array) return undefined;
  const { tokens, outputs, dot } = kernel.array.value;
  return kernel.turns
    .flat()
    .filter((operator) => isMatrixProduct(operator.kind))
    .flatMap((operator) => [
      edge(operator, 'tokens', tokens),
      edge(operator, 'outputs', outputs * kernel.pack.value),
      edge(operator, 'factors', dot),
    ])
    .filter(({ size, factor }) => isNotable(size, factor))
    .sort((a, b) => b.waste - a.waste)[0];
}

function edge(operator: Operator, side: Edge['side'], factor: number): Edge {
  const size = sizeOf(operator, side);
  return { operator, side, size, factor, waste: wasteOf(size, factor) };
}

/** What an array is laid over at a time: of a context the columns of one head, for each head has its own values. */
function sizeOf(operator: Operator, side: Edge['side']): number {
  switch (side) {
    case 'tokens':
      return operator.rows;
    case 'outputs':
      return operator.kind === 'context' ? operator.columns / operator.heads : operator.columns;
    case 'factors':
      return operator.reduction;
  }
}

/** The value nearest to `from` that holds the condition, from half to one and a half times as many. */
function nearest(from: number, holds: (value: number) => boolean): number | undefined {
  for (let step = 0; step <= from / 2; step++) {
    if (holds(from + step)) return from + step;
    if (holds(from - step)) return from - step;
  }
  return undefined;
}
