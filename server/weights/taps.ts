/** Matrices of convolutions and of what follows a flattened image: from PyTorch's order, channels first, to Weft's. */
import type { QuantisedMatrix } from './quantise.ts';

/** [columns, channels, size, size] to [columns, taps · channels], tap by tap; also an image in front of a flatten. */
export function channelsLast(values: Float32Array, columns: number, channels: number, taps: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let n = 0; n < columns; n++) {
    const first = n * channels * taps;
    for (let c = 0; c < channels; c++) {
      for (let tap = 0; tap < taps; tap++) result[first + tap * channels + c] = values[first + c * taps + tap]!;
    }
  }
  return result;
}

/** Rows of zeros behind the channels of each tap, up to a multiple of `dot`: what the array takes. */
export function wholeTaps(matrix: QuantisedMatrix, channels: number, dot: number): QuantisedMatrix {
  const rows = Math.ceil(channels / dot) * dot;
  if (rows === channels) return matrix;
  const taps = matrix.reduction / channels;
  const reduction = taps * rows;
  const integers =
    matrix.integers instanceof Int16Array
      ? new Int16Array(reduction * matrix.columns)
      : new Int32Array(reduction * matrix.columns);
  for (let n = 0; n < matrix.columns; n++) {
    for (let k = 0; k < matrix.reduction; k++) {
      const row = Math.floor(k / channels) * rows + (k % channels);
      integers[n * reduction + row] = matrix.integers[n * matrix.reduction + k]!;
    }
  }
  return { ...matrix, reduction, integers };
}
