/**
 * On-chip memory by shape, not by bits: a block has a few aspect ratios, and what a word or an address range leaves over
 * is lost. Checked against published synthesis reports (test/facts/micro-memory.json).
 */
import type { StorageKind } from '../../design/design.ts';
import type { MemoryShape, Resources } from '../../kernels/kernel.ts';
import { band, nothing, resources, times } from '../amounts.ts';

/** Words × bits of one RAMB18 (UG573, table "Block RAM aspect ratios"); the widest only as a simple dual port. */
const ramb18 = [
  [16_384, 1],
  [8_192, 2],
  [4_096, 4],
  [2_048, 9],
  [1_024, 18],
  [512, 36],
] as const;

/** Words × bits of one URAM288 (UG573). */
const uram = { words: 4_096, bits: 72 } as const;

/** Up to this many words a memory that nobody bound goes to LUTs: 128-word rows do, 160-word rows do not. */
const lutramWords = 128;

/** More RAMB18 than this and a memory of at most one URAM's depth goes to URAM: 2048 × 32 stays, 2280 × 32 moves. */
const ramb18BeforeUram = 4;

/** Above the bits of one URAM the depth is no longer rounded up to a power of two: 8,352 × 32 is, 11,000 × 32 is not. */
const roundedBits = uram.words * uram.bits;

/** Which release's report is reproduced: until 2022.2 the columns of a deep memory are cut to different widths. */
export type MemoryLaw = 'hls-2022.2' | 'hls-2023.2';

/**
 * RAMB18 halves of one memory, as the synthesis report counts them.
 *
 * Depth is rounded up to a power of two while the memory is small; then the cheapest aspect ratio. A large memory is
 * counted by the rows it fills, rounded to the nearest.
 */
export function ramb18Halves(words: number, bits: number, law: MemoryLaw = 'hls-2023.2'): number {
  if (!(words > 0 && bits > 0)) return 0;
  const small = words * bits <= roundedBits;
  const depth = small ? powerOfTwo(words) : words;
  if (law === 'hls-2022.2') return mixedColumns(depth, bits);
  let least = Number.POSITIVE_INFINITY;
  for (const [height, width] of ramb18) {
    const columns = Math.ceil(bits / width);
    const rows = small ? Math.ceil(depth / height) : depth / height;
    least = Math.min(least, columns * rows);
  }
  return Math.max(1, Math.round(least));
}

/** The 2022.2 law: one RAMB18 where it is enough, else RAMB36 columns of 9, 4, 2 and 1 bits, whatever mix is cheapest. */
function mixedColumns(depth: number, bits: number): number {
  for (const [height, width] of ramb18) if (depth <= height && bits <= width) return 1;
  // A RAMB36 has twice the depth of a RAMB18 at equal width; 512 × 72 is the RAMB18 pair side by side.
  const shapes = [...ramb18.map(([height, width]) => [height * 2, width] as const), [512, 72] as const];
  // The widest column is taken as often as it fits; what is left over is a small problem that is tried out.
  let least = Number.POSITIVE_INFINITY;
  for (const [height, width] of shapes) {
    const whole = Math.floor(bits / width);
    const rest = bits - whole * width;
    let cost = whole * Math.ceil(depth / height);
    if (rest > 0) cost += cheapestRest(depth, rest, shapes);
    least = Math.min(least, cost);
  }
  return 2 * least;
}

function cheapestRest(depth: number, bits: number, shapes: readonly (readonly [number, number])[]): number {
  const costs = [0];
  for (let wanted = 1; wanted <= bits; wanted++) {
    let least = Number.POSITIVE_INFINITY;
    for (const [height, width] of shapes) {
      least = Math.min(least, costs[Math.max(0, wanted - width)]! + Math.ceil(depth / height));
    }
    costs.push(least);
  }
  return costs[bits]!;
}

/** URAM blocks of one memory. */
export function uramBlocks(words: number, bits: number): number {
  if (!(words > 0 && bits > 0)) return 0;
  return Math.ceil(words / uram.words) * Math.ceil(bits / uram.bits);
}

/** Where synthesis puts a memory that nobody bound. A part without URAM never gets any. */
export function chooseStorage(words: number, bits: number, hasUram: boolean): Exclude<StorageKind, 'srl'> {
  if (words <= lutramWords) return 'lutram';
  const blocks = ramb18Halves(words, bits);
  return hasUram && words <= uram.words && blocks > ramb18BeforeUram ? 'uram' : 'bram';
}

/** LUTs and flip-flops of a memory in LUTs: one LUT a bit for each 64 words and an output register (rows of 2023.2). */
export function lutram(words: number, bits: number): Resources {
  const lut = bits * Math.ceil(words / 64) + 1;
  // A simple dual port of 64 words takes 8 LUTs for 7 bits (UG574, RAM64M8); a ROM half of that: the band.
  return resources({ lut: band(lut / 2, (lut * 8) / 7), ff: bits });
}

/** What a memory of a kernel's law takes, all of its parts. */
export function memoryResources(shape: MemoryShape, hasUram: boolean): Resources {
  const { words, bits, parts } = shape;
  if (!(words > 0 && bits > 0 && parts > 0)) return nothing;
  const storage = shape.storage === 'auto' ? chooseStorage(words, bits, hasUram) : shape.storage;
  return times(oneMemory(storage, words, bits), parts);
}

function oneMemory(storage: StorageKind | 'registers', words: number, bits: number): Resources {
  switch (storage) {
    case 'bram':
      return resources({ bram36: ramb18Halves(words, bits) / 2 });
    case 'uram':
      return resources({ uram: uramBlocks(words, bits) });
    case 'lutram':
      return lutram(words, bits);
    case 'srl':
      // SRLC32E: 32 words of one bit a LUT (UG574).
      return resources({ lut: bits * Math.ceil(words / 32) });
    case 'registers':
      return resources({ ff: words * bits });
  }
}

function powerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}
