/** The resources of a die: one mechanism, one rule a resource. */
import type { Accelerator, Kernel, ResourceName } from '../design/design.ts';
import type { Span, TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate, DieEstimate, KernelEstimate } from '../estimate/estimate.ts';
import { amount, count, middle, resourceLabels, share } from '../format.ts';
import { estimateRule, type FixContext, type Page } from './rule.ts';

/** How many of the biggest users a message names. */
const NAMED_USERS = 3;

/** What a kernel may take of a resource on a die: what is there, less what is reserved. */
export function budget(accelerator: Accelerator, die: DieEstimate, resource: ResourceName): number {
  const reserved = accelerator.reserves
    .filter((reserve) => reserve.resource === resource && (reserve.die === undefined || reserve.die === die.name))
    .reduce((sum, reserve) => Math.max(sum, reserve.share), 0);
  return die.available[resource] * (1 - reserved);
}

function oversubscribed(resource: ResourceName, page: Page) {
  const label = resourceLabels[resource];
  return estimateRule({
    code: `${resource.replace('36', '')}-oversubscribed`,
    severity: 'error',
    page,
    *find(estimate) {
      for (const die of estimate.dies) {
        const used = die.resources[resource];
        const limit = budget(estimate.accelerator, die, resource);
        if (used.used <= limit) continue;
        const users = biggestUsers(estimate, die, resource);
        const culprit = users[0] && kernelNamed(estimate.accelerator, users[0].name);
        const of =
          limit < die.available[resource]
            ? `${count(limit)} (${count(die.available[resource])} less what is reserved)`
            : count(limit);
        yield {
          span: culprit ? blame(culprit) : estimate.accelerator.nameSpan,
          message: `${die.name} needs ${amount(used)} ${label} of ${of}: ${middle({ ...used, used: used.used - limit })} too many (${share(used.used / die.available[resource])} of the die).`,
          related: users.slice(0, NAMED_USERS).flatMap((user) => {
            const kernel = kernelNamed(estimate.accelerator, user.name);
            return kernel
              ? [{ span: blame(kernel), message: `‘${user.name}’ takes ${amount(user.resources[resource])} ${label}` }]
              : [];
          }),
          subject: { die: die.name, resource, ...(culprit && { kernel: culprit.name }) },
        };
      }
    },
    fix: (diagnostic, context) => shrinkArray(diagnostic.subject, context),
  });
}

function biggestUsers(estimate: AcceleratorEstimate, die: DieEstimate, resource: ResourceName): KernelEstimate[] {
  return estimate.kernels
    .filter((kernel) => kernel.die === die.name && kernel.resources[resource].used > 0)
    .sort((a, b) => b.resources[resource].used - a.resources[resource].used);
}

function kernelNamed(accelerator: Accelerator, name: string): Kernel | undefined {
  return accelerator.kernels.find((kernel) => kernel.name === name);
}

/** The clause that makes the kernel as large as it is, else its name. */
function blame(kernel: Kernel): Span {
  return kernel.array?.span ?? kernel.lanes?.span ?? kernel.nameSpan;
}

/**
 * The largest array for the culprit with which its die fits, found by trying shapes on the estimator itself: halve the
 * larger factor until the figure is under the budget.
 */
function shrinkArray(subject: Readonly<Record<string, string>>, context: FixContext) {
  const accelerator = context.facts.design.accelerators.find((one) => one.name === subject.accelerator);
  const kernel = accelerator && kernelNamed(accelerator, subject.kernel ?? '');
  const written = kernel?.array?.span;
  if (!accelerator || !kernel?.array || !written) return [];
  let { tokens, outputs } = kernel.array.value;
  const { dot } = kernel.array.value;
  while (tokens > 1 || outputs > 1) {
    if (tokens > outputs || outputs === 1) tokens = Math.floor(tokens / 2);
    else outputs = Math.floor(outputs / 2);
    const shape = `array ${tokens} x ${outputs}${dot > 1 ? ` x ${dot}` : ''}`;
    const edits: TextEdit[] = [{ span: written, newText: shape }];
    if (fits(context.evaluate(edits).estimate.accelerators, subject)) {
      return [{ title: `Use \`${shape}\`: ${subject.die} fits`, edits, preferred: true }];
    }
  }
  return [];
}

