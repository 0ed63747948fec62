/**
 * The seed of whatever the tests draw at random: the same in each run, so that a red gate accuses the change and not the dice.
 * `WEFT_SEED=N` repeats another run, `WEFT_SEED=random` rolls anew; `npm run nightly` and `npm run soak` always do.
 */
import fc from 'fast-check';

const asked = process.env.WEFT_SEED ?? '20261126';

export const SEED = asked === 'random' ? Date.now() % 2 ** 31 : Number(asked);

if (asked === 'random') console.log(`WEFT_SEED=${SEED}`);
fc.configureGlobal({ seed: SEED });
