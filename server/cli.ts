/** The command line. Exit codes: 0 clean, 1 errors in the spec, 2 usage. */
import { isMainThread } from 'node:worker_threads';
import { run } from './command-line.ts';
import { measureHere } from './tune-cores.ts';
import { USAGE } from './usage.ts';

// Whoever reads no further (`weft estimate … | head`) has seen enough.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit();
  process.stderr.write(`weft: standard output cannot be written: ${code}\n`);
  process.exit(USAGE);
});

if (isMainThread)
  void run(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
else measureHere();
