/** Images and windows as their definitions say, to compare kernels with; written without them. */
import { type Matrix, randomMatrix, type seeded } from './reference.ts';

export interface Picture {
  readonly height: number;
  readonly width: number;
  /** A row a pixel, a column a channel. */
  readonly pixels: Matrix;
}

export interface Window {
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
}

export function randomPicture(
  height: number,
  width: number,
  channels: number,
  random: ReturnType<typeof seeded>,
): Picture {
  return { height, width, pixels: randomMatrix(height * width, channels, 8, random) };
}

export function extentsOf({ height, width }: Picture, { size, stride, pad }: Window): readonly [number, number] {
  const after = (extent: number): number => Math.floor((extent + 2 * pad - size) / stride) + 1;
  return [after(height), after(width)];
}

/** Value of a channel at a place that may lie outside of the image. */
function at({ height, width, pixels }: Picture, y: number, x: number, channel: number): number | undefined {
  if (y < 0 || y >= height || x < 0 || x >= width) return undefined;
  return pixels.values[(y * width + x) * pixels.columns + channel]!;
}

/** f of the values of each window: a row a window, a column a channel. */
export function pooled(
  picture: Picture,
  window: Window,
  f: (values: readonly (number | undefined)[]) => number,
): Matrix {
  const [rows, columns] = extentsOf(picture, window);
  const { size, stride, pad } = window;
  const channels = picture.pixels.columns;
  const values: number[] = [];
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      for (let channel = 0; channel < channels; channel++) {
        const inside: (number | undefined)[] = [];
        for (let dy = 0; dy < size; dy++)
          for (let dx = 0; dx < size; dx++)
            inside.push(at(picture, y * stride - pad + dy, x * stride - pad + dx, channel));
        values.push(f(inside));
      }
  return { rows: rows * columns, columns: channels, values };
}

/** Integer sums of a convolution; row (dy · size + dx) · channels + channel of `weights` is a tap of a channel. */
export function convolved(picture: Picture, window: Window, weights: Matrix): Matrix {
  const [rows, columns] = extentsOf(picture, window);
  const { size, stride, pad } = window;
  const channels = picture.pixels.columns;
  const values: number[] = [];
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      for (let n = 0; n < weights.columns; n++) {
        let sum = 0;
        for (let dy = 0; dy < size; dy++)
          for (let dx = 0; dx < size; dx++)
            for (let channel = 0; channel < channels; channel++)
              sum +=
                (at(picture, y * stride - pad + dy, x * stride - pad + dx, channel) ?? 0) *
                weights.values[((dy * size + dx) * channels + channel) * weights.columns + n]!;
        values.push(sum);
      }
  return { rows: rows * columns, columns: weights.columns, values };
}
