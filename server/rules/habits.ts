/** What people write because another language wants it so, and how it is written here. */
import type { SyntaxProblem } from '../../grammar/tree.ts';

interface Habit {
  readonly found: RegExp;
  /** Only while this is read. */
  readonly within?: RegExp;
  /** Not where this could have come. */
  readonly unless?: string;
  readonly remedy: string;
}

/** Characters that the language does not have at all, and those that stand in the wrong place. The first that fits counts. */
const habits: readonly Habit[] = [
  { found: /^(#|\/\*)/, remedy: 'a comment begins with ‘//’ and ends with its line' },
  { found: /^;/, remedy: 'a statement ends with its line' },
  { found: /^[“”„«»‘’‚`']/, remedy: 'a text stands between two ‘"’, a name without quotes' },
  { found: /^\p{L}*[^\0-\x7f]/u, remedy: 'names have letters from a to z, digits and ‘_’' },
  { found: /^-(?!>)/, unless: '->', remedy: 'names have letters, digits and ‘_’' },
  { found: /^\(/, within: /‘(weights|cache)’/, remedy: 'a channel stands in square brackets, as in ‘hbm[3]’' },
  { found: /^:/, within: /‘(weights|cache)’/, remedy: 'several channels are ‘hbm[0..3]’, both ends included' },
  { found: /^\[/, within: /‘(array|tile)’/, remedy: 'its sides are written ‘8 x 16’' },
  { found: /^(and|&&)/, within: /require/, remedy: 'write a ‘require’ for each' },
];

/** How it is written here; undefined where no such habit is known. */
export function habitOf({ kind, found, expected, within }: SyntaxProblem): string | undefined {
  if (kind === 'missing' && expected[0] === 'import' && found.startsWith('"') && !/\.json"$/.test(found))
    return 'a name is written without quotes';
  if ((kind !== 'lexical' && kind !== 'unexpected') || expected[0] === '"') return undefined;
  return habits.find(
    (habit) =>
      habit.found.test(found) &&
      (habit.within?.test(within) ?? true) &&
      !(habit.unless !== undefined && expected.includes(habit.unless)),
  )?.remedy;
}
