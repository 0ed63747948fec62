/** Guesses at what a name was meant to be that is misspelt or half typed. */
import { distance } from '../../grammar/spelling.ts';

/** One letter begins too many words to mean one of them. */
const LETTERS_OF_A_BEGINNING = 2;

/** What other tools and papers call it. */
const synonyms: Readonly<Record<string, string>> = {
  ...{ dense: 'linear', fc: 'linear', gemm: 'matmul', layer_norm: 'layernorm', rms_norm: 'rmsnorm', swish: 'silu' },
  ...{
    residual: 'add',
    multiply: 'mul',
    conv: 'conv2d',
    embedding: 'embed',
    max_pool2d: 'maxpool',
    avg_pool2d: 'avgpool',
  },
  ...{ inference: 'forward', int8: 'W8A8', int4: 'W4A8', half: 'fp16', float: 'fp32' },
};

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

/** The candidates that a name may mean: what it is a slip of, what others call it, its beginning (‘bert_base_uncased’) or a part of it (‘alveo_u250’), nearest first. */
export function meant(name: string, candidates: readonly string[]): string[] {
  const slips = near(name, candidates);
  if (slips.length > 0) return slips;
  const typed = name.toLowerCase();
  const beginnings = candidates.filter((candidate) => typed.startsWith(`${candidate.toLowerCase()}_`));
  if (beginnings.length > 0) return beginnings.sort((a, b) => b.length - a.length);
  const words = new Set(typed.split(/[_-]/));
  const synonym = Object.hasOwn(synonyms, typed) ? synonyms[typed] : undefined;
  return candidates.filter((candidate) => candidate === synonym || words.has(candidate.toLowerCase()));
}

function difference(typed: string, candidate: string): number {
  if (typed.length >= LETTERS_OF_A_BEGINNING && candidate.startsWith(typed)) return 1;
  return Math.abs(typed.length - candidate.length) > typed.length / 2 ? Infinity : distance(typed, candidate);
}
