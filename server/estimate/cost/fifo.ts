/**
 * What a FIFO costs. The laws follow the RTL that Vitis HLS writes for a stream and reproduce the FIFO rows of published
 * 2023.2 reports (test/facts/micro-fifo.json); the parts that a structure explains are named beside them.
 */
import type { StorageKind } from '../../design/design.ts';
import type { Resources } from '../../kernels/kernel.ts';
import { band, clean, resources } from '../amounts.ts';
import { ramb18Halves, uramBlocks } from './memory.ts';

export type FifoStorage = StorageKind | 'registers';

/** RAMB18 that a URAM is worth: it has 16 times the bits, but there are fewer of them; two to one leaves both in use. */
const ramb18PerUram = 8;

/** Depths up to which a stream that nobody bound stays in registers, in shift registers, in LUT memory. */
const limits = { registers: 2, srl: 32, lutram: 128 } as const;

/**
 * Routed ÷ printed LUT of public designs: 0.33 … 1.03, median 0.60. The band is the upper part of it, with a factor of
 * two between its ends: wide enough to be true, narrow enough to say something.
 */
export const routedShare = { low: 0.5, high: 1 } as const;

/** Where a FIFO goes: where the spec says, else by depth; a deep one to URAM where that takes no more of the chip. */
export function fifoStorage(depth: number, asked: StorageKind | 'auto', bits = 0, hasUram = false): FifoStorage {
  if (asked !== 'auto') return asked;
  if (depth <= limits.registers) return 'registers';
  if (depth <= limits.srl) return 'srl';
  if (depth <= limits.lutram) return 'lutram';
  return hasUram && uramBlocks(depth, bits) * ramb18PerUram < ramb18Halves(depth, bits) ? 'uram' : 'bram';
}

/** LUT, FF and blocks as the synthesis report of 2023.2 prints them. */
export interface PrintedFifo {
  readonly lut: number;
  readonly ff: number;
  readonly ramb18: number;
  readonly uram: number;
}

export function printedFifo(depth: number, bits: number, storage: FifoStorage): PrintedFifo {
  const address = Math.ceil(Math.log2(Math.max(2, depth)));
  // Two output registers a bit (the word shown ahead and the one behind it) and four flags.
  const output = 2 * bits + 4;
  // Read and write pointer and fill level, with a show-ahead multiplexer of one LUT a bit.
  const control = Math.max(bits, bits + 8 * address - 26);
  switch (storage) {
    case 'registers':
      return { lut: bits + 8, ff: depth <= 2 ? output : depth * bits + address + 3, ramb18: 0, uram: 0 };
    case 'srl':
      // Two 16-word shift registers share a LUT; 14 LUTs keep the address and the flags.
      return { lut: Math.ceil((bits * Math.max(16, depth)) / 32) + 14, ff: address + 3, ramb18: 0, uram: 0 };
    case 'lutram':
      return {
        // Memory: the two reported depths (40 and 125 words of 32 bits) give one LUT for 38 bits and 0.39 LUT a bit of width.
        lut: Math.round(control + bits * (depth / 38 + 0.39)),
        ff: output + bits + 3 * address,
        ramb18: 0,
        uram: 0,
      };
    case 'bram':
      return { lut: control, ff: output + 3 * address, ramb18: ramb18Halves(depth, bits), uram: 0 };
    case 'uram':
      return { lut: control, ff: output + 3 * address, ramb18: 0, uram: uramBlocks(depth, bits) };
  }
}

/** What a FIFO takes on the chip. */
export function fifoResources(depth: number, bits: number, storage: FifoStorage): Resources {
  const printed = printedFifo(Math.max(1, clean(depth)), Math.max(1, clean(bits)), storage);
  return resources({
    bram36: printed.ramb18 / 2,
    uram: printed.uram,
    lut: band(printed.lut * routedShare.low, printed.lut * routedShare.high),
    ff: band(printed.ff * routedShare.low, printed.ff * routedShare.high),
  });
}

/**
 * A depth that costs no more than the one that is needed and leaves room: the next power of two in shift registers and
 * LUT memory, a whole number of blocks beyond.
 */
export function roundDepth(needed: number): number {
  const depth = Math.max(2, Math.ceil(needed));
  if (depth <= limits.lutram) return 2 ** Math.ceil(Math.log2(depth));
  return Math.ceil(depth / 512) * 512;
}
