/** What is written and read of K or V of a pass: spill.h. It lies in memory as cache.h has it. */
import { type CacheLayout, cacheLayout } from '../cache/layout.ts';
import type { SpillParameters } from './parameters.ts';

export interface SpillLayout extends CacheLayout {
  /** Blocks of rows that come side by side, and words of a head in each. */
  readonly blocks: number;
  readonly groups: number;
  /** Jobs of the array (a head of a block of its rows), and words that it reads in each. */
  readonly jobs: number;
  readonly words: number;
}

export function spillLayout(parameters: SpillParameters): SpillLayout {
  const { of, rows, blockRows, capacity, heads, headDim, tileColumns, dot, span } = parameters;
  const layout = cacheLayout({ ...parameters, keys: capacity });
  const unit = of === 'keys' ? tileColumns : dot;
  const whole = Math.ceil((span > 0 ? span : rows) / unit) * unit;
  const across = of === 'keys' ? headDim / dot : headDim / tileColumns;
  return {
    ...layout,
    blocks: Math.ceil(rows / unit),
    groups: across,
    jobs: Math.ceil(rows / blockRows) * heads,
    words: Math.ceil(rows / whole) * (whole / unit) * across,
  };
}
