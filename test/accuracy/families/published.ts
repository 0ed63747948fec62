/** The modules of a published accelerator (W4A8 transformer layer, U280, Vitis HLS 2022.1.2) from their loops and operators. */

import { type CoreTable, coresFor } from '../../../server/estimate/loops/cores.ts';
import { callCycles, pipelinedCycles } from '../../../server/estimate/loops/cycles.ts';
import type { Question } from '../data.ts';
import { type Family, type Prediction, result } from '../score.ts';

const number = (value: unknown): number | undefined => (typeof value === 'number' && value > 0 ? value : undefined);
const pair = (value: unknown): readonly [number, number] | undefined =>
  Array.isArray(value) && number(value[0]) && number(value[1]) ? [value[0], value[1]] : undefined;

/** Stages of a read from a stream or a memory, of a write, and of fp32 to int8. */
const [read, write, toInteger] = [1, 1, 2];

/** Cycles from the request of an m_axi burst to its first word: 64 that the flow assumes for the memory, 7 for the adapter. */
const axiLatency = 64 + 7;

const stagesOf = ({ cores }: CoreTable, name: string): number => cores[name]?.stages ?? 0;

/** A loop that is a module of its own, with the start and the end of it. */
const loop = (trip: number, interval: number, depth: number): number =>
  pipelinedCycles(trip, interval, depth) + callCycles;

/** '16*(512+1024*4)': how often the block is gone through, and the loops in it with their intervals. */
function tripsOf(text: string): { blocks: number; loops: { trip: number; interval: number }[] } | undefined {
  const product = (term: string): number => term.split('*').reduce((value, factor) => value * Number(factor), 1);
  const nested = /^([\d*\s]+)\*\s*\(([^()]+)\)$/.exec(text.trim());
  if (!nested) {
    const trip = product(text);
    return trip > 0 ? { blocks: 1, loops: [{ trip, interval: 1 }] } : undefined;
  }
  const loops = nested[2]!.split('+').map((term) => {
    const [trip, interval = '1'] = term.split('*');
    return { trip: Number(trip), interval: Number(interval) };
  });
  const blocks = product(nested[1]!);
  return blocks > 0 && loops.every(({ trip, interval }) => trip > 0 && interval > 0) ? { blocks, loops } : undefined;
}

/** Rows that go through the design, from any module of it that names them. */
function designRows({ id }: Question, siblings: readonly Question[]): number | undefined {
  const design = id.slice(0, id.lastIndexOf('/'));
  const related = siblings.filter((one) => one.id === design || one.id.startsWith(`${design}/`));
  return related.map(({ params }) => number(params.seq) ?? number(params.M) ?? number(params.rows)).find(Boolean);
}

/**
 * Cycles of a tile besides its K iterations: FIFO read, three stages of the multiplier, accumulate, and the loop's entry and
 * exit; two products in one DSP are taken apart in one stage more.
 */
const arrayOverhead = (packed: boolean): number => (packed ? 8 : 7);

function arrayCycles({ params }: Question, table: CoreTable): number | undefined {
  const array = pair(params.array);
  const [m, n, k] = [number(params.M), number(params.N), number(params.K)];
  if (!array || !m || !n || !k) return undefined;
  const [rows, columns] = array;
  const products = productsPerDsp(params.pe);
  const heads = number(params.heads) ?? 1;
  const tiles = n / (columns * products);
  // The sums of the last tile of a block leave one array column a cycle, through the scale.
  const drain = columns + read + stagesOf(table, 'fmul') + toInteger + write;
  return heads * (m / rows) * (tiles * (k + arrayOverhead(products > 1)) + drain);
}

/** 'int8 x 2*int4': two weights to a DSP. */
function productsPerDsp(pe: unknown): number {
  return Number(/x\s*(\d+)\*/.exec(String(pe))?.[1] ?? 1);
}

/** Softmax and layer norm go through a row twice: the sums at the interval of a carried add, then the results. */
function rowCycles({ params }: Question, table: CoreTable): number | undefined {
  const [rows, columns, lanes] = [number(params.rows), number(params.cols), number(params.lanes)];
  const interval = number(params.accum_II) ?? 1;
  if (!rows || !columns || !lanes) return undefined;
  const blocks = (rows / lanes) * (number(params.heads) ?? 1);
  const stages = (...names: string[]): number => names.reduce((sum, name) => sum + stagesOf(table, name), 0);
  const carried = table.carriedAdd.stages;
  if (/softmax/.test(String(params.op))) {
    const exponentials = loop(columns, interval, read + stages('fexp') + carried);
    return blocks * (exponentials + loop(columns, 1, read + stages('fdiv', 'fmul') + toInteger + write) + 1);
  }
  const sums = loop(columns, interval, read + stages('fmul') + carried);
  const moments = loop(lanes, 1, read + stages('fmul', 'fmul', 'fsub') + write);
  // One root for all lanes, one after another.
  const roots = lanes - 1 + read + stages('fadd', 'fsqrt');
  return (
    blocks * (sums + moments + roots + loop(columns, 1, read + stages('fsub', 'fdiv', 'fmul', 'fadd') + write) + 1)
  );
}

