import { describe, expect, it } from 'vitest';
import { greatestPack } from '../../../server/kernels/common/array.ts';
import { overlay, overlayRefusal } from '../../../server/kernels/overlay/index.ts';
import type { OverlayParameters, Product } from '../../../server/kernels/overlay/parameters.ts';
import { elementBits } from '../../../server/kernels/word.ts';
import { type Dice, drawn } from '../common/drawn.ts';
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
const { products } = parameters;
const instanceWith = (activation: Function) => overlay.instantiate(parametersWith(activation), u280);
const inverse = f(9.7);

interface Problem {
  readonly x: Matrix;
  readonly w: Matrix;
  readonly multipliers: readonly number[];
  readonly biases: readonly number[];
}

function problemOf({ reduction, columns, activation, output }: Product, own: OverlayParameters, seed: number): Problem {
  const { rows, weights } = own;
  const random = seeded(seed);
  const small = output === 'int8' && activation !== 'none' && activation !== 'relu' ? 2 ** -5 : 1;
  return {
    x: randomMatrix(rows, reduction, 8, random),
    w: randomMatrix(reduction, columns, elementBits[weights], random),
    multipliers: Array.from({ length: columns }, () => small * 2 ** -Math.round(8 + random(0, 2))),
    biases: Array.from({ length: columns }, () => (small * random(-40, 40)) / 2),
  };
}
const problemsOf = (own: OverlayParameters): Problem[] =>
  own.products.map((product, i) => problemOf(product, own, i + 1));

/** Streams as the header comment of overlay.h says. */
function streamsOf({ rows, array, pack, products: each }: OverlayParameters, problems: readonly Problem[]) {
  const wide = array.outputs * pack;
  const weights: number[] = [];
  const scales: number[] = [];
  const streams: Record<string, number[]> = { weights, scales };
  each.forEach(({ name, reduction, columns }, p) => {
    const { x, w, multipliers, biases } = problems[p]!;
    for (let block = 0; block < Math.ceil(rows / array.tokens); block++)
      for (let tile = 0; tile < columns; tile += wide) {
        for (let step = 0; step < reduction; step += array.dot)
          for (let k = step; k < step + array.dot; k++)
            for (let n = tile; n < tile + wide; n++)
              weights.push(k < reduction && n < columns ? w.values[k * columns + n]! : 0);
        for (let n = tile; n < tile + wide; n++) scales.push(multipliers[n] ?? 0, biases[n] ?? 0);
      }
    streams[`in_${name}`] = streamOrder(x, array.tokens, array.dot);
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

const inputsOf = (own: OverlayParameters, problems: readonly Problem[]) => ({
  streams: streamsOf(own, problems),
  scalars: Object.fromEntries(own.products.map(({ name }) => [`out_${name}_inverse_scale`, inverse])),
});
const inputs = inputsOf(parameters, problemsOf(parameters));
const { build, buildFaulty } = instanceBench();

/** Products with a value that is not the one expected. */
function wrong(outputs: Readonly<Record<string, readonly number[]>>, own = parameters): string[] {
  const problems = problemsOf(own);
  return own.products
    .filter((each, p) => {
      const found = fromStream(outputs[`out_${each.name}`] ?? [], own.rows, each.columns, own.array.tokens).values;
      return expected(each, problems[p]!).some((value, i) => found[i] !== value);
    })
    .map(({ name }) => name);
}

/** Two to four products of any shape; one function beside relu, whose results are whole numbers. */
function drawnParameters(dice: Dice): OverlayParameters {
  const weights = dice.of(['int4', 'int8'] as const);
  const tokens = dice.from(1, 5);
  const own = dice.of(Object.keys(functions) as Function[]);
  return {
    ...{ rows: dice.from(1, 13), activations: 'int8', weights },
    array: { tokens, outputs: dice.from(1, 4), dot: dice.from(1, 4) },
    pack: dice.from(1, greatestPack(weights, 'int8', u280.dspKind, tokens)),
    products: ['q', 'k', 'v', 'o'].slice(0, dice.from(2, 4)).map((name) => {
      const activation = dice.of(['none', 'relu', own] as const);
      const output = activation === own ? 'int8' : dice.of(['int8', 'fp32'] as const);
      return { name, reduction: dice.from(1, 40), columns: dice.from(1, 30), activation, output };
    }),
  };
}
const cases: Readonly<Record<string, OverlayParameters>> = {
  ...Object.fromEntries((Object.keys(functions) as Function[]).map((name) => [name, parametersWith(name)])),
  ...drawn(drawnParameters, (own) => overlayRefusal(own, u280)),
};

describe('overlay.h computes products of several shapes in turn', () => {
  it('exactly, in the cycles of its law', async () => {
    const instances = Object.values(cases).map((own) => overlay.instantiate(own, u280));
    const program = await build(instances, 'fibres');
    for (const [which, [name, own]] of Object.entries(cases).entries()) {
      const { outputs, cycles } = await program.simulate(which, inputsOf(own, problemsOf(own)));
      expect(wrong(outputs, own), name).toEqual([]);
      expect(cycles, name).toBe(instances[which]!.law.cycles.value + 1);
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
