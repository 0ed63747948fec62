/** Ten random accelerators (test/kit/dice.ts has the seed); `npm run nightly` draws some hundreds. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SEED } from '../kit/dice.ts';
import { folders } from './projects.ts';
import { holds, randomAccelerators, type Trial, tryOut } from './random-accelerator.ts';

const disk = folders();

test('random accelerators export, build without a warning, simulate with bounded FIFOs and match', async () => {
  const trials: Trial[] = [];
  await fc.assert(
    fc.asyncProperty(randomAccelerators, async (text) => {
      const trial = await tryOut(text, disk.write, trials.length);
      trials.push(trial);
      holds(trial);
    }),
    { seed: SEED, numRuns: 10, endOnFailure: true },
  );
  expect(trials.filter(({ outcome }) => outcome).length).toBeGreaterThan(4);
}, 1_500_000);
