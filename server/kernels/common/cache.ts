/** What scores and context add to an array: K or V is stored whole before the first tile reads it. */
import type { StorageKind } from '../../design/design.ts';
import type { Formula, MemoryShape, Process } from '../kernel.ts';
import { transfer } from '../rows.ts';

/** A read out of URAM takes a stage more than one out of block RAM: its output register is needed at 300 MHz. */
export function cacheStages(storage: StorageKind): number {
  return storage === 'uram' ? 1 : 0;
}

/** Process `store`: a word a cycle into the cache, one job a block of the stream's rows. */
export function storeProcess(port: string, blocks: number, words: number): Process {
  return { name: 'store', jobs: blocks, cycles: words, active: words, reads: [transfer(port, words, 0)], writes: [] };
}

/** Banks that are read side by side; `double` has two of each: one is filled for the next pass. */
export function cacheMemory(cache: {
  readonly words: number;
  readonly bits: number;
  readonly banks: number;
  readonly storage: StorageKind;
  readonly double: boolean;
}): MemoryShape {
  const { words, bits, banks, storage, double } = cache;
  return { name: 'cache', words, bits, parts: banks * (double ? 2 : 1), storage };
}

/** Cycles of a pass: the store first, then the array. */
export function withStore(store: Process, array: Formula): Formula {
  return {
    ...array,
    symbolic: `store + ${array.symbolic}`,
    numeric: `${store.jobs * store.cycles} + ${array.numeric}`,
    value: store.jobs * store.cycles + array.value,
  };
}
