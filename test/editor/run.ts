// Packages the extension, installs the package into a VS Code, and runs test/editor/suite/*.test.ts inside that VS Code.
//   node test/editor/run.ts [--grep REGEXP]
//   WEFT_VSCODE  unset or "stand-in": VS Code's server with its window in headless Chromium (test/host), no download
//                "stable", "insiders", "1.101.0" …: that desktop VS Code, downloaded by @vscode/test-electron
//                a path: that executable
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { installHost } from '../host/setup.ts';
import { type Counts, printCounts } from '../outcome.ts';

const root = join(import.meta.dirname, '../..');
const scratch = join(root, '.vscode-test/weft');
const shots = join(root, 'shots');
const suite = join(import.meta.dirname, 'suite');
const vsix = join(root, 'weft.vsix');

const folders = [`--user-data-dir=${join(scratch, 'user-data')}`, `--extensions-dir=${join(scratch, 'extensions')}`];

function run(command: string, ...args: string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`);
}

/** The tests as VS Code's extension host can load them: CommonJS, `vscode` and mocha from outside. */
async function bundleTests(): Promise<string> {
  const tests = readdirSync(suite).filter((name) => name.endsWith('.test.ts'));
  await build({
    entryPoints: [join(import.meta.dirname, 'inside.ts'), ...tests.map((name) => join(suite, name))],
    outdir: join(scratch, 'tests'),
    entryNames: '[name]',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode', 'mocha'],
    loader: { '.weft': 'text' },
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return join(scratch, 'tests/inside.cjs');
}

interface Editor {
  readonly executable: string;
  /** The command line that installs extensions into it. */
  readonly cli: readonly [command: string, ...args: string[]];
}

async function findEditor(wanted: string): Promise<Editor> {
  if (wanted === 'stand-in') {
    installHost();
    const executable = join(root, 'test/host/code.ts');
    return { executable, cli: [executable] };
  }
  const executable = existsSync(wanted) ? wanted : await downloadAndUnzipVSCode(wanted);
  const [command = executable, ...args] = resolveCliArgsFromVSCodeExecutablePath(executable, {
    reuseMachineInstall: true,
  });
  return { executable, cli: [command, ...args] };
}

/**
 * Installs the packaged extension and tests it.
 * @param grep a regular expression for the titles of the tests to run; all run without it
 */
export async function testEditor(grep = ''): Promise<Counts> {
  rmSync(scratch, { recursive: true, force: true }); // no state from an earlier run
  rmSync(shots, { recursive: true, force: true });
  for (const folder of [scratch, shots]) mkdirSync(folder, { recursive: true });

  const wanted = process.env.WEFT_VSCODE || 'stand-in';
  const { executable, cli } = await findEditor(wanted);
  const [command, ...args] = cli;
  run(command, ...args, '--install-extension', vsix, ...folders);

  const workspace = join(scratch, 'workspace'); // a copy: tests edit the specs
  cpSync(join(root, 'examples'), workspace, { recursive: true });
  const results = join(scratch, 'results.json');
  const code = await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: join(import.meta.dirname, 'probe'),
    extensionTestsPath: await bundleTests(),
    extensionTestsEnv: {
      WEFT_TEST_RESULTS: results,
      WEFT_TEST_SHOTS: shots,
      WEFT_TEST_WINDOW: wanted === 'stand-in' ? 'answers' : 'silent',
      WEFT_TEST_GREP: grep,
    },
    launchArgs: [workspace, ...folders],
  }).catch((error: unknown) => {
    console.error(String(error));
    return 1;
  });
  // The tests write this file as their last act: a host that dies half-way may still report success.
  if (!existsSync(results)) {
    console.error('The editor tests did not run to their end');
    return { passed: 0, failed: 1 };
  }
  const counts: Counts = JSON.parse(readFileSync(results, 'utf8'));
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { grep: { type: 'string' } } });
  run('npm', 'run', '--silent', 'package');
  printCounts(await testEditor(values.grep));
}
