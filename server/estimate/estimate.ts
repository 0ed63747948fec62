/** What a design costs and how long it takes. Plain values; seconds, bytes a second, and counts of primitives. */
import type { Accelerator, Passes, StorageKind } from '../design/design.ts';
import type { ResourceCount, ResourceName } from '../design/hardware.ts';
import type { Amount, Formula, Resources } from '../kernels/kernel.ts';
import type { Fifo, Netlist } from './netlist.ts';

export interface Estimate {
  readonly accelerators: readonly AcceleratorEstimate[];
}

export interface AcceleratorEstimate {
  readonly accelerator: Accelerator;
  readonly netlist: Netlist;
  readonly kernels: readonly KernelEstimate[];
  readonly fifos: readonly FifoEstimate[];
  readonly dies: readonly DieEstimate[];
  /** Whole card, shell included. */
  readonly resources: Resources;
  readonly available: ResourceCount;
  readonly channels: readonly ChannelEstimate[];
  readonly memories: readonly MemoryEstimate[];
  readonly timing: Timing;
  readonly crossings: readonly CrossingEstimate[];
  /** What makes timing closure unlikely; empty where nothing is known that does. */
  readonly closure: readonly Closure[];
  /** Indicative; absent where the sheet has no idle power. */
  readonly power?: PowerEstimate;
  /** Where kernels are `on engines`. */
  readonly engines?: EnginesEstimate;
  /** What the spec asks to be compared with. */
  readonly comparisons: readonly Comparison[];
  /** Kernel that sets the pace, and why, in words. */
  readonly bottleneck?: { readonly kernel: string; readonly reason: string };
  /**
   * Where not all passes are alike: the parts of the model, which follow each other. `kernels` are of all of them, each as in the
   * first that it works in; `netlist` and `timing.perLayer` are those of the first part.
   */
  readonly parts?: readonly PartEstimate[];
  /** Of `generate`: `kernels`, `fifos` and `timing.perLayer` are those of the pass over the prompt. */
  readonly generation?: Generation;
  /**
   * Of several cards: all other figures are of one of them, but for the times of the model. Where the spec tells the cards apart,
   * dies, channels and resources are of all of them, and bear the names of their cards (`accelerator` is that machine).
   */
  readonly cards?: CardsEstimate;
  /** The pass can never end: each unit waits for the next of the chain. */
  readonly deadlock?: Deadlock;
  /** The timeline was left before its end: the latency of a pass is a lower bound. */
  readonly cutOff?: boolean;
  /** Figures that rest on something assumed or left out, in words, for the hover and the report. */
  readonly caveats: readonly string[];
}

/** Consecutive passes through a layer, which the same hardware computes: an estimate of its own, `timing.model` of these passes. */
export interface PartEstimate {
  readonly passes: Passes;
  readonly estimate: AcceleratorEstimate;
}

/** Multiply-accumulates a cycle of the common clock, of all engines together. */
export interface EnginesEstimate {
  readonly used: number;
  readonly available: number;
  readonly users: readonly { readonly kernel: string; readonly macs: number }[];
  readonly formula: Formula;
}

export interface Timing {
  /** One pass of the repeated layer, first input to last output, seconds. */
  readonly perLayer: number;
  /** All passes of the model. */
  readonly model: number;
  /** From one result of the model to the next when inputs are always ready. */
  readonly interval: number;
  /** The paper's closed form for one pass; absent where it does not apply. */
  readonly closedForm?: ClosedForm;
  readonly passes: number;
  /** By which a copy of the layer ends after the one before it. */
  readonly behind: number;
}

