/**
 * What the three matrix products share: an output-stationary array of R × A multipliers with P products each and dot
 * products of D, whose inner loop is written once, in multiply.h, and whose sums leave through the same hand-off.
 */
import type { ArrayShape } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import { type CoreCount, coresOf, countOf } from '../cost.ts';
import type { Buffer, Formula, MemoryShape, Process, Target, Transfer } from '../kernel.ts';
import { leaving, levels, roundingCores, roundingStages, stages, transfer, wideningCores } from '../rows.ts';
import { elementBits, isInteger } from '../word.ts';
import { productBlocks } from './products.ts';

/** Loop structure of one array: `jobs` row blocks (of a head), each of `tiles` tiles of `steps` iterations. */
export interface ArrayLoops {
  readonly array: ArrayShape;
  readonly pack: number;
  readonly jobs: number;
  readonly tiles: number;
  readonly steps: number;
  /** Parts of a tile's reduction that have a scale each; 1 unless said. `steps` are those of one part. */
  readonly groups?: number;
  /** Result columns of one job that are real; the rest of the last tile is padding. */
  readonly columns: number;
  /** Cycles of a tile besides its iterations: `arrayOverhead`. */
  readonly overhead: number;
  /** Stages of the epilogue. */
  readonly depth: number;
}

/**
 * o: cycles of a tile besides its K/D iterations, stage by stage as multiply.h names them. The loop's last iteration ends
 * 6 stages after it started (address and FIFO read, operand register, three registers of the DSP block, accumulate), so the
 * loop takes K/D + 5 cycles, one more to leave it and one to hand the sums over: o = 7. A dot product of D adds its adder
 * tree, two levels a stage; operands out of URAM and a lane multiplexer add a stage each.
 */
export function arrayOverhead(dot: number, types: Operands, operandStages = 0): number {
  return 1 + operandStages + iterationStages(dot, types);
}

/** Types of the two operands of a product: `packed` ones may share a DSP block with one `shared`. */
export interface Operands {
  readonly packed: ElementType;
  readonly shared: ElementType;
}

export function multipliesIntegers({ packed, shared }: Operands): boolean {
  return isInteger(packed) && isInteger(shared);
}

/** A product of activations. */
export function alike(activations: ElementType): Operands {
  return { packed: activations, shared: activations };
}

/** Stages of an iteration without those of the operands. Floating point: read, to fp32, multiply, tree, carried sum. */
function iterationStages(dot: number, types: Operands): number {
  if (multipliesIntegers(types)) return 6 + treeStages(dot);
  const widen = isInteger(types.packed) || isInteger(types.shared) ? stages.toFloat : 1;
  return 1 + widen + stages.fmul + levels(dot) * stages.fadd + stages.carriedSum;
}

/** Partial sums of fp32 under way: what the interval of the carried adder is, see reduce.h. */
export const floatParts = stages.carriedSum - 1;

/** Bits of a sum as it travels to the epilogue: int32, 48 where both operands have 16 bits, partial sums of fp32. */
export function sumBits(types: Operands): number {
  if (!multipliesIntegers(types)) return 32 * floatParts;
  return productBits(types.packed, types.shared) > 24 ? 48 : 32;
}

/** Two levels of adders of 24 bits fit a stage at 300 MHz. */
function treeStages(dot: number): number {
  return Math.ceil(levels(dot) / 2);
}

/** Stages of the epilogue before it writes: read and select a column, to fp32 (add its parts), scale, bias, activation, round. */
export function epilogueDepth(parts: {
  bias: boolean;
  activation: number;
  output: ElementType;
  types: Operands;
}): number {
  const select = 1;
  const add = parts.bias ? stages.fadd : 0;
  const total = multipliesIntegers(parts.types) ? stages.toFloat : levels(floatParts) * stages.fadd;
  return stages.read + select + total + stages.fmul + add + parts.activation + roundingStages(parts.output);
}

/** Columns of a tile. */
export function tileColumns(loops: Pick<ArrayLoops, 'array' | 'pack'>): number {
  return loops.array.outputs * loops.pack;
}

/** Bits of a product of two integers: as wide as the fields of a packed multiply. */
function productBits(left: ElementType, right: ElementType): number {
  return elementBits[left] + elementBits[right];
}

/** Signed operand widths of a DSP block's multiplier. */
interface Multiplier {
  readonly bits: readonly [wide: number, narrow: number];
  readonly source: string;
}

