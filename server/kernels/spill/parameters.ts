import type { CacheParameters } from '../cache/parameters.ts';

export interface SpillParameters extends Omit<CacheParameters, 'storage' | 'keys'> {
  /** Rows of the pass, and rows that the array takes side by side: K and V are read once for each block of them. */
  readonly rows: number;
  readonly blockRows: number;
  /** Rows that there is room for in memory, for the passes behind this one. */
  readonly capacity: number;
  /** Keys that are read together: `tile` of tiled attention; 0 are all. */
  readonly span: number;
}
