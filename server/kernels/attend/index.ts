/** Scores and context whose K or V comes out of memory: attend.h, an array that the cache streams through. */
import { arrayRefusal } from '../common/array.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, stream, streamPort, templateArguments } from '../rows.ts';
import { attendLaw, attendLoops } from './law.ts';
import type { AttendParameters } from './parameters.ts';

/** Why there is no such array, in words for a diagnostic; undefined where there is one. */
export function attendRefusal({ array, pack, activations }: AttendParameters, target: Target): string | undefined {
  return arrayRefusal({ array, pack, packed: activations, shared: activations }, target);
}

export const attend: KernelModule<AttendParameters> = {
  name: 'attend',
  operators: ['scores', 'context'],
  instantiate(parameters: AttendParameters, target: Target): Instance {
    const { operator, reduction, columns, array, pack, activations, output } = parameters;
    const { jobs, tiles, steps } = attendLoops(parameters);
    const { tokens, outputs, dot } = array;
    const first = operator === 'scores' ? 'q' : 'in';
    const meaning =
      operator === 'scores'
        ? 'scale of q times scale of k over √(head dimension)'
        : 'scale of the probabilities times scale of v over scale of out';
    return {
      kernel: operator,
      headers: [
        'word.h',
        'dataflow.h',
        'storage.h',
        'stages.h',
        'tree.h',
        'multiply.h',
        'epilogue.h',
        'streamed_array.h',
        'attend.h',
      ],
      streams: [
        streamPort(first, 'in', activations, { tokens, columns: dot }, jobs * steps),
        streamPort('cache', 'in', activations, { tokens: 1, columns: outputs * pack * dot }, jobs * tiles * steps),
        streamPort('out', 'out', output, { tokens, columns: 1 }, jobs * columns),
      ],
      memories: [],
      scalars: [{ name: 'scale', type: 'float', meaning }],
      call: {
        name: 'attend',
        templateArguments: templateArguments({
          JOBS: jobs,
          REDUCTION: reduction,
          COLUMNS: columns,
          R: tokens,
          A: outputs,
          D: dot,
          PACK: pack,
          IN: elementName(activations),
          OUT: elementName(output),
        }),
        arguments: [stream(first), stream('cache'), stream('out'), { kind: 'scalar', name: 'scale' }],
      },
      law: attendLaw(parameters, target),
    };
  },
};
