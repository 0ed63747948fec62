/** Normalisation by the root of the mean square of a row, then a gain a column. */
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
import { rmsnormLaw } from './law.ts';
import type { RmsnormParameters } from './parameters.ts';

export const rmsnorm: KernelModule<RmsnormParameters> = {
  name: 'rmsnorm',
  operators: ['rmsnorm'],
  instantiate(parameters: RmsnormParameters, target: Target): Instance {
    const { rows, columns, word, ii, input, output } = parameters;
    const tensor = { rows, columns, word };
    const words = blocksOf(tensor) * wordsOfBlock(tensor);
    const scaleIn = inputScale('in', input);
    const scaleOut = outputScale('out', output);
    return {
      kernel: 'rmsnorm',
      headers: [
        'word.h',
        'dataflow.h',
        'stages.h',
        'interpolate.h',
        'rsqrt.h',
        'tree.h',
        'reduce.h',
        'requantise.h',
        'rmsnorm.h',
      ],
      streams: [
        streamPort('in', 'in', input, word, words),
        streamPort('parameters', 'in', 'fp32', { tokens: 1, columns: word.columns }, wordsOfBlock(tensor)),
        streamPort('out', 'out', output, word, words),
      ],
      memories: [],
      scalars: [
        { name: 'epsilon', type: 'float', meaning: 'added to the mean square' },
        ...scaleIn.scalars,
        ...scaleOut.scalars,
      ],
      call: {
        name: 'rmsnorm',
        templateArguments: templateArguments({
          ROWS: rows,
          COLUMNS: columns,
          T: word.tokens,
          C: word.columns,
          II: ii,
          IN: elementName(input),
          OUT: elementName(output),
        }),
        arguments: [
          stream('in'),
          stream('parameters'),
          stream('out'),
          { kind: 'scalar', name: 'epsilon' },
          scaleIn.argument,
          scaleOut.argument,
        ],
      },
      law: rmsnormLaw(parameters, target),
    };
  },
};
