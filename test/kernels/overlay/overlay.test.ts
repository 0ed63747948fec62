import { describe, expect, it } from 'vitest';
import { overlay, overlayRefusal } from '../../../server/kernels/overlay/index.ts';
import type { OverlayParameters, Product } from '../../../server/kernels/overlay/parameters.ts';
import { gelu, silu } from '../common/golden.ts';
import { type Fault, instanceBench } from '../common/instance-bench.ts';
import { fromStream, type Matrix, product, randomMatrix, seeded, streamOrder, toInt8 } from '../common/reference.ts';

const u280 = { dspKind: 'DSP48E2', clock: 300e6 };
const f = Math.fround;

type Function = 'gelu_erf' | 'gelu_tanh' | 'silu';
const functions: Readonly<Record<Function, (x: number) => number>> = {
  gelu_erf: (x) => gelu(x, 'erf'),
  gelu_tanh: (x) => gelu(x, 'tanh'),
  silu,
};

const parametersWith = (activation: Function): OverlayParameters => ({
  rows: 11,
  array: { tokens: 4, outputs: 3, dot: 2 },
  pack: 2,
  activations: 'int8',
  weights: 'int8',
  products: [
    { name: 'q', reduction: 23, columns: 20, activation: 'none', output: 'int8' },
    { name: 'up', reduction: 20, columns: 31, activation, output: 'int8' },
    { name: 'down', reduction: 31, columns: 6, activation: 'none', output: 'fp32' },
    { name: 'gate', reduction: 10, columns: 13, activation: 'relu', output: 'int8' },
  ],
});
const parameters = parametersWith('gelu_erf');
const { rows, array, pack, products } = parameters;
const wide = array.outputs * pack;
const instanceWith = (activation: Function) => overlay.instantiate(parametersWith(activation), u280);
const inverse = f(9.7);

interface Problem {
  readonly x: Matrix;
  readonly w: Matrix;
  readonly multipliers: readonly number[];
  readonly biases: readonly number[];
}

function problemOf({ reduction, columns, activation, output }: Product, seed: number): Problem {
  const random = seeded(seed);
  const small = output === 'int8' && activation !== 'none' && activation !== 'relu' ? 2 ** -5 : 1;
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
    if (activation === 'none' || activation === 'relu') {
      const finished = activation === 'relu' ? Math.max(0, scaled) : scaled;
      return output === 'fp32' ? finished : toInt8(finished);
    }
    return toInt8(f(functions[activation](scaled) * inverse));
  });
}

const inputs = { streams: streamsOf(), scalars: { out_up_inverse_scale: inverse } };
const { build, buildFaulty } = instanceBench();

/** Products with a value that is not the one expected. */
function wrong(outputs: Readonly<Record<string, readonly number[]>>, own = products): string[] {
  return own
    .filter((each, p) => {
      const found = fromStream(outputs[`out_${each.name}`] ?? [], rows, each.columns, array.tokens).values;
      return expected(each, problems[p]!).some((value, i) => found[i] !== value);
    })
    .map(({ name }) => name);
}

describe('overlay.h computes products of several shapes in turn', () => {
  it('exactly, in the cycles of its law', async () => {
    const names = Object.keys(functions) as Function[];
    const instances = names.map(instanceWith);
    const program = await build(instances, 'fibres');
    for (const [which, name] of names.entries()) {
      const { outputs, cycles } = await program.simulate(which, inputs);
      expect(wrong(outputs, parametersWith(name).products), name).toEqual([]);
      expect(cycles).toBe(instances[which]!.law.cycles.value + 1);
    }
  });

  const faults: Readonly<Record<string, Fault>> = {
    'tiles of the product before': {
      header: 'overlay.h',
      from: 'const int tiles = SCHEDULE::tiles(p);',
      to: 'const int tiles = SCHEDULE::tiles(0);',
    },
    'gelu for every product': {
      header: 'overlay.h',
      from: 'function == overlay_none ?',
      to: 'false ?',
    },
    'a padded column is dealt out': { header: 'overlay.h', from: 'if (index < real) {', to: 'if (index <= real) {' },
    'no borrow correction': { header: 'multiply.h', from: 'field < 0 ? 1 : 0', to: '0' },
  };
  it('and not with a fault', async () => {
    const instance = instanceWith('gelu_erf');
    const program = await buildFaulty(Object.values(faults).map((fault) => ({ ...fault, instance })));
    for (const [which, name] of Object.keys(faults).entries()) {
      const found = await program.simulate(which, inputs).then(
        ({ outputs }) => wrong(outputs),
        () => ['it stops'],
      );
      expect(found, name).not.toEqual([]);
    }
  });

  it('has one function beside relu', () => {
    const mixed = [...products, { ...products[1]!, name: 'other', activation: 'silu' as const }];
    expect(overlayRefusal({ ...parameters, products: mixed }, u280)).toContain('one of gelu by erf, silu beside relu');
    expect(overlayRefusal(parametersWith('silu'), u280)).toBeUndefined();
  });

  it('counts its array once', () => {
    const one = overlay.instantiate({ ...parameters, products: products.slice(0, 1) }, u280);
    const two = overlay.instantiate({ ...parameters, products: [products[0]!, products[2]!] }, u280);
    expect(two.law.logic.dsp).toEqual(one.law.logic.dsp);
    expect(overlayRefusal({ ...parameters, pack: 3 }, u280)).toContain('at most 2 products');
  });
});
