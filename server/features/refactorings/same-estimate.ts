/** Whether two texts mean the same hardware: what every refactoring has to leave as it was. */
import type { Analysis } from '../../analysis.ts';
import type { AcceleratorEstimate } from '../../estimate/estimate.ts';
import { measure } from '../../estimate/metrics.ts';
import { metricsOf } from '../../rules/requirement-failed.ts';

/** All figures agree, whatever order the lines stand in. */
export function sameEstimate(before: Analysis, after: Analysis): boolean {
  return figures(before) === figures(after);
}

function figures({ estimate }: Analysis): string {
  return JSON.stringify(estimate.accelerators.map(figuresOf));
}

function figuresOf(estimate: AcceleratorEstimate): unknown {
  const { accelerator, kernels, fifos, dies, channels, timing, deadlock } = estimate;
  const sorted = (lines: readonly unknown[]) => lines.map((line) => JSON.stringify(line)).sort();
  return {
    name: accelerator.name,
    kernels: sorted(
      kernels.map(({ operators, die, clock, cycles, resources, start, end }) => [
        ...[operators, die, clock, cycles, rounded(start), rounded(end)],
        ...Object.values(resources).map(({ used }) => rounded(used)),
      ]),
    ),
    fifos: sorted(fifos.map(({ fifo, depth, storage }) => [fifo.from.port, fifo.to.port, fifo.words, depth, storage])),
    dies: dies.map(({ name, resources, latency }) => [
      name,
      rounded(latency),
      ...Object.values(resources).map(({ used }) => rounded(used)),
    ]),
    channels: sorted(channels.map(({ name, demand }) => [name, rounded(demand)])),
    timing: [timing.perLayer, timing.model, timing.interval].map(rounded),
    deadlocked: deadlock !== undefined,
    requirements: sorted(
      accelerator.requirements.map(({ text, expression }) => [
        text,
        ...metricsOf(expression).map((metric) => rounded(measure(metric, estimate) ?? 0)),
      ]),
    ),
  };
}

/** Sums in another order differ in their last digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(9));
}
