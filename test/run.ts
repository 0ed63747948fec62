// Every test there is, one stage after another; ends with one line `N passed, N failed`. Started by `npm test`, which
// installs what is missing first; some stages alone: `npm test -- unit editor`.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './check/run.ts';
import { testEditor } from './editor/run.ts';
import { testWeb } from './editor/web.ts';
import { type Counts, printCounts } from './outcome.ts';
import { simulateExamples } from './simulate.ts';

function run(command: string, ...args: string[]): boolean {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) console.error(error.message);
  return status === 0;
}

const one = (ok: boolean): Counts => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1 });

/** The part of vitest's JSON report that is read here. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** One a file; a file that could not be loaded has failed without any test. */
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

function testUnits(): Counts {
  const folder = mkdtempSync(join(tmpdir(), 'weft-vitest-'));
  const file = join(folder, 'report.json');
  const ok = run('vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`);
  if (!existsSync(file)) return one(false);
  const report: VitestReport = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true });
  const unloadable = report.testResults.filter(
    (result) => result.status === 'failed' && result.assertionResults.length === 0,
  );
  const skipped = report.numPendingTests + report.numTodoTests;
  if (skipped > 0) console.error(`${skipped} tests were skipped, which counts as failed`);
  const failed = report.numFailedTests + unloadable.length + skipped;
  return { passed: report.numPassedTests, failed: failed === 0 && !ok ? 1 : failed };
}

/** Specs with the scopes that the TextMate grammar must give them written below each line. */
function testColours(): Counts {
  const outcomes = globSync('test/syntaxes/**/*.weft').map((file) =>
    run('vscode-tmgrammar-test', '--grammar', 'syntaxes/weft.tmLanguage.json', file),
  );
  return { passed: outcomes.filter((ok) => ok).length, failed: outcomes.filter((ok) => !ok).length };
}

const stages: Readonly<Record<string, () => Counts | Promise<Counts>>> = {
  build: () => one(run('node', 'esbuild.mjs')),
  package: () => one(run('npm', 'run', '--silent', 'package')),
  check,
  unit: testUnits,
  colours: testColours,
  simulate: simulateExamples,
  editor: () => testEditor(),
  web: testWeb,
};

async function runStage(name: string, stage: () => Counts | Promise<Counts>): Promise<Counts> {
  console.log(`\n── ${name}`);
  const start = performance.now();
  let counts: Counts;
  try {
    counts = await stage();
  } catch (error) {
    console.error(error);
    counts = one(false);
  }
  if (counts.passed + counts.failed === 0) {
    console.error('Nothing ran, which counts as failed');
    counts = one(false);
  }
  console.log(
    `── ${name}: ${counts.failed === 0 ? 'ok' : 'FAILED'} after ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  return counts;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(stages, name));
if (unknown.length > 0) {
  console.error(`No such stage: ${unknown.join(', ')}. There are: ${Object.keys(stages).join(', ')}`);
  process.exit(2);
}
const total = { passed: 0, failed: 0 };
const failures: string[] = [];
for (const [name, stage] of Object.entries(stages)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { passed, failed } = await runStage(name, stage);
  total.passed += passed;
  total.failed += failed;
  if (failed > 0) failures.push(`${name} (${failed})`);
}
console.log(failures.length === 0 ? '' : `\nFailed: ${failures.join(', ')}`);
printCounts(total);
