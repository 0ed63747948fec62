/** One stream to several consumers: every word goes to each of them. */
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { blocksOf, elementName, stream, streamPort, templateArguments, wordsOfBlock } from '../rows.ts';
import { forkLaw } from './law.ts';
import type { ForkParameters } from './parameters.ts';

export const fork: KernelModule<ForkParameters> = {
  name: 'fork',
  operators: [],
  instantiate(parameters: ForkParameters, target: Target): Instance {
    const { word, element, copies } = parameters;
    const words = blocksOf(parameters) * wordsOfBlock(parameters);
    const outs = Array.from({ length: copies }, (_, index) => `out${index}`);
    return {
      kernel: 'fork',
      headers: ['word.h', 'dataflow.h', 'stages.h', 'fork.h'],
      streams: [
        streamPort('in', 'in', element, word, words),
        ...outs.map((name) => streamPort(name, 'out', element, word, words)),
      ],
      memories: [],
      scalars: [],
      call: {
        name: 'fork',
        templateArguments: templateArguments({
          WORDS: words,
          N: word.tokens * word.columns,
          ELEMENT: elementName(element),
        }),
        arguments: [stream('in'), ...outs.map(stream)],
      },
      law: forkLaw(parameters, outs, target),
    };
  },
};
