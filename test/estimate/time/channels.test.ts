/** Memory: who is on a channel at the same time, for how many copies, and what a port's bursts bring. */
import { describe, expect, test } from 'vitest';
import { memoryPort, portRate } from '../../../server/estimate/cost/interfaces.ts';
import { createEstimator } from '../../../server/estimate/index.ts';
import { stages } from '../../../server/kernels/rows.ts';
import { designOf } from '../example.ts';

const estimateOf = (text: string) => createEstimator().estimate(designOf(text)).accelerators[0]!;

const project = (clauses: string, statements = '') => `
  model project { input x : [tokens, 768]  layer body(x) repeat 12 { q = linear(x, 768)  output q } }
  accelerator a {
    device u280 at 245 MHz  model project  phase forward(tokens: 512)  precision W4A8  ${statements}
    kernel q array 8 x 32  pack 2  weights hbm[1]${clauses}  on slr0
  }`;

const channel = (text: string, name: string) => estimateOf(text).channels.find((one) => one.name === name)!;

describe('an array that takes turns', () => {
  const turns = (array: string) => `
    model tiny = bert(layers: 2, hidden: 96, heads: 4, ffn: 200)
    accelerator one_array {
      device u280 at 245 MHz  model tiny  phase forward(tokens: 20)  precision W8A8
      kernel gemm : q, k, v, proj, up + act, down  array ${array}  pack 2  weights hbm[3]
      kernel scores array 4 x 4  kernel softmax lanes 4  kernel context array 4 x 4
      kernel add1 lanes 4  kernel norm1 lanes 4  kernel add2 lanes 4  kernel norm2 lanes 4
    }`;

  test('reads the weights of one product at a time', () => {
    // A word of 16 bytes a cycle, in 24 of 31 cycles of a tile at the most.
    const { demand, users, limit } = channel(turns('4 x 8'), 'hbm[3]');
    expect(users.filter(({ kernel }) => kernel === 'gemm')).toHaveLength(1);
    expect(demand).toBeLessThan(16 * 245e6 * 1.05);
    expect(demand).toBeLessThan(limit);
  });

  test('takes about its own cycles, and those of attention between its turns', () => {
    const { timing, kernels, accelerator } = estimateOf(turns('4 x 8'));
    const gemm = kernels.find(({ name }) => name === 'gemm')!;
    const cycles = timing.perLayer * accelerator.clock.value;
    expect(cycles).toBeGreaterThan(gemm.cycles);
    // What the C simulation of this project takes, see simulate-overlay.test.ts: memory answers at once there.
    expect(cycles / 26_678).toBeGreaterThan(0.95);
    expect(cycles / 26_678).toBeLessThan(1.1);
  });
});

describe('the products of a token', () => {
  test('read their weights one behind the other where each waits for the row of the one before', () => {
    const text = 'accelerator a { device u250 model gpt2_medium phase decode(past: 128) precision W8A8 }';
    const { demand, users } = channel(text, 'ddr[0]');
    const kernels = new Set(users.map(({ kernel }) => kernel));
    expect(['q', 'k', 'v'].every((name) => kernels.has(name))).toBe(true);
    // They have the first heads of context, and the first words of up, long before the rest: with those goes a tile of weights.
    expect(['proj', 'up', 'down'].some((name) => kernels.has(name))).toBe(false);
    expect(demand).toBeLessThan(65e9);
  });
});

