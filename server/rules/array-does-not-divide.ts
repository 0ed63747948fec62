import type { Kernel, Operator } from '../design/design.ts';
import { count, share } from '../format.ts';
import { rule } from './rule.ts';

/** Operators that an array computes: only they have edges to waste. */
const products = new Set(['linear', 'matmul', 'scores', 'context']);

export const arrayDoesNotDivide = rule({
  code: 'array-does-not-divide',
  severity: 'warning',
  page: {
    summary: 'The array does not divide the operator, so its edge works for nothing.',
    why: 'The last tile of each row or column is padded. The array spends its cycles there all the same; the estimate counts them.',
    failing: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  kernel q array 8 x 20
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  kernel q array 8 x 24
}`,
    remedies: ['Take a factor that divides (the quick fix takes the nearest).'],
  },
  *find({ design }) {
    for (const accelerator of design.accelerators) {
      for (const kernel of accelerator.kernels) {
        const worst = worstEdge(kernel);
        if (!worst || !kernel.array?.span) continue;
        const { operator, side, size, factor, waste } = worst;
        yield {
          span: kernel.array.span,
          message: `${count(factor)} ${side} at a time do not divide the ${count(size)} of ‘${operator.name}’: the edge wastes ${share(waste)} of the cycles.`,
          subject: { accelerator: accelerator.name, kernel: kernel.name },
        };
      }
    }
  },
  fix(diagnostic, { facts }) {
    const accelerator = facts.design.accelerators.find((one) => one.name === diagnostic.subject.accelerator);
    const kernel = accelerator?.kernels.find((one) => one.name === diagnostic.subject.kernel);
    if (!kernel?.array?.span) return [];
    const { tokens, outputs, dot } = kernel.array.value;
    const operators = kernel.turns.flat().filter((operator) => products.has(operator.kind));
    const fits = (pick: (operator: Operator) => number, factor: number) =>
      operators.every((operator) => pick(operator) % factor === 0);
    const shape = [
      nearest(tokens, (value) => fits((operator) => operator.rows, value)),
      nearest(outputs, (value) => fits((operator) => operator.columns, value * kernel.pack.value)),
      ...(dot > 1 ? [nearest(dot, (value) => fits((operator) => operator.reduction, value))] : []),
    ].join(' x ');
    return [
      {
        title: `Use \`array ${shape}\``,
        edits: [{ span: kernel.array.span, newText: `array ${shape}` }],
        preferred: true,
      },
    ];
  },
});

interface Edge {
  readonly operator: Operator;
  readonly side: 'tokens' | 'outputs' | 'factors';
  readonly size: number;
  readonly factor: number;
  readonly waste: number;
}

/** The dimension of the kernel's operators that pads most, if any does. */
function worstEdge(kernel: Kernel): Edge | undefined {
  if (!kernel.array) return undefined;
  const { tokens, outputs, dot } = kernel.array.value;
  const edges = kernel.turns.flat().flatMap((operator): Edge[] => {
    if (!products.has(operator.kind)) return [];
    return [
      edge(operator, 'tokens', operator.rows, tokens),
      edge(operator, 'outputs', operator.columns, outputs * kernel.pack.value),
      edge(operator, 'factors', operator.reduction, dot),
    ];
  });
  return edges.filter((one) => one.waste > 0).sort((a, b) => b.waste - a.waste)[0];
}

function edge(operator: Operator, side: Edge['side'], size: number, factor: number): Edge {
  const padded = Math.ceil(size / factor) * factor;
  return { operator, side, size, factor, waste: padded > 0 ? 1 - size / padded : 0 };
}

/** The value nearest to `from` that holds the condition; 1 always does for whole sizes. */
function nearest(from: number, holds: (value: number) => boolean): number {
  for (let step = 0; step < from; step++) {
    if (holds(from + step)) return from + step;
    if (holds(from - step)) return from - step;
  }
  return 1;
}
