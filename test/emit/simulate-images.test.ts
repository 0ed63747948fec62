/** Networks over images, exported and simulated: every operator bit by bit, the whole against an independent reference. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAnalyst } from '../../server/analysis.ts';
import { projectOf } from '../../server/exporting.ts';
import { findClang } from '../csim/compiler.ts';
import { MAIN, sourceSet } from '../kit/sources.ts';
import { uniform } from '../weights/encoder.ts';
import {
  type Checkpoint,
  convolution,
  dense,
  type Image,
  pictureFile,
  plus,
  pooling,
  relu,
  seededTensors,
} from '../weights/pictures.ts';
import { bytesOn } from '../weights/safetensors-file.ts';
import { estimateOf, folders } from './projects.ts';

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
    parameters "pictures.safetensors"
    region all on slr0 {
      kernel c1 : conv1 + r1 + pool1  array 4 x 4 x 3  pack 2
      kernel c2 : conv2 + r2  array 4 x 2 x 2  weights bram
      kernel c3 : conv3 + r3  array 2 x 4 x 2
    }
  }`;

/** Two convolutions with a batch norm behind them, which the network's operators do not have. */
const tensors = seededTensors(
  {
    ...{ 'conv1.weight': [16, 3, 7, 7], 'conv1.bias': [16] },
    ...{ 'conv1_norm.weight': [16], 'conv1_norm.bias': [16] },
    ...{ 'conv1_norm.running_mean': [16], 'conv1_norm.running_var': [16] },
    ...{ 'conv2.weight': [8, 16, 1, 1], 'conv2.bias': [8], 'conv3.weight': [8, 8, 3, 3], 'conv3.bias': [8] },
    ...{ 'conv4.weight': [32, 8, 1, 1], 'conv4.bias': [32], 'short.weight': [32, 16, 1, 1], 'short.bias': [32] },
    ...{ 'short_norm.weight': [32], 'short_norm.bias': [32] },
    ...{ 'short_norm.running_mean': [32], 'short_norm.running_var': [32] },
    ...{ 'fc.weight': [10, 32 * 9], 'fc.bias': [10] },
  },
  uniform(5),
);

/** The network by its definition, on the weights as they are in the file. */
function classify(image: Image, values: Checkpoint): number[] {
  const r1 = relu(convolution(image, values, 'conv1', { size: 7, stride: 2, pad: 3 }));
  const pool1 = pooling(r1, { size: 3, stride: 2, pad: 1 }, (at) =>
    Math.max(...at.map((x) => x ?? Number.NEGATIVE_INFINITY)),
  );
  const r2 = relu(convolution(pool1, values, 'conv2', { size: 1 }));
  const r3 = relu(convolution(r2, values, 'conv3', { size: 3, stride: 2, pad: 1 }));
  const short = convolution(pool1, values, 'short', { size: 1, stride: 2 });
  const r4 = relu(plus(convolution(r3, values, 'conv4', { size: 1 }), short));
  const mean = pooling(r4, { size: 2, pad: 1 }, (at) => at.reduce<number>((sum, x) => sum + (x ?? 0), 0) / at.length);
  return dense(mean, values, 'fc');
}

function exported() {
  const analysis = createAnalyst().analyse(MAIN, sourceSet({ [MAIN]: network }))!;
  const file = pictureFile(tensors, 'pictures.0.');
  const project = projectOf(analysis, undefined, '0.0.0-test', { open: () => bytesOn(file) });
  if ('refused' in project) throw new Error(`no project: ${project.refused.join('; ')}`);
  return project;
}

test(
  'a small network of images passes with bounded FIFOs, in about the cycles of the timeline',
  async () => {
    const project = exported();
    // Channels first, as in the file; rows of the test bench are pixels.
    const random = uniform(9);
    const values = Float64Array.from({ length: 3 * 14 * 14 }, () => Math.fround(2 * random() - 1));
    const rows = Float32Array.from({ length: values.length }, (_, i) => values[(i % 3) * 196 + Math.floor(i / 3)]!);
    const folder = await disk.write(project);
    await writeFile(join(folder.path, 'image.f32'), new Uint8Array(rows.buffer));
    const { code, output } = await folder.makeQuickly('csim-fibers');
    expect(output).not.toMatch(/warning|FAILED|deadlock/);
    expect(output).toContain('c1 conv2d + relu int8 bit-exact 784 of 784\n');
    expect(output).toContain('c1_pool1 maxpool int8 bit-exact 256 of 256\n');
    expect(output).toContain('short conv2d int8 bit-exact 128 of 128\n');
    expect(output).toContain('mean avgpool int8 bit-exact 288 of 288\n');
    expect(output).toContain('fc linear int8 bit-exact 10 of 10\n');
    expect(output).toMatch(/PASSED: \d+ checks$/m);
    expect(code).toBe(0);
    if (clang) expect(await folder.clang(clang)).toBe('');

    const dumped = await folder.run('sh', [
      '-c',
      'mkdir -p build/dump && ./build/fibers-*/*_tb --input image.f32 --dump build/dump',
    ]);
    expect(dumped.output).toMatch(/PASSED: \d+ checks$/m);
    const found = new Float32Array(Uint8Array.from(await readFile(join(folder.path, 'build/dump/result.bin'))).buffer);
    const expected = classify({ channels: 3, height: 14, width: 14, values }, tensors);
    const size = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0));
    const lost = Math.sqrt(expected.reduce((sum, value, i) => sum + (found[i]! - value) ** 2, 0));
    expect(found).toHaveLength(10);
    expect(lost / size).toBeLessThan(0.05);
    expect(project.losses).toHaveLength(1);

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
