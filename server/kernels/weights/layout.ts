/**
 * How the trained values of a linear lie in memory: what weights.h reads, and what host code and test benches write.
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
 * where tile = ⌊n / (A·P)⌋ and step = ⌊k / D⌋. Of linears that one array takes in turn the heads follow each other, and
 * behind all of these the bodies: they can be there before the scales of the linear in front are all used. Layers follow each
 * other, `bytes` apart.
 */
import type { ArrayShape } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import { elementBits } from '../word.ts';

/** What a linear has learnt. */
export interface WeightMatrix {
  readonly reduction: number;
  readonly columns: number;
}

/** How a loader's words are cut. */
export interface WeightWords {
  readonly array: ArrayShape;
  readonly pack: number;
  readonly weights: ElementType;
  /** 64, 128, 256 or 512. */
  readonly portBits: number;
}

export interface WeightShape extends WeightMatrix, WeightWords {}

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

/** Of all matrices that lie behind one port, in the order of their turns. */
export interface LoaderLayout
  extends Pick<WeightLayout, 'tileColumns' | 'wordBytes' | 'wordsPerBeat' | 'beatsPerWord' | 'beatBytes' | 'bytes'> {
  readonly parts: readonly WeightLayout[];
  /** Sums over the parts; columns are padded. */
  readonly columns: number;
  readonly words: number;
  readonly headBeats: number;
  readonly bodyBeats: number;
  /** Of the part with the longest tiles. */
  readonly tileBeats: number;
}

export interface LoaderShape extends WeightWords {
  readonly matrices: readonly WeightMatrix[];
}

export function loaderLayout({ matrices, ...words }: LoaderShape): LoaderLayout {
  const parts = matrices.map((matrix) => weightLayout({ ...words, ...matrix }));
  const { tileColumns, wordBytes, wordsPerBeat, beatsPerWord, beatBytes } = parts[0]!;
  const sum = (of: (part: WeightLayout) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    ...{ parts, tileColumns, wordBytes, wordsPerBeat, beatsPerWord, beatBytes },
    columns: sum(({ tiles }) => tiles * tileColumns),
    words: sum(({ tiles, steps }) => tiles * steps),
    headBeats: sum(({ headBeats }) => headBeats),
    bodyBeats: sum(({ bodyBeats }) => bodyBeats),
    tileBeats: Math.max(...parts.map(({ tileBeats }) => tileBeats)),
    bytes: sum(({ bytes }) => bytes),
  };
}
