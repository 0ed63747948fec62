import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { count, share } from '../format.ts';
import { grouped } from '../grouped.ts';
import { isNotable, wasteOf } from './padding.ts';
import { estimateRule, type FixContext } from './rule.ts';

const spec = (lanes: number) => `model feed {
  input x : [tokens, 100]
  act  = gelu(x)
  norm = layernorm(act)
  output norm
}
accelerator a {
  device    u280 at 245 MHz
  model     feed
  phase     forward(tokens: 512)
  kernel act   lanes ${lanes}
  kernel norm  lanes 10
}`;

export const lanesMismatch = estimateRule({
  code: 'lanes-mismatch',
  severity: 'warning',
  page: {
    summary: 'The lanes of a row kernel do not divide its rows.',
    why: 'A stream word carries some rows side by side and some columns of each. The last word of a row (or the last block of rows) is padded; the kernel spends a cycle on it all the same, in each of its passes over the row.',
    failing: spec(16),
    mended: spec(10),
    remedies: ['Take a number of lanes that divides the row (the quick fix takes the nearest).'],
  },
  *find(estimate) {
    for (const { kernel, span, lanes, size, side, waste } of mismatches(estimate)) {
      yield {
        span,
        message: `‘${kernel}’ works on ${count(lanes)} ${side} at a time, which do not divide its ${count(size)}: padding wastes ${share(waste)} of its cycles.`,
        subject: { kernel },
      };
    }
  },
  fix({ span, subject }, context) {
    const kernel = context.facts.design.accelerators
      .find((one) => one.name === subject.accelerator)
      ?.kernels.find((one) => one.name === subject.kernel);
    const from = kernel?.lanes?.value;
    if (from === undefined) return [];
    for (let step = 1; step <= from / 2; step++) {
      for (const lanes of [from + step, from - step]) {
        const edits = [{ span, newText: `lanes ${lanes}` }];
        if (helps(edits, context, subject)) return [{ title: `Use \`lanes ${lanes}\``, edits, preferred: true }];
      }
    }
    return [];
  },
});

function helps(
  edits: Parameters<FixContext['evaluate']>[0],
  { evaluate }: FixContext,
  subject: Readonly<Record<string, string>>,
): boolean {
  const after = evaluate(edits).estimate.accelerators.find((one) => one.accelerator.name === subject.accelerator);
  return after !== undefined && !mismatches(after).some(({ kernel }) => kernel === subject.kernel);
}

/** Row kernels with written lanes whose words do not divide their rows, with what that wastes. */
function mismatches({ accelerator, netlist }: AcceleratorEstimate) {
  const operators = grouped(netlist.units, ({ role, kernel }) => (role === 'operator' ? kernel : undefined));
  return accelerator.kernels.flatMap((kernel) => {
    const span = kernel.lanes?.span;
    const [unit] = operators.of(kernel.name);
    const operator = unit?.operators[0];
    const word = unit?.instance.streams.find(({ direction }) => direction === 'out')?.word;
    if (!span || !operator || !word || kernel.array) return [];
    const sides = [
      { side: 'columns', lanes: word.columns, size: operator.columns },
      { side: 'rows', lanes: word.tokens, size: operator.rows },
    ].map((one) => ({ ...one, waste: wasteOf(one.size, one.lanes) }));
    const worst = sides.sort((a, b) => b.waste - a.waste)[0]!;
    return isNotable(worst.size, worst.lanes) ? [{ ...worst, kernel: kernel.name, span }] : [];
  });
}
