/**
 * The library's arithmetic a second time, from its description alone: fp32 with Math.fround, the functions of
 * common/*.h in exact integers of a double. Results must agree to the bit.
 */
import { type Table, tables } from './tables.ts';

const f = Math.fround;
const word = new DataView(new ArrayBuffer(4));

export function bitsOf(x: number): number {
  word.setFloat32(0, x);
  return word.getUint32(0);
}

export function floatOf(bits: number): number {
  word.setUint32(0, bits >>> 0);
  return word.getFloat32(0);
}

const rom = (name: string): Table => tables.find((table) => table.name === name)!;
const power = rom('power_of_two');
const inverse = rom('reciprocal');
const root = rom('rsqrt');
const tails = { erf: rom('normal_tail'), tanh: rom('tanh_tail') };

function interpolate(table: Table, segment: number, position: number): number {
  const [c0, c1, c2] = table.rows[segment]!;
  const slope = c1 + Math.floor((c2 * position) / 2 ** 17);
  return c0 + Math.floor((slope * position) / 2 ** 17);
}

function packed(biased: number, significand: number): number {
  if (biased < 1) return 0;
  return biased > 254 ? Number.POSITIVE_INFINITY : floatOf((biased - 1) * 2 ** 23 + significand);
}

/** Sign, biased exponent and fraction. */
function parts(x: number) {
  const bits = bitsOf(x);
  return { negative: bits >>> 31 === 1, biased: (bits >>> 23) & 0xff, fraction: bits & 0x7fffff };
}

export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  const { negative, biased, fraction } = parts(x);
  const exponent = biased - 127;
  if (exponent >= 7) return negative ? 0 : Number.POSITIVE_INFINITY;
  let scaled = 0;
  if (exponent >= -24) {
    const product = BigInt(fraction + 2 ** 23) * 12_392_656_037n;
    const shift = BigInt(33 - exponent);
    const kept = product >> 24n;
    scaled = Number((kept + (1n << (shift - 25n))) >> (shift - 24n));
  }
  if (negative) scaled = -scaled;
  const whole = Math.floor(scaled / 2 ** 23);
  const rest = scaled - whole * 2 ** 23;
  const value = interpolate(power, Math.floor(rest / 2 ** 17), rest % 2 ** 17);
  return packed(whole + 127, Math.floor((value + 16) / 32));
}

export function reciprocal(x: number): number {
  if (Number.isNaN(x)) return x;
  const { negative, biased, fraction } = parts(x);
  const sign = negative ? -1 : 1;
  if (biased === 255) return sign * 0;
  if (biased === 0) return sign * Number.POSITIVE_INFINITY;
  const value = interpolate(inverse, Math.floor(fraction / 2 ** 16), (fraction % 2 ** 16) * 2);
  return sign * packed(253 - biased, Math.floor((value + 8) / 16));
}

export function rsqrt(x: number): number {
  const { negative, biased, fraction } = parts(x);
  if (biased === 0) return Number.POSITIVE_INFINITY;
  if (Number.isNaN(x) || negative) return Number.NaN;
  if (biased === 255) return 0;
  const half = Math.floor((biased - 127) / 2);
  const odd = biased - 127 - 2 * half;
  const value = interpolate(root, odd * 64 + Math.floor(fraction / 2 ** 17), fraction % 2 ** 17);
  return packed(126 - half, Math.floor((value + 8) / 16));
}

export function silu(x: number): number {
  const power = exp(-x);
  return power === Number.POSITIVE_INFINITY ? 0 : f(x * reciprocal(f(1 + power)));
}

export function gelu(x: number, form: 'erf' | 'tanh'): number {
  if (Number.isNaN(x)) return x;
  const magnitude = Math.floor(Math.abs(x) * 2 ** 22 + 0.5);
  if (magnitude >= 6 * 2 ** 22) return Math.max(0, x);
  const tail = interpolate(tails[form], Math.floor(magnitude / 2 ** 17), magnitude % 2 ** 17);
  const share = bitsOf(x) >>> 31 === 1 ? tail : 2 ** 28 - tail;
  return share <= 0 ? 0 : f(x * f(share / 2 ** 28));
}

/** Balanced tree, the lower half first. */
export function treeSum(values: readonly number[]): number {
  if (values.length === 1) return values[0]!;
  const half = Math.floor(values.length / 2);
  return f(treeSum(values.slice(0, half)) + treeSum(values.slice(half)));
}

/** Sum of a row as reduce.h forms it: columns of a word in a tree, words dealt out over `partials` running sums. */
export function interleavedSum(values: readonly number[], columns: number, partials: number): number {
  const sums: number[] = [];
  for (let w = 0; w * columns < values.length; w++) {
    const here = Array.from({ length: columns }, (_, c) => values[w * columns + c] ?? 0);
    const slot = w % partials;
    sums[slot] = f((sums[slot] ?? 0) + treeSum(here));
  }
  // they leave in the order of their last words
  const words = Math.ceil(values.length / columns);
  let total = 0;
  for (let w = Math.max(0, words - partials); w < words; w++) total = f(total + sums[w % partials]!);
  return total;
}
