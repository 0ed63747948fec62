/** Product of activations with trained weights: linear.h; grouped_linear.h where groups of a column have scales of their own, tiled_linear.h where weights are kept for several blocks of rows. */
import { arrayRefusal, roundsOf } from '../common/array.ts';
import { siluHeaders } from '../elementwise/index.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, outputScale, stream, streamPort, templateArguments } from '../rows.ts';
import { foldsOutputScale, linearLaw, linearLoops } from './law.ts';
import type { Activation, LinearParameters } from './parameters.ts';
import { tilingOf } from './tile.ts';

/** Headers of the functions that an epilogue can compute. */
export const functionHeaders: Readonly<Record<Activation, readonly string[]>> = {
  none: [],
  relu: ['relu.h'],
  gelu_erf: ['interpolate.h', 'gelu.h'],
  gelu_tanh: ['interpolate.h', 'gelu.h'],
  silu: siluHeaders,
};

/** Why there is no such array, in words for a diagnostic; undefined where there is one. */
export function linearRefusal(parameters: LinearParameters, target: Target): string | undefined {
  const { array, pack, weights, activations, reduction, group = reduction } = parameters;
  if (group < reduction && group % array.dot !== 0)
    return `a group of ${group} weights is no whole number of dot products of ${array.dot}`;
  return arrayRefusal({ array, pack, packed: weights, shared: activations }, target);
}

export { tileRefusal } from './tile.ts';

export const linear: KernelModule<LinearParameters> = {
  name: 'linear',
  operators: ['linear'],
  instantiate(parameters: LinearParameters, target: Target): Instance {
    const { rows, reduction, columns, array, pack, activations, weights, output, activation } = parameters;
    const loops = linearLoops(parameters);
    const { jobs, steps } = loops;
    const tiling = tilingOf(parameters);
    const rounds = tiling.tiles * roundsOf(loops); // times that a tile of columns, or a group of it, is read
    const { tokens, outputs, dot } = array;
    const wide = outputs * pack;
    const grouped = (loops.groups ?? 1) > 1;
    const name = tiling.blocks > 1 ? 'tiled_linear' : grouped ? 'grouped_linear' : 'linear';
    const scaleOut = outputScale('out', foldsOutputScale(activation) ? 'fp32' : output);
    return {
      kernel: 'linear',
      headers: [
        'word.h',
        'dataflow.h',
        'storage.h',
        'stages.h',
        'tree.h',
        'multiply.h',
        'epilogue.h',
        'streamed_array.h',
        ...functionHeaders[activation],
        `${name}.h`,
      ],
      streams: [
        streamPort('in', 'in', activations, { tokens, columns: dot }, jobs * Math.ceil(reduction / dot)),
        streamPort('weights', 'in', weights, { tokens: 1, columns: wide * dot }, rounds * steps),
        streamPort('scales', 'in', 'fp32', { tokens: 1, columns: 2 }, rounds * wide),
        streamPort('out', 'out', output, { tokens, columns: 1 }, jobs * columns),
      ],
      memories: [],
      scalars: scaleOut.scalars,
      call: {
        name,
        templateArguments: templateArguments({
          ROWS: rows,
          REDUCTION: reduction,
          COLUMNS: columns,
          R: tokens,
          A: outputs,
          D: dot,
          PACK: pack,
          IN: elementName(activations),
          WEIGHT: elementName(weights),
          OUT: elementName(output),
          FUNCTION: activation === 'none' ? 'weft::identity' : `weft::${activation}`,
          ...(grouped ? { GROUP: parameters.group! } : {}),
          ...(tiling.blocks > 1 ? { BLOCKS: tiling.blocks } : {}),
        }),
        arguments: [stream('in'), stream('weights'), stream('scales'), stream('out'), scaleOut.argument],
      },
      law: linearLaw(parameters, target),
    };
  },
};
