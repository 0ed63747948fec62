/** Design → estimate: what a design costs and how long it takes, every figure from the laws of the kernels it is built of. */
import type { Accelerator, Design, Kernel } from '../design/design.ts';
import type { Instance } from '../kernels/kernel.ts';
import { remembered } from '../remembered.ts';
import { estimateOf, type Timed } from './assemble.ts';
import { comparisonsOf, rivalsOf } from './compare.ts';
import type { AcceleratorEstimate, Estimate } from './estimate.ts';
import type { FlowRun } from './flow/result.ts';
import { onOneCard } from './lower/cards.ts';
import { instanceCache } from './lower/instances.ts';
import { type Lowered, lower } from './lower/lower.ts';
import { channelsAtOnce, isReadAhead } from './netlist.ts';
import { type Price, priceOf } from './price.ts';
import { rememberer } from './remember.ts';
import { channelName, channelsOf, copiesAtWork } from './time/channels.ts';
import { behindOf, copiesOf } from './time/copies.ts';
import { aloneAt } from './time/pacing.ts';
import { type RunOf, scheduleOf } from './time/schedule.ts';
import { type Pacing, runGraph } from './time/timeline.ts';
import { timingOf } from './time/timing.ts';
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
    const alone = timingOf(card.accelerator, apart, timed(card.accelerator, apart).schedule, 1);
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
  const channels = channelsOf(accelerator, units, windowsOf(units, fifos, first, clock), copies);
  const over = new Map(
    channels.filter(({ demand, limit }) => limit > 0 && demand > limit).map((channel) => [channel.name, channel]),
  );
  if (over.size === 0) return { schedule: first, channels };
  const shared: Pacing = {
    // Each gets its part of what the channel gives. Gains that are read in one burst a pass ask for next to nothing on
    // average: held to that, they would take all of the pass, so they are only slowed as much as the others.
    paceOf: (unit, port, rate) => {
      const paces = (unit.channels[port] ?? []).flatMap((ref) => {
        const full = over.get(channelName(ref));
        const user = full?.users.find((each) => each.unit === unit.id && each.port === port);
        if (!full || !user) return [];
        const part = full.limit / full.demand;
        const allowed = user.demand * part * channelsAtOnce(unit, port);
        return [isReadAhead(unit) ? part : Math.min(1, allowed / rate)];
      });
      return Math.min(alone.paceOf(unit, port, rate), ...paces);
    },
  };
  return { schedule: scheduleOf(accelerator, units, fifos, shared, runOf), channels };
}
