import { expect, test } from 'vitest';
import type { TextEdit } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { accelerator, example, hintLines, opened, URI } from '../opened.ts';

async function proposed(source: string, typed?: string) {
  const { client, offset } = await opened(source);
  return client.completion(URI, offset, typed);
}
const labels = async (source: string, typed?: string) => (await proposed(source, typed)).map(({ label }) => label);

test('operators without a kernel come first', async () => {
  const items = await proposed(accelerator('kernel q array 8 x 16\n  kernel k array 8 x 16\n  kernel ^^'));
  expect(items.slice(0, 2).map(({ label }) => label)).toEqual(['v', 'scores']);
  expect(items[0]?.detail).toMatch(/linear → \[512, 768\] · not mapped yet/);
  const order = items.map(({ label }) => label);
  expect(order.indexOf('q')).toBeGreaterThan(order.indexOf('norm2'));
  expect(items.map(({ sortText }) => sortText)).toEqual(items.map(({ sortText }) => sortText).sort());
});

test('channels with their load, the free ones first', async () => {
  const items = await proposed(
    accelerator('kernel up array 8 x 16 weights hbm[5]\n  kernel down array 8 x 16 weights ^^'),
  );
  expect(items[0]?.detail).toBe('free, 14.4 GB/s');
  const used = items.find(({ label }) => label === 'hbm[5]');
  expect(used?.detail).toMatch(/GB\/s of 14\.4 GB\/s \(\d+%\): .*up/);
  expect(items.indexOf(used!)).toBeGreaterThan(items.findIndex(({ label }) => label === 'hbm[31]'));
  expect(items.map(({ label }) => label)).toEqual(expect.arrayContaining(['uram', 'bram', 'auto']));
});

test.each([
  ['clauses', 'kernel up ^^', ['array', 'lanes', 'pack', 'weights', 'on']],
  ['shapes that divide', 'kernel up array ^^', ['1 x 64', '8 x 16', 'auto']],
  ['dies', 'kernel up on ^^', ['slr0', 'slr1', 'slr2', 'host']],
  ['types', 'kernel softmax as ^^', ['fp32']],
  ['a clock’s unit', 'kernel up at 200 ^^', ['MHz', 'GHz']],
  ['channels behind a bracket', 'kernel up weights hbm[^^', ['0', '31']],
  ['ends of a stream', 'stream q -> ^^', ['scores', 'hbm[0]', 'host']],
  ['types of a stream', 'stream q -> scores 8 x ^^', ['int8', 'fp32']],
  ['storage of a FIFO', 'stream q -> scores depth 64 in ^^', ['srl', 'lutram', 'bram', 'uram']],
  ['metrics and scopes', 'require ^^', ['latency', 'use', 'block']],
  ['metrics of a scope', 'require block.^^', ['latency', 'interval']],
  ['resources and dies', 'require use(^^) < 80%', ['dsp', 'slr1']],
  ['resources of a die', 'require use(slr1.^^) < 80%', ['dsp', 'lut']],
  ['memories', 'require bandwidth(^^) < 80%', ['hbm', 'ddr']],
  ['what is reserved', 'reserve ^^', ['lut', 'slr0']],
  ['baselines', 'compare ^^', ['a100', 'rtx2080ti']],
  ['statements', '^^', ['kernel', 'region', 'stream', 'require']],
  ['phases', 'phase ^^', ['forward', 'decode']],
  ['arguments of a phase', 'phase decode(^^)', ['past:', 'batch:']],
  ['parameters of a model', 'model gpt2(layers: 2, ^^)', ['hidden:', 'heads:']],
  ['precisions', 'precision ^^', ['W4A8']],
  ['constants', 'let a = 8 let b = ^^', ['a']],
])('%s', async (_, statements, expected) => {
  expect(await labels(accelerator(statements))).toEqual(expect.arrayContaining(expected));
});

test.each([
  ['devices', 'accelerator a { device ^^ }', ['u280', 'u250', 'zcu102']],
  ['models', 'accelerator a { model ^^ }', ['bert_base', 'gpt2']],
  ['own devices', 'device mine { clock: 200 MHz }\naccelerator a { device ^^ }', ['mine', 'u280']],
  ['declarations', '^^', ['accelerator', 'model', 'device']],
  ['kinds of operators', 'model m { x = ^^ }', ['linear', 'softmax', 'conv2d']],
])('%s', async (_, source, expected) => {
  expect(await labels(source)).toEqual(expect.arrayContaining(expected));
});

test('nothing inside a comment', async () => {
  expect(await labels('accelerator a { } // dev^^')).toEqual([]);
});

test('a space behind a finished clause does not open a list that would swallow Enter', async () => {
  expect(await labels(accelerator('kernel up array 8 x 16 ^^'), ' ')).toEqual([]);
  expect(await labels(accelerator('kernel up array 8 x 16 ^^'))).toContain('weights');
  expect(await labels(accelerator('kernel up weights ^^'), ' ')).toContain('hbm[0]');
});

test('a proposal replaces the word that is being typed', async () => {
  const { client, offset, text } = await opened(example.replace('kernel softmax', 'kernel sof^^'));
  const item = (await client.completion(URI, offset)).find(({ label }) => label === 'softmax');
  const edit = item?.textEdit;
  if (!edit || !('range' in edit)) throw new Error('no edit');
  const { start, end } = edit.range;
  const document = client.document(URI);
  expect(text.slice(document.offsetAt(start), document.offsetAt(end))).toBe('sof');
});

