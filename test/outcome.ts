/** How many tests (or checks) of a stage passed and failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Prints the line that ends a run, and makes the exit code agree with it; to have run nothing is a failure. */
export function printCounts({ passed, failed }: Counts): void {
  if (passed + failed === 0) console.error('No test ran');
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
