/** Residual addition: a + b, each in its own type. */
import type { Instance, KernelModule, Target } from '../kernel.ts';
import {
  blocksOf,
  elementName,
  inputScale,
  outputScale,
  stream,
  streamPort,
  templateArguments,
  wordsOfBlock,
} from '../rows.ts';
import { addLaw } from './law.ts';
import type { AddParameters } from './parameters.ts';

export const add: KernelModule<AddParameters> = {
  name: 'add',
  operators: ['add'],
  instantiate(parameters: AddParameters, target: Target): Instance {
    const { rows, columns, word, a, b, output } = parameters;
    const tensor = { rows, columns, word };
    const words = blocksOf(tensor) * wordsOfBlock(tensor);
    const scaleA = inputScale('a', a);
    const scaleB = inputScale('b', b);
    const scaleOut = outputScale('out', output);
    return {
      kernel: 'add',
      headers: ['word.h', 'dataflow.h', 'stages.h', 'requantise.h', 'add.h'],
      streams: [
        streamPort('a', 'in', a, word, words),
        streamPort('b', 'in', b, word, words),
        streamPort('out', 'out', output, word, words),
      ],
      memories: [],
      scalars: [...scaleA.scalars, ...scaleB.scalars, ...scaleOut.scalars],
      call: {
        name: 'add',
        templateArguments: templateArguments({
          WORDS: words,
          LANES: word.tokens * word.columns,
          A: elementName(a),
          B: elementName(b),
          OUT: elementName(output),
        }),
        arguments: [stream('a'), stream('b'), stream('out'), scaleA.argument, scaleB.argument, scaleOut.argument],
      },
      law: addLaw(parameters, target),
    };
  },
};
