/** Ten accelerators drawn anew at every run; `npm run nightly` draws some hundreds. A failure says its seed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folders } from './projects.ts';
import { holds, randomAccelerators, type Trial, tryOut } from './random-accelerator.ts';

const disk = folders();

test('random accelerators export, build without a warning, simulate with bounded FIFOs and match', async () => {
  const trials: Trial[] = [];
  const seed = Math.floor(performance.timeOrigin) % 2 ** 31;
  console.log(`random accelerators: seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(randomAccelerators, async (text) => {
      const trial = await tryOut(text, disk.write);
      trials.push(trial);
      holds(trial);
    }),
    { seed, numRuns: 10, endOnFailure: true },
  );
  expect(trials.filter(({ outcome }) => outcome).length).toBeGreaterThan(4);
}, 1_500_000);
