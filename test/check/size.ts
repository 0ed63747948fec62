import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Metafile } from 'esbuild';

/**
 * Upper bounds in bytes. They are alarms, not aims: whoever needs more raises one in the change that needs it, with the
 * reason.
 */
export const budgets: Readonly<Record<string, number>> = {
  'dist/language-server.cjs': 1_715_000, // chevrotain and the protocol are 400 kB of it, the C++ of kernels, hosts and test benches 300 kB
  'dist/extension.cjs': 600_000, // vscode-languageclient is nearly all of it
  'dist/command-line.cjs': 1_790_000,
  'dist/server.browser.js': 1_700_000,
  'dist/browser.cjs': 600_000,
  'weft.vsix': 2_500_000, // what people download; half of it is the tuner's solver (HiGHS as WebAssembly)
};

/** One sentence for each file that is missing or over its budget. */
export function checkSizes(files: Readonly<Record<string, number>> = budgets): string[] {
  return Object.entries(files).flatMap(([file, budget]) => {
    if (!existsSync(file)) return [`${file} is missing: npm run build && npm run package`];
    const { size } = statSync(file);
    return size <= budget ? [] : [`${file} has ${size} bytes; its budget is ${budget}`];
  });
}

/** What is bundled where: the client takes nothing of the server's but its requests, and nothing of the tests goes in. */
export function checkBundles(metafile: Pick<Metafile, 'outputs'>): string[] {
  const strangers: Readonly<Record<string, RegExp>> = {
    'dist/extension.cjs': /^(?:server\/(?!requests\.ts$)|grammar\/|test\/)/,
    'dist/language-server.cjs': /^(?:client|test)\//,
    'dist/command-line.cjs': /^(?:client|test)\//,
    'dist/browser.cjs': /^(?:server\/(?!requests\.ts$)|grammar\/|test\/)/,
    'dist/server.browser.js': /^(?:client|test)\/|^server\/disk\.ts$/,
  };
  return Object.entries(strangers).flatMap(([output, stranger]) =>
    Object.keys(metafile.outputs[output]?.inputs ?? {})
      .filter((input) => stranger.test(input))
      .map((input) => `${output} contains ${input}`),
  );
}

/** Reads what the last build was made of. */
export function readMetafile(): Metafile {
  return JSON.parse(readFileSync('dist/meta.json', 'utf8'));
}
