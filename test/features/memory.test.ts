/** The server's memory has a budget, like the sizes of the bundles: an alarm for what is kept and never let go. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { spawnServer } from '../kit/client.ts';
import { example, URI } from './opened.ts';

/** Peak resident memory of the process in MB. Node itself takes 50 to 60; the rest is garbage not collected yet. */
const BUDGET = 250;

test('three hundred edits of the example stay within the budget', async () => {
  const client = await spawnServer(process.execPath, ['dist/cli.cjs', 'lsp', '--stdio']);
  await client.open(URI, example);
  for (let edit = 0; edit < 300; edit++) {
    const outputs = 4 * (1 + (edit % 16));
    await client.change(URI, { text: example.replace('array 8 x 16', `array 8 x ${outputs}`) });
    await client.hints(URI);
  }
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${client.pid}/status`, 'utf8'))?.[1]) / 1000;
  expect(peak).toBeGreaterThan(30);
  expect(peak).toBeLessThan(BUDGET);
  await client.stop();
});
