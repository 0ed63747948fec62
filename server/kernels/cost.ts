/**
 * What the operator cores cost that the kernels' sources ask for, and how a count of them becomes resources.
 *
 * DSP counts are exact: they follow from the types and from BIND_OP. LUT and FF are bands: synthesis prints more than
 * routing needs, and how much more varies from design to design.
 */
import type { Amount, Resources, Target } from './kernel.ts';

export interface Core {
  readonly dsp: number;
  /** Pipeline stages: a result stands in the register behind the last one. */
  readonly stages: number;
  readonly lut: number;
  readonly ff: number;
  readonly source: string;
}

export type CoreName =
  | 'fmul'
  | 'fadd'
  /** Add in a sum that is carried round a loop: bound to fabric, where it has fewer stages. */
  | 'faddCarried'
  /** Integer multiply of up to 26 × 17 bits, unsigned, bound to one DSP with its registers. */
  | 'multiply'
  /** int8 to fp32. */
  | 'toFloat'
  /** fp32 to int8, half to even, saturated: weft::round_half_to_even. */
  | 'toInteger'
  /** Greater of two fp32, by their bits. */
  | 'maximum'
  /** Control of a process: loop counters, handshakes, the enables of its pipeline. */
  | 'control';

const gates =
  'gates of the source: synthesis of like primitives with yosys synth_xilinx (shift 32: 98 LUT, add 32: 32, maximum of 32: 54)';

/** UltraScale+ at 300 MHz. */
const dsp48: Readonly<Record<CoreName, Core>> = {
  fmul: {
    dsp: 3,
    stages: 4,
    lut: 78,
    ff: 143,
    source: 'fmul_32ns_32ns_32_4_max_dsp_1, Vitis HLS 2022.1 … 2023.2, xcu280, 3.33 ns',
  },
  fadd: {
    dsp: 2,
    stages: 7,
    lut: 198,
    ff: 318,
    source: 'fadd_32ns_32ns_32_7_full_dsp_1, Vitis HLS 2022.1 … 2023.2, xcu280, 3.33 ns',
  },
  faddCarried: {
    dsp: 0,
    stages: 5,
    lut: 338,
    ff: 243,
    source: 'fadd_32ns_32ns_32_5_no_dsp_1, Vitis HLS 2023.2, xcu280, 3.33 ns',
  },
  multiply: { dsp: 1, stages: 3, lut: 6, ff: 0, source: 'DSP48E2: 27 × 18 signed; BIND_OP latency=2 of the source' },
  toFloat: { dsp: 0, stages: 4, lut: 120, ff: 90, source: gates },
  toInteger: { dsp: 0, stages: 2, lut: 120, ff: 70, source: gates },
  maximum: { dsp: 0, stages: 1, lut: 54, ff: 32, source: gates },
  control: {
    dsp: 0,
    stages: 0,
    lut: 100,
    ff: 80,
    source: 'Mask_layer_1 and Q_buffer_1 of cornell-zhang/allo-pldi24-artifact: 656 and 327 LUT, data path included',
  },
};

/** Versal: floating point is a mode of the DSP block (DSPFP32). */
const dsp58: Readonly<Record<CoreName, Core>> = {
  ...dsp48,
  fmul: {
    dsp: 1,
    stages: 1,
    lut: 0,
    ff: 0,
    source: 'fmul_32ns_32ns_32_1_primitive_dsp_1, Vitis HLS 2025.1, xcv80, 4 ns',
  },
  fadd: {
    dsp: 1,
    stages: 1,
    lut: 0,
    ff: 0,
    source: 'fadd_32ns_32ns_32_1_primitive_dsp_1, Vitis HLS 2025.1, xcv80, 4 ns',
  },
};

export function coresOf(target: Target): Readonly<Record<CoreName, Core>> {
  return target.dspKind === 'DSP58' ? dsp58 : dsp48;
}

/** How many of which cores, besides gates that no core stands for. */
export type CoreCount = Partial<Record<CoreName, number>> & { readonly gates?: number; readonly registers?: number };

export function exact(value: number): Amount {
  return { low: value, used: value, high: value };
}

/**
 * LUT and FF of what synthesis prints: routed/printed was 0.33 … 1.03 with a median of 0.60 over whole published designs;
 * single floating-point cores route near what is printed (fadd 165 of 198, fmul 83 of 85). The band spans a factor of 2.
 */
export function band(printed: number): Amount {
  const [low, high] = [Math.round(printed * 0.55), Math.round(printed * 1.1)];
  return { low, used: (low + high) / 2, high };
}

export function costOf(count: CoreCount, target: Target): Resources {
  const cores = coresOf(target);
  let dsp = 0;
  let lut = count.gates ?? 0;
  let ff = count.registers ?? 0;
  for (const name of Object.keys(cores) as CoreName[]) {
    const many = count[name] ?? 0;
    dsp += many * cores[name].dsp;
    lut += many * cores[name].lut;
    ff += many * cores[name].ff;
  }
  return { dsp: exact(dsp), bram36: exact(0), uram: exact(0), lut: band(lut), ff: band(ff) };
}

/** Counts added up, each times how often it is there. */
export function countOf(...parts: readonly (readonly [number, CoreCount])[]): CoreCount {
  const total: Record<string, number> = {};
  for (const [times, part] of parts)
    for (const [name, many] of Object.entries(part)) total[name] = (total[name] ?? 0) + times * many;
  return total;
}

/** The same hardware so many times. */
export function severalTimes(many: number, resources: Resources): Resources {
  return mapped(({ low, used, high }) => ({ low: many * low, used: many * used, high: many * high }), resources);
}

/** Both, side by side. */
export function together(one: Resources, other: Resources): Resources {
  return mapped(
    (amount, name) => ({
      low: amount.low + other[name].low,
      used: amount.used + other[name].used,
      high: amount.high + other[name].high,
    }),
    one,
  );
}

function mapped(of: (amount: Amount, name: keyof Resources) => Amount, from: Resources): Resources {
  const { dsp, bram36, uram, lut, ff } = from;
  return {
    dsp: of(dsp, 'dsp'),
    bram36: of(bram36, 'bram36'),
    uram: of(uram, 'uram'),
    lut: of(lut, 'lut'),
    ff: of(ff, 'ff'),
  };
}
