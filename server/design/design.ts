/**
 * What a spec means: names resolved, units checked, shapes inferred, operators mapped onto kernels, defaults filled in.
 *
 * Plain values throughout. Quantities are in base units: hertz, seconds, bytes, bits, bytes per second, watts, joules.
 * Nothing here is an estimate; nothing here knows C++.
 */
import type * as tree from '../../grammar/tree.ts';
import type { Related, Span } from '../diagnostic.ts';

/** The meaning of one file with everything it imports. */
export interface Design {
  /** URI of the file. */
  readonly file: string;
  readonly accelerators: Accelerator[];
  readonly problems: DesignProblem[];
  /** Every use of a name and what it stands for: definition, hover and rename read this. */
  readonly bindings: Binding[];
  readonly definitions: Definition[];
}

/** What is wrong with a spec, as facts; server/rules finds the words and the fixes. */
export type DesignProblem =
  | { readonly code: 'syntax'; readonly span: Span; readonly problem: tree.SyntaxProblem }
  | {
      readonly code: 'unknown-name';
      readonly span: Span;
      readonly name: string;
      /** What was looked for: 'device', 'operator', 'memory', 'die', 'precision' … */
      readonly sort: string;
      /** All names that would have been right here. */
      readonly candidates: string[];
    }
  | {
      readonly code: 'unit-mismatch';
      readonly span: Span;
      /** 'a clock', 'a depth', 'the left side' … */
      readonly subject: string;
      readonly expected: string;
      readonly found: string;
    }
  | {
      readonly code: 'shape-mismatch';
      readonly span: Span;
      readonly operator: string;
      /** Both sides in words with their shapes. */
      readonly left: string;
      readonly right: string;
      readonly related: Related[];
    }
  | {
      readonly code: 'invalid-value';
      readonly span: Span;
      /** 'array', 'pack', 'repeat' … */
      readonly subject: string;
      readonly found: string;
      readonly expected: string;
    }
  | {
      /** A part without which there is nothing to estimate: a device, a model, a name, a dimension. */
      readonly code: 'missing-part';
      readonly span: Span;
      readonly owner: string;
      readonly part: string;
    }
  | {
      readonly code: 'duplicate-name';
      readonly span: Span;
      readonly name: string;
      readonly sort: string;
      readonly first: Span;
    }
  | {
      readonly code: 'operator-mapped-twice';
      readonly span: Span;
      readonly operator: string;
      readonly kernels: string[];
      readonly first: Span;
    }
  | {
      readonly code: 'import-failed';
      readonly span: Span;
      readonly path: string;
      readonly reason: 'not-found' | 'cycle' | 'outside-workspace' | 'unreadable' | 'not-a-spec';
      readonly chain?: string[];
    }
  | {
      /** Parsed and understood, and not (yet) given meaning: said plainly, never ignored silently. */
      readonly code: 'not-modelled';
      readonly span: Span;
      readonly subject: string;
      readonly consequence: string;
    };

export type DefinitionSort =
  | 'let'
  | 'model'
  | 'parameter'
  | 'layer'
  | 'operator'
  | 'input'
  | 'device'
  | 'die'
  | 'memory'
  | 'link'
  | 'baseline'
  | 'precision'
  | 'accelerator'
  | 'region'
  | 'kernel'
  | 'choice';

export interface Definition {
  readonly sort: DefinitionSort;
  readonly name: string;
  /** The name itself, and the whole declaration. */
  readonly span: Span;
  readonly full: Span;
  readonly doc?: string;
  /** One line for a hover: 'linear [512, 768] → [512, 3072]', '= 8', '9,024 DSP · 32 HBM channels' … */
  readonly detail?: string;
  /** Where the figures of a sheet come from and which have no source, a line of a hover each. */
  readonly notes?: readonly string[];
}

export interface Binding {
  readonly span: Span;
  readonly target: Definition;
}

export type ResourceName = 'dsp' | 'bram36' | 'uram' | 'lut' | 'ff';
export type ResourceCount = Readonly<Record<ResourceName, number>>;

export interface Die {
  readonly name: string;
  readonly resources: ResourceCount;
  /** The vendor's planning figures, where there are any: closure gets unlikely beyond them. */
  readonly plan?: ResourceCount;
  readonly span?: Span;
}

export interface Memory {
  /** 'hbm', 'ddr' */
  readonly name: string;
  readonly channels: { readonly first: number; readonly last: number };
  /** Bytes a channel. */
  readonly capacity: number;
  /** Bytes a second a channel. */
  readonly bandwidth: number;
  /** Widest port in bits. */
  readonly portBits: number;
  /** Dies that its ports are next to. */
  readonly dies: string[];
  readonly span?: Span;
}

