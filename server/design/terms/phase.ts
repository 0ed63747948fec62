/** `forward(tokens: 512)`, `decode(past: 1024)`: what is timed. */
import type * as tree from '../../../grammar/tree.ts';
import type { Phase } from '../workload.ts';
import { type Environment, read } from './expression.ts';

export const PHASE_NAMES: readonly Phase['name'][] = ['forward', 'prefill', 'decode', 'generate'];

/** No context is longer today; beyond it, something else is meant. */
export const MAX_TOKENS = 1 << 20;

const PARAMETERS: Readonly<Record<Phase['name'], readonly string[]>> = {
  forward: ['tokens', 'batch'],
  prefill: ['tokens', 'batch'],
  decode: ['past', 'batch'],
  generate: ['prompt', 'output', 'batch'],
};

/** Arguments without which a phase says nothing; whether `tokens` are needed, the model decides. */
const NEEDED: Readonly<Record<Phase['name'], readonly string[]>> = {
  forward: [],
  prefill: [],
  decode: ['past'],
  generate: ['prompt', 'output'],
};

export interface ResolvedPhase {
  readonly phase: Phase;
  /** The arguments that were given and are right. */
  readonly given: ReadonlySet<string>;
  /** A label names no argument: that is the mistake, and not what is missing because of it. */
  readonly misnamed?: boolean;
}

export function isPhase(name: string): name is Phase['name'] {
  return (PHASE_NAMES as readonly string[]).includes(name);
}

/**
 * A phase with its arguments; what is missing counts as 1 token, no past and a batch of 1. Undefined, reported, where
 * there is no such phase. `generate` has the tokens of its prompt: the pass of its first token.
 */
export function resolvePhase(
  name: tree.Name,
  given: readonly tree.Argument[] | undefined,
  env: Environment,
): ResolvedPhase | undefined {
  const sort = name.text;
  if (!isPhase(sort)) {
    env.report.unknown(env.file, name, 'phase', PHASE_NAMES);
    return undefined;
  }
  const parameters = PARAMETERS[sort];
  const values = new Map<string, number>();
  const spoiled = new Set<string>();
  let misnamed = false;
  for (const [index, argument] of (given ?? []).entries()) {
    const key = argument.label?.text ?? parameters[index];
    if (key === undefined || !parameters.includes(key)) {
      if (argument.label) {
        misnamed = true;
        env.report.unknown(env.file, argument.label, 'argument', parameters);
      } else env.report.invalid(env.file, argument, sort, 'one argument too many', parameters.join(', '));
      continue;
    }
    const least = key === 'past' ? 0 : 1;
    const value = read(argument.value, env, {
      subject: key,
      dimension: ['none', 'tokens'],
      whole: true,
      least,
      most: MAX_TOKENS,
    });
    if (value === undefined) spoiled.add(key);
    else values.set(key, value);
  }
  for (const needed of NEEDED[sort])
    if (!values.has(needed) && !spoiled.has(needed) && !misnamed)
      env.report.missing(env.file, name, `‘${sort}’`, `‘${needed}:’`);
  const [prompt, output] = [values.get('prompt'), values.get('output')];
  const phase: Phase = {
    name: sort,
    tokens: (sort === 'generate' ? prompt : values.get('tokens')) ?? 1,
    past: values.get('past') ?? 0,
    batch: values.get('batch') ?? 1,
    ...(prompt === undefined ? {} : { prompt }),
    ...(output === undefined ? {} : { output }),
  };
  return { phase, given: new Set([...values.keys(), ...spoiled]), misnamed };
}
