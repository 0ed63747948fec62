import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { weft } from '../cli/weft.ts';
import { folderOf, killing, spec, sweep, swept } from './processes.ts';

test('each point is what estimate says of the spec with its values', async () => {
  const folder = folderOf();
  const { code, result } = await swept(folder, ['--set', 'device=u280,u55c']);
  expect(code).toBe(0);
  expect(result.points.map(({ values }) => values)).toEqual([
    { device: 'u280', side: '4' },
    { device: 'u280', side: '8' },
    { device: 'u55c', side: '4' },
    { device: 'u55c', side: '8' },
  ]);
  const [, , , last] = result.points;
  writeFileSync(join(folder, 'last.weft'), spec.replace('u280', 'u55c').replace('4, 8', '8'));
  const { out } = await weft('estimate', join(folder, 'last.weft'), '--json');
  const [estimate] = JSON.parse(out).accelerators;
  expect(last).toMatchObject({ state: 'ok', retries: 0, errors: [], steps: [] });
  expect(last!.accelerators[0]).toEqual(
    expect.objectContaining({ latencyMs: estimate.latencyMs, resources: estimate.resources }),
  );
});

test('one table: what is broken and what does not fit are said, and the fastest that fits', async () => {
  const folder = folderOf({
    'spec.weft': spec
      .replace('reserve', '')
      .replace('choose side from 4, 8', 'choose side from 4, 8, 16\n  require latency < 14 us'),
  });
  const { code, out } = await sweep(folder, ['--set', 'precision=W8A8,W9Z9']);
  expect(code).toBe(1);
  expect(out).toMatchSnapshot();
});

test('a process that is killed is started again; one that is killed each time is lost, and costs the others nothing', async () => {
  const folder = folderOf();
  const once = await swept(folder, ['--jobs', '1', '--out', 'once'], killing(folder, 0, 1));
  expect(once.code).toBe(0);
  expect(once.err).toMatch(/1 of 2 points have no result yet: once more/);
  expect(once.result.points.map(({ state, retries }) => [state, retries])).toEqual([
    ['ok', 1],
    ['ok', 0],
  ]);
  const always = await swept(folder, ['--jobs', '1', '--retries', '1', '--out', 'always'], killing(folder, 0, 99));
  expect(always.code).toBe(1);
  expect(always.result.points[0]).toMatchObject({
    state: 'lost',
    retries: 1,
    reason: 'its process ended 2 times without a result',
  });
  expect(always.result.points[1]).toEqual(once.result.points[1]);

  // Later, in the same folder, the lost point alone is run.
  rmSync(join(folder, 'always/tries/0.json'));
  const before = readFileSync(join(folder, 'always/results/1.json'), 'utf8');
  const later = await swept(folder, ['--jobs', '1', '--retries', '1', '--out', 'always']);
  expect(later.result.points.map(({ state }) => state)).toEqual(['ok', 'ok']);
  expect(JSON.parse(readFileSync(join(folder, 'always/tries/1.json'), 'utf8'))).toEqual({ count: 1 });
  expect(readFileSync(join(folder, 'always/results/1.json'), 'utf8')).toBe(before);

  // Another sweep is not mixed into it.
  const other = await sweep(folder, ['--set', 'side=2', '--out', 'always']);
  expect(other).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/has another sweep/) });
});

test('points are exported, simulated and synthesised by what is on the PATH', async () => {
  const folder = folderOf();
  // Stand-ins: that exported projects compile and simulate is tested with the exporter.
  const bin = join(folder, 'bin');
  const tool = (name: string, text: string) => writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const { mkdirSync } = await import('node:fs');
  mkdirSync(bin);
  tool('make', 'echo "$@"; case "$2$3" in *side=8*csim) exit 2;; esac');
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const without = await sweep(folder, ['--synthesis'], env);
  expect(without).toMatchObject({ code: 2, err: expect.stringMatching(/v\+\+ is not on the PATH/) });
  tool('v++', 'exit 0');
  const { code, result } = await swept(folder, ['--csim', '--synthesis', '--out', 'out', '--export', 'projects'], env);
  expect(code).toBe(1);
  const [four, eight] = result.points;
  expect(four!.steps.map(({ step, passed }) => [step, passed])).toEqual([
    ['export', true],
    ['csim', true],
    ['synthesis', true],
  ]);
  expect(four!.state).toBe('ok');
  expect(eight!.steps.map(({ step, passed }) => [step, passed])).toEqual([
    ['export', true],
    ['csim', false],
  ]);
  expect(eight!.state).toBe('broken');
  expect(readdirSync(join(folder, 'projects')).sort()).toEqual(['0-side=4', '1-side=8']);
  expect(existsSync(join(folder, 'projects/0-side=4/Makefile'))).toBe(true);
  expect(readFileSync(four!.steps[2]!.detail, 'utf8')).toMatch(/0-side=4 csynth/);
});

test.each([
  [
    'a knob that is not there',
    ['--set', 'sides=4'],
    /nothing called ‘sides’ to set; there is device, model, precision, side/,
  ],
  ['a setting without values', ['--set', 'side='], /--set needs NAME=VALUE/],
  ['an engine that is not there', ['--engine', 'cloud'], /--engine is local or slurm/],
  ['no processes', ['--jobs', '0'], /--jobs needs a whole number from 1/],
  ['too many points', ['--set', 'side=1..5000', '--set', 'device=u280,u55c,u50'], /15,000 points are more than 10,000/],
  ['a cluster without a folder', ['--engine', 'slurm'], /needs --out DIR/],
])('wrong usage: %s', async (_, args, reason) => {
  const { code, err } = await weft('sweep', join(folderOf(), 'spec.weft'), ...args);
  expect(code).toBe(2);
  expect(err).toMatch(reason);
});
