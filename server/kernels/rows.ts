/**
 * What the row kernels (everything that is not a matrix product) have in common: how a tensor is cut into words, the
 * types that they read and write, the depth of their pipelines.
 */
import type { ElementType } from '../design/workload.ts';
import { type CoreCount, countOf } from './cost.ts';
import type { Call, Instance, Process, StreamPort, Transfer } from './kernel.ts';
import { isInteger } from './word.ts';

const rowElements = ['int4', 'int8', 'int16', 'fp16', 'bf16', 'fp32'] as const;

/** Types of a row kernel's streams: fp32 goes through, fp16 and bf16 are rounded on the way out, integers are scaled, too. */
export type RowElement = Extract<ElementType, (typeof rowElements)[number]>;

export function isRowElement(element: ElementType): element is RowElement {
  return (rowElements as readonly ElementType[]).includes(element);
}

/** For messages. */
export const rowElementNames = `${rowElements.slice(0, -1).join(', ')} or ${rowElements.at(-1)}`;

/** Tokens side by side × columns of each: shape of a stream word. */
export interface WordShape {
  readonly tokens: number;
  readonly columns: number;
}

/** A tensor on a stream: block of `word.tokens` rows by block, within a block column group by column group. */
export interface RowTensor {
  readonly rows: number;
  readonly columns: number;
  readonly word: WordShape;
}

/** Blocks of rows; the last one may be padded. */
export function blocksOf(tensor: RowTensor): number {
  return Math.ceil(tensor.rows / tensor.word.tokens);
}

/** Words of one block. */
export function wordsOfBlock(tensor: RowTensor): number {
  return Math.ceil(tensor.columns / tensor.word.columns);
}

export function streamPort(
  name: string,
  direction: 'in' | 'out',
  element: ElementType,
  word: WordShape,
  words: number,
): StreamPort {
  return { name, direction, word: { element, tokens: word.tokens, columns: word.columns }, words };
}

/** Name of an element type in the C++ library. */
export function elementName(element: ElementType): string {
  return `weft::${element}`;
}

export function templateArguments(values: Readonly<Record<string, number | string>>): Call['templateArguments'] {
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }));
}

type Argument = Call['arguments'][number];
type Scalar = Instance['scalars'][number];

export const stream = (name: string): Argument => ({ kind: 'stream', name });
export const memory = (name: string): Argument => ({ kind: 'memory', name });

/** The scale of a port is a scalar where its words are integers; others need none, and the call says so. */
export function inputScale(port: string, element: RowElement): { argument: Argument; scalars: readonly Scalar[] } {
  const name = `${port}_scale`;
  return !isInteger(element)
    ? { argument: { kind: 'literal', name: '1.0f' }, scalars: [] }
    : {
        argument: { kind: 'scalar', name },
        scalars: [{ name, type: 'float', meaning: `value of one step of ${port}` }],
      };
}

export function outputScale(port: string, element: RowElement): { argument: Argument; scalars: readonly Scalar[] } {
  const name = `${port}_inverse_scale`;
  const meaning = `steps of ${port} that make up the value 1: the reciprocal of its scale`;
  return !isInteger(element)
    ? { argument: { kind: 'literal', name: '1.0f' }, scalars: [] }
    : { argument: { kind: 'scalar', name }, scalars: [{ name, type: 'float', meaning }] };
}

/**
 * Pipeline stages of what the sources are made of: common/stages.h has the same table, and a test compares the two.
 * Operator cores as in cost.ts for UltraScale+ at 300 MHz; slower clocks and Versal need fewer, so that a fill is at most
 * this long. Own functions: their stages added up.
 */
export const stages = {
  read: 1,
  fmul: 4,
  fadd: 7,
  carriedSum: 5,
  maximum: 1,
  select: 1,
  toFloat: 4,
  toInteger: 2,
  /** fp32 to fp16 or bf16: an adder of 16 bits */
  narrow: 1,
  /** unpack 1, log2(e) 3 + 1, shift 2, sign 1, interpolate 9, pack 1 */
  exp: 18,
  /** unpack 1, interpolate 9, pack 1 */
  reciprocal: 11,
  rsqrt: 11,
  /** shift 3, interpolate 9, to fp32 3, multiply 4, select 1 */
  gelu: 20,
  /** first beat of a burst: latency of the m_axi adapter (its default is 64) and of the memory controller's interface */
  memoryRead: 72,
} as const;

/** Words that a FIFO of a normalisation takes beyond a row and the time in which its mean (or factor) is found. */
export const rowSlack = 16;

export function inputStages(element: RowElement): number {
  return isInteger(element) ? stages.toFloat + stages.fmul : 0;
}

/** fp32 to the type of a stream. */
export function roundingStages(element: ElementType): number {
  return isInteger(element) ? stages.toInteger : element === 'fp32' ? 0 : stages.narrow;
}

export function outputStages(element: RowElement): number {
  return (isInteger(element) ? stages.fmul : 0) + roundingStages(element);
}

/** What a value of a type costs on its way to fp32: the exponent of fp16 moves, bf16 is the upper half of it. */
export function wideningCores(element: ElementType): CoreCount {
  return isInteger(element) ? { toFloat: 1 } : element === 'fp16' ? { gates: 12 } : {};
}

/** Rounding of fp16 and bf16: an adder of 16 bits, the limit, and the exponent of fp16. */
export function roundingCores(element: ElementType): CoreCount {
  return isInteger(element) ? { toInteger: 1 } : element === 'fp32' ? {} : { gates: 50, registers: 16 };
}

export function inputCores(element: RowElement): CoreCount {
  return countOf([1, wideningCores(element)], [isInteger(element) ? 1 : 0, { fmul: 1 }]);
}

export function outputCores(element: RowElement): CoreCount {
  return countOf([1, roundingCores(element)], [isInteger(element) ? 1 : 0, { fmul: 1 }]);
}

/** Levels of an adder (or maximum) tree. */
export function levels(inputs: number): number {
  return inputs <= 1 ? 0 : Math.ceil(Math.log2(inputs));
}

/** Where and when the words of a job move; `spacing` cycles from one to the next. */
export function transfer(port: string, words: number, first: number, spacing = 1): Transfer {
  return { port, words, first, last: first + (words - 1) * spacing };
}

/** Words of a pipelined loop, given in that cycle of the job and those behind it; each leaves `depth` cycles late. */
export function leaving(port: string, words: number, given: number, depth: number, spacing = 1): Transfer {
  return { ...transfer(port, words, given + depth, spacing), late: depth };
}

/**
 * A process that is one flat pipelined loop over all its jobs: a job takes words · ii cycles, and what it writes comes
 * `depth` cycles behind what it reads, also while the next job is already reading.
 */
export function flatLoop(
  name: string,
  jobs: number,
  words: number,
  ii: number,
  depth: number,
  reads: readonly string[],
  writes: readonly string[],
): Process {
  return {
    name,
    jobs,
    cycles: words * ii,
    active: words * ii,
    reads: reads.map((port) => transfer(port, words, 0, ii)),
    writes: writes.map((port) => leaving(port, words, 0, depth, ii)),
  };
}
