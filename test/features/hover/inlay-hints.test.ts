import { expect, test } from 'vitest';
import { InlayHintResolveRequest } from 'vscode-languageserver-protocol';
import { accelerator, example, hintLines, opened, URI } from '../opened.ts';

test('every kernel of the example has an estimate at the end of its line', async () => {
  const { client, text } = await opened(example);
  const lines = await hintLines(client);
  const kernels = text.split('\n').flatMap((line, index) => (/^\s*kernel /.test(line) ? [index + 1] : []));
  expect(kernels).toHaveLength(14);
  for (const line of kernels)
    expect(lines.filter((hint) => hint.startsWith(`${line}: `)).join()).toMatch(/DSP · (.* · )?[\d.]+ (ms|µs) · busy/);
});

test('the estimate stands behind the comment of its line, and before another statement', async () => {
  const { client } = await opened('');
  const text = accelerator('kernel q array 8 x 16 // why\n  kernel k array 8 x 16 kernel v array 8 x 16');
  await client.change(URI, { text });
  const ends = (await client.hints(URI)).map(({ position }) =>
    text.split('\n')[position.line]!.slice(0, position.character).trim(),
  );
  expect(ends).toEqual(
    expect.arrayContaining([
      'kernel q array 8 x 16 // why',
      'kernel k array 8 x 16',
      'kernel k array 8 x 16 kernel v array 8 x 16',
    ]),
  );
});

test('while a person types at the end of a line, the estimate stands behind the cursor', async () => {
  const { client, offset } = await opened(accelerator('kernel up array 8 x 16  ^^'));
  const place = client.document(URI).positionAt(offset);
  expect((await client.hints(URI)).map(({ position }) => position)).toContainEqual(place);
});

test('a kernel that waits for its memory says for which, and how long', async () => {
  const { client } = await opened(
    accelerator(
      'kernel q array 8 x 32 pack 2 weights hbm[5]\n  kernel k array 8 x 32 pack 2 weights hbm[5]\n  kernel v array 8 x 32 pack 2 weights hbm[5]',
    ),
  );
  expect((await hintLines(client)).join('\n')).toMatch(/6: .* · waits for hbm\[5\] \d+%/);
});

test('a stream says what it is built as, and what auto stands for', async () => {
  const { client } = await opened(example);
  const lines = await hintLines(client);
  expect(lines.join('\n')).toMatch(/\d+: depth 1,\d+ · \d+ BRAM/);
  expect(lines.join('\n')).toMatch(/\d+: 1 URAM · (fills to|fills up,) [\d,]+/);
});

test('kernels that nobody wrote are counted at the name, with their figures behind it', async () => {
  const { client } = await opened(
    'accelerator a {\n  device u280\n  model gpt2_medium\n  phase decode(past: 1024)\n}\n',
  );
  const [hint] = await client.hints(URI);
  expect(`${hint?.position.line} ${String(hint?.label).trim()}`).toMatch(/^0 \d+ auto kernels$/);
  expect(JSON.stringify(hint?.tooltip)).toMatch(/`q`.*DSP/);
});

test('the tooltip of a hint is the kernel’s hover', async () => {
  const { client } = await opened(accelerator('kernel up array 8 x 16'));
  const hint = (await client.hints(URI)).find(({ label }) => String(label).includes('DSP'));
  const resolved = await client.connection.sendRequest(InlayHintResolveRequest.type, hint!);
  expect(JSON.stringify(resolved.tooltip)).toContain('cycles =');
});

test('the editor gets hints of the lines it asks for', async () => {
  const { client } = await opened(example);
  const range = { start: { line: 10, character: 0 }, end: { line: 12, character: 80 } };
  const some = await client.connection.sendRequest('textDocument/inlayHint', { textDocument: { uri: URI }, range });
  expect(some).toHaveLength(3);
});

test.each([
  ['off', /^$/],
  ['compact', /^6: [\d.]+ ms · (busy|waits for hbm\[\d+\]) \d+%$/],
])('the setting weft.inlayHints: %s', async (inlayHints, expected) => {
  const { client } = await opened(accelerator('kernel up array 8 x 16 pack 2'), { settings: { inlayHints } });
  expect((await hintLines(client)).join('\n')).toMatch(expected);
});

test('while a line is half-typed the others keep their estimates', async () => {
  const { client } = await opened(example);
  const before = await hintLines(client);
  await client.replace(URI, 'kernel k       array 8 x 16  weights hbm[1]', 'kernel k       array 8 x ');
  const after = await hintLines(client);
  const of = (hints: string[], line: number) => hints.find((hint) => hint.startsWith(`${line}: `));
  for (const line of [11, 16, 19, 24, 26]) expect(of(after, line)).toMatch(/busy/);
  expect(of(after, 13)).toBe(of(before, 13));
});

test('while the device is misspelt every kernel shows what it was, and says so', async () => {
  const { client } = await opened(example);
  const before = await hintLines(client);
  await client.replace(URI, 'u280 at', 'u28 at');
  const during = await hintLines(client);
  const kernels = before.filter((hint) => /busy|waits/.test(hint));
  expect(during).toEqual(kernels.map((hint) => hint.replace(': ', ': was ')));
  await client.replace(URI, 'u28 at', 'u280 at');
  expect(await hintLines(client)).toEqual(before);
});
