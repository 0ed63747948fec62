/** Guesses at what a misspelt name was meant to be. */

/**
 * The candidates that are near enough to be a slip of the fingers, nearest first: a third of the letters may differ.
 * Damerau-Levenshtein distance (optimal string alignment).
 */
export function near(name: string, candidates: readonly string[]): string[] {
  const allowed = Math.max(1, Math.floor(name.length / 3));
  return candidates
    .map((candidate) => ({ candidate, distance: distance(name.toLowerCase(), candidate.toLowerCase(), allowed) }))
    .filter((guess) => guess.distance <= allowed)
    .sort((a, b) => a.distance - b.distance)
    .map((guess) => guess.candidate);
}

function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, beforeLast[column - 2]! + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