/** What several cards do together. */
export interface CardsEstimate {
  readonly cards: number;
  readonly tensor: number;
  readonly pipeline: number;
  readonly link: string;
  /** Some kernel is on some of the cards alone. */
  readonly placed: boolean;
  /** Operators behind which all cards bring a tensor together. */
  readonly collectives: readonly { readonly operator: string; readonly kind: string; readonly sent: number }[];
  /** Seconds of a pass in which the link carries them, and the share of the layer's time that this is. */
  readonly seconds: number;
  readonly load: number;
  /** One pass of the layer if each were complete before its reader begins; `timing.perLayer` is with rows streamed through. */
  readonly blocking: number;
  /** Rows of a pass on their way from one stage of a pipeline to the next. */
  readonly hop: number;
  /** Of all cards. */
  readonly resources: Resources;
  readonly formula: Formula;
}

/** A prompt and the tokens after it, seconds; the whole of it is `timing.model`. */
export interface Generation {
  /** The pass over the prompt. */
  readonly firstToken: number;
  /** Mean of the token passes; 0 where there is only the first token. */
  readonly perToken: number;
  /** All token passes together, and how far that may be off: what half as many samples would change. */
  readonly decoding: number;
  readonly error: number;
  /** All tokens of all sequences over the whole time. */
  readonly tokensPerSecond: number;
  /** Token passes that were timed, by the length of their past. */
  readonly samples: readonly { readonly past: number; readonly seconds: number }[];
  /** Share of the whole time in which a kernel issues; `busy` of `kernels` is that of the pass over the prompt. */
  readonly busy: readonly { readonly kernel: string; readonly share: number }[];
  /** The pass over the prompt by itself. */
  readonly prompt: AcceleratorEstimate;
  /** The last token pass by itself. */
  readonly last?: AcceleratorEstimate;
  readonly formula: Formula;
}

export interface ClosedForm {
  readonly seconds: number;
  readonly formula: Formula;
}

export interface KernelEstimate {
  readonly name: string;
  /** Operators in its turns, flat. */
  readonly operators: readonly string[];
  readonly die: string;
  /** Hz */
  readonly clock: number;
  /** Cycles of one pass without stalls, of its slowest unit. */
  readonly cycles: number;
  /** From its first to its last activity in the pass, stalls included, seconds. */
  readonly start: number;
  readonly end: number;
  /** `cycles` as a time: what the line shows. */
  readonly seconds: number;
  /** Active time ÷ the layer's time, 0 … 1. */
  readonly busy: number;
  readonly operations: number;
  /** Units, FIFOs in front of it, memories and ports: all that its line pays for. */
  readonly resources: Resources;
  /** What `resources` is the sum of: units with their memories and ports, FIFOs in front of them. */
  readonly parts: readonly { readonly name: string; readonly kind: string; readonly resources: Resources }[];
  /** The DSPs of its multipliers are counted and nothing else is known: the library has no kernel for it. */
  readonly partial: boolean;
  /** Of these: it does more than multiply, so its DSPs are the least, too. */
  readonly uncounted: boolean;
  readonly formula: Formula;
  readonly explanations: readonly Formula[];
  /** Of weights that are kept on the chip: how long a layer's take to come there, and whether the layer before hides it. */
  readonly load?: { readonly cycles: number; readonly ahead: boolean; readonly formula: Formula };
  /** What it waits for, longest first. */
  readonly waits: readonly Wait[];
  /** Why it waits longest, step by step to the root; empty where it hardly waits. */
  readonly chain: readonly WaitStep[];
}

export interface WaitStep {
  /** Who waits. */
  readonly kernel: string;
  /** The next of the chain: a kernel, or the memory channel that is its root. */
  readonly on: string;
  readonly kind: Wait['kind'];
  /** Share of the layer's time. */
  readonly share: number;
  /** The FIFO in which there is no room. */
  readonly fifo?: string;
}

export interface Wait {
  /** 'hbm[4]', a kernel's name, or a FIFO that is full. */
  readonly on: string;
  readonly kind: 'memory' | 'input' | 'room' | 'barrier';
  /** Share of the layer's time. */
  readonly share: number;
}

