/** `npm run nightly`: what takes too long for `npm test`: whole models, and a few hundred random accelerators. */
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/nightly/**/*.nightly.ts'], testTimeout: 3 * 3_600_000, maxWorkers: 1 },
});
