/** Passes of the layer, passes of the model, and what sets the pace. */
import type { Accelerator } from '../../design/design.ts';
import { clean } from '../amounts.ts';
import type { AcceleratorEstimate, ChannelEstimate, KernelEstimate, Timing } from '../estimate.ts';
import { type FlowJob, overJobs } from '../flow/compile.ts';
import { hopSeconds } from '../lower/cards.ts';
import type { Lowered } from '../lower/lower.ts';
import { closedFormOf } from './closed-form-of.ts';
import { behindOf } from './copies.ts';
import type { Schedule } from './schedule.ts';
import type { Graph } from './timeline.ts';

export function timingOf(
  accelerator: Accelerator,
  { apart, whole }: Lowered,
  { schedule: { run, graph }, pace }: { readonly schedule: Schedule; readonly pace: number },
  copies: number,
): Timing {
  const clock = accelerator.clock.value;
  const turns = secondsOf(apart);
  const slowestUnit = Math.max(pace, turns);
  const alone = clean(run.end / clock) + turns;
  const closedForm = closedFormOf(accelerator);
  const behind = clean(behindOf(accelerator.model.layer, whole.units, graph, run) / clock) + turns;
  return { ...timesOf(accelerator, { alone, slowestUnit, behind }, copies), ...(closedForm ? { closedForm } : {}) };
}

/** Kernels that take operators in turn are not on the timeline; each alone is a lower bound, and they wait for each other. */
export function secondsOf(apart: Lowered['apart']): number {
  return apart.reduce(
    (sum, { piece, instance }) => sum + clean(instance.law.cycles.value / piece.kernel.clock.value),
    0,
  );
}

/** Cycles of the hardware with most work, stalls left out: of a process, or of all that take turns. */
export function slowestOf({ processes }: Pick<Graph, 'processes'>): number {
  const work = new Map<string, number>();
  for (const process of processes) {
    const { name, hardware = name, pace } = process;
    const cycles = clean(overJobs<FlowJob>(process, (job) => clean(job.cycles)));
    work.set(hardware, (work.get(hardware) ?? 0) + cycles / (pace ?? 1));
  }
  return Math.max(0, ...work.values());
}

/** Seconds of one pass, of its slowest unit (stalls left out), and by which a copy of the layer ends after the one before it. */
export interface PassTimes {
  readonly alone: number;
  readonly slowestUnit: number;
  readonly behind: number;
}

export function timesOf(
  accelerator: Accelerator,
  { alone, slowestUnit, behind }: PassTimes,
  copies: number,
): Omit<Timing, 'closedForm'> {
  const { model: graph, phase } = accelerator;
  const perLayer = Math.max(alone, slowestUnit);
  const passes = Math.max(1, Math.ceil(clean(graph.layer.repeat) / copies));
  const batch = Math.max(1, clean(phase.batch));
  const stage = passes * (perLayer + (copies - 1) * Math.min(perLayer, behind));
  // The cards of a pipeline work on the sequences of a batch one behind the other; rows go on when a stage has them all.
  const { pipeline } = accelerator.split;
  const hop = hopSeconds(accelerator);
  const model = clean((pipeline + batch - 1) * stage + (pipeline - 1) * hop);
  return {
    perLayer,
    model,
    // Two inputs take turns, pass by pass, where K and V have a second buffer to be filled meanwhile.
    interval: interleaves(accelerator) ? Math.min(model, clean(Math.max(passes * slowestUnit, hop) * batch)) : model,
    passes,
    behind,
  };
}

/**
 * Whether the pass of one input may begin while that of another goes on: no cache is both read and filled, and the next input
 * is there. A token of one sequence is not: it is the result of the token before it.
 */
function interleaves({ kernels, phase }: Accelerator): boolean {
  const alone = (phase.name === 'decode' || phase.name === 'generate') && phase.batch <= 1;
  return !alone && kernels.every(({ cache }) => !cache || cache.value.double);
}

/** A channel that is asked for too much; else the kernel that works most of the pass. */
export function bottleneckOf(
  kernels: readonly KernelEstimate[],
  channels: readonly ChannelEstimate[],
  timing: Timing,
): AcceleratorEstimate['bottleneck'] {
  const slowestKernel = kernels.reduce<KernelEstimate | undefined>(
    (best, kernel) => (!best || kernel.busy > best.busy ? kernel : best),
    undefined,
  );
  if (!slowestKernel || timing.perLayer <= 0) return undefined;
  const over = channels.find(
    ({ demand, limit, users }) =>
      limit > 0 && demand > limit && users.some(({ kernel }) => kernel === slowestKernel.name),
  );
  const percent = Math.round(slowestKernel.busy * 100);
  return {
    kernel: slowestKernel.name,
    reason: over
      ? `${over.name} is asked for ${gigabytes(over.demand)} of ${gigabytes(over.limit)} GB/s`
      : `it works ${percent}% of the layer, more than any other`,
  };
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
