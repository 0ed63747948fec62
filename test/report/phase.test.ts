import { expect, test } from 'vitest';
import { phaseText } from '../../server/report/phase.ts';
import { acceleratorOf } from '../kit/sources.ts';

test.each([
  'forward(tokens: 512)',
  'prefill(tokens: 64)',
  'prefill(tokens: 64, batch: 4)',
  'decode(past: 1024)',
  'decode(past: 0, batch: 2)',
  'generate(prompt: 64, output: 32)',
])('%s is printed as it is written', (phase) => {
  const { phase: read } = acceleratorOf(`accelerator a { device u280 model gpt2_small phase ${phase} }`);
  expect(phaseText(read)).toBe(phase);
});
