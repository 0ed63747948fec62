/** Convolution of an image with trained weights: conv2d.h, a ring of pixels in front of the array of linear.h. */
import { arrayRefusal } from '../common/array.ts';
import { windowGeometry, windowRefusal } from '../common/window.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { functionHeaders } from '../linear/index.ts';
import { foldsOutputScale, linearLoops } from '../linear/law.ts';
import { elementName, outputScale, stream, streamPort, templateArguments } from '../rows.ts';
import { conv2dLaw, productOf } from './law.ts';
import { type Conv2dParameters, windowsOf } from './parameters.ts';

/** Why there is no such array, in words for a diagnostic; undefined where there is one. */
export function conv2dRefusal(parameters: Conv2dParameters, target: Target): string | undefined {
  const { array, pack, weights, activations } = parameters;
  return (
    windowRefusal(windowsOf(parameters)) ?? arrayRefusal({ array, pack, packed: weights, shared: activations }, target)
  );
}

export const conv2d: KernelModule<Conv2dParameters> = {
  name: 'conv2d',
  operators: ['conv2d'],
  instantiate(parameters: Conv2dParameters, target: Target): Instance {
    const { height, width, channels, columns, size, stride, pad, pixels, array, pack } = parameters;
    const { activations, weights, output, activation } = parameters;
    const geometry = windowGeometry(windowsOf(parameters));
    const { tiles, steps } = linearLoops(productOf(parameters, geometry));
    const { tokens, outputs, dot } = array;
    const { blocks } = geometry;
    const wide = outputs * pack;
    const scaleOut = outputScale('out', foldsOutputScale(activation) ? 'fp32' : output);
    return {
      kernel: 'conv2d',
      headers: [
        'word.h',
        'dataflow.h',
        'storage.h',
        'stages.h',
        'tree.h',
        'multiply.h',
        'epilogue.h',
        ...functionHeaders[activation],
        'streamed_array.h',
        'window.h',
        'conv2d.h',
      ],
      streams: [
        streamPort('in', 'in', activations, { tokens: pixels, columns: dot }, geometry.words),
        streamPort('weights', 'in', weights, { tokens: 1, columns: wide * dot }, blocks * tiles * steps),
        streamPort('scales', 'in', 'fp32', { tokens: 1, columns: 2 }, blocks * tiles * wide),
        streamPort('out', 'out', output, { tokens, columns: 1 }, blocks * columns),
      ],
      memories: [],
      scalars: scaleOut.scalars,
      call: {
        name: 'conv2d',
        templateArguments: templateArguments({
          HEIGHT: height,
          WIDTH: width,
          CHANNELS: channels,
          COLUMNS: columns,
          SIZE: size,
          STRIDE: stride,
          PAD: pad,
          T: pixels,
          R: tokens,
          A: outputs,
          D: dot,
          PACK: pack,
          RING_ROWS: geometry.ringRows,
          SEGMENTS: geometry.segments,
          IN: elementName(activations),
          WEIGHT: elementName(weights),
          OUT: elementName(output),
          FUNCTION: activation === 'none' ? 'weft::identity' : `weft::${activation}`,
        }),
        arguments: [stream('in'), stream('weights'), stream('scales'), stream('out'), scaleOut.argument],
      },
      law: conv2dLaw(parameters, target),
    };
  },
};
