import { expect, test } from 'vitest';
import { example, opened, URI } from './opened.ts';

const titles = async (client: Awaited<ReturnType<typeof opened>>['client']) =>
  (await client.lenses(URI)).map(({ command }) => command!.title);

test('above an accelerator: latency a layer and a model, the bottleneck, totals with their share, and actions', async () => {
  const { client } = await opened(example);
  const lenses = await client.lenses(URI);
  const [latency, totals, ...actions] = lenses.map(({ command }) => command!.title);
  expect(latency).toMatch(/^[\d.]+ ms per layer · \d+ ms per model · bottleneck up$/);
  expect(totals).toMatch(/^[\d,]+ DSP \d+% · [\d,]+ BRAM36 \d+% · \d+ URAM \d+% · ≈\d+k LUT \d+%$/);
  expect(actions).toEqual(['Export HLS', 'Show Estimate']);
  for (const { range, command } of lenses) {
    expect(range.start.line).toBe(1);
    expect(command?.arguments).toEqual([URI, 'bert_u280']);
  }
});

test('where passes are not alike, what each kind of them takes', async () => {
  const line = example.split('\n').find((one) => one.includes('kernel up'))!;
  const { client } = await opened(
    example.replace(
      line,
      `${line.replace('weights', 'for block[0..5]  weights')}\n    kernel slow : up  array 8 x 4  for block[6..11]`,
    ),
  );
  expect((await titles(client))[0]).toMatch(/^[\d.]+ ms, [\d.]+ ms per layer · \d+ ms per model · bottleneck slow$/);
});

test('what cannot be exported says so in the place of the export, and the estimate says why', async () => {
  const { client } = await opened(example.replace('copies ', 'copies 2 //'));
  const lenses = await client.lenses(URI);
  const [none] = lenses.filter(({ command }) => command!.title.startsWith('No export'));
  expect(none!.command).toMatchObject({ title: 'No export: copies 2', command: 'weft.showEstimate' });
  expect(lenses.map(({ command }) => command!.title)).not.toContain('Export HLS');
  await client.replace(URI, 'copies 2', 'copies 1');
  expect(await titles(client)).toContain('Export HLS');
});

test('of many parts that stand in the way of an export two are named; an error stands in the way of any', async () => {
  const { client } = await opened(`accelerator a {
    device 2 x u280
    model  gpt2(layers: 2, hidden: 64, heads: 2, ffn: 128)
    phase  generate(prompt: 32, output: 8)
    precision W8A8
    copies 2
    kernel lm_head  array 8 x 8
  }`);
  expect(await titles(client)).toContain('No export: 2 cards, copies 2 and 1 more');
  await client.change(URI, { text: example.replace('kernel act ', 'kernel act lanes 0 //') });
  expect(await titles(client)).toContainEqual(expect.stringMatching(/^No export: (an error|\d+ errors)$/));
});

test('each accelerator of a file has its own', async () => {
  const { client } = await opened(example + example.replaceAll('bert_u280', 'other'));
  const lenses = await client.lenses(URI);
  expect(new Set(lenses.map(({ command }) => command!.arguments![1]))).toEqual(new Set(['bert_u280', 'other']));
});

test('the line of lenses stays while the device is misspelt, and says that its figures are old', async () => {
  const { client } = await opened(example);
  const [before] = await titles(client);
  await client.replace(URI, 'u280 at', 'u28 at');
  expect(await titles(client)).toEqual([`was ${before}`]);
});

test('an accelerator that never had an estimate says so; an empty file has no lens', async () => {
  const { client } = await opened('accelerator a { }');
  expect(await titles(client)).toEqual(['No estimate yet']);
  await client.change(URI, { text: '' });
  expect(await titles(client)).toEqual([]);
});

test('the setting weft.codeLens turns them off', async () => {
  const { client } = await opened(example, { settings: { codeLens: false } });
  expect(await titles(client)).toEqual([]);
});