test('in a spec that has no device for a moment, names are those of the last estimate', async () => {
  const { client, text } = await opened(example);
  await client.replace(URI, 'u280 at', 'u28 at');
  await client.replace(URI, 'kernel act     lanes 8', 'kernel ');
  const items = await client.completion(URI, text.indexOf('kernel act') + 'kernel '.length - 1);
  expect(items.map(({ label }) => label)).toContain('act');
});

const details = async (source: string) =>
  new Map((await proposed(source)).map(({ label, detail }) => [label, detail ?? '']));

test.each([
  ['an array with DSPs and time', 'kernel up array ^^', '8 x 16', /^[\d,]+ DSP · [\d.]+ ms$/],
  ['auto with what it stands for', 'kernel up array ^^', 'auto', /^now \d+ x \d+$/],
  ['lanes', 'kernel softmax lanes ^^', '8', /≈[\d.]+k? LUT · [\d.]+ (ms|µs)$/],
  ['pack', 'kernel up pack ^^', '2', /^[\d,]+ DSP · [\d.]+ ms$/],
  ['weights on the chip', 'kernel up weights ^^', 'uram', /on chip.*\d+ URAM/],
  ['a cache', 'kernel scores cache ^^', 'uram', /\d+ URAM/],
  ['a die with its fill', 'kernel up on ^^', 'slr1', /^DSP \d+% · BRAM36 [\d.]+% · URAM [\d.]+% · LUT \d+%$/],
  ['a depth', 'stream act -> down depth ^^', '512', /(BRAM36|URAM|LUT) in (bram|uram|lutram)/],
  ['the depth that is needed', 'stream act -> down depth auto^^', 'auto', /^now [\d,]+$/],
  ['a FIFO’s memory', 'stream act -> down depth 512 in ^^', 'bram', /BRAM36 .*for 512 words/],
  ['a clock', 'kernel up at ^^', '250 MHz', /4 ns a cycle · the default of u280/],
  ['a metric with its value', 'require ^^', 'latency', /^[\d.]+ m?s now · /],
  ['a scope', 'require ^^', 'block', /^[\d.]+ ms now · layer$/],
  ['a metric of a scope', 'require block.^^', 'latency', /^[\d.]+ ms now/],
  ['a resource', 'require use(^^) < 80%', 'dsp', /^\d+% now/],
  ['a resource of a die', 'require use(slr1.^^) < 80%', 'dsp', /^\d+% now/],
  ['a memory', 'require bandwidth(^^) < 80%', 'hbm', /^\d+% now/],
  ['an argument of a phase', 'phase decode(^^)', 'past:', /in the cache already/],
  ['a port’s width', 'kernel up weights hbm[3] port ^^', '512 bit', /64 bytes a beat/],
])('the price: %s', async (_, statements, label, expected) => {
  expect((await details(accelerator(statements))).get(label)).toMatch(expected);
});

test('a bigger array has more DSPs and takes less time, as the estimator says once it is chosen', async () => {
  const { client, offset } = await opened(example.replace('up      array 8 x 16', 'up      array ^^8 x 16'));
  const items = await client.completion(URI, offset);
  const of = (label: string) => Number(/^(\d+) DSP/.exec(items.find((one) => one.label === label)?.detail ?? '')?.[1]);
  expect(of('8 x 32')).toBeGreaterThan(of('8 x 16'));
  // What stands there gives way.
  const item = items.find(({ label }) => label === '8 x 32')!;
  const resolved = await client.connection.sendRequest<typeof item>('completionItem/resolve', item);
  const said = (resolved.documentation as { value: string }).value;
  const after = TextDocument.applyEdits(client.document(URI), [item.textEdit as TextEdit]);
  expect(after).toBe(example.replace('up      array 8 x 16', 'up      array 8 x 32'));
  await client.change(URI, { text: after });
  const [lens] = await client.lenses(URI);
  expect(said).toContain(`**With \`8 x 32\`** ${lens?.command?.title}`);
  expect((await hintLines(client)).find((line) => line.includes(`${of('8 x 32')} DSP`))).toBeDefined();
});

test('each word is offered once', async () => {
  const all = await labels(accelerator('kernel up weights ^^'));
  expect(new Set(all).size).toBe(all.length);
});

test.each([
  ['dies and cards', '', 'kernel q on ^^', ['slr0', 'card[0]', 'card[1]', 'host']],
  ['dies of a card', '', 'kernel q on card[1].^^', ['slr0', 'slr2']],
  [
    'dies of each card that is told apart',
    'kernel k on card[1].slr0',
    'kernel q on ^^',
    ['card[0].slr0', 'card[1].slr0'],
  ],
  ['channels by the names of the sheet', 'kernel k on card[1].slr0', 'kernel q weights ^^', ['hbm[0]', 'hbm[31]']],
  ['numbers of them', 'kernel k on card[1].slr0', 'kernel q weights hbm[^^', ['0', '31']],
  ['dies in a requirement', 'kernel k on card[1].slr0', 'require use(^^) < 80%', ['dsp', 'slr1']],
  ['resources of one', 'kernel k on card[1].slr0', 'require use(slr1.^^) < 80%', ['dsp', 'lut']],
  ['memories', 'kernel k on card[1].slr0', 'require bandwidth(^^) < 80%', ['hbm', 'ddr']],
])('two cards: %s', async (_, first, statement, expected) => {
  const text = accelerator(`${first}\n  ${statement}`).replace('device u280', 'device 2 x u280');
  expect(text).toContain('2 x u280');
  const found = await labels(text);
  expect(found).toEqual(expect.arrayContaining(expected));
  if (!statement.includes('on ')) expect(found.filter((label) => label.startsWith('card'))).toEqual([]);
});
