import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add } from '../../server/kernels/combine/index.ts';
import { coresOf } from '../../server/kernels/cost.ts';
import { gelu } from '../../server/kernels/elementwise/index.ts';
import type { Law } from '../../server/kernels/kernel.ts';
import { layernorm } from '../../server/kernels/layernorm/index.ts';
import { load } from '../../server/kernels/load/index.ts';
import { stages } from '../../server/kernels/rows.ts';
import { softmax } from '../../server/kernels/softmax/index.ts';
import { store } from '../../server/kernels/store/index.ts';

const u280 = { dspKind: 'DSP48E2', clock: 300e6 };
const v80 = { dspKind: 'DSP58', clock: 300e6 };
const column = { tokens: 8, columns: 1 };

describe('DSP, counted by hand in the sources', () => {
  const attention = { rows: 512, heads: 12, keys: 512, word: column, output: 'int8' } as const;
  const norm = { rows: 512, columns: 768, word: column, input: 'fp32' } as const;

  it('of softmax: 8 lanes of subtract and exp, the factor 127 / sum, 8 multiplies', () => {
    const { logic } = softmax.instantiate({ ...attention, ii: 1 }, u280).law;
    expect(logic.dsp).toEqual({ low: 77, used: 77, high: 77 }); // 8 · (2 + 4) + (2 + 3) + 8 · 3
  });

  it('of softmax at an interval of 4, which shares two lanes of exponentials', () => {
    expect(softmax.instantiate({ ...attention, ii: 4 }, u280).law.logic.dsp.used).toBe(2 * (2 + 4) + 5 + 24);
  });

  it('of softmax with its keys side by side, which adds a tree', () => {
    const word = { tokens: 2, columns: 4 };
    expect(softmax.instantiate({ ...attention, word, ii: 1 }, u280).law.logic.dsp.used).toBe(48 + 2 * 3 * 2 + 5 + 24);
  });

  it('of layernorm: squares, mean and factor, two multiplies and two adds a lane, a scale for int8', () => {
    const one = layernorm.instantiate({ ...norm, ii: 1, outputs: ['fp32'] }, u280).law.logic.dsp.used;
    expect(one).toBe(8 * (2 + 3) + (3 + 3 + 2 + 2) + 8 * (2 * 3 + 2));
    const two = layernorm.instantiate({ ...norm, ii: 1, outputs: ['int8', 'fp32'] }, u280).law.logic.dsp.used;
    expect(two - one).toBe(8 * 3);
  });

  it('of gelu and add', () => {
    const shape = { rows: 512, columns: 3072, word: column };
    const act = gelu.instantiate({ ...shape, form: 'erf', input: 'fp32', output: 'int8' }, u280);
    expect(act.law.logic.dsp.used).toBe(8 * (2 + 3 + 3));
    const sum = { ...shape, a: 'int8', b: 'fp32', output: 'fp32' } as const;
    expect(add.instantiate(sum, u280).law.logic.dsp.used).toBe(8 * (3 + 2));
    expect(add.instantiate(sum, v80).law.logic.dsp.used).toBe(8 * (1 + 1));
  });
});

/**
 * The published kernels of cornell-zhang/allo-pldi24-artifact (llm/gpt_region_2.cpp, Vitis HLS 2022.1, U280) are built from
 * the same loops without the overlap: one function that goes through its passes row block after row block. Their laws are
 * only written here, from the cores that their sources ask for; 'allo-llm-module' of the public ground truth has the results.
 */
