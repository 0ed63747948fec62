/** `generate`: the token passes behind the prompt, on the hardware of the prompt and what is written for tokens alone. */
import type { Kernel } from './design.ts';
import type { ResolvedPhase } from './terms/phase.ts';
import type { ModelGraph, Phase } from './workload.ts';

/**
 * Lengths of the past at which token passes are looked at: all of them where they are few, else these many from the first
 * to the last. Between two of them a pass takes about proportionally long: only attention grows, and row by row.
 */
const SAMPLES = 9;

/** Token passes behind the prompt. */
export function tokensBehind({ name, output = 1 }: Phase): number {
  return name === 'generate' ? Math.max(0, output - 1) : 0;
}

/** The past of each token pass that is looked at: token 2 looks back on the prompt, the last on all but itself. */
function pastsOf(phase: Phase): number[] {
  const passes = tokensBehind(phase);
  const { prompt = 1 } = phase;
  const points = Math.min(SAMPLES, passes);
  return Array.from({ length: points }, (_, i) => prompt + Math.round((i * (passes - 1)) / Math.max(1, points - 1)));
}

/** Phases of the token passes that are looked at, by rising past; none where no token follows the first. */
export function tokenPhases({ phase, given }: ResolvedPhase): ResolvedPhase[] {
  const { batch } = phase;
  return pastsOf(phase).map((past) => ({ phase: { name: 'decode', tokens: 1, past, batch }, given }));
}

/** The kernel with its operators as another length of the past makes them. */
export function atPast(kernel: Kernel, { outside, layer }: ModelGraph): Kernel {
  const operators = new Map([...outside, ...layer.operators].map((operator) => [operator.name, operator]));
  return { ...kernel, turns: kernel.turns.map((turn) => turn.flatMap(({ name }) => operators.get(name) ?? [])) };
}
