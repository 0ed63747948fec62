/**
 * What a spec means: names resolved, units checked, shapes inferred, operators mapped onto kernels, defaults filled in.
 *
 * Plain values throughout. Quantities are in base units: hertz, seconds, bytes, bits, bytes per second, watts, joules.
 * Nothing here is an estimate; nothing here knows C++.
 */
import type * as tree from '../../grammar/tree.ts';
import type { Span } from '../diagnostic.ts';
import type { Device, ResourceName } from './hardware.ts';
import type { Binding, Definition, DesignProblem, Names } from './problem.ts';
import type { ElementType, ModelGraph, Operator, Phase, Precision } from './workload.ts';

/** The meaning of one file with everything it imports. */
export interface Design {
  /** URI of the file. */
  readonly file: string;
  readonly accelerators: Accelerator[];
  readonly problems: DesignProblem[];
  /** The names of each declaration, apart: those of one that has not changed are the same object. */
  readonly names: readonly Names[];
  /** Every use of a name and what it stands for: definition, hover and rename read this. */
  readonly bindings: readonly Binding[];
  readonly definitions: readonly Definition[];
}

/** A value with where it comes from, so that hints show what is `auto` and fixes edit what is written. */
export interface Setting<T> {
  readonly value: T;
  readonly origin: 'written' | 'region' | 'auto';
  /** The clause that says it; absent for `auto` that nobody wrote. */
  readonly span?: Span;
}

export interface ArrayShape {
  readonly tokens: number;
  readonly outputs: number;
  readonly dot: number;
}

export type StorageKind = 'srl' | 'lutram' | 'bram' | 'uram';

/** What `tile` keeps on the chip; undefined is `auto`, or the whole extent where it is not written. */
export interface TileShape {
  readonly tokens: number | undefined;
  readonly outputs: number | undefined;
  readonly reduction: number | undefined;
}

/** What `replicate` deals out among its instances. */
export type Dealt = 'heads' | 'tokens' | 'outputs';

/** Consecutive passes through a repeated layer, counted from 0, both ends included. */
export interface Passes {
  readonly layer: string;
  readonly first: number;
  readonly last: number;
}

/** Where parameters or K and V are kept. */
export type Store =
  | {
      readonly kind: 'channels';
      readonly memory: string;
      readonly channels: readonly number[];
      /** Port width in bits and burst length in beats, where written. */
      readonly portBits?: number;
      readonly burst?: number;
      readonly double: boolean;
      /** Memory that stages a tile of columns in front of the array, with `double` two of them. */
      readonly via?: Exclude<StorageKind, 'srl'>;
    }
  | {
      readonly kind: 'on-chip';
      readonly storage: Exclude<StorageKind, 'srl'>;
      readonly double: boolean;
      /** Of the port that fills it. */
      readonly portBits?: number;
      readonly burst?: number;
    };

/** One hardware unit and the operators it serves. */
export interface Kernel {
  readonly name: string;
  /** The whole statement, and the name in it; of an `auto` kernel: the operator's span in the model. */
  readonly span: Span;
  readonly nameSpan: Span;
  readonly doc?: string;
  /** Nobody wrote it: the operator had no kernel. */
  readonly auto: boolean;
  readonly region?: string;
  /** Operators in turn, each turn one pass of fused operators, in dataflow order. */
  readonly turns: readonly (readonly Operator[])[];
  /** Processing elements of a matrix product. */
  readonly array?: Setting<ArrayShape>;
  /** `array 8 x auto`: the sides of an `auto` array that are written. */
  readonly sides?: Partial<ArrayShape>;
  readonly pack: Setting<number>;
  /** Elements a cycle of everything that is not a matrix product. */
  readonly lanes?: Setting<number>;
  readonly ii: Setting<number>;
  /** Instances side by side, and what is dealt out among them. */
  readonly replicate: Setting<number>;
  readonly over: Setting<Dealt>;
  readonly tile?: Setting<TileShape>;
  readonly weights?: Setting<Store>;
  readonly cache?: Setting<Store>;
  readonly dies: Setting<readonly string[]>;
  /** `on card[1]`: the cards that have it; absent, all of them. */
  readonly cards?: readonly number[];
  /** Dies of other cards on which the same kernel works in step, where several cards are seen as one machine. */
  readonly twins?: readonly string[];
  readonly onHost: boolean;
  /** `on engines`: its products are not those of DSPs, but of what the card has beside them. */
  readonly engines?: true;
  /** `as fp32`: the type it computes in. */
  readonly as?: Setting<ElementType>;
  /** Hz */
  readonly clock: Setting<number>;
  /** `for decode`, `for block[0..5]`: the only phases and passes that it serves; absent, all of them. */
  readonly phases?: readonly Phase['name'][];
  readonly passes?: readonly Passes[];
}

