import type { Accelerator } from '../design/design.ts';
import type { ResourceName } from '../design/hardware.ts';
import type { DieEstimate } from '../estimate/estimate.ts';

/** What kernels may take of a resource on a die: what is there, less what is reserved. */
export function budget(accelerator: Accelerator, die: DieEstimate, resource: ResourceName): number {
  const reserved = accelerator.reserves
    .filter((reserve) => reserve.resource === resource && (reserve.die === undefined || reserve.die === die.name))
    .reduce((most, reserve) => Math.max(most, reserve.share), 0);
  return die.available[resource] * (1 - reserved);
}
