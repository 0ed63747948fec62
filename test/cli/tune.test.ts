/** `weft tune` from the command line to the file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openArray as spec } from '../kit/open-array.ts';
import { folderWith, weft } from './weft.ts';

/** Of what `weft tune --json` prints. */
interface Printed {
  readonly accelerators: readonly {
    readonly after: number;
    readonly asItStands: { readonly latency: number; readonly dsp: number };
    readonly front: readonly { readonly latency: number; readonly dsp: number; readonly changes: unknown }[];
  }[];
}

/** What `weft estimate --json` says of the file. */
async function figures(path: string): Promise<{ latency: number; dsp: number }> {
  const { out } = await weft('estimate', path, '--json');
  const [one] = JSON.parse(out).accelerators;
  return { latency: one.perLayerMs / 1e3, dsp: one.resources.dsp.used };
}

test('--write-point writes that point of the front: the file then costs what the point says, and nothing else changed', async () => {
  const path = join(folderWith({ 'a.weft': spec }), 'a.weft');
  const printed = await weft('tune', path, '--pareto', 'latency,dsp', '--json');
  expect(printed).toMatchObject({ code: 0, err: '' });
  expect(readFileSync(path, 'utf8')).toBe(spec);
  const [{ front, asItStands }] = (JSON.parse(printed.out) as Printed).accelerators as [
    Printed['accelerators'][number],
  ];
  expect(front.length).toBeGreaterThan(2);
  expect(await figures(path)).toEqual({ latency: expect.closeTo(asItStands.latency, 12), dsp: asItStands.dsp });
  const text = await weft('tune', path, '--pareto', 'latency,dsp', '--write-point', '2');
  expect(text).toMatchObject({ code: 0, err: '' });
  expect(text.out).toMatch(
    /^ {2}not searched: the memories of streams and copies \(‘copies auto’ asks for them\), which stay as written or as they are by default$/m,
  );
  expect(text.out).toMatch(/^as it stands +[\d.]+ .s +[\d,]+ *$/m);
  const written = readFileSync(path, 'utf8');
  const rest = (of: string) => of.split('\n').filter((line) => !/^ {2}(kernel|stream)/.test(line));
  expect(rest(written)).toEqual(rest(spec));
  expect(written).toMatch(/kernel up +array \d+ x \d+/);
  expect(await figures(path)).toEqual({ latency: expect.closeTo(front[1]!.latency, 12), dsp: front[1]!.dsp });
  expect(front[1]!.dsp).toBeLessThan(front[0]!.dsp);
});

test('a point that does not exist is refused, with how many there are, and the file stays', async () => {
  const path = join(folderWith({ 'a.weft': spec }), 'a.weft');
  const { code, err } = await weft('tune', path, '--pareto', 'latency,dsp', '--write-point', '99');
  expect([code, err]).toEqual([2, expect.stringMatching(/There is no point 99: the front has \d+\./)]);
  expect(readFileSync(path, 'utf8')).toBe(spec);
});

const knob = spec.replace('array 8 x 8', 'array rows x 8').replace('W8A8', 'W8A8\n  choose rows from 4, 16');

test('the values of a knob are searched, and the best is written as the first, unless one is named', async () => {
  const path = join(folderWith({ 'a.weft': knob }), 'a.weft');
  const named = await weft('tune', path, '--choose', 'rows=4');
  expect(named).toMatchObject({ code: 0, err: '' });
  expect(named.out).toMatch(/^small: .* a layer, .* of the spec as it stands, with rows = 4$/m);
  const { out, err } = await weft('tune', path, '--write');
  expect(err).toBe('');
  expect(out).toMatch(/ an input, /);
  expect(out).toMatch(/ of the spec as it stands, with rows = 4\n/);
  expect(out).toContain('\n\nrows = 16\n');
  expect(readFileSync(path, 'utf8')).toContain('choose rows from 16, 4\n');
});

test('a file whose lines end as on Windows keeps them so', async () => {
  const path = join(
    folderWith({ 'a.weft': spec.replaceAll('\n', '\r\n').replace(/ {2}kernel down.*\r\n/, '') }),
    'a.weft',
  );
  expect(await weft('tune', path, '--write')).toMatchObject({ code: 0, err: '' });
  const written = readFileSync(path, 'utf8');
  expect(written).toMatch(/kernel down +array/);
  expect(written.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
});

test('--jobs counts', async () => {
  const path = join(folderWith({ 'a.weft': spec }), 'a.weft');
  expect(await weft('tune', path, '--jobs', '0')).toMatchObject({ code: 2, err: expect.stringContaining('--jobs') });
});
