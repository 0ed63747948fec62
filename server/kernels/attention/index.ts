/** Scores, softmax and context of every head in one unit, a tile of keys at a time: attention.h. */
import { arrayRefusal } from '../common/array.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, stages, stream, streamPort, templateArguments } from '../rows.ts';
import { attentionLaw, attentionLoops } from './law.ts';
import type { AttentionParameters } from './parameters.ts';

/** Fewest columns of a head: one must have left the adder before that of the next tile comes. */
const fewestColumns = stages.read + stages.toFloat + stages.fmul + stages.fadd;

/** Why there is no such kernel, in words for a diagnostic; undefined where there is one. */
export function attentionRefusal(parameters: AttentionParameters, target: Target): string | undefined {
  const { headDim, tile, array, pack, activations } = parameters;
  const wide = array.outputs * pack;
  if (tile % wide !== 0 || tile % array.dot !== 0)
    return `a tile of ${tile} keys does not hold whole tiles of ${wide} and dot products of ${array.dot}: take a multiple of both`;
  if (headDim % array.dot !== 0) return `dot products of ${array.dot} do not divide the head dimension ${headDim}`;
  if (Math.ceil(headDim / wide) * wide < fewestColumns)
    return `heads of ${headDim} columns are too few to rescale one a cycle: tiled attention needs ${fewestColumns}`;
  if (activations !== 'int8') return `tiled attention multiplies int8, not ${activations}`;
  if (activations !== 'int8') return `tiled attention multiplies int8, not ${activations}`;
  return arrayRefusal({ array, pack, packed: activations, shared: activations }, target);
}

export const attention: KernelModule<AttentionParameters> = {
  name: 'attention',
  operators: [],
  instantiate(parameters: AttentionParameters, target: Target): Instance {
    const { rows, keys, heads, headDim, tile, array, pack, causal, activations, output } = parameters;
    const { scores, context } = attentionLoops(parameters);
    const { tokens, outputs, dot } = array;
    const operand = { tokens: 1, columns: outputs * pack * dot };
    return {
      kernel: 'attention',
      headers: [
        ...['word.h', 'dataflow.h', 'storage.h', 'stages.h', 'tree.h', 'multiply.h', 'epilogue.h', 'streamed_array.h'],
        ...['interpolate.h', 'exp.h', 'reciprocal.h', 'reduce.h', 'softmax.h', 'attention.h'],
      ],
      streams: [
        streamPort('q', 'in', activations, { tokens, columns: dot }, scores.jobs * scores.steps),
        streamPort('keys', 'in', activations, operand, scores.jobs * scores.tiles * scores.steps),
        streamPort('values', 'in', activations, operand, context.jobs * context.tiles * context.steps),
        streamPort('out', 'out', output, { tokens, columns: 1 }, scores.jobs * headDim),
      ],
      memories: [],
      scalars: [
        { name: 'score_scale', type: 'float', meaning: 'scale of q times scale of k over √(head dimension)' },
        { name: 'scale', type: 'float', meaning: 'scale of v over scale of out' },
      ],
      call: {
        name: 'attention',
        templateArguments: templateArguments({
          ROWS: rows,
          KEYS: keys,
          HEADS: heads,
          HEAD_DIM: headDim,
          TILE: tile,
          R: tokens,
          A: outputs,
          D: dot,
          PACK: pack,
          CAUSAL: causal ? 1 : 0,
          IN: elementName(activations),
          OUT: elementName(output),
        }),
        arguments: [
          stream('q'),
          stream('keys'),
          stream('values'),
          stream('out'),
          { kind: 'scalar', name: 'score_scale' },
          { kind: 'scalar', name: 'scale' },
        ],
      },
      law: attentionLaw(parameters, target),
    };
  },
};
