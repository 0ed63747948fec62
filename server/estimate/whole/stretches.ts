/** A model whose passes are not all alike: its parts follow each other, each on the hardware that serves it. */
import type { Accelerator } from '../../design/design.ts';
import { clean, times } from '../amounts.ts';
import { averagePower, withEnergy } from '../cost/power.ts';
import type { AcceleratorEstimate, FifoEstimate, PartEstimate, Timing } from '../estimate.ts';
import { hopSeconds } from '../lower/cards.ts';
import { isPlaced } from '../lower/machine.ts';
import { copiesOf } from '../time/copies.ts';
import { dealtOut, fullestCard, lengthOf, mergedOf } from './pipeline.ts';

/** The accelerator of each part, its layer as long as the part is; of a pipeline, as on the card that has most of it. */
export function stretchesOf(accelerator: Accelerator): readonly Accelerator[] {
  if (accelerator.further.length === 0) return [accelerator];
  const parts = [accelerator, ...accelerator.further];
  const { pipeline } = accelerator.split;
  const dealt = dealtOut(
    parts.map(({ passes }) => passes),
    pipeline,
  );
  return parts.map((part, index) => lasting(part, pipeline * Math.max(...dealt[index]!)));
}

function lasting(accelerator: Accelerator, repeat: number): Accelerator {
  const { model } = accelerator;
  return { ...accelerator, model: { ...model, layer: { ...model.layer, repeat } } };
}

/**
 * The estimate of all parts. A part begins when the one before it has its last row, because its first pass reads that; inputs
 * take turns within a part. Cards of a pipeline work on the sequences of a batch one behind the other.
 */
export function inParts(accelerator: Accelerator, estimates: readonly AcceleratorEstimate[]): AcceleratorEstimate {
  const [first, ...more] = estimates as readonly [AcceleratorEstimate, ...AcceleratorEstimate[]];
  if (more.length === 0) return first;
  const { pipeline } = accelerator.split;
  const onOne = mergedOf(first, more);
  const fullest = pipeline > 1 ? fullestCard(estimates, pipeline) : undefined;
  const merged = fullest ? { ...onOne, ...fullest.hardware } : onOne;
  const parts = pipeline > 1 ? estimates.map((one) => ofOneSequence(accelerator, one)) : estimates;
  const timing = timingOf(accelerator, parts);
  const { bottleneck: _, cards, power, ...rest } = merged;
  const longest = parts.reduce((a, b) => (b.timing.model > a.timing.model ? b : a));
  const all = parts.reduce((sum, part) => sum + part.timing.model, 0);
  const mean = (of: (part: AcceleratorEstimate) => number) =>
    all > 0 ? clean(parts.reduce((sum, part) => sum + of(part) * part.timing.model, 0) / all) : 0;
  const drawn = power && averagePower(power.idle, mean);
  return {
    ...rest,
    accelerator: isPlaced(accelerator) ? lasting(first.accelerator, accelerator.model.layer.repeat) : accelerator,
    fifos: deepest(parts),
    timing,
    ...(drawn ? { power: withEnergy(drawn, { accelerator, timing }) } : {}),
    ...(cards
      ? {
          cards: {
            ...cards,
            resources: cards.placed ? rest.resources : (fullest?.ofAll ?? times(rest.resources, cards.cards)),
          },
        }
      : {}),
    ...(longest.bottleneck ? { bottleneck: inPart(longest) } : {}),
    caveats: [...rest.caveats, ...(fullest ? [fullest.caveat] : [])],
    parts: parts.map((estimate): PartEstimate => ({ passes: estimate.accelerator.passes, estimate })),
  };
}

/** Seconds of so many passes of a part, copies one behind the other. */
function secondsOf({ perLayer, behind }: Timing, passes: number, copies: number): number {
  return Math.ceil(passes / copies) * (perLayer + (copies - 1) * Math.min(perLayer, behind));
}

/** A part on the cards that have its passes, for one sequence. */
function ofOneSequence(accelerator: Accelerator, part: AcceleratorEstimate): AcceleratorEstimate {
  const copies = copiesOf(accelerator);
  const passes = lengthOf(part.accelerator.passes);
  const model = clean(secondsOf(part.timing, passes, copies));
  return { ...part, timing: { ...part.timing, model, interval: model, passes: Math.ceil(passes / copies) } };
}

function timingOf(accelerator: Accelerator, parts: readonly AcceleratorEstimate[]): Timing {
  const { pipeline } = accelerator.split;
  const sum = (of: (timing: Timing) => number) => clean(parts.reduce((all, { timing }) => all + of(timing), 0));
  const first = parts[0]!.timing;
  const model = sum((timing) => timing.model);
  if (pipeline <= 1) {
    return { ...first, model, interval: sum(({ interval }) => interval), passes: sum(({ passes }) => passes) };
  }
  const copies = copiesOf(accelerator);
  const dealt = dealtOut(
    parts.map((part) => part.accelerator.passes),
    pipeline,
  );
  const onCards = (of: (timing: Timing, passes: number) => number): number[] =>
    dealt[0]!.map((_, card) => parts.reduce((all, { timing }, part) => all + of(timing, dealt[part]![card]!), 0));
  // Where a part begins within a card, its copies take a turn of their own: a card may take longer than its parts as a whole.
  const seconds = onCards((timing, passes) => secondsOf(timing, passes, copies));
  const slowest = Math.max(...seconds);
  const hop = hopSeconds(accelerator);
  const batch = Math.max(1, clean(accelerator.phase.batch));
  const whole = clean(seconds.reduce((all, one) => all + one, 0) + (batch - 1) * slowest + (pipeline - 1) * hop);
  return {
    ...first,
    model: whole,
    interval: Math.min(whole, clean(Math.max(slowest, hop) * batch)),
    passes: Math.max(...onCards((_, passes) => Math.ceil(passes / copies))),
  };
}

function inPart({
  accelerator: { passes },
  bottleneck,
}: AcceleratorEstimate): NonNullable<AcceleratorEstimate['bottleneck']> {
  const { layer, first, last } = passes;
  return { ...bottleneck!, reason: `${bottleneck!.reason}, in ${layer}[${first}..${last}]` };
}

/** Each FIFO once, as deep as any part needs it. */
function deepest(parts: readonly AcceleratorEstimate[]): FifoEstimate[] {
  const found = new Map<string, FifoEstimate>();
  for (const fifo of parts.flatMap(({ fifos }) => fifos)) {
    const known = found.get(fifo.fifo.id);
    if (!known || fifo.depth > known.depth) found.set(fifo.fifo.id, fifo);
  }
  return [...found.values()];
}
