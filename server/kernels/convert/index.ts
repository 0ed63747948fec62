/**
 * Adapts a stream to the words of its consumer: other columns a word at the same tokens, or other tokens a word, which
 * takes a buffer for the rows of a block.
 */
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, stream, streamPort, templateArguments } from '../rows.ts';
import { convertLaw } from './law.ts';
import type { ConvertParameters } from './parameters.ts';
import { wordsOf } from './steps.ts';

export const convert: KernelModule<ConvertParameters> = {
  name: 'convert',
  operators: [],
  instantiate(parameters: ConvertParameters, target: Target): Instance {
    const { rows, heads, columns, element, from, to } = parameters;
    return {
      kernel: 'convert',
      headers: ['word.h', 'dataflow.h', 'stages.h', 'convert.h'],
      streams: [
        streamPort('in', 'in', element, from, wordsOf(parameters, from)),
        streamPort('out', 'out', element, to, wordsOf(parameters, to)),
      ],
      memories: [],
      scalars: [],
      call: {
        name: 'convert',
        templateArguments: templateArguments({
          ROWS: rows,
          HEADS: heads,
          COLUMNS: columns,
          T1: from.tokens,
          C1: from.columns,
          T2: to.tokens,
          C2: to.columns,
          ELEMENT: elementName(element),
        }),
        arguments: [stream('in'), stream('out')],
      },
      law: convertLaw(parameters, target),
    };
  },
};
