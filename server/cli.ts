/** The command line. Exit codes: 0 clean, 1 errors in the spec, 2 usage. */
import { run } from './command-line.ts';

void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
