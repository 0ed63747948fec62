/**
 * Floating-point cores as HLS picks them, by part, clock and tool: what they cost and how long they take. Every line is a
 * core that the Instance tables of published synthesis reports list; `stages − 1` cycles pass from operands to result.
 */
import type { Latencies } from './schedule.ts';

export interface OperatorCore {
  readonly dsp: number;
  readonly stages: number;
}

export interface CoreTable {
  readonly source: string;
  readonly cores: Readonly<Record<string, OperatorCore>>;
  /** Add bound to fabric in a carried sum; a part with floating-point DSPs has no need of one. */
  readonly carriedAdd: OperatorCore;
}

const core = (dsp: number, stages: number): OperatorCore => ({ dsp, stages });

/** UltraScale+ at 300 MHz. */
const ultrascale300: CoreTable = {
  source:
    'Vitis HLS 2022.1.2 … 2023.2, xcu280 and xcu200, 3.33 ns: fmul_…_4_max_dsp, fadd_…_7_full_dsp, fadd_…_5_no_dsp, …',
  cores: {
    fmul: core(3, 4),
    fadd: core(2, 7),
    fsub: core(2, 7),
    fdiv: core(0, 12),
    fsqrt: core(0, 12),
    fexp: core(7, 14),
    frecip: core(8, 14),
    fcmp: core(0, 2),
    dmul: core(8, 8),
    fptosi: core(0, 3),
  },
  carriedAdd: core(0, 5),
};

/** UltraScale+ at 100 MHz. */
const ultrascale100: CoreTable = {
  source: 'Vitis HLS 2022.2 and 2024.2, xck26, 10 ns: fmul_…_3_max_dsp, fadd_…_4_full_dsp, fexp_…_8_full_dsp, …',
  cores: {
    fmul: core(3, 3),
    fadd: core(2, 4),
    fsub: core(2, 4),
    fdiv: core(0, 9),
    fsqrt: core(0, 8),
    fexp: core(7, 8),
    frsqrt: core(9, 10),
    fcmp: core(0, 2),
  },
  carriedAdd: core(0, 4),
};

/** Versal: floating point is a mode of the DSP block. */
const versal250: CoreTable = {
  source: 'Vitis HLS 2025.1, xcv80, 4 ns: fmul_…_1_primitive_dsp, fadd_…_1_primitive_dsp, fexp_…_9_med_dsp, …',
  cores: {
    fmul: core(1, 1),
    fadd: core(1, 1),
    fsub: core(1, 1),
    fdiv: core(0, 11),
    fsqrt: core(0, 15),
    fexp: core(1, 9),
    fcmp: core(0, 1),
  },
  carriedAdd: core(1, 1),
};

/**
 * The cores for a part and a clock, or undefined where no report shows them: cores change with the clock, and a guess would be
 * wrong by whole DSPs.
 * @param clockNs period in nanoseconds
 */
export function coresFor(part: string, clockNs: number): CoreTable | undefined {
  const near = (period: number): boolean => Math.abs(clockNs / period - 1) < 0.1;
  if (/^xc(u\d|k26|zu|vu)/i.test(part)) {
    if (near(3.33)) return ultrascale300;
    if (near(10)) return ultrascale100;
  }
  if (/^xcv80/i.test(part) && near(4)) return versal250;
  return undefined;
}

/** What the scheduler needs of a table. */
export function latenciesOf(table: CoreTable): Latencies {
  const others: Record<string, number> = {};
  for (const [name, { stages }] of Object.entries(table.cores)) others[name] = stages - 1;
  return { add: (table.cores.fadd?.stages ?? 1) - 1, carriedAdd: table.carriedAdd.stages - 1, others };
}
