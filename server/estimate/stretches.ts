/** A model whose passes are not all alike: its parts follow each other, each on the hardware that serves it. */
import type { Accelerator } from '../design/design.ts';
import { clean, times } from './amounts.ts';
import type { AcceleratorEstimate, FifoEstimate, PartEstimate } from './estimate.ts';
import { averagePower, withEnergy } from './power.ts';
import { together } from './together.ts';

/**
 * The accelerator of each part, its layer as long as the part is. Cards of a pipeline have layers of their own, in whatever part:
 * there all passes count as those of the first.
 */
export function stretchesOf(accelerator: Accelerator): readonly Accelerator[] {
  if (accelerator.further.length === 0 || accelerator.split.pipeline > 1) return [accelerator];
  return [accelerator, ...accelerator.further].map((part) => lasting(part, part.passes.last - part.passes.first + 1));
}

function lasting(accelerator: Accelerator, repeat: number): Accelerator {
  const { model } = accelerator;
  return { ...accelerator, model: { ...model, layer: { ...model.layer, repeat } } };
}

/**
 * The estimate of all parts. A part begins when the one before it has its last row, because its first pass reads that; inputs
 * take turns within a part.
 */
export function inParts(accelerator: Accelerator, parts: readonly AcceleratorEstimate[]): AcceleratorEstimate {
  const [first, ...more] = parts as readonly [AcceleratorEstimate, ...AcceleratorEstimate[]];
  if (more.length === 0) return first;
  let merged = first;
  for (const part of more) merged = { ...merged, ...together(merged, part, 'each') };
  const sum = (of: (part: AcceleratorEstimate) => number) => clean(parts.reduce((all, part) => all + of(part), 0));
  const model = sum(({ timing }) => timing.model);
  const timing = {
    ...first.timing,
    model,
    interval: sum(({ timing: { interval } }) => interval),
    passes: sum(({ timing: { passes } }) => passes),
  };
  const longest = parts.reduce((a, b) => (b.timing.model > a.timing.model ? b : a));
  const { bottleneck: _, cards, power, ...rest } = merged;
  const whole = lasting(first.accelerator, accelerator.model.layer.repeat);
  const mean = (of: (part: AcceleratorEstimate) => number) =>
    model > 0 ? clean(sum((part) => of(part) * part.timing.model) / model) : 0;
  const drawn = power && averagePower(power.idle, mean);
  return {
    ...rest,
    accelerator: accelerator.split.tensor > 1 ? whole : accelerator,
    fifos: deepest(parts),
    timing,
    ...(drawn ? { power: withEnergy(drawn, { accelerator, timing }) } : {}),
    ...(cards
      ? { cards: { ...cards, resources: cards.placed ? rest.resources : times(rest.resources, cards.cards) } }
      : {}),
    ...(longest.bottleneck ? { bottleneck: inPart(longest) } : {}),
    parts: parts.map((estimate): PartEstimate => ({ passes: estimate.accelerator.passes, estimate })),
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
