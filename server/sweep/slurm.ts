/**
 * Points on a cluster: a Slurm job array for each round. Only `sbatch` is needed: it waits for the array (`--wait`), and what the
 * points came to is read from the sweep's folder, which every node has to see under the same path.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from './engine.ts';
import { type Store, SweepError } from './store.ts';

/** Tasks of an array: Slurm's own limit (MaxArraySize) is 1001 unless a site sets another. */
const MOST_TASKS = 1000;

/** Milliseconds in which a shared file system shows this node what another one wrote. */
const PATIENCE = 3000;

export interface SlurmOptions {
  /** The words that start Weft, on every node. */
  readonly command: readonly string[];
  /** Tasks at the same time; as many as the cluster likes without it. */
  readonly jobs?: number;
  /** Further arguments of sbatch. */
  readonly sbatch: readonly string[];
}

export function slurmEngine(options: SlurmOptions): Engine {
  let round = 0;
  return {
    name: 'slurm',
    async run(indices, store) {
      const [script, tasks] = writeJob(store, indices, options.command, ++round);
      const limit = options.jobs === undefined ? '' : `%${options.jobs}`;
      await submitted([
        ...['--parsable', '--wait', '--job-name=weft-sweep', `--array=0-${tasks - 1}${limit}`],
        ...[`--output=${join(store.folder, 'log', '%A_%a.txt')}`, ...options.sbatch, script],
      ]);
      const until = performance.now() + PATIENCE;
      while (store.missing().some((index) => indices.includes(index)) && performance.now() < until)
        await new Promise((resolve) => setTimeout(resolve, PATIENCE / 10));
    },
  };
}

/** The script of an array and the points of its tasks, a line each, both kept for whoever wants to know. */
function writeJob(
  store: Store,
  indices: readonly number[],
  command: readonly string[],
  round: number,
): [script: string, tasks: number] {
  const size = Math.ceil(indices.length / MOST_TASKS);
  const lines: string[] = [];
  for (let start = 0; start < indices.length; start += size) lines.push(indices.slice(start, start + size).join(' '));
  const points = join(store.folder, `round-${round}.txt`);
  const script = join(store.folder, `round-${round}.sh`);
  writeFileSync(points, `${lines.join('\n')}\n`);
  writeFileSync(
    script,
    `#!/bin/sh
# Round ${round} of a sweep by Weft: task n runs the points in line n + 1 of the list.
exec ${[...command, 'sweep-point', store.folder].map(quoted).join(' ')} $(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${quoted(points)})
`,
    { mode: 0o755 },
  );
  return [script, lines.length];
}

function quoted(word: string): string {
  return /^[\w./=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Resolves when the job has ended, whatever became of it; whoever interrupts the sweep cancels it. */
async function submitted(args: readonly string[]): Promise<void> {
  const child = spawn('sbatch', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const job = (): string | undefined => /^\d+/.exec(out)?.[0];
  const cancel = (signal: NodeJS.Signals): void => {
    const id = job();
    if (id !== undefined) spawn('scancel', [id], { stdio: 'ignore', detached: true }).unref();
    process.kill(process.pid, signal); // the listeners are gone: the signal does what it does
  };
  process.once('SIGINT', cancel).once('SIGTERM', cancel);
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', ({ message }) =>
        reject(
          new SweepError(
            `sbatch cannot be started: ${message}. Is Slurm's client installed here? --engine local runs the points on this machine.`,
          ),
        ),
      );
      child.once('close', () => {
        if (job() === undefined) reject(new SweepError(`sbatch refused the job: ${err.trim() || 'it said nothing'}`));
        else resolve();
      });
    });
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
  }
}
