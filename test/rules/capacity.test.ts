/** Channels that are to keep more than they hold: one finding at the line that fills them, with the sum and the channels. */
import { expect, test } from 'vitest';
import { ranges } from '../../server/format.ts';
import { analysisOf, diagnosticsOf, fixed, fixesOf } from '../kit/analyses.ts';

const found = (text: string, code: string) => diagnosticsOf(text).filter((one) => one.code === code);

const wide = (up: string, down: string): string => `accelerator a {
  device u280 model llama2_13b phase decode(past: 128) precision W8A8
  kernel up   array 1 x 8  weights ${up}
  kernel down array 1 x 8  weights ${down}
}`;

test('what one line fills is one finding, another line another', () => {
  const text = wide('hbm[0..3]', 'hbm[4..7]');
  const at = (line: string) => found(text, 'hbm-capacity').filter(({ span }) => span.start === text.indexOf(line));
  expect(at('weights hbm[0..3]')).toHaveLength(1);
  expect(at('weights hbm[4..7]')).toHaveLength(1);
  // 40 layers of 5120 × 13824 weights of a byte, and scale and bias of each column.
  const bytes = 40 * (5120 * 13824 + 13824 * 8);
  const [one] = at('weights hbm[0..3]');
  expect(one!.message).toContain(`hbm[0..3] hold 1 GiB and are to keep ${(bytes / 2 ** 30).toFixed(2)} GiB`);
  expect(one!.related!.map(({ message }) => message).join()).toMatch(/‘up’ keeps .*: weights of up/);
});

test('one channel reads as before', () => {
  const [one] = found(wide('hbm[0]', 'hbm[4..7]'), 'hbm-capacity').filter(({ message }) =>
    message.startsWith('hbm[0]'),
  );
  expect(one!.message).toMatch(/^hbm\[0\] holds 256 MiB and is to keep .* most of it for ‘up’\.$/);
});

test('a three-line spec that nothing fits says so once, not once a channel', () => {
  const all = found(
    'accelerator a { device u280 model llama2_13b phase decode(past: 128) precision W8A8 }',
    'hbm-capacity',
  );
  expect(all).toHaveLength(1);
  expect(all[0]!.message).toMatch(/^hbm\[[\d., ]+\] hold .* and are to keep .*the fullest, hbm\[\d+\]/);
});

test('a chip whose sheet has no memory is said to have none, once, and none that is over-subscribed', () => {
  const text = 'accelerator a { device vu11p model gpt2_medium phase decode(past: 128) precision W8A8 }';
  const [one, ...others] = found(text, 'hbm-capacity');
  expect(one!.message).toMatch(
    /^The sheet of ‘vu11p’ has no memory, and .* are to be kept in one, most of it for ‘\w+’\.$/,
  );
  expect(others).toEqual([]);
  expect(found(text, 'hbm-channel-bandwidth')).toEqual([]);
});

test('a token goes at the pace of its memory: a product that asks its own channels for a little more is no mistake', () => {
  const text = (phase: string) => `accelerator a {
    device u280  model gpt2_medium  phase ${phase}  precision W8A8
    kernel up  array 1 x 8 x 8  pack 1  weights hbm[4]
    kernel down  array 1 x 8 x 8  pack 2  weights hbm[5]
  }`;
  const [one, ...others] = found(text('decode(past: 128)'), 'hbm-channel-bandwidth').map(({ message }) => message);
  expect(one).toMatch(/^hbm\[5\] is over-subscribed: 32\.1 .* ‘down’ gets 4\d% of what it asks for/);
  expect(others).toEqual([]);
  expect(found(text('prefill(tokens: 128)'), 'hbm-channel-bandwidth').map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^hbm\[4\] is over-subscribed/),
  );
});

test('a channel is asked for no more than narrow ports can take', () => {
  const text = `accelerator a {
    device zcu104 at 250 MHz  model gpt2_small  phase prefill(tokens: 128)  precision W8A8
    kernel up    array 2 x 16 x 8  weights ddr[0]
    kernel down  array 2 x 16 x 8  weights ddr[0]
  }`;
  // Each array wants 64 GB/s of the 19.2, and has a port of 128 bits: 4 GB/s.
  expect(found(text, 'hbm-channel-bandwidth')).toEqual([]);
  const [estimate] = analysisOf(text).estimate.accelerators;
  const { users } = estimate!.channels[0]!;
  expect(users.find(({ kernel, demand }) => kernel === 'up' && demand > 1e8)?.demand).toBe(4e9);
});

test('a cache that outgrows several channels is one finding', () => {
  const text = `model attention_only {
    input x : [tokens, 1024]
    layer block(x) repeat 24 {
      q = linear(x, 1024)  k = linear(x, 1024)  v = linear(x, 1024)
      scores  = scores(q, k, heads: 16)
      softmax = softmax(scores)
      context = context(softmax, v, heads: 16)
      output context
    }
    output block
  }
  accelerator a {
    device u280 at 180 MHz  model attention_only  phase decode(past: 40000)  precision W8A8
    kernel scores   array 1 x 2 x 32  cache hbm[24..25]
    kernel context  array 1 x 16 x 8  cache hbm[26..31]
  }`;
  const all = found(text, 'cache-capacity');
  expect(all.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^The cache of ‘scores’ outgrows hbm\[24\.\.25\]: 40,001 rows .* the channels hold 512 MiB/),
  ]);
});

test.each([
  [[0, 1, 2, 3], '0..3'],
  [[5], '5'],
  [[5, 6, 8, 10, 11, 12], '5..6, 8, 10..12'],
  [[], ''],
])('%j is written %s', (numbers, text) => {
  expect(ranges(numbers)).toBe(text);
});

test('channels that the same kernels over-subscribe are one finding', () => {
  const [one, ...others] = found(
    'accelerator a { device u250 model gpt2_medium phase decode(past: 256) }',
    'hbm-channel-bandwidth',
  );
  expect(one?.message).toMatch(
    /^ddr\[0\.\.3\] are over-subscribed: up to \d+\.\d of 19\.3 GB\/s a channel \(\d+%\)\. /,
  );
  expect(others).toEqual([]);
});

test('a prompt on a narrow memory keeps its weights for several blocks of rows', () => {
  const text = `model ffn { input x : [tokens, 768]  up = linear(x, 3072)  act = gelu(up)  down = linear(act, 768)  output down }
  accelerator a {
    device vck190 at 250 MHz  model ffn  phase prefill(tokens: 128)  precision W8A8
    kernel act   lanes 64
    kernel up    array 2 x 16 x 8  weights ddr[0]
    kernel down  array 2 x 16 x 8  weights ddr[0]
  }`;
  const [one] = found(text, 'hbm-channel-bandwidth');
  const [fix, ...others] = fixesOf(one!, text);
  expect(others).toEqual([]);
  const blocks = Number(/^Keep weights for (\d+) blocks of rows/.exec(fix!.title)?.[1]);
  const after = fixed(text, fix!);
  expect(after).toContain(`kernel up    array 2 x 16 x 8  tile ${2 * blocks}  weights ddr[0]`);
  expect(after).toContain(`kernel down  array 2 x 16 x 8  tile ${2 * blocks}  weights ddr[0]`);
  expect(found(after, 'hbm-channel-bandwidth')).toEqual([]);
  // Half as many would not do.
  expect(found(after.replaceAll(`tile ${2 * blocks}`, `tile ${blocks}`), 'hbm-channel-bandwidth')).toHaveLength(1);
});
