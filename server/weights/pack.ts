/**
 * Trained values as they lie behind a kernel's memory port. A file holds the layers one behind the other, each exactly as the
 * port reads it, but for one thing: in the head of a product's weights stand its weights' steps and its biases as trained. The
 * host makes multipliers and scaled biases of them once it has calibrated the steps of the activations.
 */
import { loaderLayout, type WeightShape, type WeightWords, weightLayout } from '../kernels/weights/layout.ts';
import { elementBits } from '../kernels/word.ts';
import type { QuantisedMatrix } from './quantise.ts';

/** Writes one layer's weights at the beginning of `image`, which is zero. */
export function packWeights(
  image: Uint8Array,
  { integers, steps, reduction, columns }: QuantisedMatrix,
  bias: Float32Array,
  shape: WeightShape,
): void {
  const { array } = shape;
  const layout = weightLayout(shape);
  const { tileColumns, wordBytes, wordsPerBeat, beatsPerWord, beatBytes } = layout;
  const bits = elementBits[shape.weights];
  const head = new DataView(image.buffer, image.byteOffset, image.byteLength);
  for (let n = 0; n < columns; n++) {
    head.setFloat32(n * 8, steps[n]!, true);
    head.setFloat32(n * 8 + 4, bias[n]!, true);
  }
  for (let n = 0; n < columns; n++) {
    const tile = Math.floor(n / tileColumns);
    for (let k = 0; k < reduction; k++) {
      const word = tile * layout.steps + Math.floor(k / array.dot);
      const beat = layout.headBeats + Math.floor(word / wordsPerBeat) * beatsPerWord;
      const bit = ((k % array.dot) * tileColumns + (n % tileColumns)) * bits;
      const at = beat * beatBytes + (word % wordsPerBeat) * wordBytes + (bit >> 3);
      const value = integers[n * reduction + k]!;
      if (bits < 8) image[at]! |= (value & ((1 << bits) - 1)) << (bit & 7);
      else for (let byte = 0; byte < bits / 8; byte++) image[at + byte] = (value >> (8 * byte)) & 0xff;
    }
  }
}

/** One layer's weights of linears that an array takes in turn: their heads, behind all of these the bodies. */
export function packTurns(
  image: Uint8Array,
  trained: readonly { readonly matrix: QuantisedMatrix; readonly bias: Float32Array }[],
  words: WeightWords,
): void {
  const matrices = trained.map(({ matrix: { reduction, columns } }) => ({ reduction, columns }));
  const { parts, headBeats, beatBytes } = loaderLayout({ ...words, matrices });
  let head = 0;
  let body = headBeats * beatBytes;
  trained.forEach(({ matrix, bias }, m) => {
    const part = new Uint8Array(parts[m]!.bytes);
    packWeights(part, matrix, bias, { ...words, ...matrices[m]! });
    const headBytes = parts[m]!.headBeats * beatBytes;
    image.set(part.subarray(0, headBytes), head);
    image.set(part.subarray(headBytes), body);
    head += headBytes;
    body += part.length - headBytes;
  });
}

/** Trained vectors of single precision side by side (gain and bias): words of `lanes` columns, the vector running fastest. */
export function packVectors(
  image: Uint8Array,
  vectors: readonly Float32Array[],
  lanes: number,
  beatBytes: number,
): void {
  const values = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const wordBytes = vectors.length * lanes * 4;
  const wordsPerBeat = Math.max(1, Math.floor(beatBytes / wordBytes));
  const beatsPerWord = Math.ceil(wordBytes / beatBytes);
  for (const [row, vector] of vectors.entries()) {
    for (let column = 0; column < vector.length; column++) {
      const word = Math.floor(column / lanes);
      const index = (column % lanes) * vectors.length + row;
      const at =
        Math.floor(word / wordsPerBeat) * beatsPerWord * beatBytes + (word % wordsPerBeat) * wordBytes + index * 4;
      values.setFloat32(at, vector[column]!, true);
    }
  }
}
