import type { ElementType } from '../design/workload.ts';
import type { Word } from './kernel.ts';

/** Bits of one element of each type. */
export const elementBits: Readonly<Record<ElementType, number>> = {
  int2: 2,
  int4: 4,
  int8: 8,
  uint8: 8,
  int16: 16,
  fp16: 16,
  bf16: 16,
  int32: 32,
  fp32: 32,
};

/** Integers travel as steps of a scale; the others as the values that they are. */
export function isInteger(element: ElementType): boolean {
  return element.startsWith('int') || element.startsWith('uint');
}

/** Bits of one stream word. */
export function wordBits(word: Word): number {
  return elementBits[word.element] * word.tokens * word.columns;
}
