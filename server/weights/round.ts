/** Weights to fp16, bf16 or fp32: half to even, saturated, and what is below the least normal fp16 is 0, as word.h has it. */
import type { Matrix, QuantisedMatrix } from './quantise.ts';

export type FloatElement = 'fp16' | 'bf16' | 'fp32';

export function isFloatElement(element: string): element is FloatElement {
  return element === 'fp16' || element === 'bf16' || element === 'fp32';
}

/** As quantiseMatrix has it: codes in place of integers, and steps of 1. */
export function roundMatrix(matrix: Matrix, element: FloatElement): QuantisedMatrix {
  const { values, reduction, columns, across, along } = matrix;
  const integers = new Int32Array(reduction * columns);
  let [squares, energy, greatest] = [0, 0, 0];
  for (let n = 0; n < columns; n++) {
    for (let k = 0; k < reduction; k++) {
      const value = values[n * across + k * along]!;
      const code = codeOf(value, element);
      integers[n * reduction + k] = code;
      const lost = Math.abs(value - numberOf(code, element));
      squares += lost * lost;
      energy += value * value;
      if (lost > greatest) greatest = lost;
    }
  }
  return {
    reduction,
    columns,
    integers,
    steps: new Float32Array(columns).fill(1),
    error: { squares, energy, greatest },
  };
}

const bits = new DataView(new ArrayBuffer(4));

/** The bits of a single. */
function bitsOf(value: number): number {
  bits.setFloat32(0, value);
  return bits.getUint32(0);
}

export function codeOf(value: number, element: FloatElement): number {
  const all = bitsOf(value);
  if (element === 'fp32') return all | 0;
  const sign = (all >>> 16) & 0x8000;
  const magnitude = all & 0x7fffffff;
  if (element === 'bf16') return sign | Math.min(0x7f7f, (magnitude + 0x7fff + ((magnitude >>> 16) & 1)) >>> 16);
  if (magnitude < 113 << 23) return sign;
  const moved = magnitude - (112 << 23);
  return sign | Math.min(0x7bff, (moved + 0xfff + ((moved >>> 13) & 1)) >>> 13);
}

export function numberOf(code: number, element: FloatElement): number {
  if (element === 'fp32') bits.setUint32(0, code >>> 0);
  else if (element === 'bf16') bits.setUint32(0, (code & 0xffff) * 0x10000);
  else {
    const magnitude = code & 0x7fff;
    const sign = (code & 0x8000) * 0x10000;
    bits.setUint32(0, magnitude < 0x400 ? sign : sign + magnitude * 0x2000 + 112 * 2 ** 23);
  }
  return bits.getFloat32(0);
}
