/** Scores of attention, q · kᵀ of every head: scores.h, an array whose second operand is kept in a cache on the chip. */
import { arrayRefusal } from '../common/array.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, stream, streamPort, templateArguments } from '../rows.ts';
import { scoresLaw, scoresLoops } from './law.ts';
import type { ScoresParameters } from './parameters.ts';

/** Why there is no such kernel, in words for a diagnostic; undefined where there is one. */
export function scoresRefusal(parameters: ScoresParameters, target: Target): string | undefined {
  const { rows, keys, heads, kvHeads, headDim, array, pack, keyTokens, activations } = parameters;
  const wide = array.outputs * pack;
  if (keys !== rows)
    return `the cache on the chip holds the keys of one pass: ${rows} rows cannot meet ${keys} keys, ${keys - rows} of them from earlier passes; these are kept in memory, as in ‘cache hbm[8]’`;
  if (heads % kvHeads !== 0) return `${heads} heads cannot share ${kvHeads} heads of k equally`;
  if (headDim % array.dot !== 0) return `dot products of ${array.dot} do not divide the head dimension ${headDim}`;
  if (wide % keyTokens !== 0 && keyTokens % wide !== 0)
    return `k comes ${keyTokens} keys a word and the array takes ${wide} keys a cycle: one must be a multiple of the other`;
  return arrayRefusal({ array, pack, packed: activations, shared: activations }, target);
}

export const scores: KernelModule<ScoresParameters> = {
  name: 'scores',
  operators: ['scores'],
  instantiate(parameters: ScoresParameters, target: Target): Instance {
    const { rows, keys, heads, kvHeads, headDim, array, pack, keyTokens, activations, output, storage, double } =
      parameters;
    const { jobs, steps } = scoresLoops(parameters);
    const { tokens, outputs, dot } = array;
    const keyBlocks = Math.ceil(rows / keyTokens);
    return {
      kernel: 'scores',
      headers: ['word.h', 'dataflow.h', 'storage.h', 'stages.h', 'tree.h', 'multiply.h', 'epilogue.h', 'scores.h'],
      streams: [
        streamPort('q', 'in', activations, { tokens, columns: dot }, jobs * steps),
        streamPort('k', 'in', activations, { tokens: keyTokens, columns: dot }, keyBlocks * kvHeads * steps),
        streamPort('out', 'out', output, { tokens, columns: 1 }, jobs * keys),
      ],
      memories: [],
      scalars: [{ name: 'scale', type: 'float', meaning: 'scale of q times scale of k over √(head dimension)' }],
      call: {
        name: 'scores',
        templateArguments: templateArguments({
          ROWS: rows,
          KEYS: keys,
          HEADS: heads,
          KV_HEADS: kvHeads,
          HEAD_DIM: headDim,
          R: tokens,
          A: outputs,
          D: dot,
          PACK: pack,
          KEY_TOKENS: keyTokens,
          IN: elementName(activations),
          OUT: elementName(output),
          CACHE: `weft::${double ? 'ping_pong' : 'single'}<weft::${storage}>`,
        }),
        arguments: [stream('q'), stream('k'), stream('out'), { kind: 'scalar', name: 'scale' }],
      },
      law: scoresLaw(parameters, target),
    };
  },
};
