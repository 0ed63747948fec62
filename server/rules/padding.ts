/** What is padded where so many at a time do not divide a size, and whether it is worth a word. */

/** Less waste than this is not worth a line, whatever could be changed. */
const NOTABLE = 0.01;
/** More than this is worth one, even where nothing near would divide. */
const MUCH = 0.05;

/** Share of the cycles that go into padding. */
export function wasteOf(size: number, factor: number): number {
  const padded = Math.ceil(size / factor) * factor;
  return padded > 0 ? 1 - size / padded : 0;
}

/**
 * Of the little that is wasted on the edge of a prime number, nobody can be rid: 197 rows are no multiple of any array. It is said
 * where a factor from half to one and a half times as large divides.
 */
export function isNotable(size: number, factor: number): boolean {
  const waste = wasteOf(size, factor);
  if (waste < NOTABLE || waste >= MUCH) return waste >= MUCH;
  for (let near = Math.max(2, Math.ceil(factor / 2)); near <= 1.5 * factor; near++) if (size % near === 0) return true;
  return false;
}
