/**
 * Weights to integers: symmetric, one step an output channel or a group of its weights, −(2^(bits−1) − 1) … 2^(bits−1) − 1.
 * The step is their greatest magnitude over the greatest integer, rounded up to eight significant bits; values are rounded half to even.
 * host/quantise.h of an exported project does the same for weights that it draws at random.
 */

/** A matrix product's weights as they lie in memory: value (k, n) at n · `across` + k · `along`. */
export interface Matrix {
  readonly values: Float32Array;
  /** Length of the dot product, and columns of the result: output channels. */
  readonly reduction: number;
  readonly columns: number;
  readonly across: number;
  readonly along: number;
}

export interface QuantisedMatrix {
  readonly reduction: number;
  readonly columns: number;
  /** Value (k, n) at n · reduction + k. */
  readonly integers: Int16Array | Int32Array;
  /** One a column; of groups, one a group and column, group by group. */
  readonly steps: Float32Array;
  readonly error: QuantisationError;
}

/** What is lost: sums over all values, so that those of several matrices add up. */
export interface QuantisationError {
  /** Σ (w − step · integer)² and Σ w² */
  readonly squares: number;
  readonly energy: number;
  /** Greatest |w − step · integer|. */
  readonly greatest: number;
}

export const noError: QuantisationError = { squares: 0, energy: 0, greatest: 0 };

export function addErrors(a: QuantisationError, b: QuantisationError): QuantisationError {
  return {
    squares: a.squares + b.squares,
    energy: a.energy + b.energy,
    greatest: Math.max(a.greatest, b.greatest),
  };
}

/** Root of the mean square of what is lost over that of the weights. */
export function relativeError({ squares, energy }: QuantisationError): number {
  return energy === 0 ? 0 : Math.sqrt(squares / energy);
}

/** @param group weights of a column that share a step: all of them unless said. */
export function quantiseMatrix(matrix: Matrix, bits: number, group = matrix.reduction): QuantisedMatrix {
  const { values, reduction, columns, across, along } = matrix;
  const integers = new Int16Array(reduction * columns);
  const groups = Math.max(1, Math.ceil(reduction / group));
  const steps = new Float32Array(columns * groups);
  let [squares, energy, worst] = [0, 0, 0];
  for (let which = 0; which < steps.length; which++) {
    const n = which % columns;
    const from = Math.floor(which / columns) * group;
    const to = Math.min(reduction, from + group);
    const first = n * across;
    let greatest = 0;
    for (let k = from; k < to; k++) greatest = Math.max(greatest, Math.abs(values[first + k * along]!));
    const step = stepOf(greatest, bits);
    steps[which] = step;
    for (let k = from; k < to; k++) {
      const value = values[first + k * along]!;
      const integer = roundHalfToEven(value / step);
      integers[n * reduction + k] = integer;
      const lost = value - integer * step;
      squares += lost * lost;
      energy += value * value;
      if (Math.abs(lost) > worst) worst = Math.abs(lost);
    }
  }
  return { reduction, columns, integers, steps, error: { squares, energy, greatest: worst } };
}

/** Channels that are smaller than this throughout are zero: their step would not be a normal single. */
const vanishing = 2 ** -100;

/** Size of one step for values up to `greatest`: a single with eight significant bits. */
export function stepOf(greatest: number, bits: number): number {
  if (!(greatest > vanishing)) return 1;
  const exact = greatest / (2 ** (bits - 1) - 1);
  // exact = fraction · 2^exponent with ½ ≤ fraction < 1; the logarithm may be off by one at powers of two
  let exponent = Math.floor(Math.log2(exact)) + 1;
  if (exact / 2 ** exponent >= 1) exponent++;
  if (exact / 2 ** exponent < 0.5) exponent--;
  return Math.fround(Math.ceil((exact / 2 ** exponent) * 256) * 2 ** (exponent - 8));
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}
