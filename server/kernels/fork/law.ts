/** Cost law of fork.h: one flat loop, a word a cycle; the slowest consumer sets the pace. */
import { costOf } from '../cost.ts';
import type { Law, Target } from '../kernel.ts';
import { blocksOf, flatLoop, stages, wordsOfBlock } from '../rows.ts';
import type { ForkParameters } from './parameters.ts';

export function forkLaw(parameters: ForkParameters, outs: readonly string[], target: Target): Law {
  const jobs = blocksOf(parameters);
  const words = wordsOfBlock(parameters);
  return {
    processes: [flatLoop('fork', jobs, words, 1, stages.read, ['in'], outs)],
    buffers: [],
    logic: costOf({ control: 1 }, target),
    memories: [],
    traffic: [],
    cycles: {
      symbolic: 'blocks · words + 1',
      numeric: `${jobs} · ${words} + 1`,
      value: jobs * words + 1,
      unit: 'cycles',
      source: 'loop of fork.h, II = 1',
    },
    explanations: [],
  };
}
