/** Layer normalisation over the columns of a row: mean and variance in two passes, then gain and bias. */
import type { Instance, KernelModule, Target } from '../kernel.ts';
import {
  blocksOf,
  elementName,
  inputScale,
  outputScale,
  stream,
  streamPort,
  templateArguments,
  type WordShape,
  wordsOfBlock,
} from '../rows.ts';
import { layernormLaw, outputPort } from './law.ts';
import type { LayernormParameters } from './parameters.ts';

/** Words of gain and bias that `parameters` gives a pass: columns of a word, gain and bias of each side by side. */
export function layernormParameterWords(parameters: LayernormParameters): { word: WordShape; words: number } {
  const { rows, columns, word } = parameters;
  return { word: { tokens: 2, columns: word.columns }, words: wordsOfBlock({ rows, columns, word }) };
}

export const layernorm: KernelModule<LayernormParameters> = {
  name: 'layernorm',
  operators: ['layernorm'],
  instantiate(parameters: LayernormParameters, target: Target): Instance {
    const { rows, columns, word, ii, input, outputs } = parameters;
    const tensor = { rows, columns, word };
    const words = blocksOf(tensor) * wordsOfBlock(tensor);
    const gains = layernormParameterWords(parameters);
    const scaleIn = inputScale('in', input);
    const scalesOut = outputs.map((element, index) => outputScale(outputPort(index), element));
    const [first, second] = outputs;
    return {
      kernel: 'layernorm',
      headers: [
        'word.h',
        'dataflow.h',
        'stages.h',
        'interpolate.h',
        'rsqrt.h',
        'tree.h',
        'reduce.h',
        'requantise.h',
        'layernorm.h',
      ],
      streams: [
        streamPort('in', 'in', input, word, words),
        streamPort('parameters', 'in', 'fp32', gains.word, gains.words),
        ...outputs.map((element, index) => streamPort(outputPort(index), 'out', element, word, words)),
      ],
      memories: [],
      scalars: [
        { name: 'epsilon', type: 'float', meaning: 'added to the variance' },
        ...scaleIn.scalars,
        ...scalesOut.flatMap((scale) => scale.scalars),
      ],
      call: {
        name: 'layernorm',
        templateArguments: templateArguments({
          ROWS: rows,
          COLUMNS: columns,
          T: word.tokens,
          C: word.columns,
          II: ii,
          IN: elementName(input),
          OUT: elementName(first),
          ...(second ? { OUT2: elementName(second) } : {}),
        }),
        arguments: [
          stream('in'),
          stream('parameters'),
          ...outputs.map((_, index) => stream(outputPort(index))),
          { kind: 'scalar', name: 'epsilon' },
          scaleIn.argument,
          ...scalesOut.map((scale) => scale.argument),
        ],
      },
      law: layernormLaw(parameters, target),
    };
  },
};
