/** Token passes that were looked at at a few lengths of the past, summed over all of them. */
import type { Generation } from '../estimate.ts';

/** Length of the past of a token pass, and what the pass takes. */
type Sample = Generation['samples'][number];

/**
 * Time of every token pass from the first sample to the last: samples as they are, straight lines between them, summed
 * over whole numbers of rows. The error is what half as many samples would change; none where every pass is a sample.
 */
export function integrate(samples: readonly Sample[]): { seconds: number; error: number } {
  const seconds = sumOf(samples);
  const every = samples.every(({ past }, i) => i === 0 || past === samples[i - 1]!.past + 1);
  const half = samples.filter((_, i) => i % 2 === 0 || i === samples.length - 1);
  return { seconds, error: every ? 0 : Math.abs(seconds - sumOf(half)) };
}

function sumOf(samples: readonly Sample[]): number {
  let seconds = samples.at(-1)?.seconds ?? 0;
  for (const [i, { past, seconds: from }] of samples.entries()) {
    const next = samples[i + 1];
    if (!next) break;
    const passes = next.past - past;
    // past, past + 1, … , next - 1 on the line from one to the other.
    seconds += passes * from + ((next.seconds - from) * (passes - 1)) / 2;
  }
  return seconds;
}
