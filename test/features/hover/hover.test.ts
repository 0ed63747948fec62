import { expect, test } from 'vitest';
import type { MarkupContent } from 'vscode-languageserver-protocol';
import { designOf } from '../../kit/sources.ts';
import { accelerator, example, opened, URI } from '../opened.ts';

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

const one = accelerator(
  'kernel up array 8 x 16 weights hbm[5]\n  stream act -> down depth auto\n  require block.latency < 30 ms',
);

test.each([
  ['a time', one.replace('30 ms', '3^^0 ms'), /`30 ms` {2}\n= 30\.0 ms {2}\n= 7,350,000 cycles at 245 MHz/],
  ['a clock', one.replace('245 MHz', '24^^5 MHz'), /= 4\.08 ns a cycle/],
  ['a number', one.replace('512', '5^^12'), /`512` = 2⁹/],
  ['a prime number', 'let a = 1^^3', /a prime number/],
  ['a size', 'let a = 25^^6 KiB', /= 262,144 bytes {2}\n= 2,097,152 bits/],
  [
    'a bandwidth',
    one.replace('copies', '').replace('  require', '  let b = 14.^^4 GB/s\n  require'),
    /58\.8 bytes \(470 bits\) a cycle at 245 MHz/,
  ],
  ['a share', 'let a = 8^^0%', /= 0\.8/],
  ['auto of an array', one.replace('array 8 x 16', 'array au^^to'), /`auto` stands for \*\*\d+ x \d+\*\* here/],
  [
    'auto of a stream',
    one.replace('depth auto', 'depth au^^to'),
    /`auto` stands for \*\*[\d,]+\*\* here[\s\S]*\| act → down/,
  ],
  ['auto without a kernel', 'model m { } accelerator a { copies au^^to }', /A deterministic default/],
  [
    'a channel',
    one.replace('hbm[5]', 'hb^^m[5]'),
    /memory hbm[\s\S]*32 pseudo-channels[\s\S]*hbm\[5\]\*\* 3\.9 GB\/s of 14\.4 GB\/s \(27%\): up and norm2\b/,
  ],
  ['a free channel', one.replace('hbm[5]', 'hbm[3^^0..31]'), /hbm\[30\]\*\* .*\n.*hbm\[31\]\*\*/],
  ['a die', accelerator('kernel up on sl^^r1'), /\*\*Filled\*\* DSP \d+%/],
  ['a device', one.replace('device u280', 'device u2^^80'), /\| slr0 \| 2,880 \(\d+%\)[\s\S]*\*\*Unverified\*\* ddr/],
  [
    'a model',
    one.replace('bert_base', 'ber^^t_base'),
    /\*\*12 passes\*\* of block, 14 operators[\s\S]*G multiply-accumulates/,
  ],
  [
    'an operator',
    one.replace('act -> down', 'act -> do^^wn'),
    /act \[512, 3072\] → \[512, 768\]` · \*\*1\.21 G\*\* multiply-accumulates · 2\.36 M weights/,
  ],
  [
    'a stream',
    one.replace('stream act', 'str^^eam act'),
    /Width, depth and storage[\s\S]*\| act → down.*\| \d+ bits \| [\d,]+ \(auto\)/,
  ],
  ['an arrow', one.replace('act ->', 'act -^^>'), /\| act → down/],
  [
    'a requirement',
    one.replace('require', 'requ^^ire'),
    /A contract[\s\S]*block\.latency is \*\*[\d.]+ ms\*\* now {2}\nIt (holds|does not hold)\./,
  ],
  ['a metric', one.replace('block.latency', 'block.lat^^ency'), /`latency`: .*[\s\S]*is \*\*[\d.]+ ms\*\* now/],
  [
    'a region',
    accelerator('region r^^ on slr1 { kernel up array 8 x 16 }'),
    /\*\*At work\*\* from .* to .*[\s\S]*\*\*Slowest\*\* up/,
  ],
  ['a precision', one.replace('W4A8', 'W4^^A8'), /weights int4, activations int8/],
  ['a type', accelerator('kernel softmax as fp^^32'), /32 bits, floating point/],
  ['a storage', accelerator('stream q -> scores depth 64 in sr^^l'), /shift registers/],
  ['an argument', one.replace('tokens: 512', 'tok^^ens: 512'), /rows of this pass/],
  [
    'an operator kind',
    'model m { input x : [tokens, 8] a = lin^^ear(x, 8) output a }',
    /linear\(input, columns, bias\)[\s\S]*trained weights/,
  ],
  ['a key of a data sheet', 'device d { clo^^ck: 200 MHz }', /The clock where an accelerator says none/],
  ['a family of parts', 'device d { family: ver^^sal }', /its DSP slice is DSP58 unless the sheet says/],
  ['a family of others', 'device d { family: agi^^lex_7 }', /says nothing of its DSP slices.*no export/],
  [
    'a DSP slice',
    'device d { slice: DSP^^58 }',
    /27 × 24 bits, signed \(AM004\).*2 of int8 × int8, 2 of int4 × int8, 4 of int4/,
  ],
  [
    'a slice that is not known',
    'device d { slice: S10^^_DSP }',
    /27 × 18 bits, signed \(priced as a DSP48E2: assumed\)/,
  ],
  [
    'a memory that is not verified',
    'device d { die a { lut: 1 } memory ddr { channels: 0..1, capacity: 1 GiB } unverified: [dd^^r] }',
    /memory ddr {2}\/\/ 2 channels of 1 GiB/,
  ],
  ['a model that was timed', 'baseline g { measured gpt^^2_xl { } }', /model gpt2_xl/],
  ['the phase of a measured point', 'baseline g { measured m { dec^^ode(past: 9): 1 ms } }', /one token more/],
  ['what a measured point was given', 'baseline g { measured m { generate(output^^: 9): 1 ms } }', /a pass each/],
  [
    'what a phase says',
    'model m { input x : [tok^^ens, 8] a = gelu(x) output a }',
    /rows of this pass, as the phase of an/,
  ],
  ['a function', 'let a = mi^^n(1, 2)', /a function of numbers/],
])('%s says what it is and what it comes to', async (_, source, expected) => {
  expect(await hoverOf(source)).toMatch(expected);
});

test.each([
  ['device', ['', 'die a', 'die a { plan', 'crossing a, b', 'memory m', 'link l', 'shell', 'engines', 'energy']],
  ['baseline', ['']],
  ['precision', ['']],
])('every key that a %s sheet may have says what it is', async (sort, sections) => {
  for (const section of sections) {
    const sheetOf = (items: string) =>
      `${sort} d { ${section} ${section && '{'} ${items} ${'}'.repeat(section ? section.split('{').length : 0)} }`;
    const problem = designOf(sheetOf('nonsense: 1')).problems.find((one) => one.code === 'unknown-name');
    const keys = problem?.code === 'unknown-name' ? problem.candidates : [];
    expect(keys.length, section).toBeGreaterThan(0);
    const { client, text } = await opened(sheetOf(keys.map((key) => `\n${key}: 1`).join('')));
    const said = await Promise.all(
      keys.map(async (key) => [key, await client.hover(URI, text.indexOf(`\n${key}:`) + 1)]),
    );
    expect(said.filter(([, hover]) => !hover)).toEqual([]);
  }
});
