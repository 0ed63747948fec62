/** Safetensors files as tests need them: well formed, or with a header that is not. */
import type { Bytes } from '../../server/weights/safetensors.ts';

export interface Tensor {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  /** F32 where nothing else is said. */
  readonly type?: 'F32' | 'F64' | 'F16' | 'BF16' | 'I8';
}

/** A file of these tensors, one behind the other. */
export function safetensors(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  const parts = Object.entries(tensors).map(([name, tensor]) => ({ name, ...tensor, bytes: bytesOf(tensor) }));
  let at = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const { name, shape, type = 'F32', bytes } of parts) {
    header[name] = { dtype: type, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  return withHeader(
    JSON.stringify(header),
    parts.map(({ bytes }) => bytes),
  );
}

export function withHeader(header: string, data: readonly Uint8Array[] = []): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return Uint8Array.from(Buffer.concat([length, text, ...data]));
}

export function bytesOn(content: Uint8Array): Bytes & { readonly reads: [number, number][] } {
  const reads: [number, number][] = [];
  return {
    size: content.length,
    reads,
    read(offset, length) {
      if (offset < 0 || offset + length > content.length) throw new RangeError(`${offset} + ${length} is outside`);
      reads.push([offset, length]);
      return content.slice(offset, offset + length);
    },
  };
}

function bytesOf({ values, type = 'F32' }: Tensor): Uint8Array {
  const plain = Array.from(values);
  if (type === 'I8') return new Uint8Array(Int8Array.from(plain).buffer);
  if (type === 'F64') return new Uint8Array(Float64Array.from(plain).buffer);
  const single = Float32Array.from(plain);
  if (type === 'F32') return new Uint8Array(single.buffer);
  const bits = new Uint32Array(single.buffer);
  return new Uint8Array(Uint16Array.from(bits, type === 'BF16' ? (one) => one >>> 16 : halfBits).buffer);
}

/** For values that binary16 holds exactly and that are not below 2^-14. */
function halfBits(single: number): number {
  if ((single & 0x7fffffff) === 0) return single >>> 16;
  const exponent = ((single >>> 23) & 255) - 127 + 15;
  return ((single >>> 16) & 0x8000) | (exponent << 10) | ((single >>> 13) & 1023);
}
