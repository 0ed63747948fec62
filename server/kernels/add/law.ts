/** Cost law of add.h: one flat loop, a word a cycle from both sides. */
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
import type { AddParameters } from './parameters.ts';

export function addLaw(parameters: AddParameters, target: Target): Law {
  const { rows, columns, word, a, b, output } = parameters;
  const tensor = { rows, columns, word };
  const lanes = word.tokens * word.columns;
  const jobs = blocksOf(tensor);
  const words = wordsOfBlock(tensor);
  const depth = stages.read + Math.max(inputStages(a), inputStages(b)) + stages.fadd + outputStages(output);
  const logic = costOf(
    countOf(
      [1, { control: 1 }],
      [lanes, inputCores(a)],
      [lanes, inputCores(b)],
      [lanes, { fadd: 1 }],
      [lanes, outputCores(output)],
    ),
    target,
  );
  const cores = coresOf(target);
  const scalings = [a, b, output].filter((element) => element === 'int8').length;
  return {
    processes: [flatLoop('add', jobs, words, 1, depth, ['a', 'b'], ['out'])],
    buffers: [],
    logic,
    memories: [],
    traffic: [],
    cycles: {
      symbolic: 'blocks · words + depth',
      numeric: `${jobs} · ${words} + ${depth}`,
      value: jobs * words + depth,
      unit: 'cycles',
      source: 'loop of add.h, II = 1',
    },
    explanations: [
      {
        symbolic: 'lanes · (add + conversions · mul)',
        numeric: `${lanes} · (${cores.fadd.dsp} + ${scalings} · ${cores.fmul.dsp})`,
        value: logic.dsp.used,
        unit: 'DSP',
        source: `${cores.fadd.source}; ${cores.fmul.source}`,
      },
    ],
  };
}
