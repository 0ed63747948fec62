/** Product of activations with trained weights: linear.h, an output-stationary array that weights stream through. */
import type { ArrayShape, ElementType } from '../../design/design.ts';
import { arrayRefusal } from '../common/array.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, outputScale, type RowElement, stream, streamPort, templateArguments } from '../rows.ts';
import { foldsOutputScale, linearLaw, linearLoops } from './law.ts';

/** What the epilogue computes behind the bias, in fp32. */
export type Activation = 'none' | 'relu' | 'gelu_erf' | 'gelu_tanh';

export interface LinearParameters {
  /** Rows (tokens) of a pass, length of the dot product, columns of the result. */
  readonly rows: number;
  readonly reduction: number;
  readonly columns: number;
  readonly array: ArrayShape;
  /** Products that one DSP block gives. */
  readonly pack: number;
  /** Of the input: int8 or int16. */
  readonly activations: ElementType;
  /** int2, int4, int8 or int16. */
  readonly weights: ElementType;
  readonly output: RowElement;
  readonly activation: Activation;
}

const functionHeaders: Readonly<Record<Activation, readonly string[]>> = {
  none: [],
  relu: ['relu.h'],
  gelu_erf: ['interpolate.h', 'gelu.h'],
  gelu_tanh: ['interpolate.h', 'gelu.h'],
};

/** Why there is no such array, in words for a diagnostic; undefined where there is one. */
export function linearRefusal(parameters: LinearParameters, target: Target): string | undefined {
  const { array, pack, weights, activations } = parameters;
  return arrayRefusal({ array, pack, packed: weights, shared: activations }, target);
}

export const linear: KernelModule<LinearParameters> = {
  name: 'linear',
  operators: ['linear'],
  instantiate(parameters: LinearParameters, target: Target): Instance {
    const { rows, reduction, columns, array, pack, activations, weights, output, activation } = parameters;
    const { jobs, tiles, steps } = linearLoops(parameters);
    const { tokens, outputs, dot } = array;
    const wide = outputs * pack;
    const scaleOut = outputScale('out', foldsOutputScale(activation) ? 'fp32' : output);
    return {
      kernel: 'linear',
      headers: [
        'word.h',
        'dataflow.h',
        'storage.h',
        'stages.h',
        'multiply.h',
        'epilogue.h',
        ...functionHeaders[activation],
        'linear.h',
      ],
      streams: [
        streamPort('in', 'in', activations, { tokens, columns: dot }, jobs * steps),
        streamPort('weights', 'in', weights, { tokens: 1, columns: wide * dot }, jobs * tiles * steps),
        streamPort('scales', 'in', 'fp32', { tokens: 1, columns: 2 }, jobs * tiles * wide),
        streamPort('out', 'out', output, { tokens, columns: 1 }, jobs * columns),
      ],
      memories: [],
      scalars: scaleOut.scalars,
      call: {
        name: 'linear',
        templateArguments: templateArguments({
          ROWS: rows,
          REDUCTION: reduction,
          COLUMNS: columns,
          R: tokens,
          A: outputs,
          D: dot,
          PACK: pack,
          IN: elementName(activations),
          WEIGHT: elementName(weights),
          OUT: elementName(output),
          FUNCTION: activation === 'none' ? 'weft::identity' : `weft::${activation}`,
        }),
        arguments: [stream('in'), stream('weights'), stream('scales'), stream('out'), scaleOut.argument],
      },
      law: linearLaw(parameters, target),
    };
  },
};
