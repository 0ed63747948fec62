import { describe, expect, test } from 'vitest';
import { analysisOf } from '../kit/analyses.ts';

const gpu = (lines = ''): string => `baseline g { fp16: 10 TFLOPS, bandwidth: 100 GB/s, power: 50 W${lines}
  measured bert_tiny { forward(tokens: 64): 2 ms  decode(past: 8): 3 ms } source: "a paper" }`;

function against(phase: string, { baseline = gpu(), compare = 'g', more = '' } = {}) {
  const spec = `accelerator a { device u280 model bert_tiny phase ${phase} compare ${compare} }`;
  const { estimate } = analysisOf(`${baseline} ${spec} ${more}`);
  return estimate.accelerators[0]!;
}

describe('a GPU', () => {
  test('has a measured point only for that model and phase; forward and prefill are one pass', () => {
    const kinds = (phase: string): string[] => against(phase).comparisons.map(({ kind }) => kind);
    expect(kinds('forward(tokens: 64)')).toEqual(['measured', 'roofline']);
    expect(kinds('prefill(tokens: 64)')).toEqual(['measured', 'roofline']);
    expect(kinds('decode(past: 8)')).toEqual(['measured', 'roofline']);
    for (const other of ['forward(tokens: 65)', 'forward(tokens: 64, batch: 2)', 'decode(past: 9)'])
      expect(kinds(other), other).toEqual(['roofline']);
  });

  test('is as fast as the least of its roofs, layer by layer', () => {
    const { comparisons, accelerator } = against('decode(past: 8)');
    const { operators, repeat, inputs } = accelerator.model.layer;
    const weights = operators.reduce((sum, one) => sum + one.weights + one.parameters, 0);
    const hidden = inputs[0]!.columns;
    const bytes = 2 * (weights + 2 * 9 * hidden + 2 * hidden);
    const roofline = comparisons.find(({ kind }) => kind === 'roofline')!;
    expect(roofline.bound).toBe('bandwidth');
    expect(roofline.seconds).toBeCloseTo((repeat * bytes) / 100e9, 12);
  });

  test('starts an operator no faster than it can', () => {
    const { comparisons, accelerator } = against('forward(tokens: 1)', { baseline: gpu(', launch: 1 ms') });
    const roofline = comparisons.find(({ kind }) => kind === 'roofline')!;
    const { operators, repeat } = accelerator.model.layer;
    expect(roofline).toMatchObject({ bound: 'launch', seconds: expect.closeTo(repeat * operators.length * 1e-3, 9) });
  });

  test('wins or loses by the ratio of the latencies, at the power of its sheet', () => {
    const { comparisons, timing } = against('forward(tokens: 64)');
    const [measured] = comparisons;
    expect(measured!.faster).toBeCloseTo(2e-3 / timing.model, 9);
    expect(measured!.perResult).toBeCloseTo((50 * 2e-3) / 64, 12);
    expect(measured!.formula.source).toBe('a paper');
  });

  test('without a peak or a bandwidth has no roofline', () => {
    const baseline = 'baseline g { power: 50 W source: "nothing" }';
    expect(against('forward(tokens: 64)', { baseline }).comparisons).toEqual([]);
  });

  test('makes its tokens one by one in generate', () => {
    const { comparisons } = against('generate(prompt: 16, output: 5)');
    const [whole] = comparisons;
    const pass = (phase: string): number => against(phase).comparisons.find(({ kind }) => kind === 'roofline')!.seconds;
    const tokens = [16, 17, 18, 19].reduce((sum, past) => sum + pass(`decode(past: ${past})`), 0);
    expect(whole!.seconds).toBeCloseTo(pass('prefill(tokens: 16)') + tokens, 12);
  });
});

test('another accelerator of the file is compared by its own estimate', () => {
  const more = 'accelerator b { device u280 at 125 MHz model bert_tiny phase forward(tokens: 64) }';
  const estimate = against('forward(tokens: 64)', { compare: 'b', more });
  const [other] = estimate.comparisons;
  expect(other).toMatchObject({ name: 'b', kind: 'estimate' });
  const alone = analysisOf(more).estimate.accelerators[0]!;
  expect(other!.seconds).toBe(alone.timing.model);
  expect(other!.faster).toBeCloseTo(alone.timing.model / estimate.timing.model, 9);
});
