/** Writes the bytes that weights.h reads, from the description of layout.ts. */
import { scaleBytes, type WeightShape, weightLayout } from '../../../server/kernels/weights/layout.ts';
import { elementBits } from '../../../server/kernels/word.ts';

/** Trained values of one linear: element functions, so that nobody has to agree on an order. */
export interface TrainedValues {
  /** Integer weight that multiplies input column `k` into result column `n`. */
  weight(k: number, n: number): number;
  /** Scale of weights and input over scale of the output, and bias over scale of the output, of column `n`. */
  multiplier(n: number): number;
  bias(n: number): number;
}

/** The bytes of one layer. */
export function packWeights(shape: WeightShape, values: TrainedValues): Uint8Array {
  const layout = weightLayout(shape);
  const bits = elementBits[shape.weights];
  const image = new Uint8Array(layout.bytes);
  const view = new DataView(image.buffer);
  for (let n = 0; n < shape.columns; n++) {
    view.setFloat32(n * scaleBytes, values.multiplier(n), true);
    view.setFloat32(n * scaleBytes + 4, values.bias(n), true);
  }
  const body = layout.headBeats * layout.beatBytes;
  const { dot } = shape.array;
  for (let n = 0; n < shape.columns; n++) {
    const tile = Math.floor(n / layout.tileColumns);
    for (let k = 0; k < shape.reduction; k++) {
      const word = tile * layout.steps + Math.floor(k / dot);
      const beat = Math.floor(word / layout.wordsPerBeat) * layout.beatsPerWord;
      const start = body + beat * layout.beatBytes + (word % layout.wordsPerBeat) * layout.wordBytes;
      const bit = ((k % dot) * layout.tileColumns + (n % layout.tileColumns)) * bits;
      putField(image, start, bit, bits, values.weight(k, n));
    }
  }
  return image;
}

/** Writes the lowest `bits` bits (2, 4, 8 or 16) of `value`, `bit` bits behind byte `start`. */
function putField(image: Uint8Array, start: number, bit: number, bits: number, value: number): void {
  const at = start + Math.floor(bit / 8);
  const field = value & ((1 << bits) - 1);
  if (bits <= 8) {
    image[at]! |= field << (bit % 8);
    return;
  }
  image[at] = field & 0xff;
  image[at + 1] = field >> 8;
}
