/** Channels that are asked for more than they give: with pen and paper, by the laws of a shared pipe, and in whole designs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Move, slowdowns } from '../../../server/estimate/time/sharing.ts';
import { analysisOf } from '../../kit/analyses.ts';

const move = (bytes: number, start: number, end: number): Move => ({ bytes, window: { start, end } });

describe('slowdowns', () => {
  test('none where the channel gives what is wanted, or nothing is moved', () => {
    expect(slowdowns([move(10, 0, 2), move(5, 0, 1), move(9, 2, 3)], 10)).toEqual([1, 1, 1]);
    expect(slowdowns([move(0, 0, 1), move(10, 3, 3)], 1)).toEqual([1, 1]);
    expect(slowdowns([], 1)).toEqual([]);
  });

  test('two that want all of it share it until one is done', () => {
    // 2 and 8 bytes at 1 byte a second: the short one ends at 4, the long one at 10.
    expect(slowdowns([move(2, 0, 2), move(8, 0, 8)], 1)).toEqual([2, 10 / 8]);
  });

  test('who is at it at other times is not slowed down, unless the others are not done by then', () => {
    expect(slowdowns([move(4, 0, 4), move(4, 4, 8)], 1)).toEqual([1, 1]);
    // Three of 4 bytes from 0 on take until 12; the fourth comes at 8, when 4 are left.
    const [a, b, c, late] = slowdowns([move(4, 0, 4), move(4, 0, 4), move(4, 0, 4), move(4, 8, 12)], 1);
    expect([a, b, c]).toEqual([a, a, a]);
    expect(a! * 4).toBeCloseTo(13.333, 2); // 8/3 each at 8, then a quarter of it each: 4/3 more take 16/3
    expect(late).toBeCloseTo(2, 9); // all of it is done at 16
  });

  test('moves every byte, at no more than the channel gives, and holds nobody up for nothing', () => {
    const moves = fc.array(
      fc.record({
        bytes: fc.integer({ min: 1, max: 100 }),
        start: fc.nat(50),
        length: fc.integer({ min: 1, max: 50 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(moves, fc.integer({ min: 1, max: 20 }), (drawn, limit) => {
        const all = drawn.map(({ bytes, start, length }) => move(bytes, start, start + length));
        const found = slowdowns(all, limit);
        const ends = all.map(({ window: { start, end } }, i) => start + found[i]! * (end - start));
        for (const slowdown of found) expect(slowdown).toBeGreaterThanOrEqual(1);
        // Whatever begins behind a moment is moved behind it.
        for (const { window } of all) {
          const behind = all.filter((one) => one.window.start >= window.start);
          const bytes = behind.reduce((sum, one) => sum + one.bytes, 0);
          const last = Math.max(...behind.map((one) => ends[all.indexOf(one)]!));
          expect(last - window.start).toBeGreaterThanOrEqual((bytes / limit) * (1 - 1e-9));
        }
        // The channel never rests while something is wanted more slowly than alone.
        const longest = Math.max(...all.map(({ window }) => window.end));
        const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(Math.max(...ends)).toBeLessThanOrEqual((longest + total / limit) * (1 + 1e-9));
      }),
      { seed: 7 },
    );
  });
});

describe('a token whose weights lie behind few channels', () => {
  const products = ['q', 'k', 'v', 'proj', 'gate', 'up', 'down'];
  const spec = (channels: readonly number[]) => `accelerator a {
    device u250 at 250 MHz  model tinyllama  phase decode(past: 255)  precision W8A8
    kernel scores cache ddr[3]  kernel context cache ddr[3]
    ${products.map((name, i) => `kernel ${name} array 1 x 64 weights ddr[${channels[i]}]`).join('  ')}
  }`;
  const estimate = (...channels: number[]) => analysisOf(spec(channels)).estimate.accelerators[0]!;

  test('takes no less than its channels take to bring them, and not much more', () => {
    for (const channels of [
      [0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 1, 0, 0, 1],
      [1, 0, 0, 1, 0, 0, 0],
    ]) {
      const { memories, timing } = estimate(...channels);
      const seconds = memories.map(
        ({ contents }) => contents.reduce((sum, { bytes, layers = 1 }) => sum + bytes / layers, 0) / 19.25e9,
      );
      expect(timing.perLayer).toBeGreaterThan(Math.max(...seconds) * 0.99);
      // Attention and what waits for a row: the rest of the pass.
      expect(timing.perLayer).toBeLessThan(seconds.reduce((sum, one) => sum + one, 0) + 350e-6);
    }
  });

  test('shares them whenever more is wanted than there is, not at the busiest moment alone', () => {
    const { kernels } = estimate(0, 0, 0, 1, 0, 0, 1);
    const wait = (kernel: string) =>
      kernels.find(({ name }) => name === kernel)!.waits.find(({ on }) => on === 'ddr[0]')?.share ?? 0;
    // q, k and v ask for most; gate and up, later, for two thirds of that and for five times as long.
    expect(wait('gate')).toBeGreaterThan(0.2);
    expect(wait('up')).toBeCloseTo(wait('gate'), 2);
    expect(wait('q')).toBeLessThan(wait('gate'));
  });
});

test('what is wanted for moments only costs next to nothing, and the message says so', () => {
  // Both together want more than there is while their rows are there: most of the time they wait for these.
  const { diagnostics } = analysisOf(`accelerator a {
    device vck190 at 250 MHz  model gpt2_small  phase prefill(tokens: 128)  precision W8A8
    kernel up    array 4 x 16 x 2  weights ddr[0]
    kernel down  array 4 x 16 x 2  weights ddr[0]
  }`);
  const one = diagnostics.find(({ code }) => code === 'hbm-channel-bandwidth');
  expect(one?.message).toMatch(/each gets 7\d% of what it asks for then, and waits less than 1% of the layer\.$/);
});

test('results follow each other no faster than a channel moves what each takes', () => {
  const text = (down: string) => `accelerator a {
    device u55c at 300 MHz  model bert_large  phase forward(tokens: 384)  precision W8A8
    kernel q array 8 x 16 weights hbm[1]  kernel down array 16 x 32 weights ${down}
  }`;
  const [one, shared] = ['hbm[2..3]', 'hbm[1]'].map((down) => analysisOf(text(down)).estimate.accelerators[0]!);
  const bytes = (1024 * 1024 * 384) / 8 + (4096 * 1024 * 384) / 16; // a byte a weight, once for each block of rows
  expect(shared!.timing.interval / shared!.timing.passes).toBeGreaterThanOrEqual(bytes / 14.375e9);
  expect(shared!.timing.interval).toBeGreaterThan(one!.timing.interval);
});
