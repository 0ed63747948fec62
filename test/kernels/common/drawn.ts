/** Shapes that nobody chose: sizes and types drawn with the seed of the tests, for every kernel beside the chosen ones. */
import { SEED } from '../../kit/dice.ts';
import { seeded } from './reference.ts';

/** A kernel’s; each costs a second or two of a compiler. `npm run nightly` draws more. */
const count = Number(process.env.WEFT_SHAPES ?? 1);

export interface Dice {
  /** A whole number between these, both included. */
  from(least: number, most: number): number;
  of<T>(choices: readonly T[]): T;
}

function diceOf(seed: number): Dice {
  const next = seeded(seed);
  // Neighbouring seeds begin alike.
  for (let i = 0; i < 8; i++) next(0, 1);
  return { from: next, of: (choices) => choices[next(0, choices.length - 1)]! };
}

/**
 * Parameters by a name that says them all, so that a failure can be repeated by hand.
 *
 * @param refusal why the kernel does not build what was drawn: then another is
 */
export function drawn<Parameters>(
  draw: (dice: Dice) => Parameters,
  refusal: (parameters: Parameters) => string | undefined = () => undefined,
): Record<string, Parameters> {
  const dice = diceOf(SEED);
  const found: Record<string, Parameters> = {};
  for (let tries = 0; Object.keys(found).length < count; tries++) {
    if (tries > 1000 * count) throw new Error('hardly anything that is drawn can be built');
    const parameters = draw(dice);
    if (refusal(parameters) === undefined) found[`drawn: ${sayAll(parameters)}`] = parameters;
  }
  return found;
}

const sayAll = (parameters: unknown): string => JSON.stringify(parameters).replaceAll('"', '');

/** Words of a row kernel. */
export function drawnWord(dice: Dice): { readonly tokens: number; readonly columns: number } {
  return { tokens: dice.from(1, 5), columns: dice.from(1, 5) };
}

/** Types that the benches of row kernels have arrays for. */
export const drawnElement = (dice: Dice): 'int8' | 'fp32' => dice.of(['int8', 'fp32']);
