/** Cost law of linear.h: blocks of R rows, tiles of A·P columns, K/D iterations a tile, and the epilogue beside it. */
import {
  type ArrayLoops,
  arrayCount,
  arrayCycles,
  arrayOverhead,
  arrayProcesses,
  dspFormula,
  epilogueDepth,
  everyStepTransfer,
  type Operands,
  overheadFormula,
  rowBlockMemory,
  rowBlockTransfer,
  sumsMemory,
} from '../common/array.ts';
import { type CoreCount, coresOf, costOf, countOf } from '../cost.ts';
import { gelu, relu, silu } from '../elementwise/law.ts';
import type { Formula, Law, Target } from '../kernel.ts';
import { stages, transfer } from '../rows.ts';
import { isInteger } from '../word.ts';
import type { Activation, LinearParameters } from './parameters.ts';

const functions: Readonly<Record<Activation, { readonly stages: number; readonly cores: CoreCount }>> = {
  none: { stages: 0, cores: {} },
  relu,
  gelu_erf: gelu,
  gelu_tanh: gelu,
  silu,
};

/** f(s·x) = s·f(x) for s > 0: the scale of the result is folded into multipliers and biases, and needs no scalar. */
export function foldsOutputScale(activation: Activation): boolean {
  return activation === 'none' || activation === 'relu';
}

/** The activation function of a lane, with the scale of its result where that stands behind it. */
function functionOf({ activation, output }: LinearParameters): { readonly stages: number; readonly cores: CoreCount } {
  const own = functions[activation];
  return foldsOutputScale(activation) || !isInteger(output)
    ? own
    : { stages: own.stages + stages.fmul, cores: countOf([1, own.cores], [1, { fmul: 1 }]) };
}

/** Trip counts of the loops of linear.h. */
export function linearLoops(parameters: LinearParameters): ArrayLoops {
  const { rows, reduction, columns, array, pack, output } = parameters;
  return {
    array,
    pack,
    jobs: Math.ceil(rows / array.tokens),
    tiles: Math.ceil(columns / (array.outputs * pack)),
    steps: Math.ceil(reduction / array.dot),
    columns,
    overhead: arrayOverhead(array.dot, operandsOf(parameters)),
    depth: epilogueDepth({
      bias: true,
      activation: functionOf(parameters).stages,
      output,
      types: operandsOf(parameters),
    }),
  };
}

/** Weights share a DSP block with an activation. */
export function operandsOf({ weights, activations }: LinearParameters): Operands {
  return { packed: weights, shared: activations };
}

export function linearLaw(parameters: LinearParameters, target: Target): Law {
  const { array, pack, activations } = parameters;
  const loops = linearLoops(parameters);
  const { processes, buffers } = arrayProcesses(
    loops,
    { reads: [rowBlockTransfer('in', loops), everyStepTransfer('weights', loops)] },
    { reads: [transfer('scales', loops.tiles * array.outputs * pack, 0)] },
  );
  return {
    processes,
    buffers,
    logic: costOf(linearCount(parameters, loops), target),
    memories: [rowBlockMemory(loops, activations), sumsMemory(loops, operandsOf(parameters))],
    traffic: [],
    cycles: arrayCycles(loops, { jobs: 'blocks', steps: 'K/D' }, 'loops of linear.h'),
    explanations: [
      overheadFormula(loops, operandsOf(parameters)),
      linearDspFormula(parameters, loops, target),
      {
        symbolic: 'R · A · P · D',
        numeric: `${array.tokens} · ${array.outputs} · ${pack} · ${array.dot}`,
        value: array.tokens * array.outputs * pack * array.dot,
        unit: 'multiply-accumulates a cycle',
        source: 'linear.h',
      },
    ],
  };
}

/** A lane of the epilogue: scale, bias, activation function. */
const laneOf = (parameters: LinearParameters): CoreCount =>
  countOf([1, { fmul: 1, fadd: 1 }], [1, functionOf(parameters).cores]);

/** Cores, gates and registers of the array and its epilogue. */
export function linearCount(parameters: LinearParameters, loops: ArrayLoops): CoreCount {
  return arrayCount(loops, { ...operandsOf(parameters), output: parameters.output }, laneOf(parameters));
}

export function linearDspFormula(parameters: LinearParameters, loops: ArrayLoops, target: Target): Formula {
  const { activation } = parameters;
  const { fmul, fadd } = coresOf(target);
  const laneDsp = costOf(laneOf(parameters), target).dsp.used;
  return dspFormula(
    loops,
    laneDsp,
    `fmul ${fmul.dsp} + fadd ${fadd.dsp}${activation === 'none' ? '' : ` + ${activation}`}`,
    operandsOf(parameters),
    target,
  );
}
