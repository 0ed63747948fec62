/**
 * The operators of models: what they read, the shape of what they give, and the work they are.
 *
 * A tensor of a transformer is [rows, columns], scores are [heads, rows, keys], an image is [channels, height, width] with
 * a row a pixel. Work is counted in multiply-accumulates of one batch element; what is no matrix product counts none.
 */
import type { Kernel } from './design.ts';
import type { ImageWindow, OperatorKind } from './workload.ts';

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rows: number;
  readonly columns: number;
  readonly heads: number;
}

/** What an operator is, besides its inputs. */
export interface Inference {
  readonly shape: readonly number[];
  readonly rows: number;
  readonly columns: number;
  readonly heads: number;
  readonly reduction?: number;
  readonly kvHeads?: number;
  readonly keys?: number;
  readonly headDim?: number;
  readonly weights?: number;
  readonly parameters?: number;
  readonly macs?: number;
  readonly window?: ImageWindow;
  readonly tanh?: boolean;
}

/** Two sides that do not fit, in words. */
export interface Misfit {
  readonly left: string;
  readonly right: string;
}

interface Option {
  readonly name: string;
  readonly default?: number;
  readonly least: number;
  readonly most?: number;
}

export type Options = Readonly<Record<string, number>>;

export interface OperatorRule {
  /** Number of tensors it reads; Infinity: one or more. */
  readonly inputs: number;
  /** Numbers it takes after its inputs, by position or by label. */
  readonly options: readonly Option[];
  /** `past`: rows that an earlier pass has left in the cache. */
  infer(inputs: readonly Tensor[], options: Options, past: number): Inference | Misfit;
}

export function isMisfit(result: Inference | Misfit): result is Misfit {
  return 'left' in result;
}

const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);

/** '`q` [512, 768]' */
export const shown = (tensor: Tensor): string => `‘${tensor.name}’ [${tensor.shape.join(', ')}]`;

/** A tensor of a shape: the last dimension is the columns, an image's are its channels. */
export function tensorOf(name: string, shape: readonly number[]): Tensor {
  const image = shape.length === 3;
  const columns = image ? shape[0]! : shape.length > 1 ? shape.at(-1)! : 1;
  const rows = image ? shape[1]! * shape[2]! : product(shape.length > 1 ? shape.slice(0, -1) : shape);
  return { name, shape, rows, columns, heads: 1 };
}

const like = ({ shape, rows, columns, heads }: Tensor): Inference => ({ shape, rows, columns, heads });

const elementwise: OperatorRule = { inputs: 1, options: [], infer: ([x]) => like(x!) };

/** x · Φ(x), or with `tanh: 1` the approximation of it that GPT-2 and Gemma were trained with. */
const gelu: OperatorRule = {
  inputs: 1,
  options: [{ name: 'tanh', default: 0, least: 0, most: 1 }],
  infer: ([x], { tanh }) => ({ ...like(x!), ...(tanh === 1 ? { tanh: true } : {}) }),
};

const layernorm: OperatorRule = {
  inputs: 1,
  options: [],
  infer: ([x]) => ({ ...like(x!), parameters: 2 * x!.columns }), // gain and bias
};

/** Over the columns, or over those of each head (Qwen3 normalises queries and keys so): a gain a column of a head. */
const rmsnorm: OperatorRule = {
  inputs: 1,
  options: [{ name: 'heads', default: 1, least: 1 }],
  infer: ([x], { heads }) =>
    x!.columns % heads! === 0
      ? { ...like(x!), heads: heads! * x!.heads, parameters: x!.columns / heads! }
      : { left: shown(x!), right: `${heads} heads` },
};

/** Positions, rotated into the columns of each head. */
const rope: OperatorRule = {
  inputs: 1,
  options: [{ name: 'heads', default: 1, least: 1 }],
  infer: ([x], { heads }) =>
    x!.columns % heads! === 0
      ? { ...like(x!), headDim: x!.columns / heads! }
      : { left: shown(x!), right: `${heads} heads` },
};

const pairwise: OperatorRule = {
  inputs: 2,
  options: [],
  infer: ([a, b]) => (a!.shape.join() === b!.shape.join() ? like(a!) : { left: shown(a!), right: shown(b!) }),
};

