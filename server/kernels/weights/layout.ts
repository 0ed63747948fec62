/**
 * How the trained values of one linear lie in memory: what weights.h reads, and what host code and test benches write.
 *
 * All little endian, in beats of the port's width:
 *
 *   head   for each column of the padded result, in order: multiplier fp32, bias fp32 (8 bytes). A beat holds
 *          portBits / 64 columns; the last beat of the head is filled up with zeros.
 *   body   one weight word for each (tile, step), step fastest: A·P·D weights of `bits` bits, index
 *          (k mod D) · A·P + (n mod A·P), index 0 in the lowest bits, filled up to whole bytes. A beat holds as many
 *          whole words as fit, the first in its lowest bytes; a word wider than the port takes several beats, lowest
 *          bytes first. Weights of rows k ≥ K and columns n ≥ N are zero.
 *
 * where tile = ⌊n / (A·P)⌋ and step = ⌊k / D⌋. Layers follow each other, `bytes` apart.
 */
import type { ArrayShape } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import { elementBits } from '../word.ts';

export interface WeightShape {
  readonly reduction: number;
  readonly columns: number;
  readonly array: ArrayShape;
  readonly pack: number;
  readonly weights: ElementType;
  /** 64, 128, 256 or 512. */
  readonly portBits: number;
}

export interface WeightLayout {
  readonly tileColumns: number;
  readonly tiles: number;
  readonly steps: number;
  readonly wordBytes: number;
  /** Of these two, one is 1. */
  readonly wordsPerBeat: number;
  readonly beatsPerWord: number;
  readonly headBeats: number;
  readonly bodyBeats: number;
  /** Beats that the words of one tile lie in. */
  readonly tileBeats: number;
  readonly beatBytes: number;
  /** Of one layer: head and body. */
  readonly bytes: number;
}

/** Bytes of the multiplier and the bias of a column. */
export const scaleBytes = 8;

export function weightLayout(shape: WeightShape): WeightLayout {
  const { reduction, columns, array, pack, weights, portBits } = shape;
  const tileColumns = array.outputs * pack;
  const tiles = Math.ceil(columns / tileColumns);
  const steps = Math.ceil(reduction / array.dot);
  const beatBytes = portBits / 8;
  const wordBytes = Math.ceil((tileColumns * array.dot * elementBits[weights]) / 8);
  const wordsPerBeat = Math.max(1, Math.floor(beatBytes / wordBytes));
  const beatsPerWord = Math.ceil(wordBytes / beatBytes);
  const headBeats = Math.ceil((tiles * tileColumns * scaleBytes) / beatBytes);
  const bodyBeats = Math.ceil((tiles * steps) / wordsPerBeat) * beatsPerWord;
  return {
    tileColumns,
    tiles,
    steps,
    wordBytes,
    wordsPerBeat,
    beatsPerWord,
    headBeats,
    bodyBeats,
    tileBeats: Math.ceil(steps / wordsPerBeat) * beatsPerWord,
    beatBytes,
    bytes: (headBeats + bodyBeats) * beatBytes,
  };
}
