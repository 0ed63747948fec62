// `npm run check`: what can be said of the code without running it. Needs a build (npm run build) for its last checks.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { type Counts, printCounts } from '../outcome.ts';
import { commands } from './commands.ts';
import { checkLayers } from './layers.ts';
import { checkBundles, checkSizes, readMetafile } from './size.ts';

/** Sentences about what is wrong; none when all is well. */
type Check = () => readonly string[];

function tool(command: string): Check {
  return () => {
    const { status, stdout, stderr } = spawnSync(command, {
      shell: true,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    return status === 0 ? [] : [`${command}\n${stripVTControlCharacters(stdout + stderr)}`];
  };
}

function sources(): Map<string, string> {
  return new Map(
    globSync('{grammar,server,client}/**/*.ts', { exclude: ['**/*.d.ts'] }).map((path) => [
      path,
      readFileSync(path, 'utf8'),
    ]),
  );
}

const checks: Readonly<Record<string, Check>> = {
  'types (tsc)': tool(commands.types),
  'format and lint (biome)': tool(commands.lint),
  'dead code and dependencies (knip)': tool(commands.deadCode),
  'duplicated code (jscpd)': tool(commands.duplicates),
  'import layers': () => checkLayers(sources()),
  'what is bundled where': () => checkBundles(readMetafile()),
  'bundle sizes': () => checkSizes(),
};

function report(name: string, check: Check): boolean {
  let wrong: readonly string[];
  try {
    wrong = check();
  } catch (error) {
    wrong = [error instanceof Error ? error.message : String(error)];
  }
  console.log(`${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  for (const sentence of wrong) console.log(sentence.replaceAll(/^/gm, '       '));
  return wrong.length === 0;
}

/** Runs every check, and prints what each finds. */
export function check(): Counts {
  const outcomes = Object.entries(checks).map(([name, run]) => report(name, run));
  return { passed: outcomes.filter((ok) => ok).length, failed: outcomes.filter((ok) => !ok).length };
}

if (import.meta.main) printCounts(check());
