/** Cost law of combine.h: one flat loop, a word a cycle from both sides. */
import { coresOf, costOf, countOf } from '../cost.ts';
import type { Law, Target } from '../kernel.ts';
import {
  blocksOf,
  flatLoop,
  inputCores,
  inputStages,
  outputCores,
  outputStages,
  stages,
  wordsOfBlock,
} from '../rows.ts';
import { isInteger } from '../word.ts';
import type { CombineParameters } from './parameters.ts';

/** What is done to two values, by its name in combine.h. */
export interface Combination {
  readonly name: 'sum' | 'product';
  readonly core: 'fadd' | 'fmul';
}

export const sum: Combination = { name: 'sum', core: 'fadd' };
export const product: Combination = { name: 'product', core: 'fmul' };

export function combineLaw(parameters: CombineParameters, { name, core }: Combination, target: Target): Law {
  const { rows, columns, word, a, b, output } = parameters;
  const tensor = { rows, columns, word };
  const lanes = word.tokens * word.columns;
  const jobs = blocksOf(tensor);
  const words = wordsOfBlock(tensor);
  const depth = stages.read + Math.max(inputStages(a), inputStages(b)) + stages[core] + outputStages(output);
  const logic = costOf(
    countOf(
      [1, { control: 1 }],
      [lanes, inputCores(a)],
      [lanes, inputCores(b)],
      [lanes, { [core]: 1 }],
      [lanes, outputCores(output)],
    ),
    target,
  );
  const cores = coresOf(target);
  const scalings = [a, b, output].filter((element) => isInteger(element)).length;
  return {
    processes: [flatLoop(name, jobs, words, 1, depth, ['a', 'b'], ['out'])],
    buffers: [],
    logic,
    memories: [],
    traffic: [],
    cycles: {
      symbolic: 'blocks · words + depth',
      numeric: `${jobs} · ${words} + ${depth}`,
      value: jobs * words + depth,
      unit: 'cycles',
      source: 'loop of combine.h, II = 1',
    },
    explanations: [
      {
        symbolic: `lanes · (${name} + conversions · mul)`,
        numeric: `${lanes} · (${cores[core].dsp} + ${scalings} · ${cores.fmul.dsp})`,
        value: logic.dsp.used,
        unit: 'DSP',
        source: `${cores[core].source}; ${cores.fmul.source}`,
      },
    ],
  };
}
