/** K and V in memory: the units between a product of attention and its channels, one a port. */
import { cache, cacheRefusal } from '../kernels/cache/index.ts';
import { cacheLayout, cachePorts } from '../kernels/cache/layout.ts';
import type { Instance } from '../kernels/kernel.ts';
import { spill } from '../kernels/spill/index.ts';
import { attentionOf, type Shape, type Surroundings } from './shapes.ts';

export interface Caches {
  readonly ports: number;
  readonly headDim: number;
  readonly tileColumns: number;
  readonly dot: number;
  /** Times that the words of a head of K or V, or of a job of the array, go to the array. */
  readonly rounds: number;
  /** Why they cannot be. */
  readonly refused: string | undefined;
  /** What stands behind a port. */
  instance(port: number): Instance;
}

/**
 * The caches in memory that a product of attention reads; undefined where K or V stays on the chip. A pass of one row merges
 * it into those of earlier passes; a longer one is their beginning, and leaves them in memory for the passes behind it.
 */
export function cachesOf(shape: Shape, around: Surroundings): Caches | undefined {
  const { operator, piece } = shape;
  const store = piece.kernel.cache?.value;
  if (store?.kind !== 'channels') return undefined;
  const of = operator.kind === 'scores' ? ('keys' as const) : ('values' as const);
  const headDim = of === 'keys' ? operator.reduction : Math.round(operator.columns / Math.max(1, operator.heads));
  return cachesBehind(shape, around, { of, headDim, channels: store.channels.length, span: 0 });
}

function cachesBehind(
  shape: Shape,
  around: Surroundings,
  { of, headDim, channels, span }: { of: 'keys' | 'values'; headDim: number; channels: number; span: number },
): Caches {
  const { rows, keys, heads, kvHeads, array, pack } = attentionOf(shape, around);
  const { cache: element } = around.accelerator.precision;
  const tileColumns = array.outputs * pack;
  const common = { of, heads, kvHeads, headDim, tileColumns, dot: array.dot, element };
  const capacity = rows > 1 ? roomFor(rows, span, around) : keys;
  const ports = cachePorts({ ...common, keys: capacity }, Math.max(1, channels));
  const content = `${of === 'keys' ? 'K' : 'V'} of every row so far, for ${shape.operator.name}`;
  const rounds = rows > 1 ? Math.ceil(rows / array.tokens) * heads : kvHeads;
  const refused =
    rows > 1 && keys !== rows
      ? `${rows} rows behind ${keys - rows} of earlier passes: in memory a cache grows by one row a pass, or is begun by a whole one`
      : cacheRefusal({ ...common, keys: capacity, ports, port: 0 });
  return {
    ...{ ports: Math.max(1, ports), headDim, tileColumns, dot: array.dot, rounds, refused },
    instance(port) {
      const share = { ...common, ports: Math.max(1, ports), port, content };
      if (rows > 1) return around.instance(spill, { ...share, rows, blockRows: array.tokens, capacity, span });
      const { outer, inner } = cacheLayout({ ...share, keys });
      return around.instance(cache, { ...share, keys, storage: outer * inner <= 128 ? 'lutram' : 'bram' });
    },
  };
}

/** Rows that a cache has room for: of \`generate\` all that will be written. Whole spans are read. */
function roomFor(rows: number, span: number, { accelerator: { phase } }: Surroundings): number {
  const all = phase.name === 'generate' ? rows + (phase.output ?? 1) - 1 : rows;
  return span > 0 ? Math.ceil(all / span) * span : all;
}
