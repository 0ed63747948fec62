/** What a fix makes of a spec, beside what it was. */
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { Facts } from './rule.ts';

export function estimateOf({ estimate }: Facts, accelerator: string | undefined): AcceleratorEstimate | undefined {
  return estimate.accelerators.find((one) => one.accelerator.name === accelerator);
}

/** Whether nothing is too full, or not built, or waits for ever, that was not before. */
export function fitsAsBefore(before: AcceleratorEstimate, after: AcceleratorEstimate): boolean {
  const wrong = ({ dies, channels, memories, netlist, deadlock }: AcceleratorEstimate): string[] => [
    ...dies.flatMap(({ name, resources, available }) =>
      (['dsp', 'bram36', 'uram', 'lut', 'ff'] as const)
        .filter((one) => resources[one].used > available[one])
        .map((one) => `${name} ${one}`),
    ),
    ...channels.filter(({ demand, limit }) => demand > limit).map(({ name }) => name),
    ...memories
      .filter(({ bytes, capacity }) => bytes > capacity)
      .map(({ memory, channel }) => `${memory} ${channel} full`),
    ...netlist.refused.map(({ kernel }) => kernel),
    ...(deadlock ? ['deadlock'] : []),
  ];
  const known = new Set(wrong(before));
  return wrong(after).every((one) => known.has(one));
}
