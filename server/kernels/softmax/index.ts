/** Row softmax over the keys of each head, numerically safe (the row's maximum is subtracted). */
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { blocksOf, elementName, stream, streamPort, templateArguments, wordsOfBlock } from '../rows.ts';
import { softmaxLaw } from './law.ts';
import type { SoftmaxParameters } from './parameters.ts';

export const softmax: KernelModule<SoftmaxParameters> = {
  name: 'softmax',
  operators: ['softmax'],
  instantiate(parameters: SoftmaxParameters, target: Target): Instance {
    const { rows, heads, keys, word, ii, causal, output } = parameters;
    const tensor = { rows, columns: keys, word };
    const words = blocksOf(tensor) * heads * wordsOfBlock(tensor);
    return {
      kernel: 'softmax',
      headers: [
        'word.h',
        'dataflow.h',
        'stages.h',
        'interpolate.h',
        'exp.h',
        'reciprocal.h',
        'tree.h',
        'reduce.h',
        'softmax.h',
      ],
      streams: [streamPort('in', 'in', 'fp32', word, words), streamPort('out', 'out', output, word, words)],
      memories: [],
      scalars: causal?.growing ? [{ name: 'past', type: 'int', meaning: 'rows of earlier passes' }] : [],
      call: {
        name: 'softmax',
        templateArguments: templateArguments({
          ROWS: rows,
          HEADS: heads,
          KEYS: keys,
          T: word.tokens,
          C: word.columns,
          II: ii,
          CAUSAL: causal ? 1 : 0,
          OUT: elementName(output),
        }),
        arguments: [
          stream('in'),
          stream('out'),
          causal?.growing ? { kind: 'scalar', name: 'past' } : { kind: 'literal', name: String(causal?.past ?? 0) },
        ],
      },
      law: softmaxLaw(parameters, target),
    };
  },
};