describe('published row kernels of the same loops', () => {
  const exp = 14; // fexp_32ns_32ns_32_14_full_dsp_1, 7 DSP
  const div = 12; // fdiv_32ns_32ns_32_12_no_dsp_1
  const sqrt = 12; // fsqrt_32ns_32ns_32_12_no_dsp_1
  const [read, write] = [1, 1];
  const { fmul, fadd, carriedSum } = stages;
  /** A pipelined loop; Vitis HLS makes it a module of its own, whose start and end take two cycles. */
  const loop = (trip: number, ii: number, depth: number) => (trip - 1) * ii + depth + 1 + 2;
  const nextBlock = 1;

  it('softmax: an exponential and a carried sum, then a division, a scale and a conversion', () => {
    const toInteger = 3;
    const exponentials = loop(128, 4, read + exp + carriedSum);
    const quotients = loop(128, 1, read + div + fmul + toInteger + write);
    const cycles = (128 / 8) * 16 * (exponentials + quotients + nextBlock) + 1;
    expect(Math.abs(cycles / 175_617 - 1)).toBeLessThan(0.01);
    // lanes share the exponentials of an interval, as in the law of softmax.h
    expect(Math.ceil(8 / 4) * 7 + 8 * coresOf(u280).fmul.dsp).toBe(38);
  });

  it('layernorm: two carried sums, their moments, a root a row, then the rows', () => {
    const sums = loop(1024, 4, read + fmul + carriedSum);
    const moments = loop(8, 1, read + fmul + fmul + fadd + write);
    const roots = 7 + read + fadd + sqrt;
    const rows = loop(1024, 1, read + fadd + div + fmul + fadd + write);
    const cycles = (128 / 8) * (sums + moments + roots + rows + nextBlock) + 1;
    expect(Math.abs(cycles / 84_317 - 1)).toBeLessThan(0.01);
  });
});

describe('every law', () => {
  const lanes = fc.record({ tokens: fc.integer({ min: 1, max: 16 }), columns: fc.integer({ min: 1, max: 16 }) });
  const size = fc.integer({ min: 1, max: 3000 });
  const ii = fc.constantFrom(1, 2, 4);

  /** What the processes move must be what the ports and FIFOs carry, each in the order of time. */
  function consistent(law: Law, ports: Readonly<Record<string, number>>) {
    const written: Record<string, number> = {};
    const read: Record<string, number> = {};
    for (const process of law.processes) {
      for (const [moves, total] of [
        [process.reads, read],
        [process.writes, written],
      ] as const)
        for (const { port, words, first, last } of moves) {
          total[port] = (total[port] ?? 0) + words * process.jobs;
          expect(first).toBeGreaterThanOrEqual(0);
          expect(last - first).toBeGreaterThanOrEqual(words - 1);
        }
      expect(process.active).toBeLessThanOrEqual(process.cycles);
    }
    for (const { name, depth } of law.buffers) {
      expect(read[name], name).toBe(written[name]);
      expect(depth).toBeGreaterThanOrEqual(2);
    }
    for (const [port, words] of Object.entries(ports)) expect((read[port] ?? 0) + (written[port] ?? 0)).toBe(words);
    const slowest = Math.max(...law.processes.map(({ jobs, cycles }) => jobs * cycles));
    expect(law.cycles.value).toBeGreaterThanOrEqual(slowest);
  }

  it('of softmax and layernorm accounts for every word', () => {
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 32 }), lanes, ii, (rows, columns, heads, word, interval) => {
        const p = softmax.instantiate({ rows, heads, keys: columns, word, ii: interval, output: 'int8' }, u280);
        consistent(p.law, Object.fromEntries(p.streams.map(({ name, words }) => [name, words])));
        const shape = { rows, columns, word, ii: interval, input: 'fp32', outputs: ['int8', 'fp32'] } as const;
        const n = layernorm.instantiate(shape, u280);
        consistent(n.law, Object.fromEntries(n.streams.map(({ name, words }) => [name, words])));
      }),
    );
  });

  it('of load and store moves whole beats, and every word once', () => {
    fc.assert(
      fc.property(size, size, lanes, fc.constantFrom('int8', 'fp32'), (rows, columns, word, element) => {
        for (const module of [load, store]) {
          const unit = module.instantiate({ rows, columns, word, element, content: 'x' }, u280);
          const [port] = unit.memories;
          const beats = port!.bytes / 64;
          const { words } = unit.streams[0]!;
          consistent(unit.law, { [unit.streams[0]!.name]: words, memory: beats });
          expect(Number.isInteger(beats)).toBe(true);
          expect(unit.law.traffic[0]!.bytes).toBe(port!.bytes);
          expect(unit.law.traffic[0]!.cycles).toBe(Math.max(beats, words));
        }
      }),
    );
  });
});
