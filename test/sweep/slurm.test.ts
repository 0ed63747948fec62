import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Slurm, startSlurm } from '../kit/slurm.ts';
import { begin, folderOf, killing, sweep, swept } from './processes.ts';

let slurm: Slurm;
beforeAll(async () => {
  slurm = await startSlurm();
}, 60_000);
afterAll(() => slurm?.stop());

test('a job array runs the points, one that is killed is submitted again, and the result is that of this machine', async () => {
  const folder = folderOf();
  const args = ['--set', 'device=u280,u208'];
  const env = { ...slurm.env, ...killing(folder, 1, 1) };
  const cluster = await swept(
    folder,
    ['--engine', 'slurm', '--out', 'cluster', '--sbatch=--comment=weft', ...args],
    env,
  );
  expect(cluster.err).toMatch(/1 of 4 points have no result yet: once more/);
  expect(cluster.result.engine).toBe('slurm');
  expect(cluster.result.points.map(({ state, retries }) => [state, retries])).toEqual([
    ['ok', 0],
    ['ok', 1],
    ['broken', 0],
    ['broken', 0],
  ]);
  expect(cluster.code).toBe(1);
  // The first round is an array of four, the second of the one that was killed.
  expect(readFileSync(join(folder, 'cluster/round-1.txt'), 'utf8')).toBe('0\n1\n2\n3\n');
  expect(readFileSync(join(folder, 'cluster/round-2.txt'), 'utf8')).toBe('1\n');
  const local = await swept(folder, args);
  const plain = cluster.result.points.map((point) => ({ ...point, retries: 0 }));
  expect(plain).toEqual(local.result.points);
});

test('a job that the cluster refuses is an error in the cluster’s words', async () => {
  const folder = folderOf();
  const args = ['--engine', 'slurm', '--out', 'out', '--sbatch=--partition=none'];
  const { code, err } = await sweep(folder, args, slurm.env);
  expect(code).toBe(2);
  expect(err).toMatch(/sbatch refused the job: .*invalid partition/);
  expect(existsSync(join(folder, 'out/results/0.json'))).toBe(false);
});

test('interrupted, it cancels its job', async () => {
  const queue = () => spawnSync('squeue', ['-h', '-o', '%i %T'], { encoding: 'utf8', env: slurm.env }).stdout.trim();
  const waiting = begin(folderOf(), ['--engine', 'slurm', '--out', 'out', '--sbatch=--begin=now+1hour'], slurm.env);
  await until(() => queue() !== '');
  expect(queue()).toMatch(/_\[0-1\] PENDING$/);
  waiting.child.kill('SIGINT');
  expect((await waiting.ended).code).toBeNull(); // the signal did what it does
  await until(() => queue() === '');
}, 60_000);

/** Asks again until it is so; the test's own time is the limit. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 200));
}

test('without Slurm it says so', async () => {
  const folder = folderOf();
  const { code, err } = await sweep(folder, ['--engine', 'slurm', '--out', 'out'], { PATH: '/nowhere' });
  expect(code).toBe(2);
  expect(err).toMatch(/sbatch cannot be started[\s\S]*--engine local/);
});