/** A card as its data sheet says. */
export interface Device {
  readonly name: string;
  readonly span: Span;
  readonly doc?: string;
  readonly part: string;
  readonly family: string;
  /** 'DSP48E2', 'DSP58', … decides the packing and the operator cores. */
  readonly dspKind: string;
  /** Clock where the spec gives none, and the ceiling, in Hz. */
  readonly clock: number;
  readonly clockCeiling?: number;
  readonly dies: Die[];
  readonly crossings: { readonly between: readonly [string, string]; readonly wires: number; readonly plan: number }[];
  readonly memories: Memory[];
  readonly links: {
    readonly name: string;
    readonly ports: number;
    readonly bandwidth: number;
    readonly efficiency: number;
    /** Seconds from card to card, where the sheet says so. */
    readonly latency?: number;
    /** Die that its ports are next to. */
    readonly die?: string;
  }[];
  readonly shell?: { readonly die: string; readonly resources: ResourceCount };
  /** Of several cards seen as one machine: those of the others. */
  readonly furtherShells?: readonly { readonly die: string; readonly resources: ResourceCount }[];
  /** Multiply-accumulates a cycle that do not come from DSPs (AI engines, tensor blocks), at `rateClock`. */
  readonly engines?: { readonly count: number; readonly macsPerCycle: number; readonly clock: number };
  readonly idlePower?: number;
  /** Watts that the board may draw. */
  readonly boardPower?: number;
  /** Joules of a busy primitive and cycle, and of a byte to or from memory, where the sheet says so. */
  readonly energy: Readonly<Partial<Record<ResourceName | 'byte', number>>>;
  /** Figures of the sheet whose source is missing or recalled, by key, in words. */
  readonly unverified: string[];
  /** Sources as the sheet cites them. */
  readonly sources: string[];
}

export type ElementType = 'int2' | 'int4' | 'int8' | 'int16' | 'int32' | 'uint8' | 'fp16' | 'bf16' | 'fp32';

export interface Precision {
  readonly name: string;
  readonly weights: ElementType;
  readonly activations: ElementType;
  readonly cache: ElementType;
  readonly accumulator: ElementType;
  readonly nonlinear: ElementType;
  /** Weights that share one scale; 0: one scale an output channel. */
  readonly group: number;
}

export type OperatorKind =
  | 'linear'
  | 'matmul'
  | 'scores'
  | 'context'
  | 'softmax'
  | 'causal'
  | 'layernorm'
  | 'rmsnorm'
  | 'gelu'
  | 'silu'
  | 'relu'
  | 'add'
  | 'mul'
  | 'rope'
  | 'embed'
  | 'conv2d'
  | 'maxpool'
  | 'avgpool'
  | 'flatten'
  | 'concat';

/** One operator of a model with its shapes for the phase at hand; one batch element. */
export interface Operator {
  readonly name: string;
  readonly kind: OperatorKind;
  readonly span: Span;
  /** Layer it belongs to; absent outside. */
  readonly layer?: string;
  /** Names of operators, or of the layer's or model's input. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[]; readonly external: boolean }[];
  readonly shape: readonly number[];
  /** Rows (tokens) and columns of the result; for scores, columns = keys a head. */
  readonly rows: number;
  readonly columns: number;
  /** Length of the dot product; 0 where there is none. */
  readonly reduction: number;
  /** 1 where the operator knows no heads. */
  readonly heads: number;
  readonly kvHeads: number;
  /** Rows that attention looks back on (past included); 0 elsewhere. */
  readonly keys: number;
  /** Columns of a head that rope turns; 0 elsewhere. */
  readonly headDim: number;
  /** Of a gelu: whether it is the approximation by a tanh. */
  readonly tanh?: boolean;
  /** Trained values: weights, and the small ones (bias, gain). */
  readonly weights: number;
  readonly parameters: number;
  readonly macs: number;
  /** Of a convolution and a pooling: the image that it goes over, and how. */
  readonly window?: ImageWindow;
}

/** Windows over an image [channels, height, width]; `pad` zeros on every edge. */
export interface ImageWindow {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
}

/** A part of a model that its rows pass through `repeat` times. */
export interface LayerGraph {
  readonly name: string;
  readonly repeat: number;
  readonly inputs: readonly { readonly name: string; readonly columns: number }[];
  /** What goes into the next pass. */
  readonly output: string;
  /** All that comes out, that one first. */
  readonly outputs: readonly string[];
  readonly operators: readonly Operator[];
}

export interface ModelGraph {
  /** As written: 'bert_base', 'bert(layers: 2, …)'. */
  readonly name: string;
  readonly span: Span;
  readonly doc?: string;
  /** The repeated part; a model without one has a layer named after itself that repeats once. */
  readonly layer: LayerGraph;
  /** The repeated layers behind it, in their order; each has a part of the accelerator's work. */
  readonly moreLayers: readonly LayerGraph[];
  /** Operators outside the repeated layers: on the host unless a kernel names them. */
  readonly outside: readonly Operator[];
  /** Results of the whole model: operators, or names of layers. */
  readonly outputs: readonly string[];
}

export interface Phase {
  readonly name: 'forward' | 'prefill' | 'decode' | 'generate';
  /** Rows of this pass: 1 in decode. */
  readonly tokens: number;
  readonly past: number;
  readonly batch: number;
  readonly prompt?: number;
  readonly output?: number;
  /** Results of a pass whose rows are none: one image, or the batch that the model counts among its rows. */
  readonly results?: number;
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
  /** Written ones first in their order, then the `auto` ones in dataflow order. */
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
