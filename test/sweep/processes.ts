/** Sweeps as people run them: the shipped command line, with processes of its own. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SweepResult } from '../../server/report/sweep.ts';
import { smallFeedForward } from '../kit/open-array.ts';

/** Built by `npm test` before its unit tests. */
const cli = join(import.meta.dirname, '../../dist/cli.cjs');

export const spec = smallFeedForward(`  choose side from 4, 8
  kernel up    array side x 8  weights hbm[4]
  kernel act   lanes 8
  kernel down  array side x 8  weights hbm[5]`);

export function folderOf(files: Readonly<Record<string, string>> = { 'spec.weft': spec }): string {
  const folder = mkdtempSync(join(tmpdir(), 'weft sweep ')); // with spaces, as people have them
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** @param env beside that of the tests */
export function begin(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [cli, 'sweep', 'spec.weft', ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
  return { child, ended };
}

export const sweep = (...asked: Parameters<typeof begin>) => begin(...asked).ended;

export async function swept(folder: string, args: readonly string[], env?: NodeJS.ProcessEnv) {
  const { code, out, err } = await sweep(folder, [...args, '--json'], env);
  if (out === '') throw new Error(err);
  return { code, err, result: JSON.parse(out) as SweepResult };
}

/** Environment in which the process of a point is killed (as the kernel does it when memory runs out) in its first tries. */
export function killing(folder: string, point: number, times: number): NodeJS.ProcessEnv {
  const hook = join(folder, 'kill.cjs');
  writeFileSync(
    hook,
    `const fs = require('node:fs');
const rename = fs.renameSync;
fs.renameSync = (from, to) => {
  rename(from, to);
  if (to.endsWith('/tries/${point}.json') && JSON.parse(fs.readFileSync(to)).count <= ${times}) process.kill(process.pid, 'SIGKILL');
};
`,
  );
  return { NODE_OPTIONS: `--require "${hook}"` };
}
