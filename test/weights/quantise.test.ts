import fc from 'fast-check';
import { expect, test } from 'vitest';
import { weightLayout } from '../../server/kernels/weights/layout.ts';
import { loadedGroups } from '../../server/weights/groups.ts';
import { packVectors, packWeights } from '../../server/weights/pack.ts';
import { quantiseMatrix, relativeError, stepOf } from '../../server/weights/quantise.ts';

const sizes = fc.record({
  reduction: fc.integer({ min: 1, max: 9 }),
  columns: fc.integer({ min: 1, max: 7 }),
  transposed: fc.boolean(),
});
const matrixOf = (
  { reduction, columns, transposed }: { reduction: number; columns: number; transposed: boolean },
  values: Float32Array,
) => ({
  values,
  reduction,
  columns,
  across: transposed ? 1 : reduction,
  along: transposed ? columns : 1,
});

test('every weight is the nearest step of its channel, and the error says how far it is', () => {
  const cases = sizes.chain((size) =>
    fc.record({
      size: fc.constant(size),
      bits: fc.constantFrom(2, 4, 8, 16),
      values: fc.float32Array({
        minLength: size.reduction * size.columns,
        maxLength: size.reduction * size.columns,
        min: -4,
        max: 4,
        noNaN: true,
      }),
    }),
  );
  fc.assert(
    fc.property(cases, ({ size, bits, values }) => {
      const matrix = matrixOf(size, values);
      const { integers, steps, error } = quantiseMatrix(matrix, bits);
      let squares = 0;
      for (let n = 0; n < size.columns; n++) {
        for (let k = 0; k < size.reduction; k++) {
          const value = values[n * matrix.across + k * matrix.along]!;
          const integer = integers[n * size.reduction + k]!;
          const lost = value - integer * steps[n]!;
          expect(Math.abs(lost)).toBeLessThanOrEqual(steps[n]! / 2);
          expect(Math.abs(integer)).toBeLessThanOrEqual(2 ** (bits - 1) - 1);
          squares += lost * lost;
        }
      }
      expect(error.squares).toBeCloseTo(squares, 12);
    }),
  );
});

test('a step has eight significant bits and is the least such that the greatest value fits', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), fc.constantFrom(2, 4, 8, 16), (greatest, bits) => {
      const step = stepOf(greatest, bits);
      const exact = greatest / (2 ** (bits - 1) - 1);
      const scaled = step / 2 ** (Math.floor(Math.log2(step)) - 7);
      return (
        Number.isInteger(scaled) && scaled >= 128 && scaled <= 256 && step >= exact && step <= exact * (1 + 1 / 128)
      );
    }),
  );
  expect([stepOf(0, 8), stepOf(127, 8), stepOf(7, 4), stepOf(1, 2)]).toEqual([1, 1, 1, 1]);
});

test('the error of known weights', () => {
  const { integers, error } = quantiseMatrix(
    { values: Float32Array.of(7, 0.5, -1.5, 2.25), reduction: 4, columns: 1, across: 4, along: 1 },
    4,
  );
  expect([...integers]).toEqual([7, 0, -2, 2]); // halves to even
  expect(error.greatest).toBe(0.5);
  expect(relativeError(error)).toBeCloseTo(Math.sqrt((0.25 + 0.25 + 0.0625) / (49 + 0.25 + 2.25 + 5.0625)), 12);
});

