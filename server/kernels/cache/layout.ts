/** How K or V lies in memory: cache.h. A beat is a word; head by head, within it `outer` by `outer`, each of `inner` words. */
import { elementBits } from '../word.ts';
import type { CacheParameters } from './parameters.ts';

export interface CacheLayout {
  /** Columns of a tile that this port has. */
  readonly lanes: number;
  readonly beatBits: number;
  readonly outer: number;
  readonly inner: number;
  /** Rows that one `outer` (of keys) or one `inner` (of values) spans. */
  readonly span: number;
  /** Words of a head that the row of a pass changes. */
  readonly changed: number;
}

type Shape = Pick<CacheParameters, 'of' | 'keys' | 'headDim' | 'tileColumns' | 'dot' | 'ports' | 'element'>;

export function cacheLayout({ of, keys, headDim, tileColumns, dot, ports, element }: Shape): CacheLayout {
  const lanes = tileColumns / ports;
  const common = { lanes, beatBits: lanes * dot * elementBits[element] };
  if (of === 'keys') {
    const steps = headDim / dot;
    return { ...common, outer: Math.ceil(keys / tileColumns), inner: steps, span: tileColumns, changed: steps };
  }
  const tiles = headDim / tileColumns;
  return { ...common, outer: tiles, inner: Math.ceil(keys / dot), span: dot, changed: tiles };
}

/** Cycles that a port takes for a word. */
export function cyclesOfWord(
  { portBits }: Pick<CacheParameters, 'portBits'>,
  { beatBits }: Pick<CacheLayout, 'beatBits'>,
): number {
  return portBits === undefined ? 1 : Math.max(1, Math.ceil(beatBits / portBits));
}

const beats: ReadonlySet<number> = new Set([64, 128, 256, 512]);

/** Most ports, of at most `channels`, whose equal shares of a tile are whole beats; 0 where there are none. */
export function cachePorts(shape: Omit<Shape, 'ports'>, channels: number): number {
  for (let ports = Math.min(channels, shape.tileColumns); ports > 0; ports--)
    if (shape.tileColumns % ports === 0 && beats.has(cacheLayout({ ...shape, ports }).beatBits)) return ports;
  return 0;
}