/** Loaders, writers, buffers and elementwise kernels: loops whose trip counts are given. */
function streamCycles(question: Question, siblings: readonly Question[], table: CoreTable): number | undefined {
  const { params } = question;
  const op = String(params.op);
  const [elements, lanes] = [number(params.elems), number(params.lanes)];
  if (elements && lanes) {
    // The sums of two columns come as one word: they are put side by side first, row block by row block.
    const rows = designRows(question, siblings) ?? lanes;
    const [columns, blocks] = [elements / rows, rows / lanes];
    return blocks * (loop(columns / 2, 1, read + write) + loop(columns, 1, read + stagesOf(table, 'fadd') + write) + 1);
  }
  const trips = typeof params.trip === 'string' ? tripsOf(params.trip) : undefined;
  if (!trips) return undefined;
  const memory = /m_axi|load/.test(op) ? axiLatency : 0;
  const scale = number(params.fmul) ? stagesOf(table, 'fmul') + toInteger : 0;
  const [only] = trips.loops;
  if (trips.blocks === 1 && only) return pipelinedCycles(only.trip, only.interval, read + memory + scale + write);
  const block = trips.loops.reduce((sum, { trip, interval }) => sum + loop(trip, interval, read + scale + write), 1);
  return trips.blocks * block + 1;
}

function predictCycles(question: Question, siblings: readonly Question[]): Prediction {
  const table = coresFor(question.part, question.clockNs ?? Number.NaN);
  if (!table) return { refused: `no operator cores are known for ${question.part} at ${question.clockNs} ns` };
  const { params } = question;
  const cycles = /^GEMM/.test(String(params.op))
    ? arrayCycles(question, table)
    : number(params.rows)
      ? rowCycles(question, table)
      : streamCycles(question, siblings, table);
  return cycles === undefined ? { refused: 'trip counts are not given' } : { value: cycles };
}

function predictDsp({ params, part, clockNs }: Question): Prediction {
  const table = coresFor(part, clockNs ?? Number.NaN);
  if (!table) return { refused: `no operator cores are known for ${part} at ${clockNs} ns` };
  const op = String(params.op);
  const dsp = (name: string): number => table.cores[name]?.dsp ?? 0;
  const lanes = number(params.lanes) ?? 0;
  const interval = number(params.accum_II) ?? 1;
  /** Operators of the loop of sums are free for the rest of its interval. */
  const shared = (uses: number, name: string): number => Math.ceil(uses / interval) * dsp(name);
  if (/^GEMM/.test(op)) {
    const array = pair(params.array);
    if (!array) return { refused: 'the array is not given' };
    // Scores are divided by √d with a literal of type double: the row scale is then multiplied in double, too.
    const scale = /QK/.test(op) ? 2 * array[0] * dsp('dmul') : (number(params.scale_fmul) ?? 0) * dsp('fmul');
    return { value: array[0] * array[1] + scale };
  }
  if (/softmax/.test(op)) return { value: shared(lanes, 'fexp') + lanes * dsp('fmul') };
  if (/layernorm/.test(op)) {
    const sums = shared(lanes, 'fmul') + shared(2 * lanes, 'fadd');
    const moments = 2 * dsp('fmul') + dsp('fsub') + dsp('fadd');
    return { value: sums + moments + lanes * (dsp('fsub') + dsp('fmul') + dsp('fadd')) };
  }
  if (/gelu/i.test(op)) return { refused: 'the operators of a gelu are not given' };
  if (/add/.test(op)) return { value: lanes * dsp('fadd') };
  return { value: (number(params.fmul) ?? 0) * dsp('fmul') };
}

export const publishedModules: readonly Family[] = [
  {
    name: 'allo-llm-module',
    quantity: 'cycles',
    goal: 'within 1 %, every module that is modelled',
    tolerance: 0.01,
    model:
      'Modules of a published accelerator from their loops: arrays block by block and tile by tile, row kernels pass by pass ' +
      'with the interval of a carried sum, loaders and buffers by their trip counts. Refused: modules without trip counts.',
    predict: predictCycles,
    measured: (answers) => result(answers, 'csynth', 'latency_cycles'),
  },
  {
    name: 'allo-llm-module',
    quantity: 'DSP',
    goal: 'median error 0, 90 % within 5 %',
    tolerance: 0.05,
    model:
      'One DSP a processing element, whole operators for scales and row kernels; operators of a loop of interval 4 are shared ' +
      'by four. Refused: gelu, whose operators the parameters do not give.',
    predict: predictDsp,
    measured: (answers) => result(answers, 'csynth', 'DSP'),
  },
];
