/** The command line as people get it: bundled, started by npm. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';

const shell = (command: string, ...args: string[]) =>
  spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, shell: false });

beforeAll(() => {
  expect(shell(process.execPath, 'esbuild.mjs').stderr).toBe('');
});

test('npm run -s weft -- check: its own output only', () => {
  const { status, stdout, stderr } = shell('npm', 'run', '-s', 'weft', '--', 'check', 'examples/bert_u280.weft');
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '0 errors, 0 warnings\n', stderr: '' });
});

test('exit codes pass through', () => {
  const cli = (...args: string[]) => shell(process.execPath, 'dist/cli.cjs', ...args).status;
  expect(cli('check', 'no-such.weft')).toBe(2);
  expect(cli('check', 'package.json')).toBe(1);
});

test('a long answer is whole when it goes into a pipe', () => {
  const { stdout } = shell(process.execPath, 'dist/cli.cjs', 'estimate', 'examples/bert_u280.weft', '--json');
  expect(JSON.parse(stdout).accelerators).toHaveLength(1);
});

test('whoever reads one line only gets it, and no trace', () => {
  const { stdout, stderr } = shell(
    'sh',
    '-c',
    '"$0" dist/cli.cjs explain examples/bert_u280.weft | head -n 1',
    process.execPath,
  );
  expect({ stdout, stderr }).toEqual({ stdout: 'bert_u280\n', stderr: '' });
});

test('a spec comes through a pipe, and what cannot be written is said in a line', () => {
  const sh = (command: string) => shell('sh', '-c', command, process.execPath);
  const checked = sh('sed s/u280/u28/ examples/bert_u280.weft | "$0" dist/cli.cjs check -');
  expect(checked.status).toBe(1);
  expect(checked.stdout).toMatch(/^-:\d+:\d+: error: There is no device ‘u28’/);
  const text = readFileSync('examples/bert_u280.weft', 'utf8');
  expect(sh('"$0" dist/cli.cjs format - < examples/bert_u280.weft').stdout).toBe(text);
  const full = sh('"$0" dist/cli.cjs estimate examples/bert_u280.weft > /dev/full');
  expect(full).toMatchObject({ status: 2, stderr: 'weft: standard output cannot be written: ENOSPC\n' });
});

test('weft tune on several threads answers as on one', () => {
  const spec = join(mkdtempSync(join(tmpdir(), 'weft-bundle-')), 'a.weft');
  const model =
    'model m { input x : [tokens, 256]  up = linear(x, 512)  mid = linear(up, 384)  down = linear(mid, 256)  output down }';
  writeFileSync(spec, `${model}\naccelerator a { device u280  model m  phase forward(tokens: 8) }\n`);
  const [one, two] = ['1', '2'].map((jobs) =>
    shell(process.execPath, 'dist/cli.cjs', 'tune', spec, '--json', '--jobs', jobs),
  );
  rmSync(dirname(spec), { recursive: true });
  expect(one).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(one!.stdout).accelerators[0].changes).toHaveLength(3);
  expect([two!.status, two!.stdout, two!.stderr]).toEqual([one!.status, one!.stdout, one!.stderr]);
});

test('the code of a command is kept for its next start, and made again where it is of no use', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-bundle-'));
  const version = (switches: Record<string, string> = {}) =>
    spawnSync(process.execPath, ['dist/cli.cjs', '--version'], {
      encoding: 'utf8',
      env: { ...process.env, NODE_COMPILE_CACHE: folder, ...switches },
    });
  const kept = () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /weft-command-line-/.test(file));
  const first = version({ NODE_DISABLE_COMPILE_CACHE: '1' });
  expect(first).toMatchObject({ status: 0, stderr: '' });
  expect(kept()).toEqual([]);
  expect(version().stdout).toBe(first.stdout);
  const [file = ''] = kept();
  expect(file).toMatch(/-version$/);
  const code = readFileSync(join(folder, file));
  expect(code.length).toBeGreaterThan(100_000);
  // V8 would run a damaged one, and die of it.
  const damaged = code.map((byte, i) => (i % 9973 === 5000 ? byte ^ 16 : byte));
  for (const useless of [code.subarray(0, 1000), damaged, Buffer.alloc(code.length), Buffer.alloc(0)]) {
    writeFileSync(join(folder, file), useless);
    expect(version()).toMatchObject({ status: 0, stdout: first.stdout, stderr: '' });
    expect(readFileSync(join(folder, file)).length).toBeGreaterThan(100_000);
  }
  // Those of other versions go; what is of others stays.
  const [stale, foreign] = [file.replace(/[0-9a-f]{16}-version$/, `${'0'.repeat(16)}-check`), `${dirname(file)}/other`];
  for (const name of [stale, `${stale}.4711`, foreign]) writeFileSync(join(folder, name), 'x');
  writeFileSync(join(folder, file), '');
  expect(version()).toMatchObject({ status: 0, stderr: '' });
  expect(kept()).toEqual([file]);
  expect(readFileSync(join(folder, foreign), 'utf8')).toBe('x');
  rmSync(folder, { recursive: true });
});
