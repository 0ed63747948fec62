/** Loader of weights and scales of linears: weights.h, from an m_axi port to the order in which their array wants them. */
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, memory, stream, streamPort, templateArguments } from '../rows.ts';
import { elementBits } from '../word.ts';
import { beatsDepth, weightsLaw } from './law.ts';
import { loaderLayout } from './layout.ts';
import type { WeightsParameters } from './parameters.ts';

/** Why there is no such loader, in words for a diagnostic; undefined where there is one. */
export function weightsRefusal(parameters: WeightsParameters): string | undefined {
  const { portBits } = parameters;
  return [64, 128, 256, 512].includes(portBits)
    ? undefined
    : `a weight loader has a port of 64, 128, 256 or 512 bits, not ${portBits}`;
}

function storageName({ storage, staging, ahead, owner = 'kept', ...shape }: WeightsParameters): string {
  if (storage !== 'memory') return ahead ? `weft::ahead<weft::${storage}, struct ${owner}>` : `weft::${storage}`;
  return staging ? `weft::staged<${beatsDepth({ staging, ...shape })}, weft::${staging.storage}>` : 'weft::streamed';
}

export const weights: KernelModule<WeightsParameters> = {
  name: 'weights',
  operators: [],
  instantiate(parameters: WeightsParameters, target: Target): Instance {
    const { blocks, matrices, array, pack, portBits, content } = parameters;
    const layout = loaderLayout(parameters);
    const element = parameters.weights;
    return {
      kernel: 'weights',
      headers: [
        ...['word.h', 'dataflow.h', 'storage.h', 'stages.h', 'weights.h'],
        ...(parameters.ahead && parameters.storage !== 'memory' ? ['weights_ahead.h'] : []),
      ],
      streams: [
        streamPort(
          'weights',
          'out',
          element,
          { tokens: 1, columns: layout.tileColumns * array.dot },
          blocks * layout.words,
        ),
        streamPort('scales', 'out', 'fp32', { tokens: 1, columns: 2 }, blocks * layout.columns),
      ],
      memories: [{ name: 'memory', direction: 'read', bits: portBits, element: 'int8', bytes: layout.bytes, content }],
      scalars: [],
      call: {
        name: 'weights',
        templateArguments: [
          ...templateArguments({
            BLOCKS: blocks,
            A: array.outputs,
            D: array.dot,
            PACK: pack,
            WEIGHT: elementName(element),
            PORT_BYTES: portBits / elementBits.int8,
            STORAGE: storageName(parameters),
          }),
          ...matrices.map(({ reduction, columns }) => ({
            name: 'MATRIX',
            value: `weft::matrix<${reduction}, ${columns}>`,
          })),
        ],
        arguments: [memory('memory'), stream('weights'), stream('scales')],
      },
      law: weightsLaw(parameters, target),
    };
  },
};
