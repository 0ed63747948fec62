/** A whole encoder through its exported project: weights from a file, all layers in turn, against the model's definition. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAnalyst } from '../../server/analysis.ts';
import type { Project } from '../../server/emit/project.ts';
import { projectOf } from '../../server/exporting.ts';
import { MAIN, sourceSet } from '../kit/sources.ts';
import { type EncoderSize, encode, encoderFile, encoderValues, uniform } from '../weights/encoder.ts';
import { bytesOn, type Tensor } from '../weights/safetensors-file.ts';
import type { Folder, Outcome } from './projects.ts';

export interface Encoder {
  readonly size: EncoderSize;
  readonly tokens: number;
  readonly spec: string;
  readonly type?: Tensor['type'];
}

/** The project with the encoder's weights, as a door exports it. */
export function exported({ size, spec, type }: Encoder): Project {
  const analysis = createAnalyst().analyse(MAIN, sourceSet({ [MAIN]: spec }))!;
  const file = encoderFile(encoderValues(size, 7), size, type);
  const open = (path: string) => (path === 'model.safetensors' ? bytesOn(file) : { problem: 'there is no such file' });
  const project = projectOf(analysis, undefined, '0.0.0-test', { open });
  if ('refused' in project) throw new Error(`no project: ${project.refused.join('; ')}`);
  return project;
}

export interface Comparison extends Outcome {
  /** Of the last layer's result against the reference: rms of the difference over rms of the reference. */
  readonly error: number;
}

/** Runs all layers on seeded rows and compares what comes out with the reference on the unquantised weights. */
export async function compareWhole(folder: Folder, { size, tokens }: Encoder, ...flags: string[]): Promise<Comparison> {
  const random = uniform(11);
  const input = Float32Array.from({ length: tokens * size.hidden }, () => 2 * (random() + random() + random()) - 3);
  await writeFile(join(folder.path, 'input.f32'), new Uint8Array(input.buffer));
  const built = await folder.make('build/csim', ...flags);
  if (built.code !== 0) return { ...built, error: Number.NaN };
  const outcome = await folder.run('sh', [
    '-c',
    `mkdir -p build/dump && for n in $(seq 0 ${size.layers - 1}); do mkdir -p build/dump/layer$n; done && ./build/csim-*/*_tb --layers ${size.layers} --input input.f32 --dump build/dump`,
  ]);
  const raw = await readFile(join(folder.path, `build/dump/layer${size.layers - 1}/result.bin`));
  const found = new Float32Array(Uint8Array.from(raw).buffer);
  const expected = encode(encoderValues(size, 7), size, input);
  let [lost, energy] = [0, 0];
  expected.forEach((value, index) => {
    lost += (found[index]! - value) ** 2;
    energy += value * value;
  });
  return { output: built.output + outcome.output, code: outcome.code, error: Math.sqrt(lost / energy) };
}
