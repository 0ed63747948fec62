/** Networks over images, exported and simulated: every operator bit by bit, the whole against an independent reference. */
import { expect, test } from 'vitest';
import { findClang } from '../csim/compiler.ts';
import { estimateOf, folders, projectOf } from './projects.ts';

const clang = await findClang();
const disk = folders();
const minutes = 60_000;

/** As VGG-16 and ResNet-50 are made: 7 × 7, 3 × 3 and 1 × 1 windows, strides, both poolings, a shortcut, a row at the end. */
const network = `
  model pictures(side = 14) {
    input image : [3, side, side]
    conv1 = conv2d(image, 16, size: 7, stride: 2, pad: 3)   r1 = relu(conv1)
    pool1 = maxpool(r1, size: 3, stride: 2, pad: 1)
    conv2 = conv2d(pool1, 8, size: 1)                       r2 = relu(conv2)
    conv3 = conv2d(r2, 8, size: 3, stride: 2, pad: 1)       r3 = relu(conv3)
    conv4 = conv2d(r3, 32, size: 1)
    short = conv2d(pool1, 32, size: 1, stride: 2)
    sum   = add(conv4, short)                               r4 = relu(sum)
    mean  = avgpool(r4, size: 2, stride: 1, pad: 1)
    flat  = flatten(mean)
    fc    = linear(flat, 10)
    output fc
  }
  accelerator small {
    device u280 at 250 MHz
    model  pictures
    phase  forward()
    precision W8A8
    region all on slr0 {
      kernel c1 : conv1 + r1 + pool1  array 4 x 4 x 3  pack 2
      kernel c2 : conv2 + r2  array 4 x 2 x 2  weights bram
      kernel c3 : conv3 + r3  array 2 x 4 x 2
    }
  }`;

test(
  'a small network of images passes with bounded FIFOs, in about the cycles of the timeline',
  async () => {
    const folder = await disk.write(projectOf(network));
    const { code, output } = await folder.makeQuickly('csim-fibers');
    expect(output).not.toMatch(/warning|FAILED|deadlock/);
    expect(output).toContain('c1 conv2d + relu int8 bit-exact 784 of 784\n');
    expect(output).toContain('c1_pool1 maxpool int8 bit-exact 256 of 256\n');
    expect(output).toContain('short conv2d int8 bit-exact 128 of 128\n');
    expect(output).toContain('mean avgpool int8 bit-exact 288 of 288\n');
    expect(output).toContain('fc linear int8 bit-exact 10 of 10\n');
    expect(output).toMatch(/PASSED: \d+ checks\n$/);
    expect(code).toBe(0);
    if (clang) expect(await folder.clang(clang)).toBe('');
    const modelled = Number(/modelled cycles: (\d+)/.exec(output)![1]);
    const { timing, accelerator } = estimateOf(network);
    expect(timing.perLayer * accelerator.clock.value).toBeGreaterThan(0.85 * modelled);
    expect(timing.perLayer * accelerator.clock.value).toBeLessThan(1.15 * modelled);
    const other = await folder.makeQuickly('csim', 'TOKENS=9');
    expect(other.output).toContain('this design is for images of 196 pixels');
    expect(other.code).not.toBe(0);
  },
  5 * minutes,
);
