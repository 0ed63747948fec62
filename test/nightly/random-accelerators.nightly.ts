/**
 * A few hundred accelerators drawn at random. WEFT_SEED repeats a run, WEFT_RUNS draws more or fewer, and WEFT_ONLY=34,16 tries
 * those numbers of it alone.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folders } from '../emit/projects.ts';
import { holds, randomAccelerators, type Trial, tryOut } from '../emit/random-accelerator.ts';
import { deviations, shown } from '../emit/simulated-cycles.ts';
import { SEED } from '../kit/dice.ts';

const disk = folders();
const runs = Number(process.env.WEFT_RUNS ?? 250);
const only = process.env.WEFT_ONLY?.split(',').map(Number);

test('random accelerators export, build without a warning, simulate with bounded FIFOs and match', async () => {
  const trials: Trial[] = [];
  console.log(`${runs} random accelerators: seed ${SEED}`);
  const failures: string[] = [];
  const drawn = fc.sample(randomAccelerators, { seed: SEED, numRuns: Math.max(runs, ...(only ?? [])) });
  for (const [index, text] of drawn.entries()) {
    const number = index + 1;
    if (only && !only.includes(number)) continue;
    const trial = await tryOut(text, disk.write, number);
    trials.push(trial);
    if (trial.cycles) console.log(`number ${number}: ${shown(trial.cycles)}`);
    try {
      holds(trial);
    } catch (error) {
      failures.push(String(error));
      console.log(`number ${number}: ${error}`);
    }
  }
  const simulated = trials.filter(({ outcome }) => outcome).length;
  const reasons = new Set(trials.flatMap(({ refused }) => refused.map((reason) => reason.replace(/\d+/g, 'N'))));
  console.log(`${simulated} simulated, ${trials.length - simulated} refused: ${[...reasons].join('; ')}`);
  const compared = trials.flatMap(({ cycles }) => cycles ?? []);
  console.log(deviations(compared));
  expect(failures).toEqual([]);
  expect(simulated).toBeGreaterThan(0.8 * trials.length);
});
