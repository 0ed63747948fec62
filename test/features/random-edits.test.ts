import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ErrorCodes } from 'vscode-languageserver-protocol';
import { URI as Uri } from 'vscode-uri';
import { startServer } from '../kit/server.ts';
import { example, URI } from './opened.ts';

/** Edits of one session; each goes through diagnostics, hints, lenses, hover and completion. */
const EDITS = 300;
/** Printed when the test fails, and taken from the environment to see it again. */
const seed = Number(process.env.WEFT_SEED ?? Date.now() % 2 ** 31);

const pieces = [
  ...['kernel ', 'array ', '8 x 16', 'weights hbm[', 'stream a -> b', '{', '}', '(', ')', '[', ']', ' ', '\n', '\r\n'],
  ...[
    'u280',
    'bert_base',
    '245 GB/s',
    'auto',
    '0',
    '-1',
    '1e308',
    '99999999999',
    '"',
    '//',
    '///',
    '.',
    '..',
    ':',
    ',',
  ],
  ...['accelerator x {', 'layer l(x) repeat 1_000_000_000 {', 'import "main.weft"', '😀', '\u0000', 'é', 'x', '%'],
];

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 400 })),
  text: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8, unit: 'binary' })),
  /** Now and then the document is whole again. */
  reset: fc.integer({ min: 0, max: 24 }).map((value) => value === 0),
});

test(`${EDITS} random edits over the protocol (seed ${seed}; WEFT_SEED repeats it) leave a server that answers`, async () => {
  const client = await startServer();
  await client.open(URI, example);
  const [edits = []] = fc.sample(fc.array(edit, { minLength: EDITS, maxLength: EDITS }), { seed, numRuns: 1 });
  for (const { at, length, text, reset } of edits) {
    const document = client.document(URI);
    const whole = document.getText();
    const start = Math.floor(at * whole.length);
    const range = {
      start: document.positionAt(start),
      end: document.positionAt(Math.min(start + length, whole.length)),
    };
    const diagnostics = await client.change(URI, reset ? { text: example } : { range, text });
    for (const { range: where, codeDescription } of diagnostics) {
      expect(where.start.line).toBeLessThan(client.document(URI).lineCount);
      expect(Uri.parse(codeDescription!.href).scheme).toBe('weft-docs');
    }
    await client.hints(URI);
    await client.lenses(URI);
    await client.hover(URI, start);
    await client.completion(URI, start);
    const here = { textDocument: { uri: URI }, position: client.document(URI).positionAt(start) };
    await client.connection.sendRequest('textDocument/references', { ...here, context: { includeDeclaration: true } });
    await client.connection.sendRequest('textDocument/selectionRange', { ...here, positions: [here.position] });
    await client.connection.sendRequest('textDocument/signatureHelp', here);
    await client.connection.sendRequest('textDocument/documentLink', here);
    const refused = (error: { code: number }) => expect(error.code).toBe(ErrorCodes.InvalidRequest);
    await client.connection.sendRequest('textDocument/rename', { ...here, newName: 'renamed' }).catch(refused);
  }
  expect(client.log, `seed ${seed}`).toEqual([]);
  expect(await client.change(URI, { text: example })).toEqual([]);
  expect(await client.hints(URI)).not.toEqual([]);
});
