/** What the connections to the outside cost: memory ports, crossings between dies. */
import type { Resources } from '../kernels/kernel.ts';
import { band, resources } from './amounts.ts';
import { ramb18Halves } from './memory.ts';

/**
 * LUT and FF of an AXI master port, a straight line through two measured ones: 16 bits 889 LUT + 1,476 FF (routed,
 * Vitis 2022.2, op-costs.json) and 512 bits about 5,000 LUT + 6,500 FF (published U280 designs).
 */
const axi = { narrow: { bits: 16, lut: 889, ff: 1_476 }, wide: { bits: 512, lut: 5_000, ff: 6_500 } } as const;

/** Words that a port buffers in block memory: 16 bursts of 16 beats under way, the defaults of Vitis HLS (UG1399). */
const bufferedWords = 16 * 16;

/** One m_axi port of `bits`, read or write. */
export function memoryPort(bits: number): Resources {
  const share = (bits - axi.narrow.bits) / (axi.wide.bits - axi.narrow.bits);
  const line = (from: number, to: number): number => Math.max(from / 2, from + share * (to - from));
  const lut = line(axi.narrow.lut, axi.wide.lut);
  const ff = line(axi.narrow.ff, axi.wide.ff);
  return resources({
    lut: band(lut * 0.7, lut * 1.3),
    ff: band(ff * 0.7, ff * 1.3),
    bram36: ramb18Halves(bufferedWords, bits) / 2,
  });
}

/**
 * A stream between dies: a fully registered slice on each side, two registers and a multiplexer a bit (the structure of
 * a two-entry slice; nothing published to check it against).
 */
export function crossing(bits: number): Resources {
  return resources({ lut: band(bits, 2 * bits + 20), ff: band(2 * bits, 4 * bits + 20) });
}

/** Cycles from one die to the next: out of a slice, over the boundary, into a slice (assumed; a hop more is a cycle more). */
export const crossingCycles = 4;
