/**
 * What the row kernels (everything that is not a matrix product) have in common: how a tensor is cut into words, the
 * types that they read and write, the depth of their pipelines.
 */
import type { ElementType } from '../design/design.ts';
import type { CoreCount } from './cost.ts';
import type { Call, Instance, Process, StreamPort, Transfer } from './kernel.ts';

/** Types of a row kernel's streams: fp32 goes through, int8 is scaled on the way in and out. */
export type RowElement = Extract<ElementType, 'int8' | 'fp32'>;

export function isRowElement(element: ElementType): element is RowElement {
  return element === 'int8' || element === 'fp32';
}

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

/** The scale of a port is a scalar where its words are integers; fp32 needs none, and the call says so. */
export function inputScale(port: string, element: RowElement): { argument: Argument; scalars: readonly Scalar[] } {
  const name = `${port}_scale`;
  return element === 'fp32'
    ? { argument: { kind: 'literal', name: '1.0f' }, scalars: [] }
    : {
        argument: { kind: 'scalar', name },
        scalars: [{ name, type: 'float', meaning: `value of one step of ${port}` }],
      };
}

export function outputScale(port: string, element: RowElement): { argument: Argument; scalars: readonly Scalar[] } {
  const name = `${port}_inverse_scale`;
  const meaning = `steps of ${port} that make up the value 1: the reciprocal of its scale`;
  return element === 'fp32'
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
  return element === 'fp32' ? 0 : stages.toFloat + stages.fmul;
}

export function outputStages(element: RowElement): number {
  return element === 'fp32' ? 0 : stages.fmul + stages.toInteger;
}

export function inputCores(element: RowElement): CoreCount {
  return element === 'fp32' ? {} : { toFloat: 1, fmul: 1 };
}

export function outputCores(element: RowElement): CoreCount {
  return element === 'fp32' ? {} : { fmul: 1, toInteger: 1 };
}

/** Levels of an adder (or maximum) tree. */
export function levels(inputs: number): number {
  return inputs <= 1 ? 0 : Math.ceil(Math.log2(inputs));
}

/** Where and when the words of a job move; `spacing` cycles from one to the next. */
export function transfer(port: string, words: number, first: number, spacing = 1): Transfer {
  return { port, words, first, last: first + (words - 1) * spacing };
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
    writes: writes.map((port) => transfer(port, words, depth, ii)),
  };
}
