/**
 * `npm run nightly`: what takes too long for `npm test`: whole models, a few hundred random accelerators, and the kernels’ own tests
 * with more random shapes. It rolls anew each night and says its seed; `WEFT_SEED` repeats a run.
 */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/nightly/**/*.nightly.ts', 'test/kernels/*/*.test.ts'],
    env: { WEFT_SEED: process.env.WEFT_SEED ?? 'random', WEFT_SHAPES: process.env.WEFT_SHAPES ?? '8' },
    testTimeout: 3 * 3_600_000,
    hookTimeout: 3_600_000,
    maxWorkers: 1,
  },
});
