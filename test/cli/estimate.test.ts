import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import bert from '../../examples/bert_u280.weft';
import { folderWith, weft } from './weft.ts';

const example = 'examples/bert_u280.weft';
const number = expect.any(Number);
const text = expect.any(String);

/** A band with what there is: low ≤ used ≤ high. */
const band = { used: number, low: number, high: number, available: number };
const resources = { dsp: band, bram36: band, uram: band, lut: band, ff: band };
const kernel = {
  name: text,
  ops: number,
  die: text,
  cycles: number,
  ms: number,
  busy: number,
  dsp: number,
  bram36: number,
  uram: number,
  lut: number,
  ff: number,
  formula: text,
};

async function json(file: string, code = 0) {
  const outcome = await weft('estimate', file, '--json');
  expect(outcome.code).toBe(code);
  return JSON.parse(outcome.out);
}

/** Every number of a value, with the path to it. */
function* numbers(value: unknown, path = ''): Generator<[path: string, value: unknown]> {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* numbers(inner, `${path}.${key}`);
  } else if (typeof value === 'number' || value === null) yield [path, value];
}

describe('weft estimate --json', () => {
  test('has every field that is promised', async () => {
    const { accelerators, diagnostics, ...others } = await json(example);
    expect(others).toEqual({});
    expect(diagnostics).toEqual([]);
    expect(accelerators).toHaveLength(1);
    const [accelerator] = accelerators;
    expect(accelerator).toMatchObject({
      name: 'bert_u280',
      device: 'u280',
      clockMHz: 245,
      phase: 'forward(tokens: 512)',
      latencyMs: number,
      perLayerMs: number,
      intervalMs: number,
      closedFormMs: number,
      bottleneck: text,
      resources,
    });
    expect(accelerator.dies.map((die: { name: string }) => die.name)).toEqual(['slr0', 'slr1', 'slr2']);
    for (const die of accelerator.dies) expect(die).toMatchObject({ name: text, latencyMs: number, resources });
    for (const channel of accelerator.channels) {
      expect(channel).toMatchObject({
        name: expect.stringMatching(/^hbm\[\d+\]$/),
        demandGBps: number,
        limitGBps: 14.375,
      });
    }
    expect(accelerator.kernels).toHaveLength(14);
    for (const one of accelerator.kernels) expect(one).toMatchObject(kernel);
  });

  test('has numbers only where it promises numbers', async () => {
    for (const [path, value] of numbers(await json(example))) expect(Number.isFinite(value), path).toBe(true);
  });

  test('keeps what its figures mean', async () => {
    const { accelerators } = await json(example);
    const [accelerator] = accelerators;
    // One layer and the whole model, never one for the other.
    expect(accelerator.latencyMs).toBeCloseTo(12 * accelerator.perLayerMs, 6);
    // 24.07 ms is what the closed form of arXiv 2312.15159 gives for this design.
    expect(accelerator.closedFormMs).toBeCloseTo(24.07, 1);
    // 4.86 ms was measured of a design like the first region.
    const [project] = accelerator.dies;
    expect(project.latencyMs).toBeGreaterThan(4.84);
    expect(project.latencyMs).toBeLessThan(4.89);
    for (const { busy } of accelerator.kernels) {
      expect(busy).toBeGreaterThanOrEqual(0);
      expect(busy).toBeLessThanOrEqual(1);
    }
    const bands = [accelerator, ...accelerator.dies].flatMap(({ resources: of }) =>
      Object.values(of),
    ) as (typeof band)[];
    for (const { used, low, high } of bands) {
      expect(low).toBeLessThanOrEqual(used);
      expect(used).toBeLessThanOrEqual(high);
      expect(used).toBeCloseTo((low + high) / 2, 6);
    }
    // The shell of the card is counted: 132,845 LUT on the die next to the host.
    expect(project.resources.lut.low).toBeGreaterThan(132_845);
    for (const name of ['dsp', 'bram36', 'uram', 'lut', 'ff']) {
      const sum = accelerator.dies.reduce((all: number, die: { resources: typeof resources }) => {
        return all + (die.resources[name as 'dsp'] as unknown as { used: number }).used;
      }, 0);
      expect(accelerator.resources[name].used).toBeCloseTo(sum, 3);
    }
  });

  test('comes with exit code 1 as well, with the diagnostics', async () => {
    const folder = folderWith({ 'a.weft': bert.replace('up      array 8 x 16', 'up      array 64 x 64') });
    const { accelerators, diagnostics } = await json(join(folder, 'a.weft'), 1);
    expect(accelerators).toHaveLength(1);
    expect(diagnostics[0]).toEqual({
      code: 'dsp-oversubscribed',
      severity: 'error',
      message: expect.stringMatching(/^slr2 needs /),
      file: expect.stringMatching(/a\.weft$/),
      line: 24,
      column: 20,
    });
  });

  test('of a file that cannot be read at all: no accelerator, and why', async () => {
    const folder = folderWith({ 'a.weft': '?'.repeat(100) });
    const { accelerators, diagnostics } = await json(join(folder, 'a.weft'), 1);
    expect(accelerators).toEqual([]);
    expect(diagnostics).toHaveLength(1);
  });

  test('of a file without an accelerator: says so', async () => {
    const folder = folderWith({ 'a.weft': 'let rows = 8' });
    const { diagnostics } = await json(join(folder, 'a.weft'), 1);
    expect(diagnostics).toMatchObject([{ code: 'no-accelerator', message: 'There is no accelerator in this file.' }]);
  });
});

describe('weft estimate', () => {
  test('prints the report, per layer and per model apart, and nothing else', async () => {
    const { code, out, err } = await weft('estimate', example);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')[0]).toBe('bert_u280: bert_base, forward(tokens: 512), W4A8 on u280 at 245 MHz');
    expect(out).toMatch(/^Per layer +[\d.]+ ms .*‘block’/m);
    expect(out).toMatch(/^Per model +[\d.]+ ms +12 passes/m);
    for (const name of ['q', 'softmax', 'norm2', 'slr0', 'card', 'hbm[3]']) expect(out).toContain(`\n${name} `);
  });

  test('several accelerators of a file, one behind the other', async () => {
    const folder = folderWith({ 'a.weft': `${bert}\n${bert.replace('bert_u280 {', 'second {')}` });
    const { out } = await weft('estimate', join(folder, 'a.weft'));
    expect(out).toMatch(/^bert_u280: /);
    expect(out).toMatch(/^second: /m);
  });

  test('with an error: the report goes to the output, the error to the error stream', async () => {
    const folder = folderWith({ 'a.weft': bert.replace('245 MHz', '245 GB/s') });
    const { code, out, err } = await weft('estimate', join(folder, 'a.weft'));
    expect(code).toBe(1);
    expect(out).toContain('bert_u280: bert_base');
    expect(err).toMatch(/a\.weft:3:21: error: /);
  });
});
