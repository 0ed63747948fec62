import { readFile } from 'node:fs/promises';
import { defineConfig } from 'vitest/config';

/** Files that the bundle carries as text; esbuild.mjs has the same list. */
const text = /\.(weft|h|cpp|py)$/;

export default defineConfig({
  plugins: [
    {
      name: 'text-modules',
      enforce: 'pre',
      async load(id) {
        return text.test(id) ? `export default ${JSON.stringify(await readFile(id, 'utf8'))};` : null;
      },
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/editor/**', 'test/host/**', '**/node_modules/**'],
    setupFiles: ['test/kit/dice.ts'],
    // A test may compile dozens of C++ units, or bundle everything, on a machine that is busy.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Two workers that keep what they have loaded: loading the sources anew for each file took longer than many a file's tests.
    maxWorkers: 2,
    pool: 'threads',
    isolate: false,
  },
});
