import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Curve, Question, Verdict } from '../../server/report/question.ts';
import paper from '../facts/paper.json' with { type: 'json' };
import { folderWith, weft } from './weft.ts';

const example = 'examples/bert_u280.weft';

async function question(...args: string[]): Promise<Question & { verdicts: Verdict[] }> {
  const { code, out, err } = await weft('compare', ...args, '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

const curve = (curves: readonly Curve[], name: string, kind: Curve['kind']): Curve =>
  curves.find((one) => one.name === name && one.kind === kind)!;

describe('weft compare', () => {
  test('has the curves of figure 6a of arXiv 2312.15159 within 0.1 %, and its measured points', async () => {
    const { designs, gpus, tokens } = await question(
      example,
      ...['--devices', 'u280,vck5000,vhk158', '--gpus', 'a100,rtx2080ti', '--tokens', '32..4096'],
    );
    expect(tokens).toEqual(paper.fig6a.tokens);
    for (const name of ['u280', 'vck5000', 'vhk158'] as const) {
      const { points } = curve(designs, name, 'closed form');
      expect(points).toHaveLength(tokens.length);
      for (const [i, { seconds }] of points.entries())
        expect(Math.abs((seconds * 1e3) / paper.fig6a[name][i]! - 1), `${name} ${tokens[i]}`).toBeLessThan(0.001);
    }
    for (const name of ['a100', 'rtx2080ti'] as const) {
      const { points } = curve(gpus, name, 'measured');
      expect(points.map(({ seconds }) => Number((seconds * 1e3).toFixed(2)))).toEqual(paper.fig6a[name]);
      for (const [i, { seconds }] of curve(gpus, name, 'roofline').points.entries())
        expect(seconds).toBeLessThanOrEqual(points[i]!.seconds * 1.02);
    }
  });

  test('says where they cross, between two lengths whose signs differ', async () => {
    const { verdicts, designs, gpus } = await question(example, '--devices', 'u280', '--tokens', '32..128');
    const verdict = verdicts.find((one) => one.design === 'u280' && one.kind === 'measured')!;
    expect(verdict.best).toMatchObject({ tokens: 32, faster: expect.closeTo(3.6 / 2.954, 2) });
    expect(verdict.crossings).toHaveLength(1);
    const [crossing] = verdict.crossings;
    expect(crossing).toBeGreaterThan(32);
    expect(crossing).toBeLessThan(64);
    const at = (points: Curve['points']): number[] => points.map(({ seconds }) => seconds);
    const [fpga, gpu] = [at(curve(designs, 'u280', 'closed form').points), at(curve(gpus, 'a100', 'measured').points)];
    expect(fpga[0]!).toBeLessThan(gpu[0]!);
    expect(fpga[1]!).toBeGreaterThan(gpu[1]!);
  });

  test('has the accelerators of the file at every length, as they are written', async () => {
    const { designs } = await question(example, '--tokens', '64,512');
    const { points } = curve(designs, 'bert_u280', 'timeline');
    expect(points.map(({ tokens }) => tokens)).toEqual([64, 512]);
    const { out } = await weft('estimate', example, '--json');
    expect(points[1]!.seconds * 1e3).toBeCloseTo(JSON.parse(out).accelerators[0].latencyMs, 9);
    for (const { limit, perJoule } of points) {
      expect(limit).toBe('up');
      expect(perJoule).toBeGreaterThan(0);
    }
  });

  test('of a decode goes over the length of the past', async () => {
    const folder = folderWith({
      'a.weft':
        'accelerator a { device u280 model gpt2_small(layers: 2) phase decode(past: 8) kernel scores array 1 x 2 kernel context array 1 x 2 }',
    });
    const { designs, gpus } = await question(
      join(folder, 'a.weft'),
      '--devices',
      'u280',
      '--gpus',
      't4',
      '--tokens',
      '64,1024',
    );
    expect(curve(designs, 'a', 'timeline').points[1]!.seconds).toBeGreaterThan(
      curve(designs, 'a', 'timeline').points[0]!.seconds,
    );
    expect(curve(designs, 'u280', 'closed form').points).toHaveLength(2);
    expect(curve(gpus, 't4', 'roofline').points[0]!.limit).toBe('bandwidth');
  });

  test('prints tables, limits and verdicts', async () => {
    const { code, out } = await weft('compare', example, '--devices', 'u280', '--tokens', '32..128');
    expect(code).toBe(0);
    expect(out).toMatch(/^bert_base, forward\(tokens: …\), W4A8: latency of the model/);
    expect(out).toContain('32 … 128: memory bandwidth (613 multiply-accumulates a cycle in a projection)');
    expect(out).toMatch(/^ {2}32 … 128: up \(it works \d+% … \d+% of the layer, more than any other\)$/m);
    expect(out).toMatch(/^Tokens a joule /m);
    expect(out).toMatch(/^u280 and a100 \(measured\) cross at about \d\d tokens: 1\.22× as fast at 32/m);
    expect(out).toMatch(/^bert_u280 never beats a100 \(measured\)/m);
  });

  test.each([
    [['--devices', 'u281'], /no device is called ‘u281’/],
    [['--gpus', 'a1000'], /no baseline is called ‘a1000’/],
  ])('%s: says what is wrong', async (args, words) => {
    const { code, err } = await weft('compare', example, ...args);
    expect(code).toBe(1);
    expect(err).toMatch(words);
  });

  test.each([['0..8'], ['8..4'], ['many'], ['1.5'], ['-4'], ['99999999']])(
    '--tokens %s is wrong usage',
    async (tokens) => {
      const { code, err } = await weft('compare', example, `--tokens=${tokens}`);
      expect(code).toBe(2);
      expect(err).toContain('--tokens needs whole numbers');
    },
  );

  test('has one line of a model that says its rows itself, whatever lengths are asked for', async () => {
    const images = 'examples/images_zcu104.weft';
    const { tokens, fixed, designs, gpus } = await question(images, '--tokens', '32..4096');
    expect({ fixed, tokens: tokens.length }).toEqual({ fixed: true, tokens: 1 });
    for (const { points } of [...designs, ...gpus]) expect(points).toHaveLength(1);
    const { out } = await weft('compare', images);
    expect(out).toMatch(/small_net says its rows itself, and there is no length of a sequence to turn/);
    expect(out).toMatch(/^images is [\d.]+× as fast as a100 \(roofline\)$/m);
  });

  test('of a file without an accelerator says so', async () => {
    const folder = folderWith({ 'a.weft': 'let rows = 8' });
    expect(await weft('compare', join(folder, 'a.weft'))).toMatchObject({ code: 1 });
  });
});
