/** The command line. Exit codes: 0 clean, 1 errors in the spec, 2 usage. */
import { isMainThread } from 'node:worker_threads';
import { run } from './command-line.ts';
import { measureHere } from './tune-cores.ts';

// Whoever reads no further (`weft estimate … | head`) has seen enough.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code !== 'EPIPE') throw new Error(`standard output: ${code}`);
  process.exit();
});

if (isMainThread)
  void run(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
else measureHere();
