/** Where K and V are kept that nobody has given a place. */

import type { Draft } from '../mapping/mapping.ts';
import { bitsOf } from '../sheets/precision.ts';
import { greatest } from './balance.ts';
import type { Surroundings } from './settling.ts';
import { cacheBytes, outlives, weightBytes } from './stored.ts';

/** Where K and V are: on the chip, twice where the next pass can be filled meanwhile, or in memory. */
export type Keeping = 'twice' | 'once' | 'in memory';

/** Words and bits of an UltraRAM and of a block RAM of 36 Kbit (UG573). */
const BLOCKS = { uram: { words: 4096, bits: 72 }, bram36: { words: 1024, bits: 36 } };

/** Of the blocks of a die, what K and V may take: FIFOs and weights are beside them. */
const MOST_OF_A_DIE = 0.6;

/** Of a memory, what may be filled: each kernel has whole channels, and its last is seldom full. */
const MOST_OF_MEMORY = 0.85;

/** A device without UltraRAM keeps them in block RAM. */
export function onChipStorage({ dies }: Surroundings['device']): 'uram' | 'bram' {
  return dies.some(({ resources }) => resources.uram > 0) ? 'uram' : 'bram';
}

/**
 * Those of a past, which are of every layer, lie in memory; those of one pass too, where a die has not the blocks for them and
 * memory has the room.
 * @param widthOf keys or values a cycle that a kernel reads, about: a word of its cache
 */
export function keepingOf(drafts: readonly Draft[], around: Surroundings, widthOf: (draft: Draft) => number): Keeping {
  const { device, phase, repeat, precision } = around;
  if (device.memories.length > 0 && outlives(phase)) return 'in memory';
  const kind = onChipStorage(device) === 'uram' ? 'uram' : 'bram36';
  const blocks = drafts.reduce((sum, draft) => {
    const bits = nearestPower(widthOf(draft)) * bitsOf(precision.cache);
    const words = draft.asked.cache?.value ? 0 : (8 * cacheBytes(draft, around)) / Math.max(1, repeat) / bits;
    return sum + Math.ceil(words / BLOCKS[kind].words) * Math.ceil(bits / BLOCKS[kind].bits);
  }, 0);
  const room = MOST_OF_A_DIE * greatest(device.dies.map(({ resources }) => resources[kind]));
  if (2 * blocks <= room) return 'twice';
  return blocks <= room || !hasRoom(drafts, around) ? 'once' : 'in memory';
}

/**
 * Whether the first memory has room for K and V of all layers beside the weights: a pass leaves them there. Of a whole pass the
 * kernel library keeps int8 only.
 */
function hasRoom(drafts: readonly Draft[], around: Surroundings): boolean {
  const [memory] = around.device.memories;
  if (!memory || around.precision.cache !== 'int8') return false;
  const bytes = drafts.reduce((sum, draft) => sum + weightBytes(draft, around) + cacheBytes(draft, around), 0);
  return bytes <= MOST_OF_MEMORY * memory.capacity * (memory.channels.last - memory.channels.first + 1);
}

/** Sides of arrays are powers of two. */
function nearestPower(width: number): number {
  return 2 ** Math.round(Math.log2(Math.max(1, width)));
}
