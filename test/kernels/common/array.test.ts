import { describe, expect, it } from 'vitest';
import { type ArrayLoops, arrayCycles } from '../../../server/kernels/common/array.ts';
import { context } from '../../../server/kernels/context/index.ts';
import { linear } from '../../../server/kernels/linear/index.ts';
import { scores } from '../../../server/kernels/scores/index.ts';

const u280 = { dspKind: 'DSP48E2', clock: 245e6 };

const w4a8 = {
  array: { tokens: 8, outputs: 16, dot: 1 },
  pack: 2,
  activations: 'int8',
  weights: 'int4',
  output: 'int8',
  activation: 'none',
} as const;

describe('cycles of an array', () => {
  it('reproduce the measured first die of BERT-base at 512 tokens and 245 MHz: 4.86 ms', () => {
    const q = linear.instantiate({ ...w4a8, rows: 512, reduction: 768, columns: 768 }, u280);
    const milliseconds = (q.law.cycles.value / u280.clock) * 1e3;
    expect(milliseconds).toBeGreaterThan(4.84);
    expect(milliseconds).toBeLessThan(4.89);
  });

  // Synthesis reports of cornell-zhang/allo-pldi24-artifact, regions 1 and 2 (128 tokens, d = 1024, 16 heads).
  const published = (jobs: number, tiles: number, steps: number, overhead: number): ArrayLoops => ({
    array: { tokens: 8, outputs: 8, dot: 1 },
    pack: 1,
    jobs,
    tiles,
    steps,
    columns: 8 * tiles,
    overhead,
    depth: 20,
  });
  it.each([
    ['Linear_layer_qkv', published(16, 32, 1024, 7), 528_822],
    ['Linear_layer_ds0', published(16, 32, 1024, 7), 528_821],
    ['Attention_layer', published(16 * 16, 16, 64, 7), 293_201],
    ['Context_layer', published(16 * 16, 8, 128, 9), 281_937],
  ] as const)('have the form of published arrays: %s within 1 %%', (_, loops, reported) => {
    const { value } = arrayCycles(loops, { jobs: 'blocks', steps: 'K' }, 'report');
    expect(Math.abs(value / reported - 1)).toBeLessThan(0.01);
  });

  it('follow the epilogue where it is slower: one column a cycle', () => {
    const decode = { ...w4a8, array: { tokens: 1, outputs: 16, dot: 64 }, rows: 1, reduction: 768, columns: 768 };
    const { cycles } = linear.instantiate(decode, u280).law;
    expect(cycles.value).toBeGreaterThanOrEqual(768);
    expect(cycles.source).toContain('epilogue');
  });

  it('are explained with the numbers put in', () => {
    const { cycles } = linear.instantiate({ ...w4a8, rows: 512, reduction: 768, columns: 768 }, u280).law;
    expect(cycles.numeric).toBe('64 · 24 · (768 + 7) + 51');
    expect(cycles.value).toBe(64 * 24 * (768 + 7) + 51);
  });
});

describe('resources of an array', () => {
  const heads = { rows: 128, keys: 128, heads: 12, kvHeads: 12, headDim: 64, storage: 'uram', double: true } as const;
  const attention = { ...heads, array: { tokens: 8, outputs: 8, dot: 1 }, pack: 1, activations: 'int8' } as const;

  it('are a DSP a pair of products, and the fp32 cores of the epilogue', () => {
    const q = linear.instantiate({ ...w4a8, rows: 128, reduction: 768, columns: 768 }, u280);
    expect(q.law.logic.dsp.used).toBe(8 * 16 + 8 * (3 + 2));
    const fused = { ...w4a8, rows: 128, reduction: 768, columns: 768, activation: 'gelu_erf' } as const;
    // gelu has two integer multiplies and one of fp32; its int8 result is scaled behind it.
    expect(linear.instantiate(fused, u280).law.logic.dsp.used).toBe(8 * 16 + 8 * (3 + 2 + (2 + 3) + 3));
    expect(scores.instantiate({ ...attention, keyTokens: 8, output: 'fp32' }, u280).law.logic.dsp.used).toBe(
      64 + 8 * 3,
    );
  });

  it('are fewer blocks where a block adds up products of a dot product', () => {
    const agilex = { dspKind: 'AGILEX_DSP', clock: 250e6 };
    const blocks = (dot: number, pack: number, activations: 'int8' | 'int16', target = agilex): number => {
      const parameters = {
        ...w4a8,
        array: { tokens: 2, outputs: 3, dot },
        pack,
        activations,
        rows: 8,
        reduction: 64,
        columns: 24,
      };
      const { law } = linear.instantiate({ ...parameters, output: 'fp32' }, target);
      expect(law.explanations.find(({ unit }) => unit === 'DSP')!.value).toBe(law.logic.dsp.used);
      // Two rows of the epilogue: a multiply and an add in fp32.
      return law.logic.dsp.used - 2 * (3 + 2);
    };
    expect(blocks(8, 1, 'int8')).toBe(2 * 3 * 2);
    expect(blocks(9, 2, 'int8')).toBe(2 * 3 * 2 * 3);
    expect(blocks(8, 1, 'int16')).toBe(2 * 3 * 4);
    // One step and a shared operand: two products in a block, as they are packed everywhere.
    expect(blocks(1, 2, 'int8')).toBe(2 * 3);
    expect(blocks(8, 1, 'int8', u280)).toBe(2 * 3 * 8);
  });

  it('are bands for LUT and FF, no wider than a factor of 2', () => {
    const { lut, ff } = linear.instantiate({ ...w4a8, rows: 128, reduction: 768, columns: 768 }, u280).law.logic;
    for (const band of [lut, ff]) {
      expect(band.low).toBeLessThan(band.used);
      expect(band.used).toBeLessThan(band.high);
      expect(band.high / band.low).toBeLessThanOrEqual(2.01);
    }
    // The published array of the same shape has a FIFO at every processing element and takes 65,018 LUT as printed.
    expect(lut.high).toBeLessThan(65_018);
    // 256 adders and registers of 32 bits are there whatever else is.
    expect(lut.high).toBeGreaterThan(256 * 32);
  });

  it('keep K and V in words that are as wide as what comes in and what goes out', () => {
    const k = scores.instantiate({ ...attention, keyTokens: 8, output: 'fp32' }, u280).law.memories;
    expect(k).toContainEqual({ name: 'cache', words: 16 * 768, bits: 64, parts: 2, storage: 'uram' });
    const v = context.instantiate({ ...attention, valueTokens: 8, output: 'int8' }, u280).law.memories;
    expect(v).toContainEqual({ name: 'cache', words: (16 * 768) / 8, bits: 64, parts: 16, storage: 'uram' });
  });
});
