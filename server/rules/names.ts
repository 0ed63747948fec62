/** Guesses at what a name was meant to be that is misspelt or half typed. */
import { distance } from '../../grammar/spelling.ts';

/** One letter begins too many words to mean one of them. */
const LETTERS_OF_A_BEGINNING = 2;

/** The candidates that are near enough, nearest first: a third of the letters may differ, or the end may be missing. */
export function near(name: string, candidates: readonly string[]): string[] {
  const typed = name.toLowerCase();
  const allowed = Math.min(Math.max(1, Math.floor(typed.length / 3)), typed.length - 1);
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, far: difference(typed, candidate.toLowerCase()) }))
    .filter((guess) => guess.far <= allowed)
    .sort((a, b) => a.far - b.far)
    .map((guess) => guess.candidate);
}

function difference(typed: string, candidate: string): number {
  if (typed.length >= LETTERS_OF_A_BEGINNING && candidate.startsWith(typed)) return 1;
  return Math.abs(typed.length - candidate.length) > typed.length / 2 ? Infinity : distance(typed, candidate);
}
