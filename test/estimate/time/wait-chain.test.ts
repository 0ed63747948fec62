import { expect, test } from 'vitest';
import type { AcceleratorEstimate } from '../../../server/estimate/estimate.ts';
import { createEstimator } from '../../../server/estimate/index.ts';
import { bert, designOf } from '../example.ts';

function chain(text: string, name: string): string[] {
  const [estimate] = createEstimator().estimate(designOf(text)).accelerators as [AcceleratorEstimate];
  const kernel = estimate.kernels.find((one) => one.name === name);
  return (kernel?.chain ?? []).map(
    ({ kernel: who, kind, on, fifo }) => `${who} ${kind} ${on}${fifo ? ` (${fifo})` : ''}`,
  );
}

test('a kernel that hardly works waits for the one that works', () => {
  expect(chain(bert, 'norm1')).toEqual(['norm1 input add1', 'add1 input proj', 'proj input context']);
  expect(chain(bert, 'softmax')).toEqual(['softmax input scores']);
});

test('a full FIFO leads to the kernel that does not empty it', () => {
  expect(chain(bert, 'context')).toEqual(['context room proj (context_to_proj)']);
});

test('a channel that is asked for too much is the root', () => {
  const slow = bert.replace(/weights hbm\[\d\]/g, 'weights hbm[5]').replace(/array 8 x 16/g, 'array 8 x 64');
  expect(chain(slow, 'scores')).toEqual(['scores barrier k', 'k memory hbm[5]']);
});

test('a chain ends, and nobody stands in it twice', () => {
  const [estimate] = createEstimator().estimate(designOf(bert)).accelerators as [AcceleratorEstimate];
  for (const { chain: steps, waits } of estimate.kernels) {
    expect(new Set(steps.map(({ kernel }) => kernel)).size).toBe(steps.length);
    steps.slice(1).forEach(({ kernel }, i) => {
      expect(kernel).toBe(steps[i]!.on);
    });
    if (steps.length === 0) continue;
    expect(steps[0]!.share).toBe(waits[0]!.share);
  }
});

test('what is read back from memory when it is whole is waited for at its writer, not at the channel', () => {
  const text = `accelerator p {
    device u280  model gpt2_small  phase forward(tokens: 256)  precision W8A8
    kernel attend : scores + masked + softmax + context  array 4 x 8  tile 4 x 64  cache hbm[8..9]
  }`;
  const steps = chain(text, 'attend');
  expect(steps).toEqual([expect.stringMatching(/^attend barrier [kv]$/)]);
});
