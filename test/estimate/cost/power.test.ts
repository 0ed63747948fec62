import { describe, expect, test } from 'vitest';
import type { Accelerator } from '../../../server/design/design.ts';
import type { AcceleratorEstimate } from '../../../server/estimate/estimate.ts';
import { createEstimator } from '../../../server/estimate/index.ts';
import { measure } from '../../../server/estimate/metrics.ts';
import { estimateText } from '../../../server/report/text.ts';
import { analysisOf } from '../../kit/analyses.ts';

const card = (lines: string): string => `device mycard { clock: 250 MHz, family: ultrascale_plus, ${lines}
  die a { lut: 1_300_000, ff: 2_600_000, dsp: 9_024, bram: 2_016, uram: 960 }
  memory hbm { channels: 0..31, capacity: 256 MiB, bandwidth: 14 GB/s, port: 512 bit }
  link wire { bandwidth: 10 GB/s } }`;

function of(lines: string, device = 'mycard', phase = 'forward(tokens: 64)'): AcceleratorEstimate {
  const spec = `accelerator a { device ${device} model bert_tiny phase ${phase} }`;
  return analysisOf(`${card(lines)} ${spec}`).estimate.accelerators[0]!;
}

/** These accelerators, as they have been resolved. */
const estimateOf = (accelerators: Accelerator[]) =>
  createEstimator().estimate({ file: '', problems: [], names: [], bindings: [], definitions: [], accelerators })
    .accelerators;

const none = 'energy { dsp: 0 pJ, bram: 0 pJ, uram: 0 pJ, lut: 0 pJ, ff: 0 pJ, byte: 0 pJ }';

describe('power', () => {
  test('of a card whose sheet has no idle power is not known', () => {
    expect(of('').power).toBeUndefined();
    expect(measure({ name: 'power' }, of(''))).toBeUndefined();
  });

  test('is the idle power where nothing that works takes any', () => {
    const { power } = of(`idle: 20 W, ${none}`);
    expect(power).toMatchObject({ idle: 20, logic: 0, memory: 0, watts: 20 });
  });

  test('grows with the coefficients of the sheet, each by its own', () => {
    const dsp = of(`idle: 20 W, ${none.replace('dsp: 0', 'dsp: 8')}`).power!;
    const twice = of(`idle: 20 W, ${none.replace('dsp: 0', 'dsp: 16')}`).power!;
    expect(dsp.logic).toBeGreaterThan(0);
    expect(dsp.memory).toBe(0);
    expect(twice.logic).toBeCloseTo(2 * dsp.logic, 9);
    const bytes = of(`idle: 20 W, ${none.replace('byte: 0', 'byte: 40')}`).power!;
    expect(bytes.logic).toBe(0);
    expect(bytes.memory).toBeGreaterThan(0);
  });

  test('counts DSPs by the share of the layer in which their kernel works', () => {
    const { power, kernels } = of(`idle: 20 W, ${none.replace('dsp: 0', 'dsp: 8')}`);
    const watts = kernels.reduce((sum, { resources, busy }) => sum + resources.dsp.used * 8e-12 * 250e6 * busy, 0);
    expect(power!.logic).toBeCloseTo(watts, 9);
  });

  test('times the interval, over the tokens, is the energy of a token', () => {
    const estimate = of('idle: 20 W');
    const { power, timing } = estimate;
    expect(power!.perResult).toBeCloseTo((power!.watts * timing.interval) / 64, 12);
    expect(measure({ name: 'energy.per_token' }, estimate)).toBe(power!.perResult);
  });

  test('of two cards is that of both', () => {
    const { power } = of(`idle: 20 W, ${none}`, '2 x mycard');
    expect(power!.watts).toBe(40);
  });

  test('of generate is that of its passes, each for as long as it takes', () => {
    const whole = of('idle: 20 W', 'mycard', 'generate(prompt: 64, output: 4)');
    const { accelerator } = whole;
    const prompt = { ...accelerator, phase: { ...accelerator.phase, name: 'prefill' as const } };
    const passes = estimateOf([prompt, ...accelerator.decoding!]);
    const { generation, power, timing } = whole;
    const ratio = (value: number, wanted: number): void => expect(value / wanted).toBeCloseTo(1, 9);
    ratio(
      timing.model,
      passes.reduce((sum, pass) => sum + pass.timing.model, 0),
    );
    const mean = (figure: (pass: AcceleratorEstimate) => number): number =>
      passes.reduce((sum, pass) => sum + figure(pass) * pass.timing.model, 0) / timing.model;
    ratio(
      power!.memory,
      mean((pass) => pass.power!.memory),
    );
    for (const { kernel, share } of generation!.busy)
      ratio(
        share,
        mean((pass) => pass.kernels.find(({ name }) => name === kernel)!.busy),
      );
  });

  test('of generate lies between those of its passes', () => {
    const { power, generation, timing } = of('idle: 20 W', 'mycard', 'generate(prompt: 64, output: 8)');
    const last = generation!.last!.power!;
    const prompt = of('idle: 20 W', 'mycard', 'prefill(tokens: 64)').power!;
    const [low, high] = [prompt.watts, last.watts].sort((a, b) => a - b);
    expect(power!.watts).toBeGreaterThanOrEqual(low! * 0.9);
    expect(power!.watts).toBeLessThanOrEqual(high! * 1.1);
    expect(power!.perResult).toBeCloseTo((power!.watts * timing.model) / 8, 12);
  });

  test('is labelled as indicative wherever it stands', () => {
    const estimate = of('idle: 20 W');
    expect(estimateText(estimate)).toMatch(/^Power +about .*indicative/m);
    expect(estimate.power!.formula.source).toContain('indicative');
  });
});
