/** `on engines`: products at the rate of what a card has beside its DSPs. */
import { expect, test } from 'vitest';
import { projectOf } from '../../server/exporting.ts';
import { estimateText } from '../../server/report/text.ts';
import { analysisOf, diagnosticsOf } from '../kit/analyses.ts';

const spec = (up: string, more = '') => `accelerator a {
  device vck5000 at 250 MHz  model bert_base  phase forward(tokens: 128)  precision W8A8  ${more}
  kernel up  ${up}
  kernel act lanes 8
}`;

const estimateOf = (text: string) => analysisOf(text).estimate.accelerators[0]!;
const kernelOf = (text: string) => estimateOf(text).kernels.find(({ name }) => name === 'up')!;

test('products on engines take no DSPs, and as long as their number says', () => {
  const up = kernelOf(spec('array 8 x 16 x 8  on engines'));
  expect(up.resources.dsp.used).toBe(0);
  // 128 × 768 × 3072 products, 1,024 a cycle; without a pack that nobody wrote.
  expect(up.cycles).toBe((128 * 768 * 3072) / (8 * 16 * 8));
  expect(kernelOf(spec('array 8 x 16 x 8')).resources.dsp.used).toBeGreaterThan(1024);
});

test('engines are a rate at the clock of the logic, shared by all that is on them', () => {
  const { engines } = estimateOf(
    spec('array 8 x 16 x 8  on engines', 'kernel down array 8 x 16 x 4 on engines at 125 MHz'),
  );
  // 400 engines of 128 multiply-accumulates at 1 GHz, to a logic of 250 MHz.
  expect(engines).toMatchObject({ available: 204_800, used: 1024 + 512 / 2 });
  expect(engines!.users).toEqual([
    { kernel: 'down', macs: 256 },
    { kernel: 'up', macs: 1024 },
  ]);
  expect(estimateText(estimateOf(spec('array 8 x 16 x 8  on engines')))).toMatch(
    /^Engines +1,024 of 204,800 multiply-accumulates a cycle \(0\.5%\): up; a rate/m,
  );
  expect(estimateOf(spec('array 8 x 16 x 8')).engines).toBeUndefined();
});

test('with layers on the chip, each asks for its own', () => {
  expect(estimateOf(spec('array 8 x 16 x 8  on engines', 'copies 2')).engines).toMatchObject({ used: 2048 });
});

test('an array that nobody wrote fits into the engines, and DSPs are left to the others', () => {
  const { engines, resources, available } = estimateOf(spec('on engines'));
  expect(engines!.used).toBeGreaterThan(0);
  expect(engines!.used).toBeLessThanOrEqual(engines!.available);
  expect(resources.dsp.used).toBeLessThanOrEqual(available.dsp);
});

test('what is on engines is not exported, and says why', () => {
  const project = projectOf(analysisOf(spec('array 8 x 16 x 8  on engines')), undefined, '0.0.0-test');
  expect('refused' in project && project.refused.join()).toMatch(/kernel up: .*engines of the card are a rate/);
});

test.each([
  [
    'a kernel without products',
    spec('array 8 x 8').replace('lanes 8', 'lanes 8 on engines'),
    /gelu is no matrix product/,
  ],
  ['the host as well', spec('array 8 x 8  on engines, host'), /either ‘host’ or a place on the card/],
  ['a card that has none', spec('array 8 x 8  on engines').replace('vck5000', 'u280'), /no die ‘engines’/],
  ['a name that is nearly right', spec('array 8 x 8  on engine'), /‘engine’.*engines/],
])('%s: says what is wrong', (_, text, message) => {
  const errors = diagnosticsOf(text).filter(({ severity }) => severity === 'error');
  expect(errors.map((one) => one.message).join()).toMatch(message);
});
