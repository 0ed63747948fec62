// Loaded inside VS Code's extension host in a Web Worker, which awaits run(). Mocha is bundled: nothing can be required there.
import 'mocha/mocha.js';

export async function run(): Promise<void> {
  mocha.setup({ ui: 'tdd', reporter: 'spec', color: false, timeout: 60_000, forbidPending: true, retries: 1 });
  await import('./vscode-dev.test.ts');
  const stats = await new Promise<Mocha.Stats | undefined>((resolve) => {
    const runner = mocha.run(() => resolve(runner.stats));
    runner.on('retry', (test: Mocha.Test, error: Error) =>
      console.log(`Failed once, begins again: ${test.fullTitle()}\n${error.stack}`),
    );
  });
  if (!stats) throw new Error('mocha ended without a count of its tests');
  console.log(`@@counts ${stats.passes} ${stats.failures}`); // read by run.ts: there is no file to write it to
  if (stats.failures > 0) throw new Error(`${stats.failures} web tests failed`);
}
