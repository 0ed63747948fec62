/**
 * Echoes: what only seems wrong because something else is.
 *
 * A value that cannot be read is set aside and its default takes the place, so that a spec keeps its estimates. What the
 * default leads to (an array that no longer fits its die, an operator that has lost its kernel) is nothing that anybody
 * wrote. A finding is left out where one of the statements that it points at has an error of its own, or one of those
 * that all figures of its accelerator rest on, the sheet of its card among them.
 */
import type { Accelerator, Design } from '../design/design.ts';
import type { Span } from '../diagnostic.ts';
import { remembered } from '../remembered.ts';
import type { Finding } from './rule.ts';

/** @returns whether one of `errors` explains a finding. */
export function echoOf(errors: readonly Span[], { accelerators }: Design): (finding: Finding) => boolean {
  if (errors.length === 0) return () => false;
  const broken = (span: Span): boolean => errors.some((error) => touches(error, span));
  const named = new Map([...accelerators].reverse().map((one) => [one.name, one]));
  const rests = remembered((accelerator: Accelerator) =>
    [...accelerator.foundation, accelerator.device.sheet].some(broken),
  );
  // Its statements stand in it, kernels that nobody wrote where their operators do: most have no error anywhere.
  const inside = remembered(({ span, kernels }: Accelerator) =>
    [span, ...kernels.flatMap((kernel) => (kernel.auto ? [kernel.span] : []))].some(broken),
  );
  return ({ span, related = [], subject = {} }) => {
    const accelerator = named.get(subject.accelerator ?? '');
    if (accelerator && rests(accelerator)) return true;
    const pointedAt = [span, ...related.map((place) => place.span)];
    if (!accelerator || !inside(accelerator)) return pointedAt.some(broken);
    return pointedAt.flatMap((place) => statements(place, accelerator)).some(broken);
  };
}

/**
 * The kernel or stream around a place, and the clauses that a kernel has from its region. An accelerator's name stands for
 * kernels that nobody wrote: any line that cannot be read may be the one that was to be theirs.
 */
function statements(place: Span, accelerator: Accelerator): Span[] {
  if (touches(place, accelerator.nameSpan)) return [accelerator.span];
  const kernels = accelerator.kernels.filter((kernel) => touches(place, kernel.span));
  const streams = accelerator.edges.flatMap(({ span }) => (span && touches(place, span) ? [span] : []));
  const heads = kernels.flatMap(({ region: name }) => {
    const region = accelerator.regions.find((one) => one.name === name);
    const inside = accelerator.kernels.filter((kernel) => kernel.region === name);
    const end = inside.reduce((first, { span }) => Math.min(first, span.start), Infinity);
    return region ? [{ file: region.span.file, start: region.span.start, end }] : [];
  });
  return [place, ...kernels.map((kernel) => kernel.span), ...streams, ...heads];
}

function touches(a: Span, b: Span): boolean {
  return a.file === b.file && a.start <= b.end && b.start <= a.end;
}