function fits(estimates: readonly AcceleratorEstimate[], subject: Readonly<Record<string, string>>): boolean {
  const estimate = estimates.find((one) => one.accelerator.name === subject.accelerator);
  const die = estimate?.dies.find((one) => one.name === subject.die);
  const resource = subject.resource as ResourceName;
  return (
    estimate !== undefined &&
    die !== undefined &&
    die.resources[resource].used <= budget(estimate.accelerator, die, resource)
  );
}

const shrinkRemedies = [
  'Make the largest array smaller (the quick fix tries shapes on the estimator until the die fits).',
  'Move a kernel to another die with `on`.',
];

const spec = (kernels: string) => `accelerator a {
  device    u280 at 245 MHz
  model     bert_base
  phase     forward(tokens: 512)
  precision W4A8
${kernels}
}`;

export const dspOversubscribed = oversubscribed('dsp', {
  summary: 'The kernels of a die multiply with more DSPs than it has.',
  why: 'DSPs do not move: past what the die has, the tools fall back to LUTs or fail. The figure counts each multiplier of an array and each floating-point core of the epilogues.',
  failing: spec('  kernel up array 64 x 64 pack 2 on slr2'),
  mended: spec('  kernel up array 8 x 16 pack 2 on slr2'),
  remedies: [...shrinkRemedies, 'Use `pack 2`: two products a DSP where the types allow it.'],
});

export const bramOversubscribed = oversubscribed('bram36', {
  summary: 'The kernels of a die need more block RAM than it has.',
  why: 'A memory is built from whole blocks of fixed shapes, so a wide and shallow buffer costs far more than its bits.',
  failing: spec('  kernel up array 8 x 16 pack 2 weights bram on slr2'),
  mended: spec('  kernel up array 8 x 16 pack 2 weights hbm[5] on slr2'),
  remedies: [
    'Keep large weights in HBM, or in URAM.',
    'Move deep FIFOs to URAM with `in uram`.',
    'Move a kernel to another die with `on`.',
  ],
});

export const uramOversubscribed = oversubscribed('uram', {
  summary: 'The kernels of a die need more UltraRAM than it has.',
  why: 'An URAM is 4096 words of 72 bits, whole: a short or narrow memory wastes most of it.',
  failing: spec(
    '  kernel up array 8 x 16 pack 2 weights uram on slr2\n  kernel down array 8 x 16 pack 2 weights uram on slr2\n  stream act -> down 8 x int8 depth 3_000_000 in uram',
  ),
  mended: spec(
    '  kernel up array 8 x 16 pack 2 weights hbm[5] on slr2\n  kernel down array 8 x 16 pack 2 weights hbm[6] on slr2',
  ),
  remedies: [
    'Keep weights in HBM.',
    'Make the FIFO as deep as the timeline needs: `depth auto`.',
    'Move a kernel to another die with `on`.',
  ],
});

export const lutOversubscribed = oversubscribed('lut', {
  summary: 'The kernels of a die need more LUTs than it has.',
  why: 'LUTs are a band: synthesis prints more than routing needs. The middle of the band is compared with the die less what `reserve` keeps for routing; the shell counts on its die.',
  failing: spec('  kernel up array 32 x 64 pack 2 on slr2\n  kernel down array 16 x 32 pack 2 on slr2'),
  mended: spec('  kernel up array 8 x 16 pack 2 on slr2\n  kernel down array 8 x 16 pack 2 on slr2'),
  remedies: shrinkRemedies,
});
