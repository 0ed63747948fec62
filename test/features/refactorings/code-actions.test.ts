import { expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { accelerator, opened, URI } from '../opened.ts';

test('the quick fix of an over-full die brings it back under its limit', async () => {
  const { client, diagnostics } = await opened(accelerator('kernel up array 64 x 64 pack 2 on slr2'));
  const found = diagnostics.find(({ code }) => code === 'dsp-oversubscribed');
  const [fix] = await client.fixes(URI, found!);
  expect(fix).toMatchObject({ kind: 'quickfix', isPreferred: true });
  expect(fix?.diagnostics?.map(({ code }) => code)).toEqual(['dsp-oversubscribed']);
  const edits = fix?.edit?.changes?.[URI] ?? [];
  const mended = TextDocument.applyEdits(client.document(URI), edits);
  const after = await client.change(URI, { text: mended });
  expect(after.map(({ code }) => code)).not.toContain('dsp-oversubscribed');
});

test('a misspelt name is offered as the one that was meant', async () => {
  const { client, diagnostics } = await opened(accelerator('kernel sofmax lanes 8'));
  const [fix] = await client.fixes(URI, diagnostics.find(({ code }) => code === 'unknown-name')!);
  expect(fix?.edit?.changes?.[URI]?.[0]?.newText).toBe('softmax');
});

test('a clean line has no fixes', async () => {
  const { client } = await opened(accelerator('kernel softmax lanes 8'));
  const start = { line: 0, character: 0 };
  expect(await client.fixes(URI, { message: '', range: { start, end: start } })).toEqual([]);
});
