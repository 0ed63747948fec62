/** What `require`, `minimize` and `maximize` speak of, measured on an estimate. Base units. */

import type { Metric, MetricExpression } from '../design/design.ts';
import type { ResourceName } from '../design/hardware.ts';
import { arithmetic } from '../design/terms/arithmetic.ts';
import type { AcceleratorEstimate } from './estimate.ts';
import { withoutCard } from './lower/machine.ts';

/**
 * @returns the metric in base units (seconds, tokens a second, shares 0 … 1), or undefined where this estimate has no
 * such figure: the requirement is then neither held nor broken, and a rule says so.
 */
export function measure(metric: Metric, estimate: AcceleratorEstimate): number | undefined {
  switch (metric.name) {
    case 'latency':
      return latency(metric, estimate);
    case 'latency.first_token':
      return estimate.accelerator.phase.name === 'decode' ? undefined : passOf('prefill', estimate)?.seconds;
    case 'latency.per_token': {
      const tokens = passOf('decode', estimate);
      return tokens && tokens.seconds / tokens.passes;
    }
    case 'interval':
      return estimate.timing.interval;
    case 'throughput':
      return throughput(metric, estimate);
    case 'use':
      return use(metric, estimate);
    case 'bandwidth':
      return bandwidthShare(metric, estimate);
    case 'power':
      return estimate.power?.watts;
    case 'energy.per_token':
      return estimate.power?.perResult;
  }
}

/** Evaluates an expression; comparisons give 1 or 0. Undefined where a metric in it has no figure. */
export function evaluate(expression: MetricExpression, estimate: AcceleratorEstimate): number | undefined {
  if (expression.kind === 'constant') return expression.value;
  if (expression.kind === 'metric') return measure(expression.metric, estimate);
  const left = evaluate(expression.left, estimate);
  const right = evaluate(expression.right, estimate);
  if (left === undefined || right === undefined) return undefined;
  return arithmetic[expression.operator](left, right);
}

function latency(metric: Metric, estimate: AcceleratorEstimate): number | undefined {
  const scope = metric.scope;
  if (!scope) return estimate.timing.model;
  switch (scope.sort) {
    case 'layer':
      return slowestPass(scope.name, estimate);
    case 'phase':
      return passOf(scope.name, estimate)?.seconds;
    case 'kernel':
      return span(estimate, [scope.name]);
    case 'region':
      return span(estimate, estimate.accelerator.regions.find((region) => region.name === scope.name)?.kernels ?? []);
  }
}

/** One pass of a layer: of parts, the slowest of those that are its. */
function slowestPass(layer: string, { parts, timing }: AcceleratorEstimate): number | undefined {
  if (!parts) return timing.perLayer;
  const own = parts.filter(({ passes }) => passes.layer === layer);
  return own.length > 0 ? Math.max(...own.map(({ estimate }) => estimate.timing.perLayer)) : undefined;
}

/** From the first to the last activity of these kernels in one pass: of parts, in the one in which that is longest. */
function span(estimate: AcceleratorEstimate, names: readonly string[]): number | undefined {
  if (estimate.parts) {
    const each = estimate.parts.flatMap((part) => span(part.estimate, names) ?? []);
    return each.length > 0 ? Math.max(...each) : undefined;
  }
  const kernels = estimate.kernels.filter((kernel) => names.includes(kernel.name));
  if (kernels.length === 0) return undefined;
  return Math.max(...kernels.map((kernel) => kernel.end)) - Math.min(...kernels.map((kernel) => kernel.start));
}

/** Time of the passes of a phase, and how many there are; `generate` has passes of two kinds. */
function passOf(
  phase: string,
  { accelerator, timing, generation }: AcceleratorEstimate,
): { readonly seconds: number; readonly passes: number; readonly results: number } | undefined {
  const { name, tokens, output = 1 } = accelerator.phase;
  if (generation && phase === 'prefill') return { seconds: generation.firstToken, passes: 1, results: tokens };
  if (generation && phase === 'decode' && output > 1)
    return { seconds: generation.decoding, passes: output - 1, results: output - 1 };
  // An encoder's pass is over a prompt as well: it gives its first result at its end.
  const same = name === phase || (name === 'forward' && phase === 'prefill');
  return same ? { seconds: timing.model, passes: 1, results: name === 'generate' ? output : tokens } : undefined;
}

/** Tokens a second; of a model without tokens, results a second. Of `generate`, the tokens that it makes. */
function throughput({ scope, inResults }: Metric, estimate: AcceleratorEstimate): number | undefined {
  const { interval, model } = estimate.timing;
  const { name, tokens, batch, results = inResults ? 1 : tokens } = estimate.accelerator.phase;
  if (scope?.sort === 'phase' && scope.name !== name) {
    const passes = passOf(scope.name, estimate);
    return passes && passes.seconds > 0 ? ((inResults ? 1 : passes.results) * batch) / passes.seconds : undefined;
  }
  if (estimate.generation && inResults) return batch / model;
  if (estimate.generation) return estimate.generation.tokensPerSecond;
  return interval > 0 ? (results * batch) / interval : undefined;
}

function use(metric: Metric, estimate: AcceleratorEstimate): number | undefined {
  const resource = metric.resource;
  if (resource === undefined) return undefined;
  if (resource === 'sll') return wiresShare(metric, estimate);
  if (metric.die === undefined) return ratio(estimate.resources[resource].used, estimate.available, resource);
  // Where the cards are told apart, a die has one on each of them: the fullest counts.
  const dies = estimate.dies.filter(({ name }) => withoutCard(name) === metric.die);
  return dies.length > 0
    ? Math.max(...dies.map((die) => ratio(die.resources[resource].used, die.available, resource)))
    : undefined;
}

/** The fullest boundary, of the die where one is named, against the wires that there are. */
function wiresShare({ die }: Metric, { crossings }: AcceleratorEstimate): number | undefined {
  const boundaries = crossings.filter(
    ({ between, wires }) => wires > 0 && (die === undefined || between.some((name) => withoutCard(name) === die)),
  );
  return boundaries.length > 0 ? Math.max(...boundaries.map(({ used, wires }) => used / wires)) : undefined;
}

function ratio(used: number, available: Readonly<Record<ResourceName, number>>, resource: ResourceName): number {
  return available[resource] > 0 ? used / available[resource] : used > 0 ? Number.MAX_VALUE : 0;
}

/** Busiest channel of the memory, or the link between the cards. */
function bandwidthShare(metric: Metric, estimate: AcceleratorEstimate): number | undefined {
  if (estimate.cards && metric.memory === estimate.cards.link) return estimate.cards.load;
  const channels = estimate.channels.filter(
    (channel) => withoutCard(channel.memory) === metric.memory && channel.limit > 0,
  );
  return channels.length > 0 ? Math.max(...channels.map((channel) => channel.demand / channel.limit)) : undefined;
}
