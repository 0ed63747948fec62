import { expect, test } from 'vitest';
import { bestCase } from '../../../server/estimate/time/best-case.ts';
import { analysisOf } from '../../kit/analyses.ts';

const of = (phase: string) => {
  const spec = `accelerator a { device u280 model gpt2_medium phase ${phase} precision W8A8 }`;
  const { accelerator } = analysisOf(spec).estimate.accelerators[0]!;
  return { best: bestCase(accelerator)!, accelerator };
};

test('a token takes at least as long as memory takes to give the weights, and K and V of all that came before', () => {
  const { best, accelerator } = of('decode(past: 4095)');
  const [d, f, layers] = [1024, 4096, 24];
  const bandwidth = Math.max(
    ...accelerator.device.memories.map(
      (memory) => memory.bandwidth * (memory.channels.last - memory.channels.first + 1),
    ),
  );
  expect(best.seconds).toBeCloseTo((layers * (4 * d * d + 2 * d * f + 2 * 4096 * d)) / bandwidth, 9);
  expect(best.bound).toBe('memory bandwidth');
});

test('a token with more behind it takes longer', () => {
  const seconds = [32, 512, 4096].map((past) => of(`decode(past: ${past})`).best.seconds);
  expect(seconds[1]).toBeGreaterThan(seconds[0]!);
  expect(seconds[2]).toBeGreaterThan(seconds[1]!);
});