/** One end of an edge. */
export type End =
  | { readonly kind: 'operator'; readonly kernel: string; readonly operator: string }
  | { readonly kind: 'memory'; readonly memory: string; readonly channel: number }
  | { readonly kind: 'host' }
  | { readonly kind: 'link'; readonly link: string };

/** A tensor that goes from one unit (or memory) to one other; a fork is several edges with the same `from` and `tensor`. */
export interface Edge {
  readonly from: End;
  readonly to: End;
  /** Operator or layer input whose value flows. */
  readonly tensor: string;
  readonly rows: number;
  /** Of all heads: heads · keys between scores and context. */
  readonly columns: number;
  /** Type on the wire. */
  readonly element: Setting<ElementType>;
  /** Elements a cycle. */
  readonly width: Setting<number>;
  /** Words; 'auto' is found from the timeline by the estimator. */
  readonly depth: Setting<number | 'auto'>;
  readonly storage: Setting<StorageKind | 'auto'>;
  /** The stream statement, where there is one. Edges out of memory that share it share one loader and a fork. */
  readonly span?: Span;
}

/** A stream between a unit and another card. */
export interface LinkStream extends Partial<Pick<Edge, 'element' | 'width' | 'depth' | 'storage'>> {
  readonly direction: 'out' | 'in';
  readonly link: string;
  /** Kernel or operator as written. */
  readonly unit: string;
  readonly span: Span;
}

/** A knob of the tuner. */
export interface Choice {
  readonly name: string;
  readonly values: readonly number[];
  /** The one that counts: the first unless a caller of `resolve` has chosen another. */
  readonly value: number;
  readonly unit: Dimension;
  readonly span: Span;
}

export interface Reserve {
  readonly resource: ResourceName;
  readonly die?: string;
  /** Share, 0 … 1. */
  readonly share: number;
  readonly span: Span;
}

/** A `require`, `minimize` or `maximize` with its expression, checked but not evaluated: it asks for estimates. */
export interface Requirement {
  readonly span: Span;
  readonly expression: MetricExpression;
  readonly text: string;
}

/** Arithmetic over metrics; constants are folded and in base units. */
export type MetricExpression =
  | { readonly kind: 'constant'; readonly value: number; readonly unit: Dimension }
  | { readonly kind: 'metric'; readonly metric: Metric; readonly unit: Dimension; readonly span: Span }
  | {
      readonly kind: 'binary';
      readonly operator: tree.BinaryOperator;
      readonly left: MetricExpression;
      readonly right: MetricExpression;
    };

export interface Metric {
  readonly name:
    | 'latency'
    | 'latency.first_token'
    | 'latency.per_token'
    | 'throughput'
    | 'interval'
    | 'power'
    | 'energy.per_token'
    | 'use'
    | 'bandwidth';
  /** Of a throughput: results of the model (images, whole sequences) a second, not tokens. */
  readonly inResults?: boolean;
  /** Region, kernel, layer or phase in front: `block.latency`, `decode.throughput`. */
  readonly scope?: { readonly sort: 'layer' | 'region' | 'kernel' | 'phase'; readonly name: string };
  /** `use(slr1.dsp)`, `bandwidth(hbm)` */
  readonly resource?: ResourceName | 'sll';
  readonly die?: string;
  readonly memory?: string;
}

