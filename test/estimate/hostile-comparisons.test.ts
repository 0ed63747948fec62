import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explanationsOf } from '../../server/report/explain.ts';
import { acceleratorJson } from '../../server/report/json.ts';
import { estimateText } from '../../server/report/text.ts';
import { analysisOf } from '../kit/analyses.ts';

/** Paths of all numbers that no figure may have: NaN, infinite, below zero. */
function* impossible(value: unknown, path: string): Generator<string> {
  if (typeof value === 'number') {
    if (!(Number.isFinite(value) && value >= 0)) yield `${path} = ${value}`;
  } else if (value && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) yield* impossible(inner, `${path}.${key}`);
  }
}

const count = fc.constantFrom(0, 1, 2, 3, 4, 7, 8, 1000, 1024);
const length = fc.constantFrom(0, 1, 2, 7, 33);
const rate = fc.constantFrom('0 GB/s', '0.001 GB/s', '12.5 GB/s', '1e6 GB/s');
const share = fc.constantFrom('0%', '1%', '100%');
const watts = fc.constantFrom('', 'idle: 0 W', 'idle: 20 W', 'idle: 20 W, power: 0 W, energy { dsp: 0 pJ, byte: 1 J }');
const peaks = fc.constantFrom(
  '',
  'fp16: 0 TFLOPS, bandwidth: 1 GB/s',
  'fp16: 1 TFLOPS, bandwidth: 0 GB/s',
  'int8: 1 TOPS, bandwidth: 1 GB/s, power: 0 W, launch: 0 s',
  'fp16: 1e9 TFLOPS, bandwidth: 1e9 GB/s, power: 1 W measured m { forward(tokens: 2): 0 ms }',
);
const phase = fc.oneof(
  fc
    .tuple(length, length, count)
    .map(([prompt, output, batch]) => `generate(prompt: ${prompt}, output: ${output}, batch: ${batch})`),
  fc.tuple(length, count).map(([tokens, batch]) => `forward(tokens: ${tokens}, batch: ${batch})`),
  length.map((past) => `decode(past: ${past})`),
);

test('no figure of cards, GPUs, power and generate is NaN, infinite or below zero', () => {
  fc.assert(
    fc.property(
      fc.record({
        cards: count,
        tensor: count,
        pipeline: count,
        rate,
        share,
        watts,
        peaks,
        phase,
        heads: fc.constantFrom(1, 2, 3, 4),
      }),
      ({ cards, tensor, pipeline, rate: bandwidth, share: efficiency, watts: power, peaks: of, phase: at, heads }) => {
        const text = `device mycard { clock: 250 MHz, ${power}
            die a { lut: 100_000, ff: 200_000, dsp: 1_000, bram: 100, uram: 10 }
            memory hbm { channels: 0..3, capacity: 1 MiB, bandwidth: 1 GB/s, port: 128 bit }
            link wire { ports: [0, 1], bandwidth: ${bandwidth}, efficiency: ${efficiency}, latency: 1 us } }
          baseline g { ${of} }
          model m = gpt2(layers: 3, hidden: 24, heads: ${heads}, ffn: 48, vocab: 10)
          accelerator a { device ${cards} x mycard link wire split tensor ${tensor}, pipeline ${pipeline} model m phase ${at} compare g, b }
          accelerator b { device mycard model m phase ${at} }`;
        for (const estimate of analysisOf(text).estimate.accelerators) {
          expect([...impossible(acceleratorJson(estimate), estimate.accelerator.name)], text).toEqual([]);
          expect(`${estimateText(estimate)}${explanationsOf(estimate).map(({ inputs }) => inputs)}`, text).not.toMatch(
            /NaN|Infinity|undefined/,
          );
        }
      },
    ),
    { numRuns: 40 },
  );
});
