import { expect, test } from 'vitest';
import { ErrorCodes } from 'vscode-languageserver-protocol';
import { URI as Uri } from 'vscode-uri';
import { SEED } from '../../kit/dice.ts';
import { randomEdits } from '../../kit/random-edits.ts';
import { startServer } from '../../kit/server.ts';
import { askEverything, stateOf } from '../../kit/session.ts';
import { several, shared } from '../../kit/several.ts';
import { example, URI } from '../opened.ts';

/** `npm run soak` makes a hundred thousand. */
const EDITS = 3000;
/** Of these, so many are edits of the example; the others are of a spec whose declarations speak of one another. */
const OF_EXAMPLE = 200;
/** After every so many edits the document goes through every feature. */
const ASKED_EVERY = 15;
/** After every so many edits a server that knows no earlier text must say the same. */
const COMPARED_EVERY = 60;

const files = { 'file:///workspace/shared.weft': shared };

test(`${EDITS} random edits over the protocol (seed ${SEED}; WEFT_SEED repeats it) leave what a fresh server makes of the text`, async () => {
  const client = await startServer({ files });
  const fresh = await startServer({ files });
  await client.open(URI, several);
  let next = randomEdits(several, SEED);
  for (let count = 1; count <= EDITS; count++) {
    if (count === EDITS - OF_EXAMPLE) {
      next = randomEdits(example, SEED);
      await client.change(URI, { text: example });
    }
    const { change, at } = next(client.document(URI));
    const diagnostics = await client.change(URI, change);
    for (const { range, codeDescription } of diagnostics) {
      expect(range.start.line).toBeLessThan(client.document(URI).lineCount);
      expect(Uri.parse(codeDescription!.href).scheme).toBe('weft-docs');
    }
    if (count % ASKED_EVERY === 0) await askEverything(client, URI, at, ErrorCodes.InvalidRequest);
    expect(client.log, `seed ${SEED}, edit ${count}`).toEqual([]);
    if (count % COMPARED_EVERY !== 0 && count !== EDITS) continue;
    const text = client.document(URI).getText();
    // Closed and opened again, a document is a new one.
    await fresh.open(URI, text);
    const places = [at, text.length - at, at >> 1].map((place) => Math.max(0, Math.min(text.length, place)));
    const said = `seed ${SEED}, edit ${count}: ${JSON.stringify(text)}`;
    expect(await stateOf(client, URI, places), said).toEqual(await stateOf(fresh, URI, places));
    await fresh.close(URI);
  }
  expect(await client.change(URI, { text: example })).toEqual([]);
  expect(await client.hints(URI)).not.toEqual([]);
}, 300_000);
