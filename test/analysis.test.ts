import { expect, test } from 'vitest';
import { trialsOf } from '../server/analysis.ts';
import { estimated } from './kit/open-specs.ts';

const three = (phase: string) =>
  estimated(`accelerator a { device u280 model gpt2(layers: 2, hidden: 64, heads: 2, ffn: 128) phase ${phase} }`);

test('a quick fix of a small spec tries all that it thinks of; of a large one few designs, but some', () => {
  const pass = three('prefill(tokens: 8)');
  const generate = three('generate(prompt: 8, output: 40)');
  expect(trialsOf({ accelerators: [pass] })).toBeGreaterThan(50);
  // Nine token passes and the prompt are timed each time.
  expect(trialsOf({ accelerators: [generate] })).toBeLessThan(trialsOf({ accelerators: [pass] }) / 5);
  expect(trialsOf({ accelerators: Array.from({ length: 1000 }, () => pass) })).toBe(4);
  expect(trialsOf({ accelerators: [] })).toBeGreaterThan(50);
});
