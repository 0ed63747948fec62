/** Rotated positions (rope) in the half-rotation form; cosines and sines come from memory, written by the host. */
import type { Instance, KernelModule, Target } from '../kernel.ts';
import {
  blocksOf,
  elementName,
  inputScale,
  outputScale,
  type RowTensor,
  stream,
  streamPort,
  templateArguments,
  wordsOfBlock,
} from '../rows.ts';
import { ropeLaw } from './law.ts';
import type { RopeParameters } from './parameters.ts';

/** Cosine and sine of every pair of a head, a row a row: what a loader gives to `turns`. */
export function turnsTensor({ rows, headDim, word }: Pick<RopeParameters, 'rows' | 'headDim' | 'word'>): RowTensor {
  return { rows, columns: headDim, word: { tokens: word.tokens, columns: 2 * word.columns } };
}

/** Why there is no such kernel, in words for a diagnostic; undefined where there is one. */
export function ropeRefusal({ headDim, word }: RopeParameters): string | undefined {
  return headDim % (2 * word.columns) === 0
    ? undefined
    : `words of ${word.columns} columns do not divide half a head of ${headDim}: take fewer lanes, or more rows side by side`;
}

export const rope: KernelModule<RopeParameters> = {
  name: 'rope',
  operators: ['rope'],
  instantiate(parameters: RopeParameters, target: Target): Instance {
    const { rows, heads, headDim, word, input, output } = parameters;
    const tensor = { rows, columns: heads * headDim, word };
    const words = blocksOf(tensor) * wordsOfBlock(tensor);
    const turns = turnsTensor(parameters);
    const scaleIn = inputScale('in', input);
    const scaleOut = outputScale('out', output);
    return {
      kernel: 'rope',
      headers: ['word.h', 'dataflow.h', 'stages.h', 'storage.h', 'requantise.h', 'rope.h'],
      streams: [
        streamPort('in', 'in', input, word, words),
        streamPort('turns', 'in', 'fp32', turns.word, blocksOf(turns) * wordsOfBlock(turns)),
        streamPort('out', 'out', output, word, words),
      ],
      memories: [],
      scalars: [...scaleIn.scalars, ...scaleOut.scalars],
      call: {
        name: 'rope',
        templateArguments: templateArguments({
          ROWS: rows,
          HEADS: heads,
          HEAD_DIM: headDim,
          T: word.tokens,
          C: word.columns,
          IN: elementName(input),
          OUT: elementName(output),
        }),
        arguments: [stream('in'), stream('turns'), stream('out'), scaleIn.argument, scaleOut.argument],
      },
      law: ropeLaw(parameters, target),
    };
  },
};
