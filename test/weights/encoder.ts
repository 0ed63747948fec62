/**
 * A whole encoder with post-layer-norm as a reference: its checkpoint with seeded values under Hugging Face's names, and what
 * it computes, in double precision, from the definition alone. It shares nothing with the exporter or the kernels.
 */
import { safetensors, type Tensor } from './safetensors-file.ts';

export interface EncoderSize {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly ffn: number;
}

/** Uniform in 0 … 1, the same sequence for the same seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(random: () => number): number {
  let sum = -6;
  for (let index = 0; index < 12; index++) sum += random();
  return sum;
}

export type Values = Readonly<Record<string, Float32Array>>;

/** Trained values as a checkpoint names them, [columns, reduction]; spread 1/√reduction, channels of different size. */
export function encoderValues({ layers, hidden, ffn }: EncoderSize, seed: number): Values {
  const random = uniform(seed);
  const values: Record<string, Float32Array> = {};
  for (let n = 0; n < layers; n++) {
    const at = `encoder.layer.${n}.`;
    const matrix = (name: string, columns: number, reduction: number): void => {
      const weight = new Float32Array(columns * reduction);
      for (let column = 0; column < columns; column++) {
        const size = (0.5 + random()) / Math.sqrt(reduction);
        for (let k = 0; k < reduction; k++) weight[column * reduction + k] = size * normal(random);
      }
      values[`${at}${name}.weight`] = weight;
      values[`${at}${name}.bias`] = Float32Array.from({ length: columns }, () => 0.05 * normal(random));
    };
    const norm = (name: string): void => {
      values[`${at}${name}.weight`] = Float32Array.from({ length: hidden }, () => 1 + 0.1 * normal(random));
      values[`${at}${name}.bias`] = Float32Array.from({ length: hidden }, () => 0.1 * normal(random));
    };
    for (const name of ['query', 'key', 'value']) matrix(`attention.self.${name}`, hidden, hidden);
    matrix('attention.output.dense', hidden, hidden);
    norm('attention.output.LayerNorm');
    matrix('intermediate.dense', ffn, hidden);
    matrix('output.dense', hidden, ffn);
    norm('output.LayerNorm');
  }
  return values;
}

/** The checkpoint as a file; matrices are those whose length is not a vector's. */
export function encoderFile(values: Values, { hidden, ffn }: EncoderSize, type: Tensor['type'] = 'F32'): Uint8Array {
  const columnsOf = (name: string): number => (name.includes('intermediate') ? ffn : hidden);
  return safetensors(
    Object.fromEntries(
      Object.entries(values).map(([name, data]): [string, Tensor] => {
        const columns = columnsOf(name);
        return [
          name,
          { shape: data.length === columns ? [columns] : [columns, data.length / columns], values: data, type },
        ];
      }),
    ),
  );
}

/** Rows in, rows out of the last layer: [tokens × hidden] in double precision. */
export function encode(values: Values, size: EncoderSize, input: ArrayLike<number>): Float64Array {
  const { layers, hidden, heads } = size;
  const tokens = input.length / hidden;
  let x = Float64Array.from(input);
  for (let n = 0; n < layers; n++) {
    const at = (name: string): Float32Array => values[`encoder.layer.${n}.${name}`]!;
    const dense = (rows: Float64Array, name: string): Float64Array => {
      const [weight, bias] = [at(`${name}.weight`), at(`${name}.bias`)];
      const columns = bias.length;
      const reduction = weight.length / columns;
      return Float64Array.from({ length: tokens * columns }, (_, index) => {
        const [row, column] = [Math.floor(index / columns), index % columns];
        let sum = bias[column]!;
        for (let k = 0; k < reduction; k++) sum += rows[row * reduction + k]! * weight[column * reduction + k]!;
        return sum;
      });
    };
    const normed = (rows: Float64Array, name: string): Float64Array => {
      const [gain, bias] = [at(`${name}.weight`), at(`${name}.bias`)];
      const result = new Float64Array(rows.length);
      for (let row = 0; row < tokens; row++) {
        const own = rows.subarray(row * hidden, (row + 1) * hidden);
        const mean = own.reduce((sum, value) => sum + value, 0) / hidden;
        const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / hidden;
        own.forEach((value, column) => {
          result[row * hidden + column] =
            ((value - mean) / Math.sqrt(variance + 1e-12)) * gain[column]! + bias[column]!;
        });
      }
      return result;
    };
    const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, index) => value + b[index]!);
    const [q, k, v] = ['query', 'key', 'value'].map((name) => dense(x, `attention.self.${name}`)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const attended = attend(q, k, v, tokens, hidden, heads);
    const middle = normed(plus(x, dense(attended, 'attention.output.dense')), 'attention.output.LayerNorm');
    const wide = dense(middle, 'intermediate.dense').map((value) => 0.5 * value * (1 + erf(value / Math.SQRT2)));
    x = normed(plus(middle, dense(wide, 'output.dense')), 'output.LayerNorm') as typeof x;
  }
  return x;
}

function attend(
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  tokens: number,
  hidden: number,
  heads: number,
): Float64Array {
  const width = hidden / heads;
  const result = new Float64Array(tokens * hidden);
  for (let head = 0; head < heads; head++) {
    const first = head * width;
    for (let row = 0; row < tokens; row++) {
      const scores = Array.from({ length: tokens }, (_, key) => {
        let sum = 0;
        for (let c = 0; c < width; c++) sum += q[row * hidden + first + c]! * k[key * hidden + first + c]!;
        return sum / Math.sqrt(width);
      });
      const greatest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - greatest));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let c = 0; c < width; c++) {
        let sum = 0;
        for (let key = 0; key < tokens; key++) sum += weights[key]! * v[key * hidden + first + c]!;
        result[row * hidden + first + c] = sum / total;
      }
    }
  }
  return result;
}

/** Error function: its series near zero, the continued fraction of its complement elsewhere (Abramowitz and Stegun 7.1.5, 7.1.14). */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let [term, sum] = [x, x];
    for (let n = 1; Math.abs(term) > 1e-17; n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = size;
  for (let n = 60; n > 0; n--) fraction = size + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-size * size) / (Math.sqrt(Math.PI) * fraction));
}
