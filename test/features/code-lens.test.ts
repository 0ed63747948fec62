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
