/** What must hold whatever the figures are: change one thing, and see whether time moves the way that physics says. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { analysisOf } from '../kit/analyses.ts';

const example = readFileSync('examples/bert_u280.weft', 'utf8');

function timing(text: string) {
  const [estimate] = analysisOf(text).estimate.accelerators;
  if (!estimate) throw new Error('no accelerator');
  return estimate.timing;
}

describe('a faster clock', () => {
  const at = (megahertz: number) => timing(example.replace('245 MHz', `${megahertz} MHz`));

  test('halves the time as long as no channel is full', () => {
    expect(at(490).perLayer / at(245).perLayer).toBeCloseTo(0.5, 2);
  });

  test('never makes a pass slower, channels full or not', () => {
    const passes = [600, 898, 899, 1_000, 1_500].map(at);
    for (const [index, pass] of passes.slice(1).entries()) {
      expect(pass.perLayer).toBeLessThan(passes[index]!.perLayer * 1.005);
      expect(pass.interval).toBeLessThan(passes[index]!.interval * 1.005);
    }
  });
});

test('a wider array never makes a pass slower, channels full or not', () => {
  const wide = (outputs: number) =>
    timing(example.replace(/(kernel (?:up|down) +array 8 x) 16/g, `$1 ${outputs}`)).perLayer;
  expect(wide(32)).toBeLessThan(wide(16));
  expect(wide(64)).toBeLessThan(wide(32) * 1.005);
  expect(wide(128)).toBeLessThan(wide(64) * 1.005);
});

test('the next token of a sequence waits for the one before', () => {
  const text = 'accelerator a { device u280 model gpt2_small phase decode(past: 64) }';
  expect(timing(text).interval).toBe(timing(text).model);
});
