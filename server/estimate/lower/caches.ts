/** K and V in memory: the units between a product of attention and its channels, one a port. */
import type { Store } from '../../design/design.ts';
import { cache, cacheRefusal } from '../../kernels/cache/index.ts';
import { cacheLayout, cachePorts } from '../../kernels/cache/layout.ts';
import type { CacheParameters } from '../../kernels/cache/parameters.ts';
import type { Instance } from '../../kernels/kernel.ts';
import { spill } from '../../kernels/spill/index.ts';
import { isTiled } from './pieces.ts';
import { attentionOf, type Shape, type Surroundings } from './shapes.ts';

type Kind = 'keys' | 'values';

/** Those of K, or of V. */
export interface Caches {
  /** Port of the product that would take the rows of this pass, and the one that takes what comes out of memory. */
  readonly row: string;
  readonly to: string;
  /** Channels that were asked for; a port has one. */
  readonly channels: readonly number[];
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
 * The caches in memory that a product of attention reads; none where K or V stays on the chip. A pass of one row merges it
 * into those of earlier passes; a longer one is their beginning, and leaves them in memory for the passes behind it.
 */
export function cachesOf(shape: Shape, around: Surroundings): readonly Caches[] {
  const { operator, piece } = shape;
  const store = piece.kernel.cache?.value;
  if (store?.kind !== 'channels') return [];
  if (!isTiled(piece)) {
    const of: Kind = operator.kind === 'scores' ? 'keys' : 'values';
    return [cachesBehind(shape, around, { of, channels: store.channels, span: 0, to: 'cache' })];
  }
  const span = piece.kernel.tile?.value.outputs ?? 0;
  return (['keys', 'values'] as const).map((of) =>
    cachesBehind(shape, around, { of, channels: halfOf(store, of), span, to: of }),
  );
}

/** The first half of the channels has K, the second V; one channel has both. */
function halfOf({ channels }: Extract<Store, { kind: 'channels' }>, of: Kind): readonly number[] {
  const half = Math.ceil(channels.length / 2);
  return channels.length < 2 ? channels : of === 'keys' ? channels.slice(0, half) : channels.slice(half);
}

interface Wanted extends Pick<Caches, 'channels' | 'to'> {
  readonly of: Kind;
  /** Keys that are read together; 0 are all. */
  readonly span: number;
}

function cachesBehind(shape: Shape, around: Surroundings, { of, channels, span, to }: Wanted): Caches {
  const { rows, keys, heads, kvHeads, headDim, array, pack } = attentionOf(shape, around);
  const { cache: element } = around.accelerator.precision;
  const tileColumns = array.outputs * pack;
  const common = { of, heads, kvHeads, headDim, tileColumns, dot: array.dot, element };
  const behind = portOf(shape.piece.kernel.cache?.value);
  const capacity = rows > 1 ? roomFor(rows, span, around) : keys;
  const ports = cachePorts({ ...common, keys: capacity }, Math.max(1, channels.length));
  const content = `${of === 'keys' ? 'K' : 'V'} of every row so far, for ${shape.operator.name}`;
  const rounds = rows > 1 ? Math.ceil(rows / array.tokens) * heads : kvHeads;
  const refused =
    rows > 1 && keys !== rows
      ? `${rows} rows behind ${keys - rows} of earlier passes: in memory a cache grows by one row a pass, or is begun by a whole one`
      : rows > 1 && element !== 'int8'
        ? `K and V of a whole pass are kept in memory as int8, not as ${element}`
        : cacheRefusal({ ...common, keys: capacity, ports, port: 0 });
  return {
    ...{ row: of === 'keys' ? 'k' : 'v', to, channels },
    ...{ ports: Math.max(1, ports), headDim, tileColumns, dot: array.dot, rounds, refused },
    instance(port) {
      const share = { ...common, ...behind, ports: Math.max(1, ports), port, content };
      if (rows > 1) return around.instance(spill, { ...share, rows, blockRows: array.tokens, capacity, span });
      const { outer, inner } = cacheLayout({ ...share, keys });
      return around.instance(cache, { ...share, keys, storage: outer * inner <= 128 ? 'lutram' : 'bram' });
    },
  };
}

/** What a `cache` in memory says of its ports and of what stands between them and the array. */
function portOf(store: Store | undefined): Pick<CacheParameters, 'portBits' | 'staging'> {
  if (store?.kind !== 'channels') return {};
  const { portBits, via, double } = store;
  return {
    ...(portBits === undefined ? {} : { portBits }),
    ...(via ? { staging: { storage: via, heads: double ? 2 : 1 } } : {}),
  };
}

/** Rows that a cache has room for: of `generate` all that will be written. Whole spans are read. */
function roomFor(rows: number, span: number, { accelerator: { phase } }: Surroundings): number {
  const all = phase.name === 'generate' ? rows + (phase.output ?? 1) - 1 : rows;
  return span > 0 ? Math.ceil(all / span) * span : all;
}
