/** Pooling of an image: pool.h, the greatest or the mean of each window. */
import { windowGeometry } from '../common/window.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, stream, streamPort, templateArguments } from '../rows.ts';
import { poolLaw } from './law.ts';
import type { PoolParameters } from './parameters.ts';

export const pool: KernelModule<PoolParameters> = {
  name: 'pool',
  operators: ['maxpool', 'avgpool'],
  instantiate(parameters: PoolParameters, target: Target): Instance {
    const { height, width, channels, size, stride, pad, pixels, lanes, dot, kind, input, output } = parameters;
    const { blocks, groups, words, ringRows, segments } = windowGeometry(parameters);
    const mean = kind === 'mean';
    return {
      kernel: 'pool',
      headers: ['word.h', 'dataflow.h', 'storage.h', 'stages.h', 'window.h', 'pool.h'],
      streams: [
        streamPort('in', 'in', input, { tokens: pixels, columns: dot }, words),
        streamPort('out', 'out', output, { tokens: lanes, columns: dot }, blocks * groups),
      ],
      memories: [],
      scalars: mean
        ? [{ name: 'scale', type: 'float', meaning: 'what a sum of a window is multiplied by to be a mean' }]
        : [],
      call: {
        name: 'pool',
        templateArguments: templateArguments({
          HEIGHT: height,
          WIDTH: width,
          CHANNELS: channels,
          SIZE: size,
          STRIDE: stride,
          PAD: pad,
          T: pixels,
          R: lanes,
          D: dot,
          RING_ROWS: ringRows,
          SEGMENTS: segments,
          KIND: `weft::pool_${kind}<${elementName(input)}>`,
          IN: elementName(input),
          OUT: elementName(output),
        }),
        arguments: [
          stream('in'),
          stream('out'),
          mean ? { kind: 'scalar', name: 'scale' } : { kind: 'literal', name: '1.0f' },
        ],
      },
      law: poolLaw(parameters, target),
    };
  },
};