describe('copies of a layer', () => {
  test('that pass rows on as they come read weights of their own at the same time', () => {
    const one = channel(project(''), 'hbm[1]');
    const two = channel(project('', 'copies 2 of body'), 'hbm[1]');
    expect(two.demand).toBeCloseTo(2 * one.demand, -3);
  });

  test('of a token are at work one after the other: no faster, and no more of the channel', () => {
    const gpt2 = (copies: number) => `
      accelerator a {
        device u280  model gpt2_medium  phase decode(past: 100)  precision W8A8  copies ${copies}
      }`;
    const [single, many] = [1, 4].map((copies) => estimateOf(gpt2(copies)));
    expect(many!.timing.passes * 4).toBe(single!.timing.passes);
    expect(many!.timing.model / single!.timing.model).toBeGreaterThan(0.97);
    expect(many!.timing.model / single!.timing.model).toBeLessThanOrEqual(1.0001);
    const most = (estimate: typeof single) => Math.max(...estimate!.channels.map(({ demand }) => demand));
    expect(most(many) / most(single)).toBeLessThan(1.1);
  });

  test('of a prompt are behind by what is left when K and V are complete', () => {
    const bert = (copies: number) => `
      accelerator a { device u280 at 245 MHz  model bert_base  phase forward(tokens: 256)  precision W8A8  copies ${copies} }`;
    const [single, many] = [1, 2].map((copies) => estimateOf(bert(copies)).timing);
    expect(many!.behind).toBeLessThan(many!.perLayer);
    expect(many!.behind).toBeGreaterThan(0.3 * many!.perLayer);
    expect(many!.model).toBeCloseTo(many!.passes * (many!.perLayer + many!.behind), 9);
    expect(many!.model).toBeLessThan(single!.model);
  });

  test('whose kernels are at work at the same time ask for more than the channel gives, and wait for it', () => {
    // In one layer k and v are complete before the feed-forward network starts; those of the next copy read what that gives.
    const bert = (copies: number) => `
      accelerator a {
        device u280 at 245 MHz  model bert_base  phase forward(tokens: 128)  precision W8A8  copies ${copies}
        region all on slr0 pack 2 {
          kernel k array 8 x 16 weights hbm[9]  kernel v array 8 x 8 weights hbm[9]  kernel up array 8 x 8 weights hbm[9]
        }
      }`;
    const [single, many] = [1, 2].map((copies) => estimateOf(bert(copies)));
    const demand = (estimate: typeof single) => estimate!.channels.find(({ name }) => name === 'hbm[9]')!.demand;
    expect(demand(single)).toBeLessThan(14.375e9);
    expect(demand(many)).toBeGreaterThan(14.375e9);
    expect(many!.timing.perLayer).toBeGreaterThan(single!.timing.perLayer);
  });
});

describe('a port', () => {
  test('takes a beat a cycle while its bursts cover the latency of memory', () => {
    const full = 64 * 245e6;
    const rate = (burst?: number, bits = 512) => portRate({ bits, clock: 245e6, ...(burst ? { burst } : {}) });
    expect(rate()).toBe(full);
    expect(rate(1)).toBeCloseTo((full * 16) / (stages.memoryRead + 1), 3);
    expect(rate(2)).toBeCloseTo((full * 32) / (stages.memoryRead + 2), 3);
    expect(rate(256)).toBe(full);
    // No burst is longer than 4 KiB: one beat of 32,768 bits, whatever is asked for.
    expect(rate(256, 32_768)).toBe(rate(1, 32_768));
  });

  test('of short bursts holds its kernel up; of long ones it only takes block memory', () => {
    const [short, usual, long] = [' burst 1', '', ' burst 256'].map((clause) => estimateOf(project(clause)));
    expect(short!.timing.perLayer).toBeGreaterThan(2 * usual!.timing.perLayer);
    expect(short!.kernels[0]!.waits).toContainEqual(expect.objectContaining({ on: 'hbm[1]', kind: 'memory' }));
    expect(long!.timing.perLayer).toBe(usual!.timing.perLayer);
    const extra = memoryPort(512, 256).bram36.used - memoryPort(512).bram36.used;
    expect(extra).toBeGreaterThan(45);
    expect(long!.kernels[0]!.resources.bram36.used - usual!.kernels[0]!.resources.bram36.used).toBe(extra);
  });

  test('says what it gives where a kernel is explained', () => {
    const [q] = estimateOf(project(' burst 2')).kernels;
    const port = q!.explanations.find(({ unit }) => unit.startsWith('GB/s'))!;
    expect(port.numeric).toBe(`512 / 8 · 245 MHz · min(1, 16 · 2 ÷ (${stages.memoryRead} + 2))`);
    expect(port.value).toBeCloseTo((64 * 0.245 * 32) / (stages.memoryRead + 2), 6);
  });
});