/** 0: the product has no bias, 1: one a column. The hardware adds one either way; it may be zero. */
const BIAS = { name: 'bias', default: 1, least: 0, most: 1 } as const;

const linear: OperatorRule = {
  inputs: 1,
  options: [{ name: 'columns', least: 1 }, BIAS],
  infer: ([x], { columns, bias }) => {
    const n = columns!;
    const [rows, reduction] = [x!.rows, x!.columns];
    const weights = reduction * n;
    const parameters = bias! * n;
    return { shape: [rows, n], rows, columns: n, heads: 1, reduction, weights, parameters, macs: rows * weights };
  },
};

const matmul: OperatorRule = {
  inputs: 2,
  options: [],
  infer: ([a, b]) => {
    if (a!.columns !== b!.rows) return { left: `columns of ${shown(a!)}`, right: `rows of ${shown(b!)}` };
    const [rows, reduction, columns] = [a!.rows, a!.columns, b!.columns];
    return { shape: [rows, columns], rows, columns, heads: 1, reduction, macs: rows * reduction * columns };
  },
};

const HEADS = [
  { name: 'heads', least: 1 },
  { name: 'kv_heads', default: 0, least: 1 },
] as const;

const scores: OperatorRule = {
  inputs: 2,
  options: HEADS,
  infer: ([q, k], options, past) => {
    const heads = options.heads!;
    const kvHeads = options.kv_heads || heads;
    const reduction = q!.columns / heads;
    if (!Number.isInteger(reduction)) return { left: shown(q!), right: `${heads} heads` };
    if (heads % kvHeads !== 0) return { left: `${heads} heads`, right: `${kvHeads} key heads` };
    if (k!.columns !== kvHeads * reduction) {
      return {
        left: `${shown(q!)}: ${heads} heads of ${reduction}`,
        right: `${shown(k!)}: ${kvHeads} heads of ${k!.columns / kvHeads}`,
      };
    }
    const [rows, keys] = [q!.rows, k!.rows + past];
    const shape = [heads, rows, keys];
    return { shape, rows, columns: keys, heads, kvHeads, reduction, keys, macs: rows * keys * q!.columns };
  },
};

const context: OperatorRule = {
  inputs: 2,
  options: HEADS,
  infer: ([weights, v], options, past) => {
    const heads = options.heads!;
    const kvHeads = options.kv_heads || heads;
    const keys = v!.rows + past;
    const width = v!.columns / kvHeads;
    if (weights!.heads !== heads) return { left: shown(weights!), right: `${heads} heads` };
    if (weights!.columns !== keys) return { left: `keys of ${shown(weights!)}`, right: `${keys} rows of ‘${v!.name}’` };
    if (!Number.isInteger(width)) return { left: shown(v!), right: `${kvHeads} value heads` };
    const [rows, columns] = [weights!.rows, heads * width];
    return {
      shape: [rows, columns],
      rows,
      columns,
      heads,
      kvHeads,
      reduction: keys,
      keys,
      macs: rows * keys * columns,
    };
  },
};

const embed: OperatorRule = {
  inputs: 1,
  options: [
    { name: 'vocab', least: 1 },
    { name: 'columns', least: 1 },
    // Trained embeddings of positions, added to those of the words; none where positions are rotated in (rope).
    { name: 'positions', default: 0, least: 0 },
  ],
  infer: ([ids], { vocab, columns, positions }) => {
    const [rows, n] = [ids!.rows, columns!];
    return { shape: [rows, n], rows, columns: n, heads: 1, weights: (vocab! + positions!) * n };
  },
};

const WINDOW = [
  { name: 'size', least: 1 },
  { name: 'stride', default: 0, least: 1 },
  { name: 'pad', default: 0, least: 0 },
] as const;

/** The windows over an image, and height and width of what comes out. */
function windowed(x: Tensor, options: Options, stride: number): readonly [number, number, ImageWindow] | Misfit {
  const [channels, height, width] = x.shape;
  if (x.shape.length !== 3 || channels === undefined || height === undefined || width === undefined) {
    return { left: shown(x), right: 'an image [channels, height, width]' };
  }
  const [size, pad] = [options.size!, options.pad!];
  const after = (extent: number): number => Math.floor((extent + 2 * pad - size) / stride) + 1;
  if (after(height) < 1 || after(width) < 1) return { left: shown(x), right: `a window of ${size} × ${size}` };
  return [after(height), after(width), { channels, height, width, size, stride, pad }];
}

