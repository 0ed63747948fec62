/** Kernels onto dies: stretches of the data flow, so that a row crosses each boundary once. */

/** A kernel in dataflow order, with what it takes of each resource. */
interface Placed {
  readonly use: readonly number[];
}

/**
 * Die of each kernel such that the fullest resource of any die is as empty as stretches allow: exact, by dynamic
 * programming over the places to cut.
 *
 * @param dies what each die has for kernels, of the same resources
 */
export function placementOf(kernels: readonly Placed[], dies: readonly (readonly number[])[]): number[] {
  const count = kernels.length;
  const sums = kernels[0]?.use.map((_, r) => {
    const running = [0];
    for (const { use } of kernels) running.push(running.at(-1)! + use[r]!);
    return running;
  });
  const load = (die: number, from: number, to: number): number =>
    Math.max(
      0,
      ...(sums ?? []).map((running, r) => {
        const taken = running[to]! - running[from]!;
        return taken === 0 ? 0 : taken / Math.max(1e-9, dies[die]![r]!);
      }),
    );
  // best[k]: fullest of the dies so far when they take the first k kernels; where the last of them begins.
  let best = Array.from({ length: count + 1 }, (_, to) => load(0, 0, to));
  const cuts: number[][] = [best.map(() => 0)];
  for (let die = 1; die < dies.length; die++) {
    const from: number[] = [];
    best = best.map((_, to, before) => {
      let least = Number.POSITIVE_INFINITY;
      for (let cut = 0; cut <= to; cut++) {
        const full = Math.max(before[cut]!, load(die, cut, to));
        if (full >= least) continue;
        least = full;
        from[to] = cut;
      }
      return least;
    });
    cuts.push(from);
  }
  const placed = new Array<number>(count).fill(0);
  for (let die = dies.length - 1, to = count; die >= 0; die--) {
    const from = cuts[die]![to] ?? 0;
    placed.fill(die, from, to);
    to = from;
  }
  return placed;
}
