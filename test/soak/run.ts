// `npm run soak`: a hundred thousand random edits of one document, over the protocol, in the server as it is shipped. It must
// not fail, must not write to its log, must know the text to the letter at the end, and must not have kept what it met.
//   npm run soak -- [--edits N] [--seed N]
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { ErrorCodes } from 'vscode-languageserver-protocol';
import { type Client, spawnServer } from '../kit/client.ts';
import { randomEdits } from '../kit/random-edits.ts';
import { askEverything, stateOf } from '../kit/session.ts';
import { printCounts } from '../outcome.ts';

const { values } = parseArgs({
  options: {
    edits: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const edits = Number(values.edits);
const seed = Number(values.seed);

/** The heap is first measured after so many edits. */
const WARM = 1000;
/** How much larger it may be at the end. */
const GROWTH = 0.2;
const ASKED_EVERY = 50;
/** The state is compared with that of a server that has just been started. */
const COMPARED_EVERY = 5000;

const uri = 'file:///workspace/main.weft';
const example = readFileSync('examples/bert_u280.weft', 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'weft-soak-'));
const heapFile = join(scratch, 'heap');
process.env.WEFT_HEAP_FILE = heapFile;

const failures: string[] = [];
const expect = (holds: boolean, what: string) => {
  if (holds) return;
  failures.push(what);
  console.error(`✗ ${what}`);
};

const start = () =>
  spawnServer(process.execPath, ['--expose-gc', '--import', './test/soak/heap.ts', 'dist/server.cjs', '--stdio']);

/** Bytes of the server's heap after a forced collection, with the example open. */
async function heap(client: Client): Promise<number> {
  await client.change(uri, { text: example });
  await client.hints(uri);
  rmSync(heapFile, { force: true });
  process.kill(client.pid ?? 0, 'SIGUSR2');
  for (let i = 0; i < 200 && !existsSync(heapFile); i++) await sleep(50);
  return Number(readFileSync(heapFile, 'utf8'));
}

async function compare(client: Client, count: number): Promise<void> {
  const text = client.document(uri).getText();
  const fresh = await start();
  await fresh.open(uri, text);
  const same = isDeepStrictEqual(await stateOf(client, uri), await stateOf(fresh, uri));
  expect(same, `after edit ${count} the server says something else than a fresh one of ${JSON.stringify(text)}`);
  await fresh.stop();
}

console.log(`${edits} edits, seed ${seed}`);
const client = await start();
await client.open(uri, example);
const next = randomEdits(example, seed);
const kinds = new Map<string, number>();
let warm = 0;
const begin = performance.now();
for (let count = 1; count <= edits && failures.length === 0; count++) {
  const { kind, change, at } = next(client.document(uri));
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  try {
    await client.change(uri, change);
    if (count % ASKED_EVERY === 0) await askEverything(client, uri, at, ErrorCodes.InvalidRequest);
  } catch (error) {
    expect(false, `edit ${count}: ${error} (${JSON.stringify(client.document(uri).getText())})`);
  }
  expect(client.log.length === 0, `edit ${count} left in the log: ${client.log.join('\n')}`);
  if (count % COMPARED_EVERY === 0 || count === edits) {
    await compare(client, count);
    const minutes = ((performance.now() - begin) / 60_000).toFixed(1);
    console.log(`${count} edits after ${minutes} min, heap ${((await heap(client)) / 1e6).toFixed(1)} MB`);
  }
  if (count === WARM) {
    warm = await heap(client);
    console.log(`${count} edits, heap ${(warm / 1e6).toFixed(1)} MB`);
  }
}
console.log([...kinds].map(([kind, count]) => `${count} ${kind}`).join(', '));
if (warm > 0 && failures.length === 0) {
  const last = await heap(client);
  const growth = last / warm - 1;
  console.log(`heap ${(warm / 1e6).toFixed(1)} → ${(last / 1e6).toFixed(1)} MB, ${(100 * growth).toFixed(1)} % more`);
  expect(growth <= GROWTH, `the heap has grown by ${(100 * growth).toFixed(1)} %, more than ${100 * GROWTH} %`);
}
await client.stop();
rmSync(scratch, { recursive: true });
printCounts({ passed: failures.length === 0 ? 1 : 0, failed: failures.length });