const multipliers: Readonly<Record<string, Multiplier>> = {
  DSP48E1: { bits: [25, 18], source: 'UG479' },
  DSP48E2: { bits: [27, 18], source: 'UG579' },
  DSP58: { bits: [27, 24], source: 'AM004' },
};

/** The multiplier of a kind of DSP block; one that is not known is taken for a DSP48E2. */
export function multiplierOf(dspKind: string): Multiplier & { readonly assumed: boolean } {
  const known = Object.hasOwn(multipliers, dspKind) ? multipliers[dspKind] : undefined;
  return { ...(known ?? multipliers.DSP48E2!), assumed: !known };
}

/**
 * Most products that one DSP block can give where `packed` operands share one `shared` operand: the packed ones stand a
 * product's width apart, and the topmost needs a bit for the borrow of those below. Two int4 rows and two int4 columns have
 * four products in one multiplication, where the array has an even number of rows.
 */
export function greatestPack(packed: ElementType, shared: ElementType, dspKind: string, rows = 2): number {
  if (!multipliesIntegers({ packed, shared })) return 1;
  const [wide, narrow] = multiplierOf(dspKind).bits;
  if (elementBits[shared] > narrow || elementBits[packed] > wide) return 0;
  if (packed === 'int4' && shared === 'int4' && rows % 2 === 0) return 4;
  return 1 + Math.max(0, Math.floor((wide - elementBits[packed] - 1) / productBits(packed, shared)));
}

const floats = ['fp16', 'bf16', 'fp32'] as const;
const packable: readonly ElementType[] = ['int2', 'int4', 'int8', 'int16', ...floats];
const streamed: readonly ElementType[] = ['int4', 'int8', 'int16', ...floats];
const list = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/** Why the library has no array for these types and shapes, in words; undefined where it has. */
export function arrayRefusal(
  shape: {
    readonly array: ArrayShape;
    readonly pack: number;
    readonly packed: ElementType;
    readonly shared: ElementType;
  },
  target: Target,
): string | undefined {
  const { tokens, outputs, dot } = shape.array;
  for (const [name, value] of Object.entries({ tokens, outputs, dot, pack: shape.pack }))
    if (!Number.isInteger(value) || value < 1)
      return `an array needs a whole number of ${name} of at least 1, not ${value}`;
  if (!streamed.includes(shape.shared)) return `an array multiplies ${list(streamed)} activations, not ${shape.shared}`;
  if (!packable.includes(shape.packed)) return `an array multiplies by ${list(packable)}, not ${shape.packed}`;
  const most = greatestPack(shape.packed, shape.shared, target.dspKind, tokens);
  if (shape.pack > most)
    return `a ${target.dspKind} gives at most ${most} ${most === 1 ? 'product' : 'products'} of ${shape.packed} and ${shape.shared}${tokens % 2 === 1 && most === 3 ? ' with an odd number of rows' : ''}, not ${shape.pack}`;
  return undefined;
}

/** Times that sums are handed over in a job. */
export function roundsOf({ tiles, groups = 1 }: Pick<ArrayLoops, 'tiles' | 'groups'>): number {
  return tiles * groups;
}

/** Cycles of the epilogue for the sums that are handed over at once: a column a cycle, and what is kept of it must be added by then. */
export function epilogueCycles(loops: ArrayLoops): number {
  const wide = tileColumns(loops);
  return (loops.groups ?? 1) > 1 ? Math.max(wide, stages.fadd + 2) : wide;
}

/** Processes `array` and `epilogue` with the FIFO of sums between them. */
export function arrayProcesses(
  loops: ArrayLoops,
  array: { readonly reads: readonly Transfer[]; readonly after?: string },
  epilogue: { readonly reads: readonly Transfer[] },
): { processes: readonly Process[]; buffers: readonly Buffer[] } {
  const { jobs, steps, overhead, columns, depth, groups = 1 } = loops;
  const rounds = roundsOf(loops);
  const tile = steps + overhead;
  const wide = epilogueCycles(loops);
  return {
    processes: [
      {
        name: 'array',
        jobs,
        cycles: rounds * tile,
        active: rounds * steps,
        reads: array.reads,
        writes: [{ port: 'sums', words: rounds, first: tile - 1, last: rounds * tile - 1 }],
        ...(array.after === undefined ? {} : { after: array.after }),
      },
      {
        name: 'epilogue',
        jobs,
        cycles: rounds * wide,
        active: rounds * wide,
        reads: [{ port: 'sums', words: rounds, first: 0, last: (rounds - 1) * wide }, ...epilogue.reads],
        writes: [
          groups > 1
            ? {
                port: 'out',
                words: columns,
                first: (groups - 1) * wide + depth,
                last: rounds * wide - 1 + depth,
                late: depth,
              }
            : leaving('out', columns, 0, depth),
        ],
      },
    ],
    buffers: [{ name: 'sums', depth: sumsDepth }],
  };
}

