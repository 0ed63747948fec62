import { describe, expect, test } from 'vitest';
import { bandwidth } from '../../server/format.ts';
import { estimateText } from '../../server/report/text.ts';
import { rules } from '../../server/rules/index.ts';
import { analysisOf } from '../kit/analyses.ts';

const reportOf = (text: string) => estimateText(analysisOf(text).estimate.accelerators[0]!);
const small = (lines = '') => `model ffn {
  input x : [tokens, 256]
  up   = linear(x, 1024)
  act  = gelu(up)
  down = linear(act, 256)
  output down
}
accelerator small {
  device    u280 at 245 MHz
  model     ffn
  phase     forward(tokens: 64)
  precision W4A8
  kernel up    array 8 x 16  pack 2  weights hbm[1]  on slr0
  kernel act   lanes 8
  kernel down  array 8 x 16  pack 2  weights hbm[2]  on slr1
  ${lines}
}`;

test('the whole report', async () => {
  await expect(reportOf(small())).toMatchFileSnapshot('../golden/report/small.txt');
});

describe('the report', () => {
  test('begins with what is estimated on what', () => {
    expect(reportOf(small()).split('\n')[0]).toBe('small: ffn, forward(tokens: 64), W4A8 on u280 at 245 MHz');
  });

  test('has a line for each kernel, die and channel', () => {
    const report = reportOf(small());
    for (const name of ['up', 'act', 'down', 'slr0', 'slr1', 'slr2', 'card', 'hbm[1]', 'hbm[2]']) {
      expect(report).toContain(`\n${name} `);
    }
  });

  test('marks kernels that nobody wrote', () => {
    expect(reportOf(small().replace(/ *kernel act.*\n/, ''))).toContain('\nact (auto)');
  });

  test('says what is on the host', () => {
    expect(reportOf('accelerator a { device u280 model gpt2_small phase decode(past: 64) }')).toMatch(
      /^· On the host, not estimated: .*lm_head/m,
    );
  });

  test('gives no latency where the design deadlocks', () => {
    const deadlock = rules.find((rule) => rule.code === 'fifo-deadlock')!;
    expect(reportOf(deadlock.page.failing)).toContain('fifo-deadlock');
    expect(reportOf(deadlock.page.failing)).not.toContain('Per layer');
  });

  test('ends with what is not verified', () => {
    expect(reportOf(small())).toMatch(/no vendor tool was run: .*\n[\s\S]*are bands: .*\n$/);
  });
});

test('channels that the same kernels use alike are one row, with the figures of each', () => {
  const [estimate] = analysisOf(`accelerator a {
    device u280 at 245 MHz  model gpt2_medium  phase decode(past: 64)  precision W8A8
    kernel up array 1 x 64 x 4 weights hbm[8..15]
    kernel down array 1 x 64 x 4 weights hbm[16, 18, 20..21]
  }`).estimate.accelerators;
  const rows = estimateText(estimate!)
    .split('\n')
    .filter((line) => /^hbm\[/.test(line))
    .map((line) => line.split(/ {2,}/));
  const of = (kernel: string) => rows.filter(([, , , , kernels]) => kernels === kernel).map(([name]) => name);
  expect(of('up')).toEqual(['hbm[8..15]']);
  expect(of('down')).toEqual(['hbm[16, 18, 20..21]']);
  const { demand } = estimate!.channels.find(({ name }) => name === 'hbm[9]')!;
  expect(rows.find(([name]) => name === 'hbm[8..15]')?.[1]).toBe(bandwidth(demand));
  // None is lost.
  const shown = rows.flatMap(([name]) => channelsIn(name!));
  expect(shown.sort()).toEqual(estimate!.channels.map(({ channel }) => channel).sort());
});

/** Numbers of 'hbm[16, 18, 20..21]'. */
function channelsIn(name: string): number[] {
  return name
    .replace(/^.*\[|\]$/g, '')
    .split(', ')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('..').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}
