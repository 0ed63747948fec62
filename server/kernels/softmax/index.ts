/** Row softmax over the keys of each head, numerically safe (the row's maximum is subtracted). */
import type { Instance, KernelModule, Target } from '../kernel.ts';
import {
  blocksOf,
  elementName,
  type RowElement,
  stream,
  streamPort,
  templateArguments,
  type WordShape,
  wordsOfBlock,
} from '../rows.ts';
import { softmaxLaw } from './law.ts';

export interface SoftmaxParameters {
  /** Query rows of a pass. */
  readonly rows: number;
  readonly heads: number;
  /** Columns of a head's row; a last word that is not full is masked. */
  readonly keys: number;
  readonly word: WordShape;
  /** Interval of the loop of exponentials: 1, 2 or 4; 4 is the plain carried sum. */
  readonly ii: number;
  /** Row r sees keys 0 … past + r; absent: all keys. */
  readonly causal?: { readonly past: number };
  /** int8: p · 127, rounded half to even (scale 1/127). The input is fp32. */
  readonly output: RowElement;
}

export const softmax: KernelModule<SoftmaxParameters> = {
  name: 'softmax',
  operators: ['softmax'],
  instantiate(parameters: SoftmaxParameters, target: Target): Instance {
    const { rows, heads, keys, word, ii, causal, output } = parameters;
    const tensor = { rows, columns: keys, word };
    const words = blocksOf(tensor) * heads * wordsOfBlock(tensor);
    return {
      kernel: 'softmax',
      headers: ['word.h', 'dataflow.h', 'stages.h', 'interpolate.h', 'exp.h', 'reciprocal.h', 'reduce.h', 'softmax.h'],
      streams: [streamPort('in', 'in', 'fp32', word, words), streamPort('out', 'out', output, word, words)],
      memories: [],
      scalars: [],
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
          PAST: causal?.past ?? 0,
          OUT: elementName(output),
        }),
        arguments: [stream('in'), stream('out')],
      },
      law: softmaxLaw(parameters, target),
    };
  },
};