/** Words of the row block: read from the stream in the first tile, from its memory in the others. */
export function rowBlockTransfer(port: string, loops: ArrayLoops): Transfer {
  return transfer(port, loops.steps, 0);
}

/** Operand words of the other side: one an iteration, tile after tile. */
export function everyStepTransfer(port: string, loops: ArrayLoops): Transfer {
  const { steps, overhead } = loops;
  const rounds = roundsOf(loops);
  return { port, words: rounds * steps, first: 0, last: (rounds - 1) * (steps + overhead) + steps - 1 };
}

/**
 * Cycles of a pass whose streams are always ready: tile after tile at the pace of the array, or of the epilogue where A·P
 * is more than K/D + o; then the last tile leaves the epilogue.
 */
export function arrayCycles(loops: ArrayLoops, names: { jobs: string; steps: string }, source: string): Formula {
  const { jobs, tiles, steps, overhead, depth, groups = 1 } = loops;
  const wide = epilogueCycles(loops);
  const tile = steps + overhead;
  const all = jobs * roundsOf(loops);
  const drain = wide + depth;
  const [named, counted] = groups > 1 ? ['tiles · groups', `${tiles} · ${groups}`] : ['tiles', `${tiles}`];
  if (tile >= wide)
    return {
      symbolic: `${names.jobs} · ${named} · (${names.steps} + o) + drain`,
      numeric: `${jobs} · ${counted} · (${steps} + ${overhead}) + ${drain}`,
      value: all * tile + drain,
      unit: 'cycles',
      source,
    };
  return {
    symbolic: `(${names.steps} + o) + (${names.jobs} · ${named} − 1) · A·P + drain`,
    numeric: `(${steps} + ${overhead}) + (${jobs} · ${counted} − 1) · ${wide} + ${drain}`,
    value: tile + (all - 1) * wide + drain,
    unit: 'cycles',
    source: `${source}; the epilogue, one column a cycle, is slower than the array`,
  };
}

/** Where the o of `arrayCycles` comes from, with the numbers of this instance. */
export function overheadFormula(loops: ArrayLoops, types: Operands): Formula {
  const tree = treeStages(loops.array.dot);
  if (!multipliesIntegers(types)) {
    const stage = iterationStages(loops.array.dot, types);
    return {
      symbolic: 'o = read + to fp32 + fmul + levels · fadd + carried sum + operands + 1',
      numeric: `1 + ${stage - 1 - stages.fmul - levels(loops.array.dot) * stages.fadd - stages.carriedSum} + ${stages.fmul} + ${levels(loops.array.dot)} · ${stages.fadd} + ${stages.carriedSum} + ${loops.overhead - 1 - stage} + 1`,
      value: loops.overhead,
      unit: 'cycles a tile',
      source: 'stages of multiply.h; operator cores of op-costs.json',
    };
  }
  return {
    symbolic: 'o = stages of an iteration − 1 + leave the loop + hand the sums over',
    numeric: `(6 + ${tree} of the adder tree + ${loops.overhead - 7 - tree} of the operands − 1) + 1 + 1`,
    value: loops.overhead,
    unit: 'cycles a tile',
    source: 'stages of multiply.h',
  };
}

/** int32 to fp32: uitofp_32ns_32_4_1, Vitis HLS 2019.2, xcu280 (later versions print 0 for it, see op-costs.json). */
const int32ToFloat = { gates: 283, registers: 168 };

/**
 * Cores, gates and registers of the array and its epilogue as synthesis prints them.
 *
 * Of the array: an adder of int32 and its register for every sum, the borrow correction of every packed product but the
 * lowest, the adder tree of a dot product, a register for every product, operand registers. Of the epilogue: a column
 * multiplexer (4:1 a LUT) and R lanes of conversion and arithmetic.
 */
