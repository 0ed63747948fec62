/** Cost law of attention.h: eight processes that work on tiles of keys, side by side. */
import {
  type ArrayLoops,
  alike,
  arrayCount,
  arrayOverhead,
  arrayProcesses,
  epilogueDepth,
  everyStepTransfer,
  overheadFormula,
  rowBlockMemory,
  rowBlockTransfer,
  sumsMemory,
} from '../common/array.ts';
import { exponentialUnit } from '../common/exp.ts';
import { productBlocks } from '../common/products.ts';
import { coresOf, costOf, countOf } from '../cost.ts';
import type { Buffer, Formula, Law, MemoryShape, Process, Target } from '../kernel.ts';
import { reduction, reductionCycles } from '../partialsums.ts';
import { flatLoop, stages, transfer } from '../rows.ts';
import { elementBits, isInteger } from '../word.ts';
import type { AttentionParameters } from './parameters.ts';

/** Words that the FIFO of scores takes beyond a tile, and that of a context beyond the time in which 1 / l is found. */
const slack = 16;
/** Tiles that the exponentials may be ahead of their products. */
const ahead = 4;

/** Trip counts of attention.h; a job is a head of a row block. */
export function attentionLoops({ rows, keys, heads, headDim, tile, array, pack, activations }: AttentionParameters) {
  const wide = array.outputs * pack;
  const jobs = Math.ceil(rows / array.tokens) * heads;
  const tiles = Math.ceil(keys / tile);
  const types = alike(activations);
  const overhead = arrayOverhead(array.dot, types);
  const common = { array, pack, overhead, depth: epilogueDepth({ bias: false, activation: 0, output: 'fp32', types }) };
  const scores: ArrayLoops = {
    ...common,
    ...{ jobs, tiles: tiles * (tile / wide), steps: Math.ceil(headDim / array.dot), columns: tiles * tile },
  };
  const context: ArrayLoops = {
    ...common,
    ...{ jobs: jobs * tiles, tiles: Math.ceil(headDim / wide), steps: tile / array.dot, columns: headDim },
  };
  return { jobs, tiles, scores, context };
}

/** Processes of an array under other names than those that arrayProcesses gives. */
function renamed(processes: readonly Process[], names: Readonly<Record<string, string>>): Process[] {
  const name = (old: string): string => names[old] ?? old;
  return processes.map((process) => ({
    ...process,
    name: name(process.name),
    reads: process.reads.map((read) => ({ ...read, port: name(read.port) })),
    writes: process.writes.map((write) => ({ ...write, port: name(write.port) })),
  }));
}

