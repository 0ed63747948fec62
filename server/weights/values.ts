/** Values of a tensor in single precision, whatever type the file keeps them in. */
import { type TensorEntry, view } from './safetensors.ts';

/** Types in which weights are read. Double precision is rounded to single. */
export const weightTypes: readonly string[] = ['F64', 'F32', 'F16', 'BF16', 'I8'];

/** @param raw the bytes of the tensor; the values of int8 are steps, whose size its scale says (see scales.ts). */
export function valuesOf({ type, bytes }: TensorEntry, raw: Uint8Array): Float32Array {
  const data = view(raw);
  switch (type) {
    case 'F64':
      return fill(bytes / 8, (index) => data.getFloat64(index * 8, true));
    case 'F32':
      return fill(bytes / 4, (index) => data.getFloat32(index * 4, true));
    case 'F16':
      return fill(bytes / 2, (index) => half(data.getUint16(index * 2, true)));
    case 'BF16':
      return bfloat(data, bytes / 2);
    case 'I8':
      return fill(bytes, (index) => data.getInt8(index));
    default:
      throw new RangeError(`no weights are read from ${type}`);
  }
}

function fill(count: number, at: (index: number) => number): Float32Array {
  const values = new Float32Array(count);
  for (let index = 0; index < count; index++) values[index] = at(index);
  return values;
}

/** The upper half of a single. */
function bfloat(data: DataView, count: number): Float32Array {
  const bits = new Uint32Array(count);
  for (let index = 0; index < count; index++) bits[index] = data.getUint16(index * 2, true) << 16;
  return new Float32Array(bits.buffer);
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
