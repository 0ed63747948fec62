/** Cost law of elementwise.h: one flat loop, a word a cycle. */
import { type CoreCount, coresOf, costOf, countOf } from '../cost.ts';
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
import type { ElementwiseParameters } from './parameters.ts';

export interface ElementFunction {
  readonly stages: number;
  readonly cores: CoreCount;
}

/** gelu.h: two multiplies of the interpolation, one fp32 multiply; the table in LUTs (192 segments of 58 bits). */
export const gelu: ElementFunction = {
  stages: stages.gelu,
  cores: { multiply: 2, fmul: 1, gates: 520, registers: 380 },
};

/** silu.h: exp (4 multiplies), 1 + exp, its reciprocal (2), times x; tables and shifts in LUTs as in exp.h and reciprocal.h. */
export const silu: ElementFunction = {
  stages: stages.exp + stages.fadd + stages.reciprocal + stages.fmul + stages.select,
  cores: { multiply: 6, fadd: 1, fmul: 1, gates: 510, registers: 600 },
};

/** A sign bit that clears a word. */
export const relu: ElementFunction = { stages: stages.maximum, cores: { gates: 16, registers: 32 } };

export function elementwiseLaw(
  parameters: ElementwiseParameters,
  one: ElementFunction,
  header: string,
  target: Target,
): Law {
  const { rows, columns, word, input, output } = parameters;
  const tensor = { rows, columns, word };
  const lanes = word.tokens * word.columns;
  const jobs = blocksOf(tensor);
  const words = wordsOfBlock(tensor);
  const depth = stages.read + inputStages(input) + one.stages + outputStages(output);
  const logic = costOf(
    countOf([1, { control: 1 }], [lanes, inputCores(input)], [lanes, one.cores], [lanes, outputCores(output)]),
    target,
  );
  const cores = coresOf(target);
  const scalings = (isInteger(input) ? 1 : 0) + (isInteger(output) ? 1 : 0);
  const own = costOf(one.cores, target).dsp.used;
  return {
    processes: [flatLoop('elementwise', jobs, words, 1, depth, ['in'], ['out'])],
    buffers: [],
    logic,
    memories: [],
    traffic: [],
    cycles: {
      symbolic: 'blocks · words + depth',
      numeric: `${jobs} · ${words} + ${depth}`,
      value: jobs * words + depth,
      unit: 'cycles',
      source: 'loop of elementwise.h, II = 1',
    },
    explanations: [
      {
        symbolic: 'lanes · (function + conversions)',
        numeric: `${lanes} · (${own} + ${scalings} · ${cores.fmul.dsp})`,
        value: logic.dsp.used,
        unit: 'DSP',
        source: `${header}; ${cores.fmul.source}`,
      },
    ],
  };
}