export function attentionLaw(parameters: AttentionParameters, target: Target): Law {
  const { headDim, tile, array, pack, activations, output } = parameters;
  const { tokens, dot } = array;
  const { jobs, tiles, scores, context } = attentionLoops(parameters);
  const wide = array.outputs * pack;
  const padded = context.tiles * wide;
  const integer = isInteger(output);
  const maximumDepth = stages.read + stages.maximum;
  const exponentialDepth = stages.read + stages.fadd + stages.exp + stages.fmul + stages.toInteger;
  const rescaleDepth = stages.read + 1 + stages.toFloat + stages.fmul + stages.fadd;
  const normaliseDepth = stages.read + stages.fmul + (integer ? stages.toInteger : 0);
  const inverseDepth = stages.reciprocal + stages.fmul;
  const inverse = reductionCycles(1, tokens, inverseDepth);

  const maximum = flatLoop('tile_maximum', jobs * tiles, tile, 1, maximumDepth, ['scores'], ['row']);
  const passage = padded + 1;
  const last = (tiles - 1) * passage;
  const processes: Process[] = [
    ...renamed(
      arrayProcesses(
        scores,
        { reads: [rowBlockTransfer('q', scores), everyStepTransfer('keys', scores)] },
        { reads: [] },
      ).processes,
      { array: 'score_array', epilogue: 'scale_sums', sums: 'score_columns', out: 'scores' },
    ),
    { ...maximum, writes: [...maximum.writes, transfer('maximum', 1, tile - 1 + maximumDepth)] },
    {
      name: 'exponentials',
      jobs: jobs * tiles,
      cycles: tile + 1,
      active: tile + 1,
      reads: [transfer('maximum', 1, 0), transfer('row', tile, 1)],
      writes: [
        transfer('rescaling', 1, exponentialDepth),
        transfer('p', tile / dot, dot + exponentialDepth, dot),
        transfer('total', 1, tile + exponentialDepth),
      ],
    },
    ...renamed(
      arrayProcesses(
        context,
        { reads: [rowBlockTransfer('p', context), everyStepTransfer('values', context)] },
        { reads: [] },
      ).processes.slice(0, 1),
      { array: 'context_array', sums: 'context_columns' },
    ),
    {
      name: 'rescale',
      jobs,
      cycles: tiles * passage,
      active: tiles * passage,
      reads: [
        transfer('rescaling', tiles, 0, passage),
        transfer('total', tiles, 0, passage),
        { port: 'context_columns', words: tiles * context.tiles, first: 1, last: tiles * passage - wide },
      ],
      writes: [transfer('row_sum', 1, last + rescaleDepth), transfer('weighted', headDim, last + 1 + rescaleDepth)],
    },
    reduction('inverses', jobs, { port: 'row_sum', words: 1 }, tokens, inverseDepth, 'factor'),
    ((loop: Process): Process => ({ ...loop, reads: [...loop.reads, transfer('factor', 1, 0)] }))(
      flatLoop('normalise', jobs, headDim, 1, normaliseDepth, ['weighted'], ['out']),
    ),
  ];

  const rowDepth = tile + slack;
  const pDepth = tile / dot + 2;
  const weightedDepth = inverse + slack;
  const buffers: Buffer[] = [
    { name: 'score_columns', depth: 2 },
    { name: 'scores', depth: 2 },
    { name: 'row', depth: rowDepth },
    { name: 'maximum', depth: 2 },
    { name: 'p', depth: pDepth },
    { name: 'rescaling', depth: ahead },
    { name: 'total', depth: ahead },
    { name: 'context_columns', depth: 2 },
    { name: 'weighted', depth: weightedDepth },
    { name: 'row_sum', depth: 2 },
    { name: 'factor', depth: 2 },
  ];
  const lane = tokens * elementBits.fp32;
  const small = ['scores', 'maximum', 'row_sum', 'factor'];
  const memories: MemoryShape[] = [
    rowBlockMemory(scores, activations),
    { ...rowBlockMemory(context, activations), name: 'block_of_p' },
    { ...sumsMemory(scores, alike(activations)), name: 'score_columns' },
    { ...sumsMemory(context, alike(activations)), name: 'context_columns' },
    { name: 'row', words: rowDepth, bits: lane, parts: 1, storage: 'bram' },
    { name: 'p', words: pDepth, bits: tokens * dot * elementBits[activations], parts: 1, storage: 'bram' },
    { name: 'rescaling', words: ahead, bits: lane, parts: 1, storage: 'srl' },
    { name: 'total', words: ahead, bits: lane, parts: 1, storage: 'srl' },
    { name: 'held', words: passage, bits: lane, parts: 1, storage: passage <= 128 ? 'lutram' : 'bram' },
    { name: 'weighted', words: weightedDepth, bits: lane, parts: 1, storage: 'lutram' },
    ...small.map((name): MemoryShape => ({ name, words: 2, bits: lane, parts: 1, storage: 'registers' })),
  ];

  const types = { packed: activations, shared: activations, output: 'fp32' } as const;
  const cores = coresOf(target);
  const products = productBlocks(scores, types, target);
  const logic = costOf(
    countOf(
      [1, arrayCount(scores, types, { fmul: 1 }, target)],
      [1, arrayCount(context, types, { fmul: 1, fadd: 1 }, target)],
      // of a row: its maximum, exponential in steps, carried whole sum, result
      [tokens, { maximum: 1, fadd: 1, ...exponentialUnit }],
      [tokens, { fmul: 1, toInteger: 1, gates: 32, registers: 32 }],
      [tokens, { fmul: 1, toInteger: integer ? 1 : 0 }],
      [1, { control: 4, multiply: 2, gates: 150, registers: 150, fmul: 1 }],
      [tokens, { faddCarried: 1 }],
    ),
    target,
  );
  return {
    processes,
    buffers,
    logic,
    memories,
    traffic: [],
    cycles: passCycles(parameters, { maximumDepth, exponentialDepth, rescaleDepth, inverse, normaliseDepth }),
    explanations: [
      overheadFormula(scores, alike(activations)),
      {
        symbolic: `2 · ${products.symbolic} + R · (scale + subtract + exp + steps + rescale + normalise) + 1/l`,
        numeric: `2 · ${products.numeric} + ${tokens} · (${cores.fmul.dsp} + ${cores.fadd.dsp} + ${exponentialUnit.multiply} + ${cores.fmul.dsp} + ${cores.fmul.dsp + cores.fadd.dsp} + ${cores.fmul.dsp}) + ${2 + cores.fmul.dsp}`,
        value: logic.dsp.used,
        unit: 'DSP',
        source: `${products.source}; ${cores.fmul.source}; ${cores.fadd.source}; exp.h and reciprocal.h`,
      },
      {
        symbolic: 'TILE + 16 words of R scores',
        numeric: `${tile} + ${slack}`,
        value: rowDepth,
        unit: 'words',
        source: `attention.h: a tile, however many keys there are; ${pack} products a DSP`,
      },
    ],
  };
}

