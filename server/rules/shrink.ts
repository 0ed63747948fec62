/** Quick fix of an over-subscribed die: shallower FIFOs, weights off the chip, smaller kernels, tried on the estimator. */
import type { Accelerator, Kernel } from '../design/design.ts';
import type { ResourceName } from '../design/hardware.ts';
import type { Diagnostic, Fix, Span, TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { enumeration } from '../format.ts';
import { budget } from './budget.ts';
import { kernelNamed } from './places.ts';
import type { FixContext } from './rule.ts';

/** What takes the place of a clause, and which kernel changes by it. */
interface Change {
  readonly span: Span;
  readonly words: string;
  readonly kernel: string;
}

/** How many changes the title of a fix names. */
const NAMED_CHANGES = 3;

/** Halving an array of the greatest size down to one element takes twenty steps; several kernels may have to shrink. */
const MAX_STEPS = 100;

/** The gentlest changes with which the die fits in every resource, else in the one that the diagnostic is about. */
export function fitDie({ subject }: Diagnostic, context: FixContext): Fix[] {
  const accelerator = context.facts.design.accelerators.find((one) => one.name === subject.accelerator);
  if (!accelerator) return [];
  const resource = subject.resource as ResourceName;
  const die = subject.die ?? '';
  const after = (changes: readonly Change[]) =>
    context.evaluate(edits(changes)).estimate.accelerators.find((one) => one.accelerator.name === accelerator.name);
  const users = (subject.users ?? '').split(' ').flatMap((name) => kernelNamed(accelerator, name) ?? []);
  const single = memoryChanges(accelerator, users, resource).find((change) => fits(after([change]), die, resource));
  const changes = single ? [single] : shrink(accelerator, die, resource, after);
  return changes.length === 0
    ? []
    : [{ title: `${title(changes)}: ${die} fits`, edits: edits(changes), preferred: true }];
}

function edits(changes: readonly Change[]): TextEdit[] {
  return changes.map(({ span, words }) => ({ span, newText: words }));
}

function title(changes: readonly Change[]): string {
  return changes.length === 1
    ? `Use \`${changes[0]!.words}\``
    : `Use ${enumeration(
        changes.map(({ words, kernel }) => `\`${words}\` for ‘${kernel}’`),
        NAMED_CHANGES,
      )}`;
}

const everyResource: readonly ResourceName[] = ['dsp', 'bram36', 'uram', 'lut', 'ff'];

function fits(estimate: AcceleratorEstimate | undefined, name: string, resource: ResourceName): boolean {
  const die = estimate?.dies.find((one) => one.name === name);
  return !!estimate && !!die && die.resources[resource].used <= budget(estimate.accelerator, die, resource);
}

/** What costs memory and can be had without. */
function memoryChanges(accelerator: Accelerator, users: readonly Kernel[], resource: ResourceName): Change[] {
  if (resource !== 'bram36' && resource !== 'uram') return [];
  return [...new Set(users)].flatMap(({ name, weights }) => {
    const fifos = accelerator.edges.flatMap(({ to, depth }) =>
      to.kind === 'operator' && to.kernel === name && depth.span && depth.value !== 'auto'
        ? [{ span: depth.span, words: 'depth auto', kernel: name }]
        : [],
    );
    if (!weights?.span || weights.value.kind !== 'on-chip') return fifos;
    const { span, value } = weights;
    // Rather wait for a layer's weights than read them again for every block of rows.
    const words = [
      ...(value.double ? [`weights ${value.storage}`] : []),
      ...(accelerator.device.memories.length > 0 ? ['weights auto'] : []),
    ];
    return [...fifos, ...words.map((each) => ({ span, words: each, kernel: name }))];
  });
}

/** Halves the biggest user of the die, whichever that is after each step, until the die fits. */
function shrink(
  accelerator: Accelerator,
  die: string,
  resource: ResourceName,
  after: (changes: readonly Change[]) => AcceleratorEstimate | undefined,
): Change[] {
  const changes = new Map<number, Change>();
  let enough: Change[] = [];
  let estimate = after([]);
  for (let step = 0; step < MAX_STEPS && estimate; step++) {
    if (fits(estimate, die, resource)) {
      if (everyResource.every((one) => fits(estimate, die, one))) return [...changes.values()];
      if (enough.length === 0) enough = [...changes.values()];
    }
    const over = everyResource.find((one) => !fits(estimate, die, one)) ?? resource;
    const change = [...estimate.kernels]
      .filter((kernel) => kernel.die === die)
      .sort((a, b) => b.resources[over].used - a.resources[over].used)
      .flatMap(({ name }) => half(kernelNamed(accelerator, name), kernelNamed(estimate!.accelerator, name)) ?? [])[0];
    if (!change) break;
    changes.set(change.span.start, change);
    estimate = after([...changes.values()]);
  }
  return enough;
}

/** The clause of a kernel as it stands in the text, with half of what it has by now. */
function half(written: Kernel | undefined, now: Kernel | undefined): Change | undefined {
  if (!written || !now) return undefined;
  if (written.array?.span && now.array) {
    let { tokens, outputs, dot } = now.array.value;
    if (tokens * outputs * dot === 1) return undefined;
    if (tokens === 1 && outputs === 1) dot = Math.floor(dot / 2);
    else if (tokens > outputs) tokens = Math.floor(tokens / 2);
    else outputs = Math.floor(outputs / 2);
    const words = `array ${tokens} x ${outputs}${dot > 1 ? ` x ${dot}` : ''}`;
    return { span: written.array.span, words, kernel: written.name };
  }
  if (!written.lanes?.span || !now.lanes || now.lanes.value === 1) return undefined;
  return { span: written.lanes.span, words: `lanes ${Math.floor(now.lanes.value / 2)}`, kernel: written.name };
}
