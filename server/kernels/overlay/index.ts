/** One array that computes several products in turn: overlay.h. */
import { type ArrayLoops, arrayRefusal } from '../common/array.ts';
import { siluHeaders } from '../elementwise/index.ts';
import type { Call, Instance, KernelModule, StreamPort, Target } from '../kernel.ts';
import { elementName, stream, streamPort, templateArguments } from '../rows.ts';
import { activations as activationsOf, overlayLaw, productLoops, scalesResult } from './law.ts';
import type { OverlayParameters, Product } from './parameters.ts';

/** Why there is no such array, in words for a diagnostic; undefined where there is one. */
export function overlayRefusal(parameters: OverlayParameters, target: Target): string | undefined {
  const { array, pack, weights, activations, products } = parameters;
  const functions = activationsOf(products);
  if (functions.length > 1)
    return `an array that takes turns has one of ${functions.join(', ').replaceAll('_', ' by ')} beside relu`;
  return arrayRefusal({ array, pack, packed: weights, shared: activations }, target);
}

const stepsOf = ({ name }: Product): string => `out_${name}_inverse_scale`;

export const overlay: KernelModule<OverlayParameters> = {
  name: 'overlay',
  operators: ['linear'],
  instantiate(parameters: OverlayParameters, target: Target): Instance {
    const { rows, array, pack, activations, weights, products } = parameters;
    const { tokens, outputs, dot } = array;
    const wide = outputs * pack;
    const ports = (kind: string, port: (product: Product, name: string) => StreamPort): StreamPort[] =>
      products.map((product) => port(product, `${kind}_${product.name}`));
    const loops = (product: Product) => productLoops(parameters, product);
    const all = (of: (loops: ArrayLoops) => number): number =>
      products.reduce((sum, product) => sum + of(loops(product)), 0);
    const words = all(({ jobs, tiles, steps }) => jobs * tiles * steps);
    const scales = all(({ jobs, tiles }) => jobs * tiles * wide);
    const streams = [
      ...ports('in', (product, name) => {
        const { jobs, steps } = loops(product);
        return streamPort(name, 'in', activations, { tokens, columns: dot }, jobs * steps);
      }),
      streamPort('weights', 'in', weights, { tokens: 1, columns: wide * dot }, words),
      streamPort('scales', 'in', 'fp32', { tokens: 1, columns: 2 }, scales),
      ...ports('out', (product, name) => {
        const { jobs, columns } = loops(product);
        return streamPort(name, 'out', product.output, { tokens, columns: 1 }, jobs * columns);
      }),
    ];
    const steps: Call['arguments'] = products.map((product) =>
      scalesResult(product) ? { kind: 'scalar', name: stepsOf(product) } : { kind: 'literal', name: '1.0f' },
    );
    return {
      kernel: 'overlay',
      headers: [
        ...['word.h', 'dataflow.h', 'storage.h', 'stages.h', 'tree.h', 'multiply.h', 'epilogue.h', 'relu.h'],
        ...['interpolate.h', 'gelu.h', ...siluHeaders, 'overlay.h'],
      ],
      streams,
      memories: [],
      scalars: products.filter(scalesResult).map((product) => ({
        name: stepsOf(product),
        type: 'float',
        meaning: `steps of the result of ${product.name} that make up the value 1: the reciprocal of its scale`,
      })),
      call: {
        name: 'overlay',
        templateArguments: [
          ...templateArguments({
            ROWS: rows,
            R: tokens,
            A: outputs,
            D: dot,
            PACK: pack,
            IN: elementName(activations),
            WEIGHT: elementName(weights),
          }),
          ...products.map(({ name, reduction, columns, activation, output }) => ({
            name,
            value: `weft::overlay_product<${reduction}, ${columns}, weft::overlay_${activation}, ${elementName(output)}>`,
          })),
        ],
        arguments: [...streams.map(({ name }) => stream(name)), ...steps],
      },
      law: overlayLaw(parameters, target),
    };
  },
};