export function arrayCount(
  loops: ArrayLoops,
  types: Operands & { readonly output: ElementType },
  lane: CoreCount,
  target: Target,
): CoreCount {
  const outputLane = countOf([1, lane], [1, roundingCores(types.output)]);
  const columnMultiplexer = sumBits(types) * loops.array.tokens * Math.ceil((tileColumns(loops) - 1) / 3);
  const out: CoreCount = { control: 1, gates: columnMultiplexer, registers: sumBits(types) * loops.array.tokens };
  if (!multipliesIntegers(types)) {
    const total: CoreCount = { fadd: floatParts - 1 };
    return countOf([1, floatArray(loops, types)], [1, out], [loops.array.tokens, countOf([1, outputLane], [1, total])]);
  }
  const { tokens, outputs, dot } = loops.array;
  const field = productBits(types.packed, types.shared);
  const multipliers = tokens * outputs * dot;
  const wide = tileColumns(loops);
  const sums = tokens * wide;
  const treeAdders = sums * (dot - 1) * (field + Math.ceil(levels(dot) / 2));
  const borrows = multipliers * (loops.pack - 1) * field;
  const operands = dot * (tokens * elementBits[types.shared] + wide * elementBits[types.packed]);
  const packing = loops.pack > 1 ? dot * wide * (elementBits[types.packed] + 1) : 0;
  const array: CoreCount = {
    control: 1,
    multiply: productBlocks(loops, types, target).blocks,
    gates: sums * sumBits(types) + treeAdders + borrows + packing + operands,
    registers: sums * sumBits(types) + multipliers * loops.pack * field + 2 * operands,
  };
  return countOf([1, array], [1, out], [tokens, countOf([1, outputLane], [1, int32ToFloat])]);
}

/** A multiplier and an adder of the dot product for each product, an adder in fabric for each sum that is carried. */
function floatArray(loops: ArrayLoops, { packed, shared }: Operands): CoreCount {
  const { tokens, outputs, dot } = loops.array;
  const sums = tokens * outputs;
  const operands = dot * (tokens * elementBits[shared] + outputs * elementBits[packed]);
  return countOf(
    [1, { control: 1, gates: operands, registers: 2 * operands + sums * 32 * floatParts }],
    [sums * dot, { fmul: 1 }],
    [sums * (dot - 1), { fadd: 1 }],
    [sums, { faddCarried: 1 }],
    [dot * tokens, wideningCores(shared)],
    [dot * outputs, wideningCores(packed)],
  );
}

/** R·A·D multipliers and what the lanes of the epilogue add. */
export function dspFormula(
  loops: ArrayLoops,
  laneDsp: number,
  laneText: string,
  types: Operands,
  target: Target,
): Formula {
  const { tokens, outputs, dot } = loops.array;
  if (!multipliesIntegers(types)) {
    const { fmul, fadd } = coresOf(target);
    const parts = floatParts - 1;
    return {
      symbolic: `R · A · (D · fmul + (D − 1) · fadd) + R · (${parts} · fadd + ${laneText})`,
      numeric: `${tokens} · ${outputs} · (${dot} · ${fmul.dsp} + ${dot - 1} · ${fadd.dsp}) + ${tokens} · (${parts} · ${fadd.dsp} + ${laneDsp})`,
      value: tokens * outputs * (dot * fmul.dsp + (dot - 1) * fadd.dsp) + tokens * (parts * fadd.dsp + laneDsp),
      unit: 'DSP',
      source: `${fmul.source}; ${fadd.source}; the carried sums are in fabric`,
    };
  }
  const { blocks, symbolic, numeric, source } = productBlocks(loops, types, target);
  return {
    symbolic: `${symbolic} + R · (${laneText})`,
    numeric: `${numeric} + ${tokens} · ${laneDsp}`,
    value: blocks + tokens * laneDsp,
    unit: 'DSP',
    source: `${source} and the operator cores of op-costs.json`,
  };
}

/** Tiles that the array may be ahead of the epilogue. */
const sumsDepth = 2;

/** The FIFOs of sums: one a column, so that all columns of a tile are handed over in one cycle. */
export function sumsMemory(loops: ArrayLoops, types: Operands): MemoryShape {
  return {
    name: 'sums',
    words: sumsDepth,
    bits: sumBits(types) * loops.array.tokens,
    parts: tileColumns(loops),
    storage: 'registers',
  };
}

/** The row block that every tile reads again: storage.h picks LUTRAM up to 128 words. */
export function rowBlockMemory(loops: ArrayLoops, element: ElementType): MemoryShape {
  return {
    name: 'block',
    words: loops.steps,
    bits: loops.array.tokens * loops.array.dot * elementBits[element],
    parts: 1,
    storage: loops.steps <= 128 ? 'lutram' : 'bram',
  };
}
