/** K or V of a whole pass into memory, and out of it for every block of rows: spill.h. */
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, stream, streamPort, templateArguments } from '../rows.ts';
import { spillLaw, stagedWords } from './law.ts';
import { spillLayout } from './layout.ts';
import type { SpillParameters } from './parameters.ts';

export const spill: KernelModule<SpillParameters> = {
  name: 'spill',
  operators: [],
  instantiate(parameters: SpillParameters, target: Target): Instance {
    const { of, rows, blockRows, capacity, heads, kvHeads, headDim, tileColumns, dot, span } = parameters;
    const { ports, port, element, content, portBits, staging } = parameters;
    const { lanes, beatBits, outer, inner, blocks, groups, jobs, words } = spillLayout(parameters);
    const memory = { bits: portBits ?? beatBits, element, bytes: (kvHeads * outer * inner * beatBits) / 8, content };
    const side = of === 'keys' ? { tokens: tileColumns, columns: dot } : { tokens: dot, columns: tileColumns };
    return {
      kernel: 'spill',
      headers: ['word.h', 'dataflow.h', 'storage.h', 'stages.h', 'spill.h'],
      streams: [
        streamPort('row', 'in', element, side, blocks * kvHeads * groups),
        streamPort('out', 'out', element, { tokens: 1, columns: lanes * dot }, jobs * words),
      ],
      memories: [
        { name: 'memory', direction: 'read', ...memory },
        { name: 'grown', direction: 'write', ...memory },
      ],
      scalars: [],
      call: {
        name: of === 'keys' ? 'key_spill' : 'value_spill',
        templateArguments: templateArguments({
          ROWS: rows,
          CAPACITY: capacity,
          BLOCK_ROWS: blockRows,
          KV_HEADS: kvHeads,
          SHARERS: heads / kvHeads,
          HEAD_DIM: headDim,
          SPAN: span,
          LANES: lanes,
          FIRST: lanes * port,
          PORTS: ports,
          D: dot,
          ELEMENT: elementName(element),
          ...(staging ? { STAGING: `weft::staged<${stagedWords(parameters)}, weft::${staging.storage}>` } : {}),
        }),
        arguments: [
          { kind: 'memory', name: 'memory' },
          { kind: 'memory', name: 'grown' },
          stream('row'),
          stream('out'),
        ],
      },
      law: spillLaw(parameters, target),
    };
  },
};
