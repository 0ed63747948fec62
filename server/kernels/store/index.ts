/** Rows of a tensor to memory, in the layout that `load` reads. */
import type { ElementType } from '../../design/workload.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { beatLayout, layoutBytes } from '../load/layout.ts';
import {
  blocksOf,
  elementName,
  memory,
  type RowTensor,
  stream,
  streamPort,
  templateArguments,
  wordsOfBlock,
} from '../rows.ts';
import { elementBits } from '../word.ts';
import { storeLaw } from './law.ts';

export interface StoreParameters extends RowTensor {
  readonly element: ElementType;
  /** Width of the port, 512 where nothing else is said; a power of two. */
  readonly portBits?: number;
  /** What lies there, for the host code: 'rows of norm2'. */
  readonly content: string;
}

export const store: KernelModule<StoreParameters> = {
  name: 'store',
  operators: [],
  instantiate(parameters: StoreParameters, target: Target): Instance {
    const { word, element, portBits = 512, content } = parameters;
    const words = blocksOf(parameters) * wordsOfBlock(parameters);
    const layout = beatLayout(parameters, element, portBits);
    return {
      kernel: 'store',
      headers: ['word.h', 'dataflow.h', 'stages.h', 'load.h', 'store.h'],
      streams: [streamPort('in', 'in', element, word, words)],
      memories: [{ name: 'memory', direction: 'write', bits: portBits, element, bytes: layoutBytes(layout), content }],
      scalars: [{ name: 'offset', type: 'int', meaning: 'beat of memory at which this pass begins' }],
      call: {
        name: 'store',
        templateArguments: templateArguments({
          WORDS: words,
          N: word.tokens * word.columns,
          BEAT: portBits / elementBits[element],
          ELEMENT: elementName(element),
        }),
        arguments: [stream('in'), memory('memory'), { kind: 'scalar', name: 'offset' }],
      },
      law: storeLaw(layout, target),
    };
  },
};
