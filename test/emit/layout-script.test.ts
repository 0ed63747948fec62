/** host/layout.py packs what the exporter packs, byte for byte, and reads it again. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { WeightShape } from '../../server/kernels/weights/layout.ts';
import { weightLayout } from '../../server/kernels/weights/layout.ts';
import { packWeights } from '../../server/weights/pack.ts';

const folder = fileURLToPath(new URL('../../server/emit/templates/host', import.meta.url));

function python(program: string, input: object): unknown {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', program], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const shapes: readonly WeightShape[] = (['int2', 'int4', 'int8', 'int16'] as const).flatMap((weights) =>
  [64, 256, 512].map((portBits) => ({
    ...{ reduction: 7, columns: 11, weights, portBits, pack: 2 },
    array: { tokens: 1, outputs: 3, dot: portBits === 64 ? 1 : 2 },
  })),
);

test('weights', () => {
  const cases = shapes.map((shape) => {
    const { reduction, columns, array, pack } = shape;
    const bits = Number(shape.weights.slice(3));
    const value = (k: number, n: number): number => ((k * 31 + n * 17) % 2 ** bits) - 2 ** (bits - 1);
    const integers = Int16Array.from({ length: reduction * columns }, (_, index) =>
      value(index % reduction, Math.floor(index / reduction)),
    );
    const steps = Float32Array.from({ length: columns }, (_, n) => 1 + n / 8);
    const image = new Uint8Array(weightLayout(shape).bytes);
    packWeights(
      image,
      { reduction, columns, integers, steps, error: { squares: 0, energy: 0, greatest: 0 } },
      steps,
      shape,
    );
    const rows = Array.from({ length: reduction }, (_, k) => Array.from({ length: columns }, (__, n) => value(k, n)));
    return {
      arguments: [array.outputs * pack, array.dot, bits, shape.portBits / 8],
      rows,
      steps: [...steps],
      image: [...image],
    };
  });
  const program = `
import json, sys, layout
answers = []
for case in json.load(sys.stdin):
    weights = layout.Weights(*case["arguments"])
    image = weights.pack(case["rows"], case["steps"], case["steps"])
    rows, heads = weights.unpack(image, len(case["rows"]), len(case["rows"][0]))
    answers.append([list(image), rows, [head[0] for head in heads]])
print(json.dumps(answers))`;
  expect(python(program, cases)).toEqual(cases.map(({ image, rows, steps }) => [image, rows, steps]));
});

test('rows come back as they went, and words do not straddle beats', () => {
  const program = `
import json, sys, layout
words = layout.Words(2, 3, 8, 8)
rows = json.load(sys.stdin)
image = words.pack(rows)
print(json.dumps([list(image[:8]), len(image), words.unpack(image, len(rows), len(rows[0]))]))`;
  const rows = [
    [1, 2, 3, 4],
    [-1, -2, -3, -4],
    [5, 6, 7, 8],
  ];
  expect(python(program, rows)).toEqual([[1, 255, 2, 254, 3, 253, 0, 0], 32, rows]);
});
