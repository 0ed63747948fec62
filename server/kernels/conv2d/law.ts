/** Cost law of conv2d.h: windows out of the ring, the array and the epilogue of linear.h behind them. */
import { type ArrayLoops, overheadFormula, rowBlockMemory, sumsMemory, tileColumns } from '../common/array.ts';
import {
  ringMemory,
  type WindowGeometry,
  windowCount,
  windowDepth,
  windowGeometry,
  windowJobs,
  windowOverhead,
  windowProcess,
} from '../common/window.ts';
import { costOf, countOf } from '../cost.ts';
import type { Formula, Law, Process, Target } from '../kernel.ts';
import { linearCount, linearDspFormula, linearLoops, operandsOf } from '../linear/law.ts';
import { elementBits } from '../word.ts';
import { type Conv2dParameters, windowsOf } from './parameters.ts';

/** Words of windows that may wait for the array: windows_depth of conv2d.h. */
const windowsDepth = 2;

/** The product that the windows go through. */
export function productOf(parameters: Conv2dParameters, { blocks, steps }: WindowGeometry) {
  const { array, pack, columns, activations, weights, output, activation } = parameters;
  const [rows, reduction] = [blocks * array.tokens, steps * array.dot];
  return { rows, reduction, columns, array, pack, activations, weights, output, activation };
}

/** Words of windows that stand ready when the array begins a block: those in the FIFO, and one that waits for room. */
const windowsReady = windowsDepth + 1;

/** Cycles by which a block is late because its windows touch several rows: each is a cycle more a word. */
const lateCycles = (words: number, segments: number): number => (segments - 1) * Math.max(0, words);

/** Cycles of the array for one block: the first of its tiles takes the windows in, as fast as they come. */
function blockCycles({ tiles, steps, overhead }: ArrayLoops, segments: number): number {
  return tiles * (steps + overhead) + lateCycles(steps - windowsReady, segments);
}

export function conv2dLaw(parameters: Conv2dParameters, target: Target): Law {
  const windows = windowsOf(parameters);
  const geometry = windowGeometry(windows);
  const product = productOf(parameters, geometry);
  const loops = linearLoops(product);
  const { blocks, segments } = geometry;
  const { tiles, steps, overhead, depth, columns } = loops;
  const jobs = windowJobs(geometry);
  const share = blocks / jobs;
  const wide = tileColumns(loops);
  const own = share * blockCycles(loops, segments);
  const epilogue = share * tiles * wide;
  const processes: Process[] = [
    windowProcess(geometry, jobs),
    {
      name: 'array',
      jobs,
      cycles: own,
      active: share * tiles * steps,
      reads: [
        { port: 'windows', words: share * steps, first: 0, last: own - (tiles - 1) * (steps + overhead) - overhead },
        { port: 'weights', words: share * tiles * steps, first: 0, last: own - overhead - 1 },
      ],
      writes: [{ port: 'sums', words: share * tiles, first: steps + overhead - 1, last: own - 1 }],
    },
    {
      name: 'epilogue',
      jobs,
      cycles: epilogue,
      active: epilogue,
      reads: [
        { port: 'sums', words: share * tiles, first: 0, last: epilogue - wide },
        { port: 'scales', words: share * tiles * wide, first: 0, last: epilogue - 1 },
      ],
      writes: [{ port: 'out', words: share * columns, first: depth, last: depth + epilogue - 1, late: depth }],
    },
  ];
  return {
    processes,
    buffers: [
      { name: 'windows', depth: windowsDepth },
      { name: 'sums', depth: 2 },
    ],
    logic: costOf(countOf([1, linearCount(product, loops, target)], [1, windowCount(windows, geometry)]), target),
    memories: [
      ringMemory(windows, geometry, elementBits[parameters.activations]),
      rowBlockMemory(loops, parameters.activations),
      sumsMemory(loops, operandsOf(product)),
    ],
    traffic: [],
    cycles: passCycles(loops, geometry),
    explanations: [
      overheadFormula(loops, operandsOf(product)),
      linearDspFormula(product, loops, target),
      ringFormula(parameters, geometry),
    ],
  };
}

/** Cycles of a pass whose streams are always ready: the pace is that of the array, of the windows, or of the epilogue. */
function passCycles(loops: ArrayLoops, geometry: WindowGeometry): Formula {
  const { blocks, segments, ahead, slowest, cycles } = geometry;
  const { tiles, steps, overhead, depth } = loops;
  const wide = tileColumns(loops);
  const tile = steps + overhead;
  const block = blockCycles(loops, segments);
  // What the pixels of the first block take, the end of that loop, and a window's way out.
  const start = ahead + windowOverhead + windowDepth;
  const drain = wide + depth;
  if (slowest > block && cycles > blocks * block) {
    const rest = cycles - 2 * windowOverhead;
    return {
      symbolic: 'start + windows + (tiles − 1) · (STEPS + o) + o + drain',
      numeric: `${start} + ${rest} + (${tiles} − 1) · ${tile} + ${overhead} + ${drain}`,
      value: start + rest + (tiles - 1) * tile + overhead + drain,
      unit: 'cycles',
      source: 'loops of window.h: the windows are slower than the array',
    };
  }
  if (tile >= wide) {
    const late = lateCycles(steps - windowsReady, segments);
    const first = lateCycles(steps, segments) - late;
    return {
      symbolic: 'start + blocks · (tiles · (STEPS + o) + late) + drain',
      numeric: `${start + first} + ${blocks} · (${tiles} · (${steps} + ${overhead}) + ${late}) + ${drain}`,
      value: start + first + blocks * block + drain,
      unit: 'cycles',
      source: 'loops of conv2d.h; late: rows that a block touches beyond the first',
    };
  }
  return {
    symbolic: 'start + (STEPS + o) + (blocks · tiles − 1) · A·P + drain',
    numeric: `${start} + (${steps} + ${overhead}) + (${blocks} · ${tiles} − 1) · ${wide} + ${drain}`,
    value: start + tile + (blocks * tiles - 1) * wide + drain,
    unit: 'cycles',
    source: 'loops of conv2d.h; the epilogue, one channel a cycle, is slower than the array',
  };
}

/** The line buffer. */
function ringFormula({ width, channels, size, stride }: Conv2dParameters, geometry: WindowGeometry): Formula {
  const { ringRows, banks } = geometry;
  return {
    symbolic: 'ring rows · banks · channels',
    numeric: `${ringRows} · ${banks} · ${channels}`,
    value: ringRows * banks * channels,
    unit: 'values in the line buffer',
    source: `window.h: rows of ${width} pixels, windows of ${size} × ${size} ${stride} apart, and what comes in meanwhile`,
  };
}
