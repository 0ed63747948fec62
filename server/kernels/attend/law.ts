/** Cost law of attend.h: a head of a row block is a job of tiles of A·P columns, each of reduction/D iterations. */
import {
  type ArrayLoops,
  alike,
  arrayCount,
  arrayCycles,
  arrayOverhead,
  arrayProcesses,
  dspFormula,
  epilogueDepth,
  everyStepTransfer,
  overheadFormula,
  rowBlockMemory,
  rowBlockTransfer,
  sumsMemory,
} from '../common/array.ts';
import { coresOf, costOf } from '../cost.ts';
import type { Law, Target } from '../kernel.ts';
import type { AttendParameters } from './parameters.ts';

export function attendLoops(parameters: AttendParameters): ArrayLoops {
  const { rows, heads, reduction, columns, array, pack, activations, output } = parameters;
  return {
    array,
    pack,
    jobs: Math.ceil(rows / array.tokens) * heads,
    tiles: Math.ceil(columns / (array.outputs * pack)),
    steps: Math.ceil(reduction / array.dot),
    columns,
    overhead: arrayOverhead(array.dot, alike(activations)),
    depth: epilogueDepth({ bias: false, activation: 0, output, types: alike(activations) }),
  };
}

export function attendLaw(parameters: AttendParameters, target: Target): Law {
  const { operator, activations, output } = parameters;
  const loops = attendLoops(parameters);
  const { processes, buffers } = arrayProcesses(
    loops,
    { reads: [rowBlockTransfer(operator === 'scores' ? 'q' : 'in', loops), everyStepTransfer('cache', loops)] },
    { reads: [] },
  );
  const cores = coresOf(target);
  return {
    processes,
    buffers,
    logic: costOf(arrayCount(loops, { ...alike(activations), output }, { fmul: 1 }, target), target),
    memories: [rowBlockMemory(loops, activations), sumsMemory(loops, alike(activations))],
    traffic: [],
    cycles: arrayCycles(
      loops,
      { jobs: 'blocks · heads', steps: operator === 'scores' ? 'head_dim/D' : 'keys/D' },
      'loops of attend.h',
    ),
    explanations: [
      overheadFormula(loops, alike(activations)),
      dspFormula(loops, cores.fmul.dsp, `fmul ${cores.fmul.dsp}`, alike(activations), target),
    ],
  };
}
