/**
 * A network over images as a reference: its checkpoint with seeded values, channels first as frameworks keep them, and what it
 * computes, in double precision, from the definition alone. It shares nothing with the exporter or the kernels.
 */
import { safetensors, type Tensor } from './safetensors-file.ts';

/** Channels first: value [c][y][x] at (c · height + y) · width + x. */
export interface Image {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float64Array;
}

interface Window {
  readonly size: number;
  readonly stride?: number;
  readonly pad?: number;
}

export type Checkpoint = Readonly<Record<string, Tensor>>;

/** Values of a window of one channel; undefined outside of the image. */
function windowsOf(
  image: Image,
  { size, stride = 1, pad = 0 }: Window,
  of: (at: (c: number, tap: number) => number | undefined, y: number, x: number) => void,
): readonly [number, number] {
  const after = (extent: number): number => Math.floor((extent + 2 * pad - size) / stride) + 1;
  const [height, width] = [after(image.height), after(image.width)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      of(
        (c, tap) => {
          const [row, column] = [y * stride - pad + Math.floor(tap / size), x * stride - pad + (tap % size)];
          const inside = row >= 0 && row < image.height && column >= 0 && column < image.width;
          return inside ? image.values[(c * image.height + row) * image.width + column] : undefined;
        },
        y,
        x,
      );
  return [height, width];
}

/** @param tensors `NAME.weight` [channels out, channels in, size, size] and `NAME.bias`; a batch norm is `NAME_norm.…`. */
export function convolution(image: Image, tensors: Checkpoint, name: string, window: Window): Image {
  const weight = tensors[`${name}.weight`]!;
  const channels = weight.shape[0]!;
  const taps = window.size ** 2;
  const found: number[][] = [];
  const [height, width] = windowsOf(image, window, (at) => {
    found.push(
      Array.from({ length: channels }, (_, n) => {
        let sum = tensors[`${name}.bias`]?.values[n] ?? 0;
        for (let c = 0; c < image.channels; c++)
          for (let tap = 0; tap < taps; tap++)
            sum += (at(c, tap) ?? 0) * weight.values[(n * image.channels + c) * taps + tap]!;
        const norm = (part: string): number | undefined => tensors[`${name}_norm.${part}`]?.values[n];
        const variance = norm('running_var');
        if (variance === undefined) return sum;
        return ((sum - norm('running_mean')!) / Math.sqrt(variance + 1e-5)) * norm('weight')! + norm('bias')!;
      }),
    );
  });
  const values = Float64Array.from({ length: channels * height * width }, (_, i) => {
    const pixels = height * width;
    return found[i % pixels]![Math.floor(i / pixels)]!;
  });
  return { channels, height, width, values };
}

export function pooling(image: Image, window: Window, of: (values: readonly (number | undefined)[]) => number): Image {
  const found: number[][] = [];
  const [height, width] = windowsOf(image, window, (at) => {
    found.push(
      Array.from({ length: image.channels }, (_, c) =>
        of(Array.from({ length: window.size ** 2 }, (__, tap) => at(c, tap))),
      ),
    );
  });
  const pixels = height * width;
  const values = Float64Array.from(
    { length: image.channels * pixels },
    (_, i) => found[i % pixels]![Math.floor(i / pixels)]!,
  );
  return { channels: image.channels, height, width, values };
}

export const relu = (image: Image): Image => ({ ...image, values: image.values.map((value) => Math.max(0, value)) });

export const plus = (a: Image, b: Image): Image => ({ ...a, values: a.values.map((value, i) => value + b.values[i]!) });

/** `NAME.weight` [columns, channels · height · width], as frameworks flatten. */
export function dense({ values }: Image, tensors: Checkpoint, name: string): number[] {
  const weight = tensors[`${name}.weight`]!;
  return Array.from({ length: weight.shape[0]! }, (_, n) => {
    let sum = tensors[`${name}.bias`]!.values[n]!;
    values.forEach((value, k) => {
      sum += value * weight.values[n * values.length + k]!;
    });
    return sum;
  });
}

/** Tensors of these shapes with seeded values: weights of deviation 1/√length, channels of different size, positive variances. */
export function seededTensors(shapes: Readonly<Record<string, readonly number[]>>, random: () => number): Checkpoint {
  const normal = (): number => 2 * (random() + random() + random()) - 3;
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]): [string, Tensor] => {
      const count = shape.reduce((all, extent) => all * extent, 1);
      const length = count / shape[0]!;
      const size = Array.from({ length: shape[0]! }, () => (0.5 + random()) / Math.sqrt(length));
      const value = (i: number): number => {
        if (shape.length > 1) return size[Math.floor(i / length)]! * normal();
        if (name.endsWith('running_var')) return 0.5 + random();
        return name.endsWith('_norm.weight') ? 1 + 0.2 * normal() : 0.1 * normal();
      };
      return [name, { shape, values: Float32Array.from({ length: count }, (_, i) => value(i)) }];
    }),
  );
}

export const pictureFile = (tensors: Checkpoint, prefix: string): Uint8Array =>
  safetensors(Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}${name}`, tensor])));