/** Physical dimension of a value; 'none' is a plain number. */
export type Dimension =
  | 'none'
  | 'frequency'
  | 'time'
  | 'cycles'
  | 'bytes'
  | 'bits'
  | 'bandwidth'
  | 'transfers'
  | 'tokens'
  | 'token-rate'
  | 'frame-rate'
  | 'power'
  | 'energy'
  | 'operation-rate'
  | 'share';

/** Peak figures of something to compare with. */
export interface Baseline {
  readonly name: string;
  readonly span: Span;
  readonly doc?: string;
  /** Operations a second by type. */
  readonly peaks: Readonly<Record<string, number>>;
  readonly bandwidth?: number;
  readonly power?: number;
  /** Seconds from the start of one operator to that of the next, however small it is. */
  readonly launch?: number;
  readonly measured: readonly { readonly model: string; readonly phase: Phase; readonly seconds: number }[];
  readonly sources: string[];
  readonly unverified: string[];
}

/**
 * An accelerator in one part of its work: a phase, and consecutive passes through one repeated layer that the same hardware
 * computes. Where that is not all of its work, `further` and `decoding` have the rest.
 */
export interface Accelerator {
  readonly name: string;
  readonly nameSpan: Span;
  readonly span: Span;
  /** Its name and the statements that every figure rests on: card, model, phase, precision, constants … */
  readonly foundation: readonly Span[];
  readonly doc?: string;
  readonly device: Device;
  readonly deviceSpan: Span;
  readonly cards: number;
  /** Cards that share the work of every operator, and cards that share the layers out: their product is `cards`. */
  readonly split: { readonly tensor: number; readonly pipeline: number };
  /** Where nobody says how the model is cut: the device statement, and the ways in it that are `auto`. */
  readonly openSplit?: { readonly statement: Span; readonly ways: readonly Span[] };
  /** What joins the cards. */
  readonly link?: Device['links'][number];
  /** Hz */
  readonly clock: Setting<number>;
  readonly model: ModelGraph;
  readonly modelSpan: Span;
  /** Of `generate`: in this value, the pass over the prompt. */
  readonly phase: Phase;
  /** Passes of `model.layer` that these kernels serve; all of them unless a kernel is `for` some. */
  readonly passes: Passes;
  /**
   * The rest of the work of the phase, part by part: passes that other kernels serve, more repeated layers. Kernels of one name
   * are the same hardware; each of these values has no `further` of its own, and operators outside of the layers are here.
   */
  readonly further: readonly Accelerator[];
  readonly precision: Precision;
  /** Layers that exist on the chip at once. */
  readonly copies: Setting<number>;
  readonly reserves: readonly Reserve[];
  readonly regions: readonly { readonly name: string; readonly span: Span; readonly kernels: readonly string[] }[];
  /**
   * Written ones first in their order, then the `auto` ones in dataflow order; then those that work behind the first part alone,
   * each with its `passes`.
   */
  readonly kernels: readonly Kernel[];
  readonly edges: readonly Edge[];
  readonly linkStreams: readonly LinkStream[];
  /** Operators that run on the host: listed, not estimated. */
  readonly host: readonly Operator[];
  /** Operators that no kernel names although others are named. */
  readonly unmapped: readonly Operator[];
  readonly requirements: readonly Requirement[];
  /** What `minimize` and `maximize` ask of the tuner. */
  readonly objectives: readonly (Requirement & { readonly direction: 'minimize' | 'maximize' })[];
  readonly choices: readonly Choice[];
  readonly compare: readonly Baseline[];
  /** `generate`: the same hardware on one token, at a few lengths of the past from the first token to the last, rising. */
  readonly decoding?: readonly Accelerator[];
  /** Accelerators of the file to compare with. */
  readonly rivals: readonly { readonly name: string; readonly span: Span }[];
  readonly parametersFile?: string;
}