test('a group has the step that it would have as a matrix of its own, and stands where its loader looks', () => {
  const cases = sizes.chain((size) =>
    fc.record({
      size: fc.constant(size),
      group: fc.integer({ min: 1, max: 10 }),
      tile: fc.integer({ min: 1, max: 4 }),
      values: fc.float32Array({
        ...{ minLength: size.reduction * size.columns, maxLength: size.reduction * size.columns },
        ...{ min: -4, max: 4, noNaN: true },
      }),
    }),
  );
  fc.assert(
    fc.property(cases, ({ size: { reduction, columns }, group, tile, values }) => {
      const matrix = { values, reduction, columns, across: reduction, along: 1 };
      const whole = quantiseMatrix(matrix, 4, group);
      const bias = Float32Array.from({ length: columns }, (_, n) => n + 1);
      const loaded = loadedGroups(whole, bias, group, tile);
      const count = Math.ceil(reduction / group);
      expect(loaded.matrix.columns).toBe(Math.ceil(columns / tile) * tile * count);
      const seen = new Set<number>();
      for (let n = 0; n < columns; n++) {
        for (let from = 0; from < reduction; from += group) {
          const length = Math.min(group, reduction - from);
          const part = values.slice(n * reduction + from, n * reduction + from + length);
          const own = quantiseMatrix({ values: part, reduction: length, columns: 1, across: length, along: 1 }, 4);
          const g = from / group;
          const at = (Math.floor(n / tile) * count + g) * tile + (n % tile);
          expect([...loaded.matrix.integers.subarray(at * group, at * group + length)]).toEqual([...own.integers]);
          expect(loaded.matrix.steps[at]).toBe(own.steps[0]);
          expect(loaded.bias[at]).toBe(g === 0 ? n + 1 : 0);
          seen.add(at);
        }
      }
      const padding = loaded.matrix.integers.filter((_, i) => !seen.has(Math.floor(i / group)));
      expect(padding.every((value) => value === 0)).toBe(true);
    }),
  );
});

test('packed weights are found where layout.ts says', () => {
  const shapes = fc.record({
    reduction: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 13 }),
    outputs: fc.integer({ min: 1, max: 4 }),
    dot: fc.integer({ min: 1, max: 3 }),
    pack: fc.constantFrom(1, 2, 4),
    weights: fc.constantFrom('int2', 'int4', 'int8', 'int16'),
    portBits: fc.constantFrom(64, 128, 256, 512),
  });
  fc.assert(
    fc.property(shapes, ({ outputs, dot, ...rest }) => {
      const shape = { ...rest, array: { tokens: 1, outputs, dot } };
      const { reduction, columns } = rest;
      const bits = Number(rest.weights.slice(3));
      const limit = 2 ** (bits - 1);
      const integers = Int16Array.from(
        { length: reduction * columns },
        (_, index) => ((index * 37) % (2 * limit)) - limit,
      );
      const layout = weightLayout(shape);
      const image = new Uint8Array(layout.bytes);
      const steps = Float32Array.from({ length: columns }, (_, n) => n + 1);
      const quantised = { reduction, columns, integers, steps, error: { squares: 0, energy: 0, greatest: 0 } };
      packWeights(
        image,
        quantised,
        steps.map((step) => -step),
        shape,
      );
      const bit = (at: number): number => (image[at >> 3]! >> (at & 7)) & 1;
      const head = new DataView(image.buffer);
      for (let n = 0; n < columns; n++) {
        expect([head.getFloat32(8 * n, true), head.getFloat32(8 * n + 4, true)]).toEqual([n + 1, -n - 1]);
        for (let k = 0; k < reduction; k++) {
          const tile = Math.floor(n / (outputs * rest.pack));
          const word = tile * layout.steps + Math.floor(k / dot);
          const beat = Math.floor(word / layout.wordsPerBeat) * layout.beatsPerWord;
          const first =
            8 * ((layout.headBeats + beat) * layout.beatBytes + (word % layout.wordsPerBeat) * layout.wordBytes) +
            ((k % dot) * outputs * rest.pack + (n % (outputs * rest.pack))) * bits;
          let value = 0;
          for (let b = 0; b < bits; b++) value |= bit(first + b) << b;
          expect(value >= limit ? value - 2 * limit : value).toBe(integers[n * reduction + k]);
        }
      }
    }),
  );
});

test('packed vectors: the vector runs fastest, words do not straddle beats', () => {
  const image = new Uint8Array(64);
  packVectors(image, [Float32Array.of(1, 2, 3), Float32Array.of(-1, -2, -3)], 1, 16);
  expect([...new Float32Array(image.buffer)].slice(0, 8)).toEqual([1, -1, 2, -2, 3, -3, 0, 0]);
  const wide = new Uint8Array(64);
  packVectors(wide, [Float32Array.of(1, 2, 3), Float32Array.of(-1, -2, -3)], 2, 16);
  expect([...new Float32Array(wide.buffer)].slice(0, 8)).toEqual([1, -1, 2, -2, 3, -3, 0, 0]);
});
