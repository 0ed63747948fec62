// Packages the extension, installs the package into a VS Code, and runs the tests inside that VS Code: suite/*.test.ts in a window of
// one folder, two-folders/*.test.ts in one of two, untrusted/*.test.ts in one whose folder nobody trusts.
//   node test/editor/run.ts [--grep REGEXP]
//   WEFT_VSCODE  unset or "stand-in": VS Code's server with its window in headless Chromium (test/host), no download
//                "stable", "insiders", "1.101.0" …: that desktop VS Code, downloaded by @vscode/test-electron
//                a path: that executable
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { installHost } from '../host/setup.ts';
import { type Counts, printCounts } from '../outcome.ts';

const root = join(import.meta.dirname, '../..');
const scratch = join(root, '.vscode-test/weft');
const shots = join(root, 'shots');
const vsix = join(root, 'weft.vsix');

const folders = [`--user-data-dir=${join(scratch, 'user-data')}`, `--extensions-dir=${join(scratch, 'extensions')}`];

function run(command: string, ...args: string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`);
}

/** The tests as VS Code's extension host can load them: CommonJS, `vscode` and mocha from outside. */
async function bundleTests(suite: string): Promise<string> {
  const folder = join(import.meta.dirname, suite);
  const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  await build({
    entryPoints: [join(import.meta.dirname, 'inside.ts'), ...tests.map((name) => join(folder, name))],
    outdir: join(scratch, 'tests', suite),
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
  return join(scratch, 'tests', suite, 'inside.cjs');
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

  const standIn = wanted === 'stand-in';
  const windows: readonly (() => Promise<Counts>)[] = [
    () => testWindow(executable, standIn, grep, { suite: 'suite', opens: copyOfExamples('workspace') }),
    () => testWindow(executable, standIn, grep, { suite: 'two-folders', opens: twoFolders() }),
    ...(standIn
      ? [
          () =>
            testWindow(executable, standIn, grep, {
              suite: 'untrusted',
              opens: copyOfExamples('foreign'),
              trusted: false,
            }),
        ]
      : []),
  ];
  // Desktop VS Code is told to trust by what starts it for tests.
  if (!standIn) console.log('Not run in desktop VS Code: untrusted/, which asks for a window that nobody trusts');
  let all: Counts = { passed: 0, failed: 0 };
  for (const window of windows) {
    const { passed, failed } = await window();
    all = { passed: all.passed + passed, failed: all.failed + failed };
  }
  return all;
}

/** A copy, as tests edit the specs. */
function copyOfExamples(name: string): string {
  const folder = join(scratch, name);
  cpSync(join(root, 'examples'), folder, { recursive: true });
  return folder;
}

/** A workspace of two folders, `models` and `designs`. */
function twoFolders(): string {
  const home = join(scratch, 'several');
  for (const name of ['models', 'designs']) mkdirSync(join(home, name), { recursive: true });
  // It is there before the window is, and nobody opens it.
  const closed = 'accelerator never_opened {\n  device u280\n  model  bert_base\n  phase  forward(tokens: 16)\n}\n';
  writeFileSync(join(home, 'designs', 'closed.weft'), closed);
  const file = join(home, 'several.code-workspace');
  writeFileSync(file, JSON.stringify({ folders: [{ path: 'models' }, { path: 'designs' }], settings: {} }));
  return file;
}

interface TestWindow {
  /** The folder beside this file that holds its tests. */
  readonly suite: string;
  /** A folder or a .code-workspace. */
  readonly opens: string;
  readonly trusted?: boolean;
}

async function testWindow(
  executable: string,
  standIn: boolean,
  grep: string,
  { suite, opens, trusted = true }: TestWindow,
): Promise<Counts> {
  const results = join(scratch, `${suite}.json`);
  if (!trusted) process.env.CODE_TRUST = 'ask';
  const code = await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: join(import.meta.dirname, 'probe'),
    extensionTestsPath: await bundleTests(suite),
    extensionTestsEnv: {
      WEFT_TEST_RESULTS: results,
      WEFT_TEST_SHOTS: shots,
      WEFT_TEST_WINDOW: standIn ? 'answers' : 'silent',
      WEFT_TEST_GREP: grep,
    },
    launchArgs: [opens, ...folders],
  }).catch((error: unknown) => {
    console.error(String(error));
    return 1;
  });
  delete process.env.CODE_TRUST;
  // The tests write this file as their last act: a host that dies half-way may still report success.
  if (!existsSync(results)) {
    console.error(`The editor tests of ${suite} did not run to their end`);
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
