/**
 * The geometry and cost law of window.h: which pixels each block of windows wants, how large the ring must be, and how many
 * cycles the windows of an image take.
 */
import type { CoreCount } from '../cost.ts';
import type { MemoryShape, Process } from '../kernel.ts';
import { elementBits } from '../word.ts';

export interface WindowParameters {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
  /** Pixels side by side in the words that come in. */
  readonly pixels: number;
  /** Windows side by side, and channels of each, in the words that go out. */
  readonly lanes: number;
  readonly dot: number;
}

export interface WindowGeometry {
  readonly outHeight: number;
  readonly outWidth: number;
  readonly blocks: number;
  readonly banks: number;
  /** Rows of banks in the ring: it holds rows · banks pixels. */
  readonly ringRows: number;
  /** Cycles of a word that goes out: the rows that a block touches. */
  readonly segments: number;
  readonly groups: number;
  /** Words of a block. */
  readonly steps: number;
  /** Words that come in before the first block, and in all. */
  readonly ahead: number;
  readonly words: number;
  /** Words between two rows of the result. */
  readonly rowWords: number;
  /** Cycles of all blocks, beyond those of the words ahead: `windowOverhead` included. */
  readonly cycles: number;
  /** Greatest number of cycles of one block. */
  readonly slowest: number;
}

/** window_overhead and window_depth of window.h. */
export const windowOverhead = 6;
export const windowDepth = 4;

/** Why there is no such window, in words; undefined where there is one. */
export function windowRefusal({ height, width, size, stride, pad }: WindowParameters): string | undefined {
  for (const [name, value] of Object.entries({ size, stride }))
    if (!Number.isInteger(value) || value < 1) return `a window needs a whole ${name} of at least 1, not ${value}`;
  if (pad >= size) return `a window of ${size} × ${size} on an edge of ${pad} would lie outside of the image`;
  if (size > height + 2 * pad || size > width + 2 * pad)
    return `a window of ${size} × ${size} does not fit an image of ${height} × ${width}`;
  return undefined;
}

/** Goes over the blocks as window.h does. */
export function windowGeometry(parameters: WindowParameters): WindowGeometry {
  const { height, width, channels, size, stride, pad, pixels, lanes, dot } = parameters;
  const outHeight = Math.floor((height + 2 * pad - size) / stride) + 1;
  const outWidth = Math.floor((width + 2 * pad - size) / stride) + 1;
  const windows = outHeight * outWidth;
  const blocks = Math.ceil(windows / lanes);
  const banks = 2 ** Math.ceil(Math.log2(Math.max(lanes * stride, pixels)));
  const groups = Math.ceil(channels / dot);
  const steps = size * size * groups;
  const pixelsTo = (last: number): number => (Math.floor(last / pixels) + 1) * pixels;

  let segments = 1;
  const first: number[] = [];
  const last: number[] = [];
  for (let block = 0; block < blocks; block++) {
    let oldest = height * width;
    let newest = 0;
    const end = Math.min(windows, (block + 1) * lanes);
    for (let window = block * lanes; window < end; window++) {
      const x = (window % outWidth) * stride - pad;
      const y = Math.floor(window / outWidth) * stride - pad;
      oldest = Math.min(oldest, Math.max(0, y) * width + Math.max(0, x));
      newest = Math.max(newest, Math.min(height - 1, y + size - 1) * width + Math.min(width - 1, x + size - 1));
    }
    segments = Math.max(segments, Math.floor((end - 1) / outWidth) - Math.floor((block * lanes) / outWidth) + 1);
    first.push(oldest);
    last.push(newest);
  }

  const emits = steps * segments;
  let written = pixelsTo(last[0] ?? 0);
  const ahead = (written / pixels) * groups;
  let span = width;
  let cycles = windowOverhead;
  let slowest = 0;
  for (let block = 0; block < blocks; block++) {
    const before = written;
    written = Math.max(written, pixelsTo(last[block + 1] ?? height * width - 1));
    span = Math.max(span, written - first[block]!);
    const own = Math.max(emits, ((written - before) / pixels) * groups) + windowOverhead;
    cycles += own;
    slowest = Math.max(slowest, own);
  }
  return {
    outHeight,
    outWidth,
    blocks,
    banks,
    ringRows: Math.ceil(span / banks),
    segments,
    groups,
    steps,
    ahead,
    words: (written / pixels) * groups,
    rowWords: ((stride * width) / pixels) * groups,
    cycles,
    slowest,
  };
}

/** Blocks that are each a job of the timeline; of an image with more of them a row is. */
const mostBlocks = 1600;

/**
 * Jobs of the timeline: blocks, because an array takes a block's windows while it computes the first of its tiles, and
 * whoever sends them waits meanwhile. Of large images rows, which have many blocks that are alike: else an image were ten
 * thousand jobs a layer.
 */
export function windowJobs({ outHeight, blocks }: WindowGeometry): number {
  return blocks <= mostBlocks ? blocks : outHeight;
}

/** Takes the image in and sends the words of its windows; `ahead` of the first block come first. */
export function windowProcess(geometry: WindowGeometry, jobs: number): Process {
  const { blocks, steps, segments, words, cycles } = geometry;
  // Of a window as large as the image nothing is left to come in later: it waits for the last word.
  const ahead = Math.min(geometry.ahead, words - 1);
  // From one row of the result to the next as much comes in as lies between them: whole rows of the image. The last rows
  // find the image at its end. Where windows leave some of it over, that is spread over all rows.
  const row = Math.max((geometry.rowWords * geometry.outHeight) / jobs, (words - ahead) / jobs);
  const own = cycles / jobs;
  const out = (blocks * steps) / jobs;
  return {
    name: 'windows',
    jobs,
    cycles: own,
    active: (blocks * steps * segments) / jobs,
    reads: [{ port: 'in', words: row, first: 0, last: own - 1, ahead, beyond: ahead + row * jobs - words }],
    writes: [{ port: 'windows', words: out, first: windowDepth, last: own - 1 + windowDepth }],
  };
}

/** The ring: a bank a lane, so that what stands side by side is read side by side. storage.h picks LUTRAM up to 128 words. */
export function ringMemory({ dot }: WindowParameters, geometry: WindowGeometry, bits: number): MemoryShape {
  const words = geometry.ringRows * geometry.groups;
  return {
    name: 'ring',
    words,
    bits: dot * bits,
    parts: geometry.banks,
    storage: words <= 128 ? 'lutram' : 'bram',
  };
}

/**
 * Gates of the source: of a lane its coordinates and its place (five adders and comparators of 16 bits), of a bank the
 * choice of its address among the lanes and of its pixel among those that come in, of a lane the choice of its bank; four
 * inputs a LUT.
 */
export function windowCount(parameters: WindowParameters, { banks }: WindowGeometry): CoreCount {
  const { pixels, lanes, dot } = parameters;
  const select = (ways: number): number => Math.ceil((ways - 1) / 3);
  const bits = dot * elementBits.int8;
  return {
    control: 1,
    gates:
      lanes * 5 * 16 +
      banks * (lanes * 2 + 12 * select(lanes)) +
      banks * bits * select(pixels) +
      lanes * bits * select(banks),
    registers: lanes * 4 * 16 + (banks + lanes) * bits,
  };
}
