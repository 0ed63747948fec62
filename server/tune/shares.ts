/** The measuring of a search cut into shares: most of its work, and no part of it knows of another. */
import type { TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { tokensOf } from './options.ts';
import type { Workbench } from './search.ts';
import { measuresOf } from './space.ts';
import { variantsOf } from './variants.ts';

/** One of so many shares, counted from 0. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/**
 * Measures a share of what a search of this accelerator would measure.
 *
 * @param how one that is empty measures nothing
 * @returns how much there is in all
 */
export function measureShare(
  now: AcceleratorEstimate,
  bench: Omit<Workbench, 'solver'>,
  share: Share | undefined,
): number {
  const estimated = (edits: readonly TextEdit[]): AcceleratorEstimate | undefined =>
    bench.evaluate(edits).estimate.accelerators.find((one) => one.accelerator.name === now.accelerator.name);
  const { variants } = variantsOf(now, bench.pinned, estimated);
  const all = new Map<string, () => void>();
  for (const { card, work } of variants)
    for (const tokens of tokensOf(card))
      for (const [key, measure] of measuresOf(work, tokens, bench)) all.set(key, measure);
  if (share)
    [...all.values()].forEach((measure, index) => {
      if (index % share.of === share.index) measure();
    });
  return all.size;
}
