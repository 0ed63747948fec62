/** Cost law of overlay.h: the loops of linear.h for one product after the other, on one array and one epilogue. */
import {
  type ArrayLoops,
  arrayCount,
  dspFormula,
  epilogueDepth,
  overheadFormula,
  rowBlockMemory,
  sumsMemory,
  tileColumns,
} from '../common/array.ts';
import { type CoreCount, coresOf, costOf, countOf } from '../cost.ts';
import { gelu, relu, silu } from '../elementwise/law.ts';
import type { Formula, Law, MemoryShape, Process, Target } from '../kernel.ts';
import { foldsOutputScale, linearLoops } from '../linear/law.ts';
import { flatLoop, leaving, roundingStages, stages, transfer } from '../rows.ts';
import { elementBits, isInteger } from '../word.ts';
import type { OverlayParameters, Product } from './parameters.ts';

/** Loops of one product. */
export function productLoops(parameters: OverlayParameters, { reduction, columns }: Product): ArrayLoops {
  const { rows, array, pack, activations, weights } = parameters;
  const loops = linearLoops({
    ...{ rows, reduction, columns, array, pack, activations, weights },
    ...({ output: 'fp32', activation: 'none' } as const),
  });
  const types = { packed: weights, shared: activations };
  const activation = functionOf(parameters).stages;
  return { ...loops, depth: epilogueDepth({ bias: true, activation, output: 'fp32', types }) };
}

const functionCosts = { relu, gelu_erf: gelu, gelu_tanh: gelu, silu } as const;

/** Functions of the products that take more than a sign: each is a table of its own. */
export function activations(products: readonly Product[]): Exclude<Product['activation'], 'none' | 'relu'>[] {
  const named = products.flatMap(({ activation }) =>
    activation === 'none' || activation === 'relu' ? [] : [activation],
  );
  return [...new Set(named)];
}

/** The functions of all products are built beside each other, with the scale of the result behind them. */
function functionOf({ products }: OverlayParameters): { readonly stages: number; readonly cores: CoreCount } {
  const own = functionCosts[activations(products).at(0) ?? 'relu'];
  return { stages: own.stages + stages.fmul, cores: countOf([1, own.cores], [1, { fmul: 1 }]) };
}

/** Whether the result of a product has a scale of its own. */
export function scalesResult({ activation, output }: Product): boolean {
  return isInteger(output) && !foldsOutputScale(activation);
}

export function overlayLaw(parameters: OverlayParameters, target: Target): Law {
  const { activations, weights, products } = parameters;
  const types = { packed: weights, shared: activations };
  const processes = products.flatMap((product, p): Process[] => {
    const turns = turnsOf(parameters, product);
    const before = products[p - 1]?.name;
    return Object.entries(turns).map(([hardware, turn]): Process => {
      const name = `${hardware}_${product.name}`;
      return { ...turn, name, hardware, ...(before === undefined ? {} : { after: `${hardware}_${before}` }) };
    });
  });
  const largest = products.reduce((a, b) => (b.reduction > a.reduction ? b : a));
  const loops = productLoops(parameters, largest);
  const lane = countOf([1, { fmul: 1, fadd: 1 }], [1, functionOf(parameters).cores]);
  const count = countOf(
    [
      1,
      arrayCount(
        loops,
        { ...types, output: products.find(({ output }) => isInteger(output))?.output ?? 'fp32' },
        lane,
        target,
      ),
    ],
    [1, selection(parameters)],
  );
  const laneDsp = costOf(lane, target).dsp.used;
  return {
    processes,
    buffers: [
      { name: 'rows', depth: fifoDepth },
      // Two tiles fit, of which one is being read: its place is free when its last column is.
      { name: 'sums', depth: 1 },
      { name: 'results', depth: fifoDepth },
    ],
    logic: costOf(count, target),
    memories: [rowBlockMemory(loops, activations), sumsMemory(loops, types), ...fifosOf(parameters)],
    traffic: [],
    cycles: passCycles(parameters),
    explanations: [
      overheadFormula(loops, types),
      dspFormula(
        loops,
        laneDsp,
        `2 · fmul ${coresOf(target).fmul.dsp} + fadd ${coresOf(target).fadd.dsp} + functions`,
        types,
        target,
      ),
    ],
  };
}

/** What a product asks of each of the four processes, one behind the other on the same streams. */
function turnsOf(
  parameters: OverlayParameters,
  product: Product,
): Record<'collect' | 'array' | 'epilogue' | 'deal', Omit<Process, 'name'>> {
  const { name, columns, output } = product;
  const { jobs, tiles, steps, overhead, depth } = productLoops(parameters, product);
  const tile = steps + overhead;
  const wide = parameters.array.outputs * parameters.pack;
  return {
    collect: flatLoop('', jobs, steps, 1, 0, [`in_${name}`], ['rows']),
    array: {
      jobs,
      cycles: tiles * tile,
      active: tiles * steps,
      reads: [
        transfer('rows', steps, 0),
        { port: 'weights', words: tiles * steps, first: 0, last: (tiles - 1) * tile + steps - 1 },
      ],
      writes: [{ port: 'sums', words: tiles, first: tile - 1, last: tiles * tile - 1 }],
    },
    epilogue: {
      jobs,
      cycles: tiles * wide,
      active: tiles * wide,
      reads: [{ port: 'sums', words: tiles, first: 0, last: (tiles - 1) * wide }, transfer('scales', tiles * wide, 0)],
      writes: [leaving('results', columns, 0, depth)],
    },
    deal: flatLoop('', jobs, columns, 1, dealDepth(output) - stages.read, ['results'], [`out_${name}`]),
  };
}

/** overlay_deal: read, and round. */
function dealDepth(output: Product['output']): number {
  return stages.read + roundingStages(output);
}

/** Words of a FIFO between two of the processes. */
const fifoDepth = 2;

/** The two FIFOs between the processes: registers, two words deep. */
function fifosOf({ array, activations }: OverlayParameters): MemoryShape[] {
  const { tokens, dot } = array;
  const fifo = (name: string, bits: number): MemoryShape => ({
    ...{ name, words: fifoDepth, bits, parts: 1 },
    storage: 'registers',
  });
  return [fifo('rows', tokens * dot * elementBits[activations]), fifo('results', 32 * tokens)];
}

/** Two processes more than an array has, and multiplexers over the rows of the products, four inputs a LUT. */
function selection({ array, activations, products }: OverlayParameters): CoreCount {
  const ways = Math.ceil((products.length - 1) / 3);
  const bits = array.tokens * array.dot * elementBits[activations];
  return { control: 2, gates: bits * ways, registers: bits };
}

/** Cycles of a pass whose streams are always ready. */
function passCycles(parameters: OverlayParameters): Formula {
  const { products } = parameters;
  const parts = products.map((product) => {
    const loops = productLoops(parameters, product);
    return loops.jobs * loops.tiles * Math.max(loops.steps + loops.overhead, tileColumns(loops));
  });
  const last = products.at(-1)!;
  const loops = productLoops(parameters, last);
  // Of the last tile the real columns go on to their stream, and the padded ones are taken to the end.
  const real = last.columns - (loops.tiles - 1) * tileColumns(loops);
  const way = stages.read + loops.depth + Math.max(real + dealDepth(last.output), tileColumns(loops));
  return {
    symbolic: 'sum over products of blocks · tiles · (K/D + o), and the way in and out',
    numeric: `${parts.join(' + ')} + ${way}`,
    value: parts.reduce((sum, part) => sum + part, 0) + way,
    unit: 'cycles',
    source: 'loops of overlay.h',
  };
}
