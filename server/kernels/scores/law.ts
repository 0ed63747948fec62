/** Cost law of scores.h: K into the cache, then per row block and head tiles of A·P keys with head_dim/D iterations each. */
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
import type { ScoresParameters } from './parameters.ts';

/** Trip counts of the loops of scores.h: a job is a head of a row block. */
export function scoresLoops(parameters: ScoresParameters): ArrayLoops {
  const { rows, keys, heads, headDim, array, pack, activations, output, storage } = parameters;
  return {
    array,
    pack,
    jobs: Math.ceil(rows / array.tokens) * heads,
    tiles: Math.ceil(keys / (array.outputs * pack)),
    steps: Math.ceil(headDim / array.dot),
    columns: keys,
    overhead: arrayOverhead(array.dot, alike(activations), cacheStages(storage)),
    depth: epilogueDepth({ bias: false, activation: 0, output, types: alike(activations) }),
  };
}

export function scoresLaw(parameters: ScoresParameters, target: Target): Law {
  const { rows, keys, kvHeads, array, pack, keyTokens, activations, output, storage, double } = parameters;
  const loops = scoresLoops(parameters);
  const wide = array.outputs * pack;
  const store = storeProcess('k', Math.ceil(rows / keyTokens), kvHeads * loops.steps);
  const { processes, buffers } = arrayProcesses(
    loops,
    { reads: [rowBlockTransfer('q', loops)], after: store.name },
    { reads: [] },
  );
  const cores = coresOf(target);
  // A word of keyTokens keys feeds as many of the array's columns; a wider array reads several banks side by side.
  const banks = Math.ceil(wide / keyTokens);
  const selected = { gates: wide * array.dot * elementBits[activations] * Math.ceil((keyTokens / wide - 1) / 3) };
  const count = countOf(
    [1, arrayCount(loops, { ...alike(activations), output }, { fmul: 1 }, target)],
    [1, { control: 1 }],
    [keyTokens > wide ? 1 : 0, selected],
  );
  return {
    processes: [store, ...processes],
    buffers,
    logic: costOf(count, target),
    memories: [
      rowBlockMemory(loops, activations),
      sumsMemory(loops, alike(activations)),
      cacheMemory({
        words: Math.ceil(Math.ceil(keys / keyTokens) / banks) * kvHeads * loops.steps,
        bits: keyTokens * array.dot * elementBits[activations],
        banks,
        storage,
        double,
      }),
    ],
    traffic: [],
    cycles: withStore(store, arrayCycles(loops, { jobs: 'blocks · heads', steps: 'head_dim/D' }, 'loops of scores.h')),
    explanations: [
      overheadFormula(loops, alike(activations)),
      dspFormula(loops, cores.fmul.dsp, `fmul ${cores.fmul.dsp}`, alike(activations), target),
    ],
  };
}
