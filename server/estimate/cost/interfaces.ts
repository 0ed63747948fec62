/** What the connections to the outside cost and give: memory ports, crossings between dies. */
import type { Formula, Resources } from '../../kernels/kernel.ts';
import { stages } from '../../kernels/rows.ts';
import { band, resources } from '../amounts.ts';
import { ramb18Halves } from './memory.ts';

/**
 * LUT and FF of an AXI master port, a straight line through two measured ones: 16 bits 889 LUT + 1,476 FF (routed,
 * Vitis 2022.2, op-costs.json) and 512 bits about 5,000 LUT + 6,500 FF (published U280 designs).
 */
const axi = { narrow: { bits: 16, lut: 889, ff: 1_476 }, wide: { bits: 512, lut: 5_000, ff: 6_500 } } as const;

/** Beats of a burst where the spec says nothing, and bursts under way: the defaults of Vitis HLS (UG1399). */
export const defaultBurst = 16;
export const burstsUnderWay = 16;

/** AXI4: no burst crosses a boundary of 4 KiB, so no burst is longer. */
const longestBurst = 4096;

/** Width, burst and clock of a port. */
export interface Port {
  readonly bits: number;
  /** Beats of a burst, where they are written. */
  readonly burst?: number;
  /** Hz */
  readonly clock: number;
}

/**
 * Bytes a second that a port can take, whatever is behind it: a beat a cycle, as long as the bursts under way cover the
 * latency of memory.
 */
export function portRate({ bits, burst, clock }: Port): number {
  return (bits / 8) * clock * Math.min(1, (burstsUnderWay * beatsOf(bits, burst)) / latencyOf(bits, burst));
}

export function portFormula(port: Port): Formula {
  const { bits, burst, clock } = port;
  const beats = beatsOf(bits, burst);
  const asked =
    burst !== undefined && burst > beats ? `; of ${burst} beats ${beats} fit 4 KiB, the most that AXI4 allows` : '';
  return {
    symbolic: 'bits / 8 · clock · min(1, bursts under way · beats ÷ (memory latency + beats))',
    numeric: `${bits} / 8 · ${clock / 1e6} MHz · min(1, ${burstsUnderWay} · ${beats} ÷ (${stages.memoryRead} + ${beats}))`,
    value: portRate(port) / 1e9,
    unit: 'GB/s that a port takes at most',
    source: `Little’s law; ${burstsUnderWay} bursts under way and ${defaultBurst} beats are the defaults of Vitis HLS (UG1399)${asked}`,
  };
}

function beatsOf(bits: number, burst = defaultBurst): number {
  return Math.max(1, Math.min(burst, Math.floor(longestBurst / (bits / 8))));
}

/** Cycles from a request to the last beat of its burst. */
function latencyOf(bits: number, burst?: number): number {
  return stages.memoryRead + beatsOf(bits, burst);
}

/** One m_axi port of `bits`, read or write: it buffers the bursts under way in block memory (UG1399). */
export function memoryPort(bits: number, burst = defaultBurst): Resources {
  const bufferedWords = burstsUnderWay * burst;
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
