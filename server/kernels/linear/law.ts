/** Cost law of linear.h, grouped_linear.h and tiled_linear.h (tile.ts): blocks of R rows, tiles of A·P columns, K/D iterations a tile, and the epilogue beside it. */
import {
  type ArrayLoops,
  arrayCount,
  arrayCycles,
  arrayOverhead,
  arrayProcesses,
  dspFormula,
  epilogueCycles,
  epilogueDepth,
  everyStepTransfer,
  type Operands,
  overheadFormula,
  roundsOf,
  rowBlockMemory,
  rowBlockTransfer,
  sumsMemory,
  tileColumns,
} from '../common/array.ts';
import { type CoreCount, coresOf, costOf, countOf } from '../cost.ts';
import { gelu, relu, silu } from '../elementwise/law.ts';
import type { Formula, Law, MemoryShape, Target, Transfer } from '../kernel.ts';
import { stages } from '../rows.ts';
import { elementBits, isInteger } from '../word.ts';
import type { Activation, LinearParameters } from './parameters.ts';
import { tiledParts, tilingOf } from './tile.ts';

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

/** Trip counts of the loops of linear.h; a job is a block of rows. */
export function linearLoops(parameters: LinearParameters): ArrayLoops {
  const { rows, reduction, columns, array, pack, output, group = reduction } = parameters;
  const groups = Math.ceil(reduction / group);
  return {
    array,
    pack,
    jobs: Math.ceil(rows / array.tokens),
    tiles: Math.ceil(columns / (array.outputs * pack)),
    steps: Math.ceil(Math.min(group, reduction) / array.dot),
    ...(groups > 1 ? { groups } : {}),
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
  const tiling = tilingOf(parameters);
  const made =
    tiling.blocks > 1
      ? tiledParts(parameters, loops, tiling)
      : {
          ...arrayProcesses(
            loops,
            { reads: [rowsTransfer(parameters, loops), everyStepTransfer('weights', loops)] },
            { reads: [scalesTransfer(loops)] },
          ),
          memories: partialMemory(loops),
          cycles: arrayCycles(loops, { jobs: 'blocks', steps: 'K/D' }, 'loops of linear.h'),
          explanations: [],
        };
  return {
    processes: made.processes,
    buffers: made.buffers,
    logic: costOf(linearCount(parameters, loops, target), target),
    memories: [
      rowBlockMemory({ ...loops, steps: rowWords(parameters) * tiling.blocks }, activations),
      sumsMemory(loops, operandsOf(parameters)),
      ...made.memories,
    ],
    traffic: [],
    cycles: made.cycles,
    explanations: [
      overheadFormula(loops, operandsOf(parameters)),
      ...groupsFormula(parameters, loops),
      ...made.explanations,
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

/** Words of a block of rows, whatever its reduction is cut into. */
function rowWords({ reduction, array }: LinearParameters): number {
  return Math.ceil(reduction / array.dot);
}

/** The rows come with the first tile, a group of their columns behind the other. */
function rowsTransfer(parameters: LinearParameters, loops: ArrayLoops): Transfer {
  const { steps, overhead, groups = 1 } = loops;
  if (groups === 1) return rowBlockTransfer('in', loops);
  return { port: 'in', words: rowWords(parameters), first: 0, last: (groups - 1) * (steps + overhead) + steps - 1 };
}

function scalesTransfer(loops: ArrayLoops): Transfer {
  const rounds = roundsOf(loops);
  return { port: 'scales', words: rounds * tileColumns(loops), first: 0, last: rounds * epilogueCycles(loops) - 1 };
}

/** What the columns of a tile have come to, group by group: the adder of the bias adds it, which comes with the first. */
function partialMemory(loops: ArrayLoops): MemoryShape[] {
  if ((loops.groups ?? 1) === 1) return [];
  const words = tileColumns(loops);
  const storage = words <= 128 ? 'lutram' : 'bram';
  return [{ name: 'partial', words, bits: elementBits.fp32 * loops.array.tokens, parts: 1, storage }];
}

/** A lane of the epilogue: scale, bias, activation function. */
const laneOf = (parameters: LinearParameters): CoreCount =>
  countOf([1, { fmul: 1, fadd: 1 }], [1, functionOf(parameters).cores]);

/** Cores, gates and registers of the array and its epilogue. */
export function linearCount(parameters: LinearParameters, loops: ArrayLoops, target: Target): CoreCount {
  const count = arrayCount(loops, { ...operandsOf(parameters), output: parameters.output }, laneOf(parameters), target);
  if ((loops.groups ?? 1) === 1) return count;
  // The bias or what is kept of the column, a lane.
  const kept = elementBits.fp32 * parameters.array.tokens;
  return countOf([1, count], [1, { gates: kept, registers: kept }]);
}

/** Each group of weights has a scale, so its sums are handed over, scaled and added in fp32 by themselves. */
function groupsFormula({ reduction, group = reduction }: LinearParameters, { groups = 1 }: ArrayLoops): Formula[] {
  if (groups === 1) return [];
  return [
    {
      symbolic: '⌈K ÷ group⌉',
      numeric: `⌈${reduction} ÷ ${group}⌉`,
      value: groups,
      unit: 'groups a tile',
      source: 'loops of grouped_linear.h: a tile’s reduction in groups',
    },
  ];
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
