/** Context of attention, probabilities · V of every head: context.h, an array whose second operand is kept in a cache. */
import { arrayRefusal } from '../common/array.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, stream, streamPort, templateArguments } from '../rows.ts';
import { contextLaw, contextLoops } from './law.ts';
import type { ContextParameters } from './parameters.ts';

/** Why there is no such kernel, in words for a diagnostic; undefined where there is one. */
export function contextRefusal(parameters: ContextParameters, target: Target): string | undefined {
  const { rows, keys, heads, kvHeads, array, pack, valueTokens, activations } = parameters;
  if (keys !== rows)
    return `the cache on the chip holds the values of one pass: ${rows} rows cannot meet ${keys} values, ${keys - rows} of them from earlier passes; these are kept in memory, as in ‘cache hbm[8]’`;
  if (heads % kvHeads !== 0) return `${heads} heads cannot share ${kvHeads} heads of v equally`;
  if (array.dot % valueTokens !== 0 && valueTokens % array.dot !== 0)
    return `v comes ${valueTokens} rows a word and the array takes ${array.dot} rows a cycle: one must be a multiple of the other`;
  return arrayRefusal({ array, pack, packed: activations, shared: activations }, target);
}

export const context: KernelModule<ContextParameters> = {
  name: 'context',
  operators: ['context'],
  instantiate(parameters: ContextParameters, target: Target): Instance {
    const { rows, keys, heads, kvHeads, headDim, array, pack, valueTokens, activations, output, storage, double } =
      parameters;
    const { jobs, steps } = contextLoops(parameters);
    const { tokens, outputs, dot } = array;
    const valueBlocks = Math.ceil(rows / valueTokens);
    return {
      kernel: 'context',
      headers: ['word.h', 'dataflow.h', 'storage.h', 'stages.h', 'tree.h', 'multiply.h', 'epilogue.h', 'context.h'],
      streams: [
        streamPort('in', 'in', activations, { tokens, columns: dot }, jobs * steps),
        streamPort('v', 'in', activations, { tokens: valueTokens, columns: 1 }, valueBlocks * kvHeads * headDim),
        streamPort('out', 'out', output, { tokens, columns: 1 }, jobs * headDim),
      ],
      memories: [],
      scalars: [
        { name: 'scale', type: 'float', meaning: 'scale of the probabilities times scale of v over scale of out' },
      ],
      call: {
        name: 'context',
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
          VALUE_TOKENS: valueTokens,
          IN: elementName(activations),
          OUT: elementName(output),
          CACHE: `weft::${double ? 'ping_pong' : 'single'}<weft::${storage}>`,
        }),
        arguments: [stream('in'), stream('v'), stream('out'), { kind: 'scalar', name: 'scale' }],
      },
      law: contextLaw(parameters, target),
    };
  },
};
