/** Design → estimate: what a design costs and how long it takes, every figure from the laws of the kernels it is built of. */
import type { Accelerator, Design, Kernel } from '../design/design.ts';
import type { Instance } from '../kernels/kernel.ts';
import { remembered } from '../remembered.ts';
import { clean } from './amounts.ts';
import { estimateOf, type Timed } from './assemble.ts';
import { comparisonsOf, rivalsOf } from './compare.ts';
import type { AcceleratorEstimate, Estimate } from './estimate.ts';
import type { FlowRun } from './flow/result.ts';
import { onOneCard } from './lower/cards.ts';
import { instanceCache } from './lower/instances.ts';
import { type Lowered, lower } from './lower/lower.ts';
import { type Price, priceOf } from './price.ts';
import { rememberer } from './remember.ts';
import { busiestChannel, channelsOf, copiesAtWork, usesOf } from './time/channels.ts';
import { behindOf, copiesOf } from './time/copies.ts';
import { aloneAt } from './time/pacing.ts';
import { type RunOf, scheduleOf } from './time/schedule.ts';
import { Sharing } from './time/sharing.ts';
import { runGraph } from './time/timeline.ts';
import { slowestOf, timingOf } from './time/timing.ts';
import { windowsOf } from './time/windows.ts';
import { onAllCards } from './whole/cards-together.ts';
import { generationOf } from './whole/generation.ts';
import { inParts, stretchesOf } from './whole/stretches.ts';

export interface Estimator {
  estimate(design: Design): Estimate;
  /** What a kernel would be by its laws alone, in the place of the one of its name. */
  price(accelerator: Accelerator, kernel: Kernel): Price;
}

/**
 * An estimator with its caches. A kernel of the library is instantiated once for the same parameters, and a pass is timed
 * once for the same netlist, so that an edit recomputes what it touches; an accelerator that is the same object as before
 * has the estimate that it had.
 */
export function createEstimator(): Estimator {
  const instances = rememberer<Instance>();
  const instanceOf = instanceCache(instances);
  const numbers = new WeakMap<Instance, number>();
  const schedules = rememberer<Timed>();
  const runs = rememberer<FlowRun>();
  let count = 0;

  /** A die whose part of the design is as it was is not run anew. */
  const runOf: RunOf = (graph) => {
    const { processes, channels, growable } = graph;
    return runs.get(JSON.stringify([processes, channels, growable]), () => runGraph(graph, { grow: true }).run);
  };

  /** What the timeline depends on: instances by number, places, clocks, FIFOs, channels and their bandwidth. */
  const keyOf = (accelerator: Accelerator, { whole }: Lowered): string => {
    const units = whole.units.map((unit) => {
      let number = numbers.get(unit.instance);
      if (number === undefined) {
        number = count++;
        numbers.set(unit.instance, number);
      }
      return `${unit.id}:${unit.kernel}:${number}:${unit.die}:${unit.clock}:${unit.burst ?? ''}:${Object.values(
        unit.channels,
      )
        .flat()
        .map((ref) => ref.memory + ref.channel)}`;
    });
    const fifos = whole.fifos.map(({ from, to, asked }) => `${from.unit}.${from.port}>${to.unit}.${to.port}:${asked}`);
    const memories = accelerator.device.memories.map(({ name, bandwidth }) => `${name}:${bandwidth}`);
    return [accelerator.clock.value, copiesOf(accelerator), ...units, ...fifos, ...memories].join('|');
  };

  const timed = (accelerator: Accelerator, lowered: Lowered): Timed =>
    schedules.get(keyOf(accelerator, lowered), () => time(accelerator, lowered, runOf));

  const pass = (accelerator: Accelerator): AcceleratorEstimate => {
    const card = onOneCard(accelerator);
    const lowered = lower(card.accelerator, instanceOf, card.collectives);
    const estimate = estimateOf(card.accelerator, lowered, timed);
    if (accelerator.cards <= 1) return estimate;
    const apart = lower(card.accelerator, instanceOf);
    const alone = timingOf(card.accelerator, apart, timed(card.accelerator, apart), 1);
    const collectives = [...card.collectives, ...lowered.sends];
    return onAllCards(accelerator, { ...card, collectives }, estimate, alone.perLayer);
  };

  const model = (accelerator: Accelerator): AcceleratorEstimate =>
    inParts(accelerator, stretchesOf(accelerator).map(pass));

  const whole = (accelerator: Accelerator): AcceleratorEstimate =>
    accelerator.phase.name === 'generate'
      ? generationOf(model(accelerator), (accelerator.decoding ?? []).map(model))
      : model(accelerator);

  const remembering = remembered(whole);
  const compared = remembered((estimate: AcceleratorEstimate, ...others: readonly AcceleratorEstimate[]) => ({
    ...estimate,
    comparisons: comparisonsOf(estimate, others),
  }));

  return {
    price: (accelerator, kernel) => priceOf(accelerator, kernel, instanceOf),
    estimate(design) {
      schedules.age();
      runs.age();
      instances.age();
      const all = design.accelerators.map((accelerator) => remembering(accelerator));
      return { accelerators: all.map((estimate) => compared(estimate, ...rivalsOf(estimate, all))) };
    },
  };
}

/** Times that a pass with shared channels is timed: who is slowed down meets others than it met before. */
const SHARING_ROUNDS = 2;

/** Times the pass with every port at its channel's bandwidth; where a channel is asked for more, its users share it. */
function time(accelerator: Accelerator, { whole }: Lowered, runOf: RunOf): Timed {
  const { units, fifos } = whole;
  const alone = aloneAt(accelerator);
  const first = scheduleOf(accelerator, units, fifos, alone, runOf);
  const clock = accelerator.clock.value;
  const copies = copiesAtWork(
    copiesOf(accelerator),
    first.run.end / clock,
    behindOf(accelerator.model.layer, units, first.graph, first.run) / clock,
  );
  const uses = usesOf(accelerator, units, windowsOf(units, fifos, first, clock), copies);
  const channels = channelsOf(uses);
  const pace = Math.max(clean(slowestOf(first.graph) / clock), busiestChannel(uses.values()));
  const sharing = new Sharing(uses);
  let schedule = first;
  for (let round = 0; round < SHARING_ROUNDS && sharing.slowed; round++) {
    schedule = scheduleOf(accelerator, units, fifos, sharing.pacing(alone), runOf);
    sharing.again(usesOf(accelerator, units, windowsOf(units, fifos, schedule, clock), copies));
  }
  return { schedule, channels, pace };
}
