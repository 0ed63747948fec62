import type { Span } from '../diagnostic.ts';
import type { AcceleratorEstimate, Closure } from '../estimate/estimate.ts';
import { count, frequency, resourceLabels, share } from '../format.ts';
import { estimateOf } from './after.ts';
import { halved } from './halved.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';

const spec = (array: string) => `model mlp {
  input x : [tokens, 768]
  up = linear(x, 768)
  output up
}
accelerator a {
  device    u280 at 250 MHz
  model     mlp
  phase     forward(tokens: 512)
  precision W4A8
  kernel up  array ${array}  pack 2  weights hbm[1]  on slr1
}`;

export const closureUnlikely = estimateRule({
  code: 'closure-unlikely',
  severity: 'warning',
  page: {
    summary: 'A die is fuller, a boundary wider or an array larger than in designs that met their clock.',
    why: 'Place and route decides whether a design meets its clock, and was not run. What is known: the vendor’s planning figures of a die (where the sheet has none, 70% of the LUTs, 50% of the flip-flops and 80% of everything else), the wires to plan with at a boundary, and routed designs on UltraScale+ of which three arrays of 8 × 16 on a die closed at 250 MHz and a single 16 × 16 did not.',
    failing: spec('16 x 16'),
    mended: spec('8 x 16'),
    remedies: [
      'Make the array smaller, or cut it into two kernels.',
      'Lower the clock with `at`.',
      'Move a kernel to another die with `on`.',
    ],
  },
  *find(estimate) {
    for (const finding of estimate.closure) {
      // Clocks have a rule of their own; what `auto` chose stands in the report.
      if (finding.kind === 'clock' || finding.written === false) continue;
      yield {
        span: spanOf(finding, estimate),
        message: messageOf(finding, estimate),
        subject: {
          ...(finding.die === undefined ? {} : { die: finding.die }),
          ...(finding.resource === undefined ? {} : { resource: finding.resource }),
          ...(finding.kernel === undefined ? {} : { users: finding.kernel }),
          kind: finding.kind,
        },
      };
    }
  },
  fix({ span, subject }, { text, evaluate }) {
    if (subject.kind !== 'array') return [];
    const smaller = halved(text(span));
    if (smaller === undefined) return [];
    const edits = [{ span, newText: smaller }];
    const after = estimateOf(evaluate(edits), subject.accelerator);
    const helped = after && !after.closure.some(({ kind, kernel }) => kind === 'array' && kernel === subject.users);
    return helped ? [{ title: `Use \`${smaller}\``, edits, preferred: true }] : [];
  },
});

/** An array, else the biggest user of a full die, else the accelerator. */
function spanOf({ kernel, die, resource }: Closure, { accelerator, kernels }: AcceleratorEstimate): Span {
  if (kernel !== undefined) return placeOf(accelerator, kernelNamed(accelerator, kernel), ['array']);
  if (die === undefined || resource === undefined) return accelerator.nameSpan;
  const here = kernels.filter((one) => one.die === die);
  const [biggest] = [...here].sort((a, b) => b.resources[resource].used - a.resources[resource].used);
  return placeOf(accelerator, kernelNamed(accelerator, biggest?.name), ['array', 'lanes']);
}

function messageOf(finding: Closure, { accelerator }: AcceleratorEstimate): string {
  const { kind, subject, resource, value, limit } = finding;
  const clock = frequency(accelerator.clock.value);
  const used = `${count(value)} of ${count(limit)}`;
  switch (kind) {
    case 'array':
      return `Closure is unlikely at ${clock}: ‘${subject}’ has ${count(value)} multipliers in one array; on UltraScale+ three arrays of 128 on a die closed at 250 MHz, one of 256 did not.`;
    case 'crossing':
      return `Closure is unlikely at ${clock}: ${used} wires that can be planned with cross ${subject}.`;
    default:
      return `Closure is unlikely at ${clock}: ${subject} takes ${used} ${resource ? resourceLabels[resource] : ''} to plan with (${share(value / limit)}).`;
  }
}