/** Cycles of a pass whose streams are always ready: tile after tile at the pace of the slowest process. */
function passCycles(
  parameters: AttentionParameters,
  depths: {
    readonly maximumDepth: number;
    readonly exponentialDepth: number;
    readonly rescaleDepth: number;
    readonly inverse: number;
    readonly normaliseDepth: number;
  },
): Formula {
  const { headDim, tile, array, pack } = parameters;
  const { jobs, tiles, scores, context } = attentionLoops(parameters);
  const wide = array.outputs * pack;
  const padded = context.tiles * wide;
  const scoreTile = (tile / wide) * Math.max(scores.steps + scores.overhead, wide);
  const contextTile = context.tiles * Math.max(context.steps + context.overhead, wide);
  const pace = Math.max(scoreTile, tile + 1, contextTile, padded + 1);
  // The first tile: its last score, the first and the last word of p, the last column of its context; or its sum, 1 / l and
  // then all columns. A FIFO takes a cycle.
  const score =
    scores.steps + scores.overhead + scoreTile - Math.max(scores.steps + scores.overhead, wide) + wide + scores.depth;
  const p = score + 1 + depths.maximumDepth + 1 + depths.exponentialDepth + array.dot;
  const handed = p + (context.steps - 1) * array.dot + 1 + (contextTile - context.steps);
  const leave = depths.rescaleDepth + 1 + depths.normaliseDepth;
  const byColumns = handed + headDim - (context.tiles - 1) * wide + leave;
  const bySum = p - array.dot + tile + 1 + leave + depths.inverse + headDim;
  const all = jobs * tiles;
  // Behind another tile, the sum comes when that one’s last column has gone.
  const behind = all > 1 ? handed + wide + 1 + leave + depths.inverse + headDim - pace : 0;
  const fill = Math.max(byColumns, bySum, behind) + 1;
  return {
    symbolic: '(blocks · heads · tiles − 1) · pace + fill',
    numeric: `(${jobs} · ${tiles} − 1) · ${pace} + ${fill}`,
    value: (all - 1) * pace + fill,
    unit: 'cycles',
    source:
      'loops of attention.h; pace = the slowest of TILE/AP · (head_dim/D + o), TILE + 1, head_dim/AP · (TILE/D + o), head_dim + 1',
  };
}
