/** A few hundred accelerators drawn at random. WEFT_SEED repeats a run; WEFT_RUNS draws more or fewer. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folders } from '../emit/projects.ts';
import { holds, randomAccelerators, type Trial, tryOut } from '../emit/random-accelerator.ts';
import { SEED } from '../kit/dice.ts';

const disk = folders();
const runs = Number(process.env.WEFT_RUNS ?? 250);

test('random accelerators export, build without a warning, simulate with bounded FIFOs and match', async () => {
  const trials: Trial[] = [];
  console.log(`${runs} random accelerators: seed ${SEED}`);
  const failures: string[] = [];
  for (const text of fc.sample(randomAccelerators, { seed: SEED, numRuns: runs })) {
    const trial = await tryOut(text, disk.write);
    trials.push(trial);
    try {
      holds(trial);
    } catch (error) {
      failures.push(String(error));
      console.log(`number ${trials.length}: ${error}`);
    }
  }
  const simulated = trials.filter(({ outcome }) => outcome).length;
  const reasons = new Set(trials.flatMap(({ refused }) => refused.map((reason) => reason.replace(/\d+/g, 'N'))));
  console.log(`${simulated} simulated, ${runs - simulated} refused: ${[...reasons].join('; ')}`);
  expect(failures).toEqual([]);
  expect(simulated).toBeGreaterThan(0.8 * runs);
});
