/** One stream to several consumers: every word goes to each of them. */
import type { ElementType } from '../../design/design.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { blocksOf, elementName, type RowTensor, stream, streamPort, templateArguments, wordsOfBlock } from '../rows.ts';
import { forkLaw } from './law.ts';

export interface ForkParameters extends RowTensor {
  readonly element: ElementType;
  /** Consumers: ports out0, out1 … */
  readonly copies: number;
}

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