const conv2d: OperatorRule = {
  inputs: 1,
  options: [{ name: 'columns', least: 1 }, ...WINDOW, BIAS],
  infer: ([x], options) => {
    const extent = windowed(x!, options, options.stride || 1);
    if ('left' in extent) return extent;
    const [height, width, window] = extent;
    const { columns, size, bias } = options;
    const reduction = x!.columns * size! * size!;
    const [rows, n] = [height * width, columns!];
    const weights = reduction * n;
    return {
      shape: [n, height, width],
      rows,
      columns: n,
      heads: 1,
      reduction,
      weights,
      parameters: bias! * n,
      macs: rows * weights,
      window,
    };
  },
};

const pool: OperatorRule = {
  inputs: 1,
  options: WINDOW,
  infer: ([x], options) => {
    const extent = windowed(x!, options, options.stride || options.size!);
    if ('left' in extent) return extent;
    const [height, width, window] = extent;
    return { shape: [x!.columns, height, width], rows: height * width, columns: x!.columns, heads: 1, window };
  },
};

const flatten: OperatorRule = {
  inputs: 1,
  options: [],
  infer: ([x]) => ({ shape: [1, product(x!.shape)], rows: 1, columns: product(x!.shape), heads: 1 }),
};

const concat: OperatorRule = {
  inputs: Infinity,
  options: [],
  infer: (inputs) => {
    const [first] = inputs;
    const odd = inputs.find((tensor) => tensor.rows !== first!.rows || tensor.shape.length !== first!.shape.length);
    if (odd) return { left: shown(first!), right: shown(odd) };
    const columns = inputs.reduce((sum, tensor) => sum + tensor.columns, 0);
    const image = first!.shape.length === 3;
    const shape = image ? [columns, ...first!.shape.slice(1)] : [first!.rows, columns];
    return { shape, rows: first!.rows, columns, heads: 1 };
  },
};

export const OPERATORS: Readonly<Record<OperatorKind, OperatorRule>> = {
  linear,
  matmul,
  scores,
  context,
  softmax: elementwise,
  causal: elementwise,
  layernorm,
  rmsnorm,
  gelu,
  silu: elementwise,
  relu: elementwise,
  add: pairwise,
  mul: pairwise,
  rope,
  embed,
  conv2d,
  maxpool: pool,
  avgpool: pool,
  flatten,
  concat,
};

export const OPERATOR_KINDS = Object.keys(OPERATORS) as OperatorKind[];

export function isOperatorKind(name: string): name is OperatorKind {
  return Object.hasOwn(OPERATORS, name);
}

const PRODUCTS: ReadonlySet<OperatorKind> = new Set(['linear', 'matmul', 'scores', 'context', 'conv2d']);
/** Cheap where they are computed on the way out of another operator; without a kernel of their own they go there. */
const FUSIBLE: ReadonlySet<OperatorKind> = new Set(['causal', 'rope', 'relu', 'flatten']);

/** What an array of a product computes on the way out of it. */
export const FUNCTIONS_OF_ARRAYS: readonly OperatorKind[] = ['gelu', 'silu', 'relu'];

/** Scores, their softmax and its context in one turn, masked or not: what `tile` cuts into tiles of keys. */
export function isAttention(turn: readonly { readonly kind: OperatorKind }[]): boolean {
  const kinds = turn.map(({ kind }) => kind).filter((kind) => kind !== 'causal');
  return kinds.join(' ') === 'scores softmax context';
}

/** Built as an array of processing elements. */
export function isMatrixProduct(kind: OperatorKind): boolean {
  return PRODUCTS.has(kind);
}

/** A kernel of trained products and nothing else: what `as` says of it is the type of what it multiplies. */
export function isProductAlone({ turns }: Pick<Kernel, 'turns'>): boolean {
  return turns.flat().every(({ kind, weights }) => isMatrixProduct(kind) && weights > 0);
}

/** @param turns of the kernel that computes what it reads: an array that takes products in turn rotates none of them. */
export function isFusible(kind: OperatorKind, turns: number): boolean {
  return FUSIBLE.has(kind) && !(kind === 'rope' && turns > 1);
}
