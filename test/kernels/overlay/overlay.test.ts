import { describe, expect, it } from 'vitest';
import { overlay, overlayRefusal } from '../../../server/kernels/overlay/index.ts';
import type { OverlayParameters, Product } from '../../../server/kernels/overlay/parameters.ts';
import { gelu } from '../common/golden.ts';
import { type Fault, instanceBench } from '../common/instance-bench.ts';
import { fromStream, type Matrix, product, randomMatrix, seeded, streamOrder, toInt8 } from '../common/reference.ts';

const u280 = { dspKind: 'DSP48E2', clock: 300e6 };
const f = Math.fround;

const parameters: OverlayParameters = {
  rows: 11,
  array: { tokens: 4, outputs: 3, dot: 2 },
  pack: 2,
  activations: 'int8',
  weights: 'int8',
  products: [
    { name: 'q', reduction: 23, columns: 20, activation: 'none', output: 'int8' },
    { name: 'up', reduction: 20, columns: 31, activation: 'gelu_erf', output: 'int8' },
    { name: 'down', reduction: 31, columns: 6, activation: 'none', output: 'fp32' },
    { name: 'gate', reduction: 10, columns: 13, activation: 'relu', output: 'int8' },
  ],
};
const { rows, array, pack, products } = parameters;
const wide = array.outputs * pack;
const instance = overlay.instantiate(parameters, u280);
const inverse = f(9.7);

interface Problem {
  readonly x: Matrix;
  readonly w: Matrix;
  readonly multipliers: readonly number[];
  readonly biases: readonly number[];
}

function problemOf({ reduction, columns, activation, output }: Product, seed: number): Problem {
  const random = seeded(seed);
  const small = output === 'int8' && activation === 'gelu_erf' ? 2 ** -5 : 1;
  return {
    x: randomMatrix(rows, reduction, 8, random),
    w: randomMatrix(reduction, columns, 8, random),
    multipliers: Array.from({ length: columns }, () => small * 2 ** -Math.round(8 + random(0, 2))),
    biases: Array.from({ length: columns }, () => (small * random(-40, 40)) / 2),
  };
}
const problems = products.map((each, i) => problemOf(each, i + 1));

/** Streams as the header comment of overlay.h says. */
function streamsOf(): Record<string, number[]> {
  const streams: Record<string, number[]> = {};
  products.forEach(({ name, reduction, columns }, p) => {
    const { x, w, multipliers, biases } = problems[p]!;
    const weights: number[] = [];
    const scales: number[] = [];
    for (let block = 0; block < Math.ceil(rows / array.tokens); block++)
      for (let tile = 0; tile < columns; tile += wide) {
        for (let step = 0; step < reduction; step += array.dot)
          for (let k = step; k < step + array.dot; k++)
            for (let n = tile; n < tile + wide; n++)
              weights.push(k < reduction && n < columns ? w.values[k * columns + n]! : 0);
        for (let n = tile; n < tile + wide; n++) scales.push(multipliers[n] ?? 0, biases[n] ?? 0);
      }
    streams[`in_${name}`] = streamOrder(x, array.tokens, array.dot);
    streams[`weights_${name}`] = weights;
    streams[`scales_${name}`] = scales;
  });
  return streams;
}

function expected({ activation, output }: Product, { x, w, multipliers, biases }: Problem): number[] {
  const sums = product(x, w);
  return sums.values.map((sum, i) => {
    const n = i % sums.columns;
    const scaled = f(f(f(sum) * multipliers[n]!) + biases[n]!);
    const finished =
      activation === 'relu' ? Math.max(0, scaled) : activation === 'gelu_erf' ? gelu(scaled, 'erf') : scaled;
    return output === 'fp32' ? finished : toInt8(activation === 'gelu_erf' ? f(finished * inverse) : finished);
  });
}

const inputs = { streams: streamsOf(), scalars: { out_up_inverse_scale: inverse } };
const { build } = instanceBench();

/** Products with a value that is not the one expected. */
function wrong(outputs: Readonly<Record<string, readonly number[]>>): string[] {
  return products
    .filter((each, p) => {
      const found = fromStream(outputs[`out_${each.name}`] ?? [], rows, each.columns, array.tokens).values;
      return expected(each, problems[p]!).some((value, i) => found[i] !== value);
    })
    .map(({ name }) => name);
}

describe('overlay.h computes products of several shapes in turn', () => {
  it('exactly, in the cycles of its law', async () => {
    const program = await build([instance], 'fibres');
    const { outputs, cycles } = await program.simulate(0, inputs);
    expect(wrong(outputs)).toEqual([]);
    expect(cycles).toBe(instance.law.cycles.value + 1);
  });

  const faults: Readonly<Record<string, Fault>> = {
    'tiles of the product before': {
      header: 'overlay.h',
      from: 'const int tiles = SCHEDULE::tiles(p);',
      to: 'const int tiles = SCHEDULE::tiles(0);',
    },
    'gelu for every product': {
      header: 'overlay.h',
      from: 'function == overlay_gelu ?',
      to: 'function != overlay_gelu ?',
    },
    'a padded column is dealt out': { header: 'overlay.h', from: 'if (index < real) {', to: 'if (index <= real) {' },
    'no borrow correction': { header: 'multiply.h', from: 'field < 0 ? 1 : 0', to: '0' },
  };
  it.each(Object.entries(faults))('and not with a fault: %s', async (_, fault) => {
    const program = await build([instance], 'sanitized', fault);
    const found = await program.simulate(0, inputs).then(
      ({ outputs }) => wrong(outputs),
      () => ['it stops'],
    );
    expect(found).not.toEqual([]);
  });

  it('counts its array once', () => {
    const one = overlay.instantiate({ ...parameters, products: products.slice(0, 1) }, u280);
    const two = overlay.instantiate({ ...parameters, products: [products[0]!, products[2]!] }, u280);
    expect(two.law.logic.dsp).toEqual(one.law.logic.dsp);
    expect(overlayRefusal({ ...parameters, pack: 3 }, u280)).toContain('at most 2 products');
  });
});
