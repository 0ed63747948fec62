/**
 * Sums of fp32 at an interval shorter than the adder: common/reduce.h. The running sum is dealt out over interleaved
 * partial sums, and a small process of its own adds these up once a row, while the next row already comes in.
 */
import type { CoreCount } from './cost.ts';
import type { Process } from './kernel.ts';
import { stages } from './rows.ts';

/** Latency of the adder in a carried sum: the interval of a plain running sum. */
const carriedLatency = stages.carriedSum - 1;

/** Partial sums that make a loop of this interval possible. */
export function partialSums(ii: number): number {
  return Math.max(1, Math.ceil(carriedLatency / ii));
}

/** Words with partial sums that a row leaves behind: a short row does not reach all of them. */
export function partialWords(ii: number, words: number): number {
  return Math.min(partialSums(ii), words);
}

/**
 * Cycles of a row in the process that adds the partial sums up: `partials` additions in turn, then one token a cycle
 * through a function of `depth` stages, then the result is written.
 */
export function reductionCycles(partials: number, tokens: number, depth: number): number {
  return partials * carriedLatency + (stages.carriedSum - carriedLatency + stages.read) + tokens + depth;
}

export function reduction(
  name: string,
  jobs: number,
  partials: { readonly port: string; readonly words: number },
  tokens: number,
  depth: number,
  out: string,
): Process {
  const cycles = reductionCycles(partials.words, tokens, depth);
  return {
    name,
    jobs,
    cycles,
    active: partials.words * carriedLatency + tokens,
    reads: [{ port: partials.port, words: partials.words, first: 0, last: (partials.words - 1) * carriedLatency }],
    writes: [{ port: out, words: 1, first: cycles, last: cycles }],
  };
}

/** Adders of a loop of that interval over words of tokens × columns: trees over the columns, a carried sum a token. */
export function sumCores(tokens: number, columns: number, ii: number): CoreCount {
  return { fadd: Math.ceil((tokens * (columns - 1)) / ii), faddCarried: Math.ceil(tokens / ii) };
}
