/** A token whose products wait for each other: the quick fix lets one array do them in turn, where that is faster. */
import { expect, test } from 'vitest';
import { kernelWaits } from '../../server/rules/kernel-waits.ts';
import { diagnosticsOf, fixed, fixesOf } from '../kit/analyses.ts';

const spec = (kernels = '') => `accelerator a {
  device    u280
  model     llama2_7b(layers: 2)
  precision W4A8
  phase     decode(past: 128)
  ${kernels}
}
`;
const waits = (text: string) => diagnosticsOf(text).filter(({ code }) => code === kernelWaits.code);
const fixes = (text: string) => waits(text).flatMap((one) => fixesOf(one, text));

test('one array in turn, and a line for each other kernel; the title says what it gains', () => {
  const text = spec();
  const [fix, ...more] = fixes(text);
  expect(more).toEqual([]);
  expect(fix?.title).toMatch(/^Let one array do all products in turn \(latency /);
  const after = fixed(text, fix!);
  expect(after).toContain('  kernel gemm : q, k, v, proj, gate + act, up, down\n');
  expect(after).toContain('  kernel qr\n');
  const errors = diagnosticsOf(after).filter(
    ({ severity, code }) => severity === 'error' || code === 'unmapped-operator',
  );
  expect(errors).toEqual([]);
});

test('not where somebody has mapped one of them', () => {
  const text = spec('kernel q');
  expect(waits(text)).toHaveLength(1);
  expect(fixes(text)).toEqual([]);
});
