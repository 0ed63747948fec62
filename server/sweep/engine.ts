/** Points until each has a result, or has had its tries. */
import type { PointResult } from '../report/sweep.ts';
import type { Store } from './store.ts';

/** Where the processes of a sweep run. */
export interface Engine {
  readonly name: string;
  /**
   * Runs `sweep-point` for these points; ends when all processes have ended, however they did.
   * @throws SweepError where processes cannot be started at all
   */
  run(indices: readonly number[], store: Store): Promise<void>;
}

/**
 * @param retries more tries for a point whose process is killed or crashes
 * @param tell says what goes on
 */
export async function complete(
  engine: Engine,
  store: Store,
  retries: number,
  tell: (sentence: string) => void,
): Promise<PointResult[]> {
  const open = (): number[] => store.missing().filter((index) => store.tries(index).count <= retries);
  // A round in which nothing is even begun (a job that is cancelled, a node that fails) counts for all.
  let fruitless = 0;
  for (let waiting = open(), round = 0; waiting.length > 0 && fruitless <= retries; round++) {
    if (round > 0) tell(`${waiting.length} of ${store.plan.points.length} points have no result yet: once more`);
    const begun = (): number => waiting.reduce((sum, index) => sum + store.tries(index).count, 0);
    const before = begun();
    await engine.run(waiting, store);
    if (begun() === before) fruitless++;
    waiting = open();
  }
  return store.plan.points.map((values, index): PointResult => {
    const { count, error } = store.tries(index);
    const result = store.result(index);
    if (result) return { ...result, retries: Math.max(0, count - 1) };
    const times = count === 1 ? 'once' : `${count} times`;
    const reason = count === 0 ? 'its process never began' : `its process ended ${times} without a result`;
    return {
      ...{ index, values, state: 'lost', retries: Math.max(0, count - 1) },
      ...{ accelerators: [], errors: [], steps: [] },
      reason: error === undefined ? reason : `${reason}; the last one said: ${error}`,
    };
  });
}
