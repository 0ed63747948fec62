import { expect, test } from 'vitest';
import { analysisOf } from '../kit/analyses.ts';

/** What a three-line spec of a transformer asks of a card beyond what it has. */
function tooMuch(device: string, model: string, phase: string, precision = 'W8A8'): string[] {
  const { diagnostics } = analysisOf(
    `accelerator a { device ${device} model ${model} phase ${phase} precision ${precision} }`,
  );
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}

// Block RAM of the smallest two is not enough for BERT-base, however little is computed at once.
test.each(['u50', 'vck190', 'zcu102', 'zcu104', 'zcu111', 'kv260'])('three lines fit on %s', (device) => {
  expect(tooMuch(device, 'bert_base', 'forward(tokens: 128)')).toEqual([]);
  expect(tooMuch(device, 'gpt2_small', 'decode(past: 128)')).toEqual([]);
});

test('three lines of a model of billions of weights fit into the channels of a card', () => {
  expect(tooMuch('u280', 'llama2_7b', 'decode(past: 128)', 'W4A8')).toEqual([]);
  // 6.6 GB of 8: a port a channel would take 40 channels.
  expect(tooMuch('u280', 'llama2_7b', 'decode(past: 128)')).toEqual([]);
  expect(tooMuch('u280', 'llama2_13b', 'decode(past: 128)')).toContain('hbm-capacity');
});
