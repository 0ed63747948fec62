// Loaded inside VS Code's extension host, which awaits run().
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import type { Counts } from '../outcome.ts';

export async function run(): Promise<void> {
  const grep = process.env.WEFT_TEST_GREP;
  const mocha = new Mocha({
    ui: 'tdd',
    color: false,
    timeout: 60_000,
    forbidOnly: process.env.CI !== undefined,
    forbidPending: true, // nothing is skipped silently
    retries: 1, // a window may be slow once; what fails twice is wrong
    ...(grep ? { grep: new RegExp(grep) } : {}),
  });
  for (const name of readdirSync(__dirname).sort())
    if (name.endsWith('.test.cjs')) mocha.addFile(join(__dirname, name));
  const stats = await new Promise<Mocha.Stats | undefined>((resolve) => {
    const runner = mocha.run(() => resolve(runner.stats));
    runner.on('retry', (test: Mocha.Test, error: Error) =>
      console.log(`Failed once, begins again: ${test.fullTitle()}\n${error.stack}`),
    );
  });
  if (!stats) throw new Error('mocha ended without a count of its tests');
  const counts: Counts = { passed: stats.passes, failed: stats.failures };
  const results = process.env.WEFT_TEST_RESULTS;
  if (results) writeFileSync(results, JSON.stringify(counts));
  if (counts.failed > 0) throw new Error(`${counts.failed} editor tests failed`);
}
