/**
 * How a tensor lies in memory: the words of its stream in their order, packed into beats of the port. As many whole words
 * as fit share a beat, or a word takes several whole beats; a word never straddles two beats.
 */
import type { ElementType } from '../../design/workload.ts';
import { blocksOf, type RowTensor, wordsOfBlock } from '../rows.ts';
import { elementBits } from '../word.ts';

export interface BeatLayout {
  readonly portBits: number;
  /** Jobs of equal size: row blocks where they begin with a beat, else the whole pass. */
  readonly jobs: number;
  /** Words and beats of a job. */
  readonly words: number;
  readonly beats: number;
  /** One of the two is 1. */
  readonly wordsOfBeat: number;
  readonly beatsOfWord: number;
}

export function beatLayout(tensor: RowTensor, element: ElementType, portBits: number): BeatLayout {
  const bits = tensor.word.tokens * tensor.word.columns * elementBits[element];
  const wordsOfBeat = Math.max(1, Math.floor(portBits / bits));
  const beatsOfWord = Math.max(1, Math.ceil(bits / portBits));
  const words = wordsOfBlock(tensor);
  const aligned = words % wordsOfBeat === 0;
  const job = aligned ? words : words * blocksOf(tensor);
  return {
    portBits,
    jobs: aligned ? blocksOf(tensor) : 1,
    words: job,
    beats: Math.ceil(job / wordsOfBeat) * beatsOfWord,
    wordsOfBeat,
    beatsOfWord,
  };
}

/** Bytes that the tensor takes behind the port. */
export function layoutBytes(layout: BeatLayout): number {
  return (layout.jobs * layout.beats * layout.portBits) / 8;
}
