/** What is to be computed: types, operators, the layers of a model, the phase of a pass. */
import type { Span } from '../diagnostic.ts';

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
