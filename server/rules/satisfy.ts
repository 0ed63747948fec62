/** Changes of a spec that make a requirement hold: tried out on the estimator, the smallest first. */
import type { Kernel } from '../design/design.ts';
import type { Fix, Span, TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { evaluate as measure } from '../estimate/metrics.ts';
import { kernelNamed } from './places.ts';
import type { FixContext } from './rule.ts';

/** A change of one clause. */
interface Change {
  readonly title: string;
  readonly edit: TextEdit;
  readonly key: string;
}

/** As many ways out as a person compares. */
const OFFERED = 3;
/** Kernels that are tried: whoever is further from the top decides nothing. */
const TRIED = 4;
/** Each step doubles or halves one clause; after these a requirement asks for another design. */
const STEPS = 5;

/**
 * Up to three ways to make the requirement at `span` hold without a new error: along one kernel at a time, and along
 * whichever helps most.
 */
export function satisfy(span: Span, accelerator: string, context: FixContext): Fix[] {
  const start = context.facts.estimate.accelerators.find((one) => one.accelerator.name === accelerator);
  if (!start) return [];
  const index = start.accelerator.requirements.findIndex((one) => same(one.span, span));
  const asked = start.accelerator.requirements[index];
  if (!asked) return [];
  const errors = problemsOf(start);
  const found: Fix[] = [];
  const after = (changes: readonly Change[]) =>
    context
      .evaluate(changes.map(({ edit }) => edit))
      .estimate.accelerators.find((one) => one.accelerator.name === accelerator);
  const holds = (estimate: AcceleratorEstimate): boolean => {
    const requirement = estimate.accelerator.requirements[index];
    return (
      requirement !== undefined && measure(requirement.expression, estimate) === 1 && problemsOf(estimate) <= errors
    );
  };
  const smaller = isUse(asked.text);
  const kernels = candidates(start, smaller);
  for (const only of [...kernels.map((kernel) => [kernel]), kernels]) {
    if (found.length === OFFERED) break;
    const changes = along(only, start, after, holds, smaller);
    if (!changes || found.some(({ title }) => title === titleOf(changes))) continue;
    found.push({ title: titleOf(changes), edits: changes.map(({ edit }) => edit) });
  }
  return found;
}

/** Changes one clause after another of these kernels until the requirement holds. */
function along(
  kernels: readonly Kernel[],
  start: AcceleratorEstimate,
  after: (changes: readonly Change[]) => AcceleratorEstimate | undefined,
  holds: (estimate: AcceleratorEstimate) => boolean,
  smaller: boolean,
): Change[] | undefined {
  const changes = new Map<string, Change>();
  let now: AcceleratorEstimate | undefined = start;
  for (let step = 0; step < STEPS * kernels.length && now; step++) {
    const order = candidates(now, smaller).filter(({ name }) => kernels.some((kernel) => kernel.name === name));
    const change = order.flatMap(({ name }) => {
      const written = kernels.find((kernel) => kernel.name === name);
      return scaled(written, kernelNamed(now!.accelerator, name), smaller) ?? [];
    })[0];
    if (!change) return undefined;
    changes.set(change.key, change);
    now = after([...changes.values()]);
    if (now && holds(now)) return [...changes.values()];
  }
  return undefined;
}

/** Kernels whose size decides: of a share the biggest users, of a time those that work most of it. */
function candidates({ accelerator, kernels }: AcceleratorEstimate, smaller: boolean): Kernel[] {
  return [...kernels]
    .sort((a, b) => (smaller ? b.resources.dsp.used - a.resources.dsp.used : b.busy - a.busy))
    .slice(0, TRIED)
    .flatMap(({ name }) => kernelNamed(accelerator, name) ?? [])
    .filter((kernel) => !kernel.auto);
}

/** The clause of a kernel with twice, or half, of what it has by now. */
function scaled(written: Kernel | undefined, now: Kernel | undefined, smaller: boolean): Change | undefined {
  if (!written || !now) return undefined;
  const by = (value: number): number => (smaller ? Math.floor(value / 2) : value * 2);
  if (written.array?.span && now.array) {
    const { tokens, outputs, dot } = now.array.value;
    if (by(outputs) < 1) return undefined;
    const words = `array ${tokens} x ${by(outputs)}${dot > 1 ? ` x ${dot}` : ''}`;
    return changeOf(written, written.array.span, words);
  }
  if (written.lanes?.span && now.lanes && by(now.lanes.value) >= 1)
    return changeOf(written, written.lanes.span, `lanes ${by(now.lanes.value)}`);
  return undefined;
}

function changeOf({ name }: Kernel, span: Span, words: string): Change {
  return { title: `\`${words}\` for ‘${name}’`, key: name, edit: { span, newText: words } };
}

function titleOf(changes: readonly Change[]): string {
  return `Use ${changes.map(({ title }) => title).join(', ')}: it holds`;
}

/** Dies that are too full, and a pass that never ends: a way out must not lead there. */
function problemsOf({ dies, deadlock }: AcceleratorEstimate): number {
  const full = dies.flatMap((die) =>
    (['dsp', 'bram36', 'uram', 'lut', 'ff'] as const).filter((name) => die.resources[name].used > die.available[name]),
  );
  return full.length + (deadlock ? 1 : 0);
}

/** Whether less hardware is what is asked for. */
function isUse(text: string): boolean {
  return /\b(use|bandwidth|power|energy)\b/.test(text);
}

function same(a: Span, b: Span): boolean {
  return a.file === b.file && a.start === b.start && a.end === b.end;
}
