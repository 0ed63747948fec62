import type { StorageKind } from '../../design/design.ts';
import type { LoaderShape } from './layout.ts';

/** `matrices`: of the linear, or of all that the array takes in turn. */
export interface WeightsParameters extends LoaderShape {
  /** Row blocks of a pass, or tiles of them: the array asks for all weights once each. */
  readonly blocks: number;
  /** Blocks of rows that the array keeps a tile of weights for, on the average: it asks for the next one as much later. */
  readonly keptFor?: number;
  /** Jobs of the timeline that a pass is cut into: a block each unless said; of an image, one a row. */
  readonly jobs?: number;
  /** Memory: read again for every block. On the chip: read once a pass and kept. */
  readonly storage: 'memory' | Exclude<StorageKind, 'srl'>;
  /** Read again, through a FIFO in this primitive that holds so many tiles; without it, a few beats in shift registers. */
  readonly staging?: { readonly storage: Exclude<StorageKind, 'srl'>; readonly tiles: number };
  /**
   * Kept twice (`double`): while a layer is computed from one half, the weights of the next one are read into the other, and the
   * first row need not wait for them. Weights in memory have no halves.
   */
  readonly ahead?: boolean;
  /** Of such a loader: a name that no other loader has, for what it keeps from pass to pass. */
  readonly owner?: string;
  /** For the host code: 'weights of q'. */
  readonly content: string;
}
