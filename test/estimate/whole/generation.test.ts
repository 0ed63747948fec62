import { describe, expect, test } from 'vitest';
import type { AcceleratorEstimate } from '../../../server/estimate/estimate.ts';
import { measure } from '../../../server/estimate/metrics.ts';
import { integrate } from '../../../server/estimate/whole/integrate.ts';
import { acceleratorJson } from '../../../server/report/json.ts';
import { estimateText } from '../../../server/report/text.ts';
import { analysisOf } from '../../kit/analyses.ts';

const model = 'gpt2(layers: 3, hidden: 64, heads: 4, ffn: 256)';

function estimated(phase: string, lines = ''): AcceleratorEstimate {
  const { estimate } = analysisOf(
    `accelerator a { device u280 model ${model} phase ${phase} precision W8A8 ${lines} }`,
  );
  return estimate.accelerators[0]!;
}

describe('generate', () => {
  test('is the pass over the prompt and each token pass, one by one', () => {
    const { generation, timing } = estimated('generate(prompt: 30, output: 6)');
    expect(generation!.samples.map(({ past }) => past)).toEqual([30, 31, 32, 33, 34]);
    const tokens = generation!.samples.reduce((sum, { seconds }) => sum + seconds, 0);
    expect(timing.model).toBeCloseTo(generation!.firstToken + tokens, 12);
    expect(generation!.error).toBe(0);
    expect(generation!.perToken).toBeCloseTo(tokens / 5, 12);
    expect(generation!.tokensPerSecond).toBeCloseTo(6 / timing.model, 6);
  });

  test('times a token pass as a decode of that past does on the same hardware', () => {
    const hardware = 'kernel scores array 4 x 4  kernel context array 4 x 4  kernel q array 4 x 8  weights hbm[1]';
    const { generation } = estimated('generate(prompt: 30, output: 3)', hardware);
    const tokens = generation!.last!.kernels.filter(({ name }) => ['q', 'scores', 'context'].includes(name));
    const { kernels } = estimated('decode(past: 31)', hardware);
    for (const { name, cycles } of tokens) expect(cycles).toBe(kernels.find((one) => one.name === name)!.cycles);
  });

  test('of nine samples, the sum over 24 passes is within a hundredth of all of them', () => {
    const { generation } = estimated('generate(prompt: 40, output: 25)');
    expect(generation!.samples).toHaveLength(9);
    // Behind each of three prompts eight passes are timed one by one: together they are all 24.
    let seconds = 0;
    for (const prompt of [40, 48, 56]) {
      const part = estimated(`generate(prompt: ${prompt}, output: 9)`).generation!;
      expect(part.error).toBe(0);
      seconds += part.decoding;
    }
    expect(Math.abs(generation!.decoding - seconds) / seconds).toBeLessThan(0.01);
  });

  test('a token behind a longer past takes longer', () => {
    const { samples } = estimated('generate(prompt: 64, output: 512)').generation!;
    for (const [i, { seconds }] of samples.slice(1).entries())
      expect(seconds).toBeGreaterThanOrEqual(samples[i]!.seconds);
    expect(samples.at(-1)!.seconds).toBeGreaterThan(samples[0]!.seconds);
  });

  test('of one token is the pass over the prompt', () => {
    const { generation, timing } = estimated('generate(prompt: 16, output: 1)');
    expect(generation!.samples).toEqual([]);
    expect(timing.model).toBe(generation!.firstToken);
  });

  test('answers the metrics of both of its passes', () => {
    const estimate = estimated('generate(prompt: 30, output: 6, batch: 2)');
    const { firstToken, decoding } = estimate.generation!;
    const scope = (name: string) => ({ sort: 'phase' as const, name });
    expect(measure({ name: 'latency.first_token' }, estimate)).toBe(firstToken);
    expect(measure({ name: 'latency.per_token' }, estimate)).toBeCloseTo(decoding / 5, 12);
    expect(measure({ name: 'latency' }, estimate)).toBe(estimate.timing.model);
    expect(measure({ name: 'latency', scope: scope('decode') }, estimate)).toBe(decoding);
    expect(measure({ name: 'latency', scope: scope('prefill') }, estimate)).toBe(firstToken);
    expect(measure({ name: 'throughput' }, estimate)).toBeCloseTo(12 / estimate.timing.model, 6);
    expect(measure({ name: 'throughput', scope: scope('decode') }, estimate)).toBeCloseTo(10 / decoding, 6);
    expect(measure({ name: 'throughput', scope: scope('prefill') }, estimate)).toBeCloseTo(60 / firstToken, 6);
  });

  test('has hardware for each pass, and pays for both', () => {
    const lines = `kernel first : q  for prefill  array 8 x 8  weights hbm[1]
                   kernel later : q  for decode   array 1 x 8 x 8  weights hbm[2]`;
    const estimate = estimated('generate(prompt: 16, output: 4)', lines);
    const [first, later] = ['first', 'later'].map((name) => estimate.kernels.find((kernel) => kernel.name === name));
    expect(first!.resources.dsp.used).toBeGreaterThan(0);
    expect(later!.resources.dsp.used).toBeGreaterThan(0);
    expect(estimate.generation!.last!.kernels.map(({ name }) => name)).toContain('later');
    expect(estimate.generation!.last!.kernels.map(({ name }) => name)).not.toContain('first');
    const sum = estimate.kernels.reduce((all, { resources }) => all + resources.dsp.used, 0);
    expect(estimate.resources.dsp.used).toBeCloseTo(sum + 4, 6); // 4 of the shell
    expect(estimate.channels.map(({ name }) => name)).toEqual(expect.arrayContaining(['hbm[1]', 'hbm[2]']));
  });

  test('is in the report and in the JSON', () => {
    const estimate = estimated('generate(prompt: 30, output: 40)');
    const text = estimateText(estimate);
    expect(text).toMatch(/^First token +[\d.]+ (ms|µs) {2}the pass over the prompt/m);
    expect(text).toMatch(/^Per token +[\d.]+ (ms|µs) {2}mean of 39: .* behind 30 … .* behind 68/m);
    expect(text).toContain('The last token, behind 68');
    const { generate, latencyMs } = acceleratorJson(estimate);
    expect(generate).toMatchObject({ passes: 39, lastToken: { past: 68 } });
    expect(generate!.firstTokenMs + generate!.tokensMs).toBeCloseTo(latencyMs, 9);
  });
});

describe('the sum over token passes', () => {
  test('is exact where time grows by a line', () => {
    const at = (past: number) => ({ past, seconds: 3 + 0.25 * past });
    const { seconds, error } = integrate([at(10), at(17), at(40), at(41)]);
    let all = 0;
    for (let past = 10; past <= 41; past++) all += at(past).seconds;
    expect(seconds).toBeCloseTo(all, 9);
    expect(error).toBeCloseTo(0, 9);
  });

  test('says what half of the samples would change where it does not', () => {
    const at = (past: number) => ({ past, seconds: past ** 2 });
    const samples = [0, 8, 16, 24, 32].map(at);
    let all = 0;
    for (let past = 0; past <= 32; past++) all += past ** 2;
    const { seconds, error } = integrate(samples);
    expect(error).toBeGreaterThan(0);
    expect(Math.abs(seconds - all)).toBeLessThan(error);
  });

  test('of no pass is nothing', () => {
    expect(integrate([])).toEqual({ seconds: 0, error: 0 });
  });
});
