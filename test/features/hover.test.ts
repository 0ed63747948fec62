import { expect, test } from 'vitest';
import type { MarkupContent } from 'vscode-languageserver-protocol';
import { accelerator, example, opened, URI } from './opened.ts';

async function hoverOf(source: string): Promise<string> {
  const { client, offset } = await opened(source);
  return ((await client.hover(URI, offset))?.contents as MarkupContent | undefined)?.value ?? '';
}

test('a kernel says its formula with the numbers put in, work, cycles, resources, bandwidth, waits and share', async () => {
  const text = await hoverOf(example.replace('kernel up ', 'kernel ^^up '));
  expect(text).toMatch(/cycles = blocks · tiles · .*\n\s+= 64 · 96 · .*\n\s+= [\d,]+ +→ +19\.\d ms/);
  expect(text).toMatch(/\*\*Busy\*\* \d+% of the layer’s \d+(\.\d)? ms/);
  expect(text).toMatch(/2\.42 G operations, \d+ GOPS/);
  expect(text).toMatch(/\| DSP \| \d+ \| \d+% \| \d+% \|/);
  expect(text).toMatch(/hbm\[5\] 3\.9 GB\/s of 14\.4 GB\/s/);
  expect(text).toMatch(/\*\*Waits\*\* for input from norm1 \d+%/);
  expect(text).toMatch(/linear \[512, 768\] → \[512, 3072\]/);
  expect(text).toContain('linear.h');
});

test.each([
  [
    'what of a device is not verified, and where the rest comes from',
    accelerator('copies 1').replace('device u280', 'device ^^s10_nx2100'),
    /- \*\*Not verified\*\*, no source was found: lut, ff, dsp, bram, hbm\n- Assumed: .+\n- Sources: engines: /,
  ],
  ['a device', accelerator('copies 1').replace('device u280', 'device ^^u280'), /device u280.*\n```\n\nAMD Alveo U280/],
  ['a model', accelerator('copies 1').replace('model bert_base', 'model bert^^_base'), /model bert_base/],
  ['a constant', `let rows = 8\n${accelerator('kernel up array ro^^ws x 8')}`, /let rows .*8/],
  ['an accelerator', accelerator('copies 1').replace('accelerator a', 'accelerator ^^a'), /per layer.*per model/],
  ['a word', accelerator('copies 1').replace('phase', 'ph^^ase'), /What is timed/],
  ['a clause', accelerator('kernel up arr^^ay 8 x 16'), /Processing elements[\s\S]*cycles =/],
])('%s says what it is', async (_, source, expected) => {
  expect(await hoverOf(source)).toMatch(expected);
});

test.each([
  ['white space', 'let a = 8\n^^\nlet b = 9'],
  ['a comment', '// the pha^^se\nlet a = 8'],
  ['an empty file', '^^'],
])('%s says nothing', async (_, source) => {
  expect(await hoverOf(source)).toBe('');
});
