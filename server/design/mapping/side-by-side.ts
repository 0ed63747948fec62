/**
 * Instances of `replicate` that differ in the rows or the columns they take are one array: that many times as high, or as wide.
 * They multiply as much in the same cycles, and what they would all read (the weights of a block of rows, the rows of a tile)
 * comes once. Instances that take different heads read nothing together, and stay what they are; but where K and V come from
 * memory, its channels set the pace, and an array as wide as all instances reads them side by side for one head after the other.
 */
import { remembered } from '../../remembered.ts';
import type { ArrayShape, Kernel } from '../design.ts';

/** Whether the instances of a kernel are one array, or one row of lanes. */
function joins({ replicate, over, engines, tile, turns, cache }: Kernel): boolean {
  if (replicate.value === 1 || engines || tile?.origin === 'written') return false;
  return over.value !== 'heads' || (turns.length === 1 && cache?.value.kind === 'channels');
}

function joinedArray({ tokens, outputs, dot }: ArrayShape, { replicate, over }: Kernel): ArrayShape {
  return over.value === 'tokens'
    ? { tokens: tokens * replicate.value, outputs, dot }
    : { tokens, outputs: outputs * replicate.value, dot };
}

/** The kernel as it is built; itself where it has one instance, or several that are not one. */
export const sideBySide = remembered((kernel: Kernel): Kernel => {
  if (!joins(kernel)) return kernel;
  const { array, lanes, replicate } = kernel;
  return {
    ...kernel,
    replicate: { ...replicate, value: 1 },
    ...(array ? { array: { ...array, value: joinedArray(array.value, kernel) } } : {}),
    ...(lanes ? { lanes: { ...lanes, value: lanes.value * replicate.value } } : {}),
  };
});
