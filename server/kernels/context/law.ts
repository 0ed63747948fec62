/** Cost law of context.h: V into the cache, then per row block and head tiles of A·P columns with keys/D iterations each. */
import {
  type ArrayLoops,
  alike,
  arrayCount,
  arrayCycles,
  arrayOverhead,
  arrayProcesses,
  dspFormula,
  epilogueDepth,
  overheadFormula,
  rowBlockMemory,
  rowBlockTransfer,
  sumsMemory,
} from '../common/array.ts';
import { cacheMemory, cacheStages, storeProcess, withStore } from '../common/cache.ts';
import { coresOf, costOf, countOf } from '../cost.ts';
import type { Law, Target } from '../kernel.ts';
import { elementBits } from '../word.ts';
import type { ContextParameters } from './parameters.ts';

/** Trip counts of the loops of context.h: a job is a head of a row block. */
export function contextLoops(parameters: ContextParameters): ArrayLoops {
  const { rows, keys, heads, headDim, array, pack, valueTokens, activations, output, storage } = parameters;
  const laneMultiplexer = valueTokens > array.dot ? 1 : 0;
  return {
    array,
    pack,
    jobs: Math.ceil(rows / array.tokens) * heads,
    tiles: Math.ceil(headDim / (array.outputs * pack)),
    steps: Math.ceil(keys / array.dot),
    columns: headDim,
    overhead: arrayOverhead(array.dot, alike(activations), cacheStages(storage) + laneMultiplexer),
    depth: epilogueDepth({ bias: false, activation: 0, output, types: alike(activations) }),
  };
}

export function contextLaw(parameters: ContextParameters, target: Target): Law {
  const { rows, keys, kvHeads, headDim, array, pack, valueTokens, activations, output, storage, double } = parameters;
  const loops = contextLoops(parameters);
  const wide = array.outputs * pack;
  const store = storeProcess('v', Math.ceil(rows / valueTokens), kvHeads * headDim);
  const { processes, buffers } = arrayProcesses(
    loops,
    { reads: [rowBlockTransfer('in', loops)], after: store.name },
    { reads: [] },
  );
  const cores = coresOf(target);
  const bits = elementBits[activations];
  // A bank for every column of a tile, as V comes by columns and is read by rows; a word holds valueTokens rows of one
  // column, of which D are used at a time, or D / valueTokens banks side by side give D rows.
  const rowBanks = Math.ceil(array.dot / valueTokens);
  const selected = { gates: wide * array.dot * bits * Math.ceil((valueTokens / array.dot - 1) / 3) };
  const count = countOf(
    [1, arrayCount(loops, { ...alike(activations), output }, { fmul: 1 }, target)],
    [1, { control: 1 }],
    [valueTokens > array.dot ? 1 : 0, selected],
  );
  return {
    processes: [store, ...processes],
    buffers,
    logic: costOf(count, target),
    memories: [
      rowBlockMemory(loops, activations),
      sumsMemory(loops, alike(activations)),
      cacheMemory({
        words: Math.ceil(Math.ceil(keys / valueTokens) / rowBanks) * kvHeads * loops.tiles,
        bits: valueTokens * bits,
        banks: rowBanks * wide,
        storage,
        double,
      }),
    ],
    traffic: [],
    cycles: withStore(store, arrayCycles(loops, { jobs: 'blocks · heads', steps: 'keys/D' }, 'loops of context.h')),
    explanations: [
      overheadFormula(loops, alike(activations)),
      dspFormula(loops, cores.fmul.dsp, `fmul ${cores.fmul.dsp}`, alike(activations), target),
    ],
  };
}