export interface FifoEstimate {
  readonly fifo: Fifo;
  /** Words built: what was asked, or what the timeline needs. */
  readonly depth: number;
  /** Most words in it at once; equal to its depth, its writer had to wait or came close. */
  readonly peak: number;
  readonly storage: StorageKind | 'registers';
  readonly resources: Resources;
}

export interface DieEstimate {
  readonly name: string;
  /** Shell included on the die that carries it. */
  readonly resources: Resources;
  readonly available: ResourceCount;
  /** From the first input to the last output of its kernels when their inputs are always ready, seconds: timed when asked for. */
  readonly latency: number;
  readonly kernels: readonly string[];
  /** Share of `resources` that the platform's shell takes. */
  readonly shell: Resources;
  /** Some kernel's memories, LUT and FF are not known: what is shown is the least. */
  readonly partial: boolean;
  /** Nor some kernel's DSPs. */
  readonly uncounted: boolean;
}

export interface ChannelEstimate {
  /** 'hbm[4]' */
  readonly name: string;
  readonly memory: string;
  readonly channel: number;
  /** Greatest sum over units that run at the same time, bytes a second. */
  readonly demand: number;
  readonly limit: number;
  /** Who is on it at that moment. */
  readonly users: readonly {
    readonly kernel: string;
    readonly unit: string;
    readonly port: string;
    readonly demand: number;
  }[];
}

/** A boundary between two dies, and the wires of the streams that pass it. */
export interface CrossingEstimate {
  readonly between: readonly [string, string];
  readonly used: number;
  readonly wires: number;
  /** How many to plan with. */
  readonly plan: number;
  readonly fifos: readonly string[];
}

/** A figure beyond what routed designs and the vendor's planning figures say will close. */
export interface Closure {
  readonly kind: 'clock' | 'die' | 'crossing' | 'array';
  readonly subject: string;
  readonly kernel?: string;
  readonly die?: string;
  readonly resource?: ResourceName;
  /** Of an array: somebody wrote it; what `auto` chose changes with the design. */
  readonly written?: boolean;
  readonly value: number;
  readonly limit: number;
  readonly source: string;
}

/** Something else that computes the same: measured, the roofline of its peaks, or another accelerator of the file. */
export interface Comparison {
  readonly name: string;
  readonly kind: 'measured' | 'roofline' | 'estimate';
  /** All of the model, as `timing.model`. */
  readonly seconds: number;
  /** What limits a roofline. */
  readonly bound?: 'compute' | 'bandwidth' | 'launch';
  /** Of a roofline: the sheet says how long a launch takes. */
  readonly launched?: boolean;
  /** How many times as fast the accelerator is: above 1 it wins. */
  readonly faster: number;
  /** Joules of a token (or result), at the power of its sheet. */
  readonly perResult?: number;
  readonly formula: Formula;
}

/** Watts of a card (idle, logic, memory) and of all; joules of a token or whatever else the model gives. */
export interface PowerEstimate {
  readonly idle: number;
  readonly logic: number;
  readonly memory: number;
  readonly watts: number;
  readonly perResult: number;
  readonly formula: Formula;
}

export interface MemoryEstimate {
  readonly memory: string;
  readonly channel: number;
  /** Bytes kept there for the whole model. */
  readonly bytes: number;
  readonly capacity: number;
  readonly contents: readonly {
    readonly kernel: string;
    readonly what: string;
    readonly bytes: number;
    /** Of what each layer has its own: for how many. */
    readonly layers?: number;
  }[];
}

export interface Deadlock {
  /** Who waits for whom, closing the circle. */
  readonly chain: readonly {
    readonly kernel: string;
    readonly waitsFor: string;
    readonly fifo: string;
    readonly kind: 'full' | 'empty';
  }[];
  /** FIFO whose depth opens the circle, and the least depth that does. */
  readonly culprit: string;
  readonly depth: number;
}

export type { Amount, Formula, Resources };
