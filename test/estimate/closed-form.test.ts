import { describe, expect, it } from 'vitest';
import {
  arrayCycles,
  balanced,
  balancedPrefill,
  bufferBlocks,
  type Card,
  capacity,
  computeBound,
  decode,
  dspMacs,
  engineMacs,
  largestM,
  portBound,
  prefill,
  type Transformer,
  weightBandwidth,
} from '../../server/estimate/closed-form.ts';
import paper from '../facts/paper.json' with { type: 'json' };

const { u280, vck5000, vhk158 } = paper.devices;
const clock = 250e6;
const w4a8 = { weights: 4, activations: 8 };

const cards: Record<'u280' | 'vck5000' | 'vhk158', Card> = {
  u280: { macs: dspMacs(u280.dsp), bram36: u280.bram18 / 2, bandwidth: u280.hbm_GBps * 1e9, clock },
  vck5000: {
    macs: engineMacs(vck5000.ai_engines, 128, 1e9, clock),
    bram36: vck5000.bram36,
    bandwidth: vck5000.ddr_GBps * 1e9,
    clock,
  },
  vhk158: { macs: dspMacs(vhk158.dsp), bram36: vhk158.bram18 / 2, bandwidth: vhk158.hbm_GBps * 1e9, clock },
};

const relative = (value: number, expected: number): number => Math.abs(value / expected - 1);

describe("the paper's figure 6a: BERT-base prefill against the number of tokens", () => {
  const points = (['u280', 'vck5000', 'vhk158'] as const).flatMap((name) =>
    paper.fig6a.tokens.map((tokens, i) => [name, tokens, paper.fig6a[name][i]!] as const),
  );
  it.each(points)('%s, %i tokens: %f ms', (name, tokens, ms) => {
    const model: Transformer = paper.models.bert_base;
    const m = largestM(cards[name], model, tokens, w4a8);
    // The printed points have four digits, so the last one may be off by half.
    expect(relative(balancedPrefill(model, tokens, m, clock) * 1e3, ms)).toBeLessThan(0.001);
  });
});

describe("the paper's figure 8: the largest M of GPT2-medium on a U280, 128 tokens", () => {
  const model: Transformer = paper.models.gpt2_medium;
  const { bram36, macs } = cards.u280;
  it.each([
    ['W4A8', 4, 8, paper.fig8_max_m.W4A8],
    ['W8A8', 8, 8, paper.fig8_max_m.W8A8],
    ['W16A16', 16, 16, paper.fig8_max_m.W16A16],
  ] as const)('%s', (_, weights, activations, m) => {
    expect(portBound(bram36, model, 128, { weights, activations })).toBe(m);
  });
  it.each(Object.entries(paper.fig8_max_m.by_packing_bits_W4A8))('W4A8 packed into %s bits', (bits, m) => {
    expect(portBound(bram36, model, 128, w4a8, Number(bits))).toBe(m);
  });
  it('is bound by the multipliers at', () => {
    expect(computeBound(macs, model, 128)).toBe(paper.fig8_max_m.compute_bound);
  });
});

describe("the paper's own design", () => {
  const model: Transformer = { ...paper.models.bert_base, layers: 1 };
  it('takes 24.07 ms for one layer of BERT-base', () => {
    const macs = { projection: 8 * 16 * 2, attention: 8 * 8, ffn: 8 * 16 * 2 };
    expect(relative(prefill(model, 512, macs, 245e6) * 1e3, paper.bert_u280.closed_form_ms)).toBeLessThan(0.001);
  });
  it('theoretical latency of table 5', () => {
    const cycles = arrayCycles(512, 768, 3072, 16 * 16);
    expect(relative(cycles * paper.table5.clock_ns * 1e-6, paper.table5.theoretical_ms)).toBeLessThan(0.001);
  });
});

describe('the other constraints', () => {
  const model: Transformer = paper.models.bert_base;
  it('a balanced design has equal stages, so the general and the balanced formula agree', () => {
    const seconds = prefill(model, 512, balanced(256, model, 512), clock, { copies: 3 });
    expect(seconds).toBeCloseTo(balancedPrefill(model, 512, 256, clock, 3), 12);
  });
  it('decode of one token does the work of one row and looks back on all of them', () => {
    const macs = { projection: 768, attention: 64, ffn: 3072 };
    const perLayer = (768 * 768) / 768 + Math.max(768, (1025 * 768) / 64, (768 * 3072) / 3072);
    expect(decode(model, 1024, macs, clock)).toBeCloseTo((12 * perLayer) / clock, 12);
  });
  it('two cards halve the work of an operator, and the link can become the limit', () => {
    const macs = balanced(256, model, 512);
    const fast = { tensor: 2, pipeline: 1, link: 12.5e9, efficiency: 0.5 };
    expect(prefill(model, 512, macs, clock, { split: fast })).toBeCloseTo(prefill(model, 512, macs, clock) / 2, 6);
    const slow = { ...fast, link: 1e6 };
    expect(prefill(model, 512, macs, clock, { split: slow })).toBeGreaterThan((12 * 512 * 768) / (1e6 * 0.5));
  });
  it('eight rows share each weight of an 8 x 16 array with two products a DSP: 3.92 GB/s at 245 MHz', () => {
    expect(weightBandwidth(256, 8, 4, 245e6)).toBeCloseTo(3.92e9, 0);
  });
  it('packing k weights into a word divides the parts by k', () => {
    expect(bufferBlocks(768 * 32, 256, 1, 4, 18_432)).toBe(256);
    expect(bufferBlocks(768 * 32, 256, 1, 36, 18_432, 8)).toBe(32);
  });
  it('the residual bypass is part of the capacity', () => {
    const macs = balanced(256, model, 512);
    expect(capacity(model, 513, macs, w4a8, 64) - capacity(model, 512, macs, w4a8, 64)).toBe(5 * 768);
  });
});
