/** Loaders: rows of activations, and the small trained vectors of a row kernel. One C++ template serves both. */
import type { ElementType } from '../../design/workload.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
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
import { loadLaw } from './law.ts';
import { beatLayout, layoutBytes } from './layout.ts';

export interface LoadParameters extends RowTensor {
  readonly element: ElementType;
  /** Width of the port, 512 where nothing else is said; a power of two. */
  readonly portBits?: number;
  /** What lies there, for the host code: 'rows of x'. */
  readonly content: string;
}

export interface VectorParameters {
  /** Length of each vector. */
  readonly columns: number;
  /** Vectors that the consumer wants side by side: 2 for gain and bias. */
  readonly vectors: number;
  /** Columns of a word. */
  readonly lanes: number;
  readonly portBits?: number;
  readonly content: string;
}

function instance(kernel: string, parameters: LoadParameters, target: Target): Instance {
  const { word, element, portBits = 512, content } = parameters;
  const words = blocksOf(parameters) * wordsOfBlock(parameters);
  const layout = beatLayout(parameters, element, portBits);
  return {
    kernel,
    headers: ['word.h', 'dataflow.h', 'stages.h', 'load.h'],
    streams: [streamPort('out', 'out', element, word, words)],
    memories: [{ name: 'memory', direction: 'read', bits: portBits, element, bytes: layoutBytes(layout), content }],
    scalars: [{ name: 'offset', type: 'int', meaning: 'beat of memory at which this pass begins' }],
    call: {
      name: 'load',
      templateArguments: templateArguments({
        WORDS: words,
        N: word.tokens * word.columns,
        BEAT: portBits / elementBits[element],
        ELEMENT: elementName(element),
      }),
      arguments: [memory('memory'), { kind: 'scalar', name: 'offset' }, stream('out')],
    },
    law: loadLaw(layout, target),
  };
}

/** Rows of a tensor from memory. */
export const load: KernelModule<LoadParameters> = {
  name: 'load',
  operators: [],
  instantiate: (parameters, target) => instance('load', parameters, target),
};

/** Trained fp32 vectors, read once a pass: word w holds `lanes` columns of every vector, the vector running fastest. */
export const parameters: KernelModule<VectorParameters> = {
  name: 'parameters',
  operators: [],
  instantiate({ columns, vectors, lanes, portBits = 512, content }, target) {
    const word = { tokens: vectors, columns: lanes };
    return instance('parameters', { rows: vectors, columns, word, element: 'fp32', portBits, content }, target);
  },
};
