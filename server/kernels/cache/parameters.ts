import type { StorageKind } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';

export interface CacheParameters {
  /** K is read by tiles of keys, V by tiles of a head's columns. */
  readonly of: 'keys' | 'values';
  /** Rows at the end of the pass: of earlier passes, and one of this. */
  readonly keys: number;
  /** Heads of the other operand, and those of K or V that they share. */
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Columns of a tile and rows of a step, as the array takes them: A · P and D. */
  readonly tileColumns: number;
  readonly dot: number;
  /** Ports among which the columns of a tile are dealt out, and which of them this one is. */
  readonly ports: number;
  readonly port: number;
  readonly element: ElementType;
  /** Where the words of a head are kept for the other heads that share it. */
  readonly storage: Exclude<StorageKind, 'srl'>;
  /** Bits of the port, where that is not a word: a beat has several words, or is a part of one. Not in cache.h, nor in spill.h. */
  readonly portBits?: number;
  /** Heads whose words the port may be ahead, in this primitive; without it, a few beats in shift registers. */
  readonly staging?: { readonly storage: Exclude<StorageKind, 'srl'>; readonly heads: number };
  /** For the host code: 'K of every row so far'. */
  readonly content: string;
}
