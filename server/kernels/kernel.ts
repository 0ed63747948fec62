/**
 * What a kernel of the HLS library says of itself: its source and, beside it, its cost law.
 *
 * A law is the loop structure of that source, so a change to the one is a change to the other. All times are cycles of
 * the unit's own clock, all words are stream words as the source reads and writes them.
 */
import type { StorageKind } from '../design/design.ts';
import type { ElementType, OperatorKind } from '../design/workload.ts';

/** A figure with the band it lies in; `used` is the middle. An exact one has low = used = high. */
export interface Amount {
  readonly low: number;
  readonly used: number;
  readonly high: number;
}

export interface Resources {
  readonly dsp: Amount;
  readonly bram36: Amount;
  readonly uram: Amount;
  readonly lut: Amount;
  readonly ff: Amount;
}

/** What the law may depend on besides the unit's parameters. */
export interface Target {
  /** 'DSP48E2', 'DSP58', … */
  readonly dspKind: string;
  /** Hz */
  readonly clock: number;
}

/** A figure explained: the formula, the same with numbers, the value, and where the formula comes from. */
export interface Formula {
  /** 'blocks · tiles · (K/D + o)' */
  readonly symbolic: string;
  /** '64 · 24 · (768 + 7)' */
  readonly numeric: string;
  readonly value: number;
  readonly unit: string;
  /** 'loop structure of linear.h', 'UG1399 …', 'op-costs.json: fmul_32ns_32ns_32_4_max_dsp_1' */
  readonly source: string;
}

/** What goes through a port in one job of a process. */
export interface Transfer {
  /** A port of the unit ('in', 'out', 'weights') or one of its buffers. */
  readonly port: string;
  /** Words a job. */
  readonly words: number;
  /** Cycle of the job (without stalls) in which the first and the last of these words move. */
  readonly first: number;
  readonly last: number;
  /**
   * Writes: cycles of the pipeline between the iteration that gives a word and the word. Where nothing is said, those by which
   * the last word leaves after its job. An iteration whose word finds no room holds up all that would be read after it.
   */
  readonly late?: number;
  /** Words that must have come before the first job, in a buffer of the process: those of a job follow them. Reads only. */
  readonly ahead?: number;
  /** Words of the last jobs that never come, because nothing is left to send: they are not waited for. Reads only. */
  readonly beyond?: number;
}

/** What a process does again and again. */
export interface Job {
  /** Cycles when nothing makes it wait. */
  readonly cycles: number;
  /** Of those, the cycles in which its main loop issues: what bandwidth and `busy` are counted on. */
  readonly active: number;
  readonly reads: readonly Transfer[];
  readonly writes: readonly Transfer[];
}

/**
 * A process repeats equal jobs (a row block, a head of a row block, a whole pass). Within a job words move at a uniform
 * rate between `first` and `last`; a job starts when the one before it has ended and its first words are there.
 */
export interface Process extends Job {
  readonly name: string;
  readonly jobs: number;
  /** The last of them, where less is left for it than for the others: rows that fill no block. It has ports of theirs only. */
  readonly rest?: Job;
  /** Processes that name the same hardware take turns on it: what it works is their sum. Unless said, each has its own. */
  readonly hardware?: string;
  /** Its first job waits until that process of the same unit has done all its jobs: K and V are complete. */
  readonly after?: string;
}

/** Storage between two processes of one unit: a ping-pong buffer, a FIFO. */
export interface Buffer {
  readonly name: string;
  /** Words that the writer may be ahead. */
  readonly depth: number;
}

/** A memory by shape; the estimator turns it into blocks. */
export interface MemoryShape {
  readonly name: string;
  readonly words: number;
  readonly bits: number;
  /** Equal copies or partitions. */
  readonly parts: number;
  readonly storage: StorageKind | 'auto' | 'registers';
}

/** What an m_axi port moves in one pass. */
export interface Traffic {
  /** Port of the unit that is tied to a memory channel. */
  readonly port: string;
  readonly direction: 'read' | 'write';
  /** Bytes a pass over all channels of the port. */
  readonly bytes: number;
  /** Cycles in which they move when nothing makes the unit wait. */
  readonly cycles: number;
}

/** The cost law's answer for one unit. */
export interface Law {
  readonly processes: readonly Process[];
  readonly buffers: readonly Buffer[];
  /** Arithmetic and control only: memories and ports are counted by the estimator from their shapes. */
  readonly logic: Resources;
  readonly memories: readonly MemoryShape[];
  readonly traffic: readonly Traffic[];
  /** Cycles of one pass without stalls, as the hover shows it. */
  readonly cycles: Formula;
  readonly explanations: readonly Formula[];
  /** Of a loader that keeps what it reads: from the first request to the last word kept. */
  readonly load?: Formula;
}

/** Type and shape of the words on a stream: `tokens` rows side by side, `columns` of each; the token index runs fastest. */
export interface Word {
  readonly element: ElementType;
  readonly tokens: number;
  readonly columns: number;
}

export interface StreamPort {
  readonly name: string;
  readonly direction: 'in' | 'out';
  readonly word: Word;
  /** Words a pass. */
  readonly words: number;
}

/** A port to external memory: an m_axi bundle of the top that the unit stands in. */
export interface MemoryPort {
  readonly name: string;
  readonly direction: 'read' | 'write';
  readonly bits: number;
  /** Type of the elements of a beat: the pointer is a `weft::word<element, bits / bits of element> *`. */
  readonly element?: ElementType;
  /** Bytes that one layer occupies behind this port. */
  readonly bytes: number;
  /** What lies there, for the host code: 'weights of q', 'rows of x' … */
  readonly content: string;
}

/** How the top calls the kernel: `weft::NAME<templateArguments>(arguments)`. */
export interface Call {
  readonly name: string;
  readonly templateArguments: readonly { readonly name: string; readonly value: string }[];
  /** In the order of the function: a stream port, a memory port, a scalar of the top (s_axilite), or a C++ literal ('1.0f'). */
  readonly arguments: readonly { readonly kind: 'stream' | 'memory' | 'scalar' | 'literal'; readonly name: string }[];
}

/** A kernel of the library with its parameters put in. */
export interface Instance {
  readonly kernel: string;
  /** Headers of the library it needs, by file name; their text is in `headers`. */
  readonly headers: readonly string[];
  readonly streams: readonly StreamPort[];
  readonly memories: readonly MemoryPort[];
  /** Scalars that the host sets a layer: scales. */
  readonly scalars: readonly { readonly name: string; readonly type: 'float' | 'int'; readonly meaning: string }[];
  readonly call: Call;
  readonly law: Law;
}

/** One folder of server/kernels: parameters in, an instance out. Pure. */
export interface KernelModule<Parameters> {
  readonly name: string;
  readonly operators: readonly OperatorKind[];
  instantiate(parameters: Parameters, target: Target): Instance;
}
