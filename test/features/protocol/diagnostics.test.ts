import { expect, test } from 'vitest';
import { methods } from '../../../server/requests.ts';
import { accelerator, example, opened, URI } from '../opened.ts';

const tooLarge = accelerator('kernel up ^array 64 x 64^ pack 2 on slr2\n  kernel down array 8 x 16 pack 2 on slr2');

test('an over-full die is red on the clause that fills it, with its biggest users and the way to its page', async () => {
  const { client, diagnostics, ranges } = await opened(tooLarge);
  const found = diagnostics.find(({ code }) => code === 'dsp-oversubscribed');
  const document = client.document(URI);
  expect(found).toMatchObject({ severity: 1, source: 'weft' });
  expect(found?.message).toMatch(/slr2 .*DSP of 3,072/);
  expect(document.offsetAt(found!.range.start)).toBe(ranges[0]!.start);
  expect(document.offsetAt(found!.range.end)).toBe(ranges[0]!.end);
  expect(found?.relatedInformation?.map(({ message }) => message).join()).toMatch(/‘up’ takes .* takes/);
});

test('the code of every diagnostic leads to a page that names it and shows a spec that is mended', async () => {
  const { client, diagnostics } = await opened(
    `${tooLarge}\nlet clock = 245 MHz + 3 ms\naccelerator b { device u281 }`,
  );
  expect(new Set(diagnostics.map(({ code }) => code)).size).toBeGreaterThan(2);
  for (const { code, codeDescription } of diagnostics) {
    const page = await client.connection.sendRequest(methods.text, { uri: codeDescription?.href });
    expect(page).toContain(`# ${code}`);
    expect(page).toContain('```weft');
  }
});

test('an edit clears what it mends', async () => {
  const { client } = await opened(tooLarge);
  const after = await client.replace(URI, 'array 64 x 64', 'array 8 x 16');
  expect(after.map(({ code }) => code)).not.toContain('dsp-oversubscribed');
});

test('three kernels on one channel are told by how much it is over-subscribed, and what waits', async () => {
  const { client } = await opened(example);
  await client.replace(URI, 'array 8 x 16  weights hbm[3]', 'array 8 x 32  weights hbm[1]');
  await client.replace(URI, 'array 8 x 16  weights hbm[1]', 'array 8 x 32  weights hbm[1]');
  const found = await client.replace(URI, 'array 8 x 16  weights hbm[2]', 'array 8 x 32  weights hbm[1]');
  const message = found.find(({ code }) => code === 'hbm-channel-bandwidth')?.message;
  expect(message).toMatch(/hbm\[1\].*23\.5( GB\/s)? of 14\.4 GB\/s/);
  expect(message).toMatch(/‘q’.*‘k’.*‘v’.*wait/);
});

test('an empty document and a closed one have no diagnostics', async () => {
  const { client, diagnostics } = await opened('');
  expect(diagnostics).toEqual([]);
  await client.change(URI, { text: 'accelerator a { device nothing }' });
  expect(client.published(URI)).not.toEqual([]);
  await client.close(URI);
  await client.open('file:///workspace/other.weft', '');
  expect(client.published(URI)).toEqual([]);
});
