/** The server's memory has a budget, like the sizes of the bundles: an alarm for what is kept and never let go. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { spawnServer } from '../../kit/client.ts';
import { example, URI } from '../opened.ts';

/** What the server may keep in MB: V8 collects what nothing holds before it gives up here. Some 60 are in use. */
const KEPT = 96;
/** Peak resident memory of the process in MB, code and buffers included. Node itself takes 50 to 60. */
const BUDGET = 250;

test('three hundred edits of the example stay within the budget', async () => {
  const client = await spawnServer(process.execPath, [
    `--max-old-space-size=${KEPT}`,
    'dist/cli.cjs',
    'lsp',
    '--stdio',
  ]);
  await client.open(URI, example);
  for (let edit = 0; edit < 300; edit++) {
    const outputs = 4 * (1 + (edit % 16));
    await client.change(URI, { text: example.replace('array 8 x 16', `array 8 x ${outputs}`) });
    const hints = await client.hints(URI);
    expect(hints.length).toBeGreaterThan(10);
  }
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${client.pid}/status`, 'utf8'))?.[1]) / 1000;
  expect(peak).toBeGreaterThan(30);
  expect(peak).toBeLessThan(BUDGET);
  await client.stop();
});
