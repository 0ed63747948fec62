import { expect, test } from 'vitest';
import { ErrorCodes } from 'vscode-languageserver-protocol';
import { URI as Uri } from 'vscode-uri';
import { randomEdits } from '../kit/random-edits.ts';
import { startServer } from '../kit/server.ts';
import { askEverything, stateOf } from '../kit/session.ts';
import { example, URI } from './opened.ts';

/** `npm run soak` makes a hundred thousand. */
const EDITS = 3000;
/** After every so many edits the document goes through every feature. */
const ASKED_EVERY = 15;
/** Printed when the test fails, and taken from the environment to see it again. */
const seed = Number(process.env.WEFT_SEED ?? Date.now() % 2 ** 31);

test(`${EDITS} random edits over the protocol (seed ${seed}; WEFT_SEED repeats it) leave a server that answers`, async () => {
  const client = await startServer();
  await client.open(URI, example);
  const next = randomEdits(example, seed);
  for (let count = 1; count <= EDITS; count++) {
    const { change, at } = next(client.document(URI));
    const diagnostics = await client.change(URI, change);
    for (const { range, codeDescription } of diagnostics) {
      expect(range.start.line).toBeLessThan(client.document(URI).lineCount);
      expect(Uri.parse(codeDescription!.href).scheme).toBe('weft-docs');
    }
    if (count % ASKED_EVERY === 0) await askEverything(client, URI, at, ErrorCodes.InvalidRequest);
    expect(client.log, `seed ${seed}, edit ${count}`).toEqual([]);
  }
  const text = client.document(URI).getText();
  const fresh = await startServer();
  await fresh.open(URI, text);
  expect(await stateOf(client, URI), `seed ${seed}: ${JSON.stringify(text)}`).toEqual(await stateOf(fresh, URI));
  expect(await client.change(URI, { text: example })).toEqual([]);
  expect(await client.hints(URI)).not.toEqual([]);
}, 300_000);
