/** Functions of one element: gelu, silu and relu as kernels of their own (fused ones are computed by their producer). */
import type { OperatorKind } from '../../design/workload.ts';
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
import { type ElementFunction, elementwiseLaw, gelu as geluCost, relu as reluCost, silu as siluCost } from './law.ts';
import type { ElementwiseParameters, GeluParameters } from './parameters.ts';

function instance(
  kernel: string,
  functionName: string,
  headers: readonly string[],
  parameters: ElementwiseParameters,
  cost: ElementFunction,
  target: Target,
): Instance {
  const { rows, columns, word, input, output } = parameters;
  const tensor = { rows, columns, word };
  const words = blocksOf(tensor) * wordsOfBlock(tensor);
  const scaleIn = inputScale('in', input);
  const scaleOut = outputScale('out', output);
  return {
    kernel,
    headers: ['word.h', 'dataflow.h', 'stages.h', 'requantise.h', ...headers, 'elementwise.h'],
    streams: [streamPort('in', 'in', input, word, words), streamPort('out', 'out', output, word, words)],
    memories: [],
    scalars: [...scaleIn.scalars, ...scaleOut.scalars],
    call: {
      name: 'elementwise',
      templateArguments: templateArguments({
        WORDS: words,
        LANES: word.tokens * word.columns,
        FUNCTION: `weft::${functionName}`,
        IN: elementName(input),
        OUT: elementName(output),
      }),
      arguments: [stream('in'), stream('out'), scaleIn.argument, scaleOut.argument],
    },
    law: elementwiseLaw(parameters, cost, headers.at(-1)!, target),
  };
}

/** silu.h with what it includes. */
export const siluHeaders = ['interpolate.h', 'exp.h', 'reciprocal.h', 'silu.h'] as const;

const operators = (kind: OperatorKind): readonly OperatorKind[] => [kind];

export const gelu: KernelModule<GeluParameters> = {
  name: 'gelu',
  operators: operators('gelu'),
  instantiate: (parameters, target) =>
    instance('gelu', `gelu_${parameters.form}`, ['interpolate.h', 'gelu.h'], parameters, geluCost, target),
};

export const relu: KernelModule<ElementwiseParameters> = {
  name: 'relu',
  operators: operators('relu'),
  instantiate: (parameters, target) => instance('relu', 'relu', ['relu.h'], parameters, reluCost, target),
};

export const silu: KernelModule<ElementwiseParameters> = {
  name: 'silu',
  operators: operators('silu'),
  instantiate: (parameters, target) => instance('silu', 'silu', siluHeaders, parameters, siluCost, target),
};
