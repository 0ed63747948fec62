import { expect, test } from 'vitest';
import { measure } from '../../server/estimate/metrics.ts';
import { analysisOf } from '../kit/analyses.ts';

/** Throughput and interval of a model in a phase. */
function measured(model: string, phase: string) {
  const { estimate } = analysisOf(`accelerator a { device u280 model ${model} phase ${phase} }`);
  const [accelerator] = estimate.accelerators;
  const value = (name: 'throughput' | 'interval') => (accelerator ? (measure({ name }, accelerator) ?? 0) : 0);
  return { each: value('throughput') * value('interval'), interval: value('interval') };
}

test('a model of text counts its tokens', () => {
  expect(measured('bert_tiny', 'forward(tokens: 64)').each).toBeCloseTo(64);
  expect(measured('bert_tiny', 'forward(tokens: 64, batch: 2)').each).toBeCloseTo(128);
});

test('a model of images counts images, not the rows that it cuts them into', () => {
  expect(measured('vit(layers: 1, hidden: 64, heads: 2, ffn: 128, image: 64)', 'forward').each).toBeCloseTo(1);
});
