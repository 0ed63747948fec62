/** K or V of earlier passes out of memory, grown by the row of this pass: cache.h. */
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, isRowElement, rowElementNames, stream, streamPort, templateArguments } from '../rows.ts';
import { elementBits } from '../word.ts';
import { cacheLaw, stagedBeats } from './law.ts';
import { cacheLayout } from './layout.ts';
import type { CacheParameters } from './parameters.ts';

/** Why there is no such cache, in words for a diagnostic; undefined where there is one. */
export function cacheRefusal(parameters: Omit<CacheParameters, 'storage' | 'content'>) {
  const { of, heads, kvHeads, headDim, tileColumns, dot, ports, element } = parameters;
  if (heads % kvHeads !== 0) return `${heads} heads cannot share ${kvHeads} heads equally`;
  if (!isRowElement(element)) return `a cache in memory holds ${rowElementNames}, not ${element}`;
  const within = of === 'keys' ? dot : tileColumns;
  if (headDim % within !== 0)
    return `${of === 'keys' ? `dot products of ${dot}` : `tiles of ${tileColumns} columns`} do not divide the head dimension ${headDim}`;
  if (ports === 0)
    return `a beat of the memory is 8, 16, 32 or 64 bytes: a word of ${tileColumns} × ${dot} elements (${(tileColumns * dot * elementBits[element]) / 8} bytes) in equal shares for these channels is none`;
  return undefined;
}

export const cache: KernelModule<CacheParameters> = {
  name: 'cache',
  operators: [],
  instantiate(parameters: CacheParameters, target: Target): Instance {
    const { of, keys, heads, kvHeads, headDim, dot, ports, port, element, storage, content, portBits } = parameters;
    const layout = cacheLayout(parameters);
    const { lanes, beatBits, outer, inner } = layout;
    const words = kvHeads * outer * inner;
    const { staging } = parameters;
    const row = of === 'keys' ? { columns: dot, words: kvHeads * inner } : { columns: 1, words: kvHeads * headDim };
    const memory = { bits: portBits ?? beatBits, element, bytes: (words * beatBits) / 8, content };
    return {
      kernel: 'cache',
      headers: ['word.h', 'dataflow.h', 'storage.h', 'stages.h', 'cache.h'],
      streams: [
        streamPort('row', 'in', element, { tokens: 1, columns: row.columns }, row.words),
        streamPort('out', 'out', element, { tokens: 1, columns: lanes * dot }, (words * heads) / kvHeads),
      ],
      memories: [
        { name: 'memory', direction: 'read', ...memory },
        { name: 'grown', direction: 'write', ...memory },
      ],
      scalars: [{ name: 'past', type: 'int', meaning: 'rows of earlier passes' }],
      call: {
        name: of === 'keys' ? 'key_cache' : 'value_cache',
        templateArguments: templateArguments({
          KEYS: keys,
          KV_HEADS: kvHeads,
          SHARERS: heads / kvHeads,
          HEAD_DIM: headDim,
          LANES: lanes,
          FIRST: lanes * port,
          PORTS: ports,
          D: dot,
          ELEMENT: elementName(element),
          STORAGE: `weft::${storage}`,
          ...(staging ? { STAGING: `weft::staged<${stagedBeats(parameters)}, weft::${staging.storage}>` } : {}),
        }),
        arguments: [
          { kind: 'memory', name: 'memory' },
          { kind: 'memory', name: 'grown' },
          stream('row'),
          stream('out'),
          { kind: 'scalar', name: 'past' },
        ],
      },
      law: cacheLaw(parameters, target),
    };
  },
};
