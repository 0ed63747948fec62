import { describe, expect, it } from 'vitest';
import type { AcceleratorEstimate } from '../../server/estimate/estimate.ts';
import { createEstimator } from '../../server/estimate/index.ts';
import { bert, designOf } from './example.ts';

function estimate(text: string): AcceleratorEstimate {
  return createEstimator().estimate(designOf(text)).accelerators[0]!;
}

describe('the BERT example on a U280', () => {
  const result = estimate(bert);

  it('its closed form is the published 24.07 ms for one layer', () => {
    expect(result.timing.closedForm!.seconds * 1e3).toBeCloseTo(24.07, 2);
  });

  it('its first region takes the measured 4.86 ms, by the loops of the kernels alone', () => {
    const slr0 = result.dies.find(({ name }) => name === 'slr0')!;
    expect(slr0.latency * 1e3).toBeGreaterThan(4.84);
    expect(slr0.latency * 1e3).toBeLessThan(4.89);
  });

  it('a layer takes longer than the closed form says, and less than half as long again; the model is twelve passes', () => {
    const { perLayer, model, passes, closedForm } = result.timing;
    expect(perLayer).toBeGreaterThan(closedForm!.seconds);
    expect(perLayer).toBeLessThan(1.1 * closedForm!.seconds);
    expect(passes).toBe(12);
    expect(model).toBeCloseTo(12 * perLayer, 9);
  });

  it('every kernel is built of the library, and the FFN sets the pace', () => {
    expect(result.netlist.refused).toEqual([]);
    expect(result.deadlock).toBeUndefined();
    expect(['up', 'down']).toContain(result.bottleneck!.kernel);
  });

  it('the dies carry the shell where it is, and add up to the card', () => {
    const [slr0, slr1] = result.dies;
    expect(slr0!.shell.lut.used).toBe(132_845);
    expect(slr1!.shell.lut.used).toBe(0);
    const sum = result.dies.reduce((dsp, die) => dsp + die.resources.dsp.used, 0);
    expect(result.resources.dsp.used).toBe(sum);
  });

  it('no channel is asked for more than it has', () => {
    for (const { demand, limit } of result.channels) expect(demand).toBeLessThan(limit);
    const weights = result.channels.find(({ name }) => name === 'hbm[3]')!;
    expect(weights.demand / 1e9).toBeCloseTo(3.92, 1);
  });

  it('weights of all twelve layers lie in their channel', () => {
    const memory = result.memories.find(({ channel }) => channel === 3)!;
    expect(memory.bytes).toBeGreaterThanOrEqual((12 * 768 * 768) / 2);
    expect(memory.bytes).toBeLessThan(1.1 * ((12 * 768 * 768) / 2));
  });

  it('the residual bypass gets the depth that the fork and join need', () => {
    const bypass = result.fifos.find(({ fifo }) => fifo.id === 'norm1_to_add2')!;
    expect(bypass.depth).toBeGreaterThan(768);
  });
});

describe('one channel for q, k and v with twice the arrays', () => {
  const crowded = bert.replaceAll(/array 8 x 16 {2}weights hbm\[[123]\]/g, 'array 8 x 32  weights hbm[1]');
  const result = estimate(crowded);

  it('is asked for 23.5 of 14.4 GB/s, by these three', () => {
    const channel = result.channels.find(({ name }) => name === 'hbm[1]')!;
    expect((channel.demand / 1e9).toFixed(1)).toBe('23.5');
    expect((channel.limit / 1e9).toFixed(1)).toBe('14.4');
    expect(channel.users.map(({ kernel }) => kernel).sort()).toEqual(['k', 'q', 'v']);
  });

  it('and they wait for it', () => {
    const k = result.kernels.find(({ name }) => name === 'k')!;
    expect(k.waits.some(({ on, kind }) => on === 'hbm[1]' && kind === 'memory')).toBe(true);
  });
});

describe('a bypass that is too shallow', () => {
  const shallow = estimate(bert.replace('8 x fp32  depth auto', '8 x fp32  depth 16'));

  it('is a deadlock that names the FIFO, the circle and a depth that opens it', () => {
    const { deadlock } = shallow;
    expect(deadlock?.culprit).toBe('norm1_to_add2');
    expect(deadlock!.chain.length).toBeGreaterThan(1);
    const opened = estimate(bert.replace('8 x fp32  depth auto', `8 x fp32  depth ${deadlock!.depth}`));
    expect(opened.deadlock).toBeUndefined();
    const closed = estimate(bert.replace('8 x fp32  depth auto', `8 x fp32  depth ${deadlock!.depth - 1}`));
    expect(closed.deadlock).toBeDefined();
  });
});

it('operators that take turns share one unit, as large as the largest of them needs', () => {
  const text = `accelerator a { device u280 model bert_base phase forward(tokens: 64) precision W8A8
    kernel attend : scores, softmax, context  array 8 x 8  lanes 8 }`;
  const { kernels } = createEstimator().estimate(designOf(text)).accelerators[0]!;
  expect(kernels.find(({ name }) => name === 'attend')!.resources.dsp.used).toBe(64);
});
