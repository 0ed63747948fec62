/** Two tensors into one, each in its own type: the residual addition, and the product of a gated feed-forward. */
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
import { type Combination, combineLaw, product, sum } from './law.ts';
import type { CombineParameters } from './parameters.ts';

function instance(
  kernel: 'add' | 'mul',
  operation: Combination,
  parameters: CombineParameters,
  target: Target,
): Instance {
  const { rows, columns, word, a, b, output } = parameters;
  const tensor = { rows, columns, word };
  const words = blocksOf(tensor) * wordsOfBlock(tensor);
  const scaleA = inputScale('a', a);
  const scaleB = inputScale('b', b);
  const scaleOut = outputScale('out', output);
  return {
    kernel,
    headers: ['word.h', 'dataflow.h', 'stages.h', 'requantise.h', 'combine.h'],
    streams: [
      streamPort('a', 'in', a, word, words),
      streamPort('b', 'in', b, word, words),
      streamPort('out', 'out', output, word, words),
    ],
    memories: [],
    scalars: [...scaleA.scalars, ...scaleB.scalars, ...scaleOut.scalars],
    call: {
      name: 'combine',
      templateArguments: templateArguments({
        WORDS: words,
        LANES: word.tokens * word.columns,
        OPERATION: `weft::${operation.name}`,
        A: elementName(a),
        B: elementName(b),
        OUT: elementName(output),
      }),
      arguments: [stream('a'), stream('b'), stream('out'), scaleA.argument, scaleB.argument, scaleOut.argument],
    },
    law: combineLaw(parameters, operation, target),
  };
}

export const add: KernelModule<CombineParameters> = {
  name: 'add',
  operators: ['add'],
  instantiate: (parameters, target) => instance('add', sum, parameters, target),
};

export const mul: KernelModule<CombineParameters> = {
  name: 'mul',
  operators: ['mul'],
  instantiate: (parameters, target) => instance('mul', product, parameters, target),
};
