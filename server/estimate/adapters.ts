/** From a piece of a spec to the parameters of the library's kernel for it, or the reason why there is none. */
import type { Accelerator, ElementType, Operator, Store } from '../design/design.ts';
import { attend, attendRefusal } from '../kernels/attend/index.ts';
import type { AttendParameters } from '../kernels/attend/parameters.ts';
import { cacheRefusal } from '../kernels/cache/index.ts';
import { cacheLayout, cachePorts } from '../kernels/cache/layout.ts';
import type { CacheParameters } from '../kernels/cache/parameters.ts';
import { add, mul } from '../kernels/combine/index.ts';
import type { CombineParameters } from '../kernels/combine/parameters.ts';
import { windowRefusal } from '../kernels/common/window.ts';
import { context, contextRefusal } from '../kernels/context/index.ts';
import type { ContextParameters } from '../kernels/context/parameters.ts';
import { conv2d, conv2dRefusal } from '../kernels/conv2d/index.ts';
import type { Conv2dParameters } from '../kernels/conv2d/parameters.ts';
import { convert } from '../kernels/convert/index.ts';
import { gelu, relu, silu } from '../kernels/elementwise/index.ts';
import type { ElementwiseParameters, GeluParameters } from '../kernels/elementwise/parameters.ts';
import type { Instance, KernelModule, Target } from '../kernels/kernel.ts';
import { layernorm } from '../kernels/layernorm/index.ts';
import type { LayernormParameters } from '../kernels/layernorm/parameters.ts';
import { linear, linearRefusal } from '../kernels/linear/index.ts';
import type { Activation, LinearParameters } from '../kernels/linear/parameters.ts';
import { overlay, overlayRefusal } from '../kernels/overlay/index.ts';
import type { OverlayParameters, Product } from '../kernels/overlay/parameters.ts';
import { pool } from '../kernels/pool/index.ts';
import type { PoolParameters } from '../kernels/pool/parameters.ts';
import { rmsnorm } from '../kernels/rmsnorm/index.ts';
import { rope, ropeRefusal } from '../kernels/rope/index.ts';
import type { RopeParameters } from '../kernels/rope/parameters.ts';
import { isRowElement, type RowElement, type WordShape } from '../kernels/rows.ts';
import { scores, scoresRefusal } from '../kernels/scores/index.ts';
import type { ScoresParameters } from '../kernels/scores/parameters.ts';
import { softmax } from '../kernels/softmax/index.ts';
import type { SoftmaxParameters } from '../kernels/softmax/parameters.ts';
import { headsOf, isProduct, mainOperator, type Piece, portOf } from './pieces.ts';

/** What a piece reads and writes, before it is known who reads it. */
export interface Shape {
  readonly piece: Piece;
  readonly operator: Operator;
  /** Rows side by side in its words. */
  readonly tokens: number;
  readonly inputs: readonly InputPort[];
  readonly out: WordShape;
}

export interface InputPort {
  readonly name: string;
  readonly tensor: string;
  readonly word: WordShape;
}

/** What the adapters must know of a piece's surroundings. */
export interface Surroundings {
  readonly accelerator: Accelerator;
  readonly target: Target;
  /** Rows side by side in the words that an operator (or the memory) gives. */
  tokensOf(tensor: string): number;
  /** The operator of that name, where the model has one. */
  operator(name: string): Operator | undefined;
  /** The same parameters give the same instance. */
  instance<Parameters>(module: KernelModule<Parameters>, parameters: Parameters): Instance;
}

export function shapeOf(piece: Piece, around: Surroundings): Shape {
  const operator = mainOperator(piece);
  const { kernel } = piece;
  const names = inputNames(piece);
  if (isProduct(operator)) {
    const { tokens, dot } = kernel.array?.value ?? { tokens: 1, dot: 1 };
    const inputs = names.map((tensor, i): InputPort => {
      const name = portOf((productPorts[operator.kind] ?? ['in'])[i] ?? `in${i}`, piece);
      // A ring of pixels takes them as they come, however many side by side; an array only as many as it has rows.
      if (operator.kind === 'conv2d' && !isPlainProduct(operator))
        return { name, tensor, word: { tokens: around.tokensOf(tensor), columns: dot } };
      if (i === 0) return { name, tensor, word: { tokens, columns: dot } };
      return { name, tensor, word: { tokens: around.tokensOf(tensor), columns: operator.kind === 'scores' ? dot : 1 } };
    });
    return { piece, operator, tokens, inputs, out: { tokens, columns: 1 } };
  }
  const lanes = lanesOf(piece);
  const tokens = greatestCommonDivisor(lanes, Math.max(1, around.tokensOf(names[0] ?? '')));
  const word = { tokens, columns: lanes / tokens };
  if (operator.kind === 'flatten') {
    // Pixel after pixel: a word never holds channels of two.
    const channels = operator.inputs[0]?.shape[0] ?? 1;
    const out = { tokens: 1, columns: greatestCommonDivisor(channels, lanes) };
    return { piece, operator, tokens: 1, inputs: [{ name: 'in', tensor: names[0] ?? '', word }], out };
  }
  const inputs = names.map((tensor, i): InputPort => {
    const name = names.length === 1 ? 'in' : (['a', 'b'][i] ?? `in${i}`);
    return { name, tensor, word };
  });
  return { piece, operator, tokens, inputs, out: word };
}

/** Elements a cycle of a row kernel; behind an array in the same kernel, the rows that the array gives. */
export function lanesOf({ kernel }: Piece): number {
  return Math.max(1, kernel.lanes?.value ?? kernel.array?.value.tokens ?? 1);
}

const productPorts: Readonly<Partial<Record<Operator['kind'], readonly string[]>>> = {
  linear: ['in'],
  scores: ['q', 'k'],
  context: ['in', 'v'],
  matmul: ['in', 'b'],
};

/** Tensors that come from outside of the piece, in the operators' order. */
function inputNames(piece: Piece): string[] {
  const own = new Set(piece.operators.map(({ name }) => name));
  return piece.operators.flatMap(({ inputs }) => inputs.map(({ name }) => name)).filter((name) => !own.has(name));
}

export type Built = { readonly instance: Instance } | { readonly refused: string };

/** @param inputs types of the streams into it by port name; @param outputs types that its readers want, no two alike. */
export function build(
  shape: Shape,
  inputs: ReadonlyMap<string, ElementType>,
  outputs: readonly ElementType[],
  around: Surroundings,
): Built {
  const { piece, operator } = shape;
  const { kernel } = piece;
  if (kernel.replicate.value > 1)
    return {
      refused: `the library builds one instance of ${operator.name}, not ${kernel.replicate.value} side by side`,
    };
  const out = outputs.find((element) => element === 'int8') ?? outputs[0] ?? 'fp32';
  if (outputs.length > 1 && operator.kind !== 'layernorm')
    return {
      refused: `${operator.name} would have to give ${outputs.join(' and ')}; only a layernorm gives two types`,
    };
  if (!isRowElement(out)) return { refused: `the library’s kernels write int8 or fp32, not ${out}` };
  switch (operator.kind) {
    case 'linear':
      return buildLinear(shape, out, around);
    case 'conv2d':
      return isPlainProduct(operator) ? buildLinear(shape, out, around) : buildConv2d(shape, out, around);
    case 'flatten':
      return buildFlatten(shape, inputs, out, around);
    case 'maxpool':
    case 'avgpool':
      return buildPool(shape, inputs, out, around);
    case 'scores':
      return buildScores(shape, out, around);
    case 'context':
      return buildContext(shape, out, around);
    default:
      return buildRowKernel(shape, inputs, outputs.length > 0 ? outputs : [out], around);
  }
}

function buildLinear({ piece, operator }: Shape, output: RowElement, around: Surroundings): Built {
  const { kernel } = piece;
  const { precision } = around.accelerator;
  const parameters: LinearParameters = {
    rows: operator.rows,
    reduction: operator.reduction,
    columns: operator.columns,
    array: kernel.array?.value ?? { tokens: 1, outputs: 1, dot: 1 },
    pack: kernel.pack.value,
    activations: precision.activations,
    weights: precision.weights,
    output,
    activation: activationOf(piece.operators),
  };
  const refused = linearRefusal(parameters, around.target);
  return refused ? { refused } : { instance: around.instance(linear, parameters) };
}

/** A window of one pixel at every pixel: the image's pixels are the rows of a product. */
export function isPlainProduct({ window }: Operator): boolean {
  return !window || (window.size === 1 && window.stride === 1 && window.pad === 0);
}

function buildConv2d({ piece, operator, inputs }: Shape, output: RowElement, around: Surroundings): Built {
  const { kernel } = piece;
  const { precision } = around.accelerator;
  const { window } = operator;
  if (!window) return { refused: `${operator.name} has no window` };
  const parameters: Conv2dParameters = {
    ...window,
    columns: operator.columns,
    pixels: inputs[0]?.word.tokens ?? 1,
    array: kernel.array?.value ?? { tokens: 1, outputs: 1, dot: 1 },
    pack: kernel.pack.value,
    activations: precision.activations,
    weights: precision.weights,
    output,
    activation: activationOf(piece.operators),
  };
  const refused = conv2dRefusal(parameters, around.target);
  return refused ? { refused } : { instance: around.instance(conv2d, parameters) };
}

/** A row of all pixels is what its words say when they hold one pixel each. */
function buildFlatten(
  { operator, inputs, out }: Shape,
  types: ReadonlyMap<string, ElementType>,
  output: RowElement,
  around: Surroundings,
): Built {
  const element = types.get('in') ?? output;
  if (element !== output) return { refused: `a flatten gives the ${element} that it reads, not ${output}` };
  const [channels = 1, ...extents] = operator.inputs[0]?.shape ?? [];
  const rows = extents.reduce((all, extent) => all * extent, 1);
  const from = inputs[0]?.word ?? out;
  return { instance: around.instance(convert, { rows, heads: 1, columns: channels, element, from, to: out }) };
}

function buildPool(
  { operator, inputs, out }: Shape,
  types: ReadonlyMap<string, ElementType>,
  output: RowElement,
  around: Surroundings,
): Built {
  const { window, kind } = operator;
  if (!window) return { refused: `${operator.name} has no window` };
  const input = types.get('in') ?? 'int8';
  if (input !== 'int8') return { refused: `a pooling reads int8, not ${input}` };
  if (kind === 'maxpool' && output !== 'int8')
    return { refused: `a maxpool gives the int8 that it reads, not ${output}` };
  const parameters: PoolParameters = {
    ...window,
    pixels: inputs[0]?.word.tokens ?? 1,
    lanes: out.tokens,
    dot: out.columns,
    kind: kind === 'maxpool' ? 'greatest' : 'mean',
    output,
  };
  const refused = windowRefusal(parameters);
  return refused ? { refused } : { instance: around.instance(pool, parameters) };
}

function activationOf(operators: readonly Operator[]): Activation {
  const fused = operators[1]?.kind;
  return fused === 'gelu' ? 'gelu_erf' : fused === 'relu' || fused === 'silu' ? fused : 'none';
}

/** Storage of K or V on the chip, or why it is not there. */
function cacheOf(
  store: Exclude<Store, { kind: 'channels' }> | undefined,
): { storage: ScoresParameters['storage']; double: boolean } | string {
  if (!store) return { storage: 'bram', double: false };
  if (store.storage === 'srl') return 'a cache is kept in lutram, bram or uram, not in srl';
  return { storage: store.storage, double: store.double };
}

function onChip({ piece }: Shape): Exclude<Store, { kind: 'channels' }> | undefined {
  const store = piece.kernel.cache?.value;
  return store?.kind === 'channels' ? undefined : store;
}

function attention(shape: Shape, around: Surroundings) {
  const { kernel } = shape.piece;
  const { operator } = shape;
  return {
    rows: operator.rows,
    keys: operator.keys,
    heads: operator.heads,
    kvHeads: operator.kvHeads,
    array: kernel.array?.value ?? { tokens: 1, outputs: 1, dot: 1 },
    pack: kernel.pack.value,
    activations: around.accelerator.precision.activations,
  };
}

/** The caches in memory that a product of attention reads, one a port; undefined where K or V stays on the chip. */
export function cachesOf(shape: Shape, around: Surroundings): CacheParameters[] | undefined {
  const { operator, piece } = shape;
  const store = piece.kernel.cache?.value;
  if (store?.kind !== 'channels') return undefined;
  const { array, pack, heads, kvHeads, keys } = attention(shape, around);
  const of = operator.kind === 'scores' ? ('keys' as const) : ('values' as const);
  const headDim = of === 'keys' ? operator.reduction : Math.round(operator.columns / Math.max(1, heads));
  const { cache: element } = around.accelerator.precision;
  const common = { of, keys, heads, kvHeads, headDim, tileColumns: array.outputs * pack, dot: array.dot, element };
  const ports = cachePorts(common, Math.max(1, store.channels.length));
  const { outer, inner } = cacheLayout({ ...common, ports: Math.max(1, ports) });
  const storage = outer * inner <= 128 ? ('lutram' as const) : ('bram' as const);
  const content = `${of === 'keys' ? 'K' : 'V'} of every row so far, for ${operator.name}`;
  return Array.from({ length: Math.max(1, ports) }, (_, port) => ({ ...common, ports, port, storage, content }));
}

/** A product whose K or V streams out of memory. */
function buildAttend(
  shape: Shape,
  caches: readonly CacheParameters[],
  output: RowElement,
  around: Surroundings,
): Built {
  const { operator } = shape;
  const { rows, heads, keys, array, pack, activations } = attention(shape, around);
  const { headDim } = caches[0]!;
  const [reduction, columns] = operator.kind === 'scores' ? [headDim, keys] : [keys, headDim];
  const parameters: AttendParameters = {
    ...{ operator: operator.kind === 'scores' ? 'scores' : 'context', rows, heads, reduction, columns },
    ...{ array, pack, activations, output },
  };
  const refused = attendRefusal(parameters, around.target) ?? cacheRefusal({ ...caches[0]!, rows });
  return refused ? { refused } : { instance: around.instance(attend, parameters) };
}

function buildScores(shape: Shape, output: RowElement, around: Surroundings): Built {
  const caches = cachesOf(shape, around);
  if (caches) return buildAttend(shape, caches, output, around);
  const cache = cacheOf(onChip(shape));
  if (typeof cache === 'string') return { refused: cache };
  const keyTokens = shape.inputs[1]?.word.tokens ?? 1;
  const parameters: ScoresParameters = {
    ...attention(shape, around),
    ...cache,
    headDim: shape.operator.reduction,
    keyTokens,
    output,
  };
  const refused = scoresRefusal(parameters, around.target);
  return refused ? { refused } : { instance: around.instance(scores, parameters) };
}

function buildContext(shape: Shape, output: RowElement, around: Surroundings): Built {
  const caches = cachesOf(shape, around);
  if (caches) return buildAttend(shape, caches, output, around);
  const cache = cacheOf(onChip(shape));
  if (typeof cache === 'string') return { refused: cache };
  const parameters: ContextParameters = {
    ...attention(shape, around),
    ...cache,
    headDim: Math.round(shape.operator.columns / Math.max(1, shape.operator.heads)),
    valueTokens: shape.inputs[1]?.word.tokens ?? 1,
    output,
  };
  const refused = contextRefusal(parameters, around.target);
  return refused ? { refused } : { instance: around.instance(context, parameters) };
}

function buildRowKernel(
  shape: Shape,
  inputs: ReadonlyMap<string, ElementType>,
  outputs: readonly ElementType[],
  around: Surroundings,
): Built {
  const { operator, out: word, piece } = shape;
  const { rows, columns } = operator;
  const input = inputs.get('in') ?? 'fp32';
  const [output, second] = outputs;
  const types = [...inputs.values(), ...outputs];
  const odd = types.find((element) => !isRowElement(element));
  if (odd) return { refused: `the library’s row kernels read and write int8 or fp32, not ${odd}` };
  if (!isRowElement(input) || !output || !isRowElement(output)) return { refused: 'its streams have no type' };
  switch (operator.kind) {
    case 'softmax': {
      if (input !== 'fp32') return { refused: `a softmax reads fp32 scores, not ${input}` };
      const ii = interval(piece.kernel.ii.value);
      const past = around.accelerator.phase.past;
      const parameters: SoftmaxParameters = {
        rows,
        heads: operator.heads,
        keys: columns,
        word,
        ii,
        output,
        ...(isMasked(piece, around) ? { causal: past > 0 ? { past, growing: true } : { past } } : {}),
      };
      return { instance: around.instance(softmax, parameters) };
    }
    case 'layernorm': {
      const ii = interval(piece.kernel.ii.value);
      const types: LayernormParameters['outputs'] = second && isRowElement(second) ? [output, second] : [output];
      return { instance: around.instance(layernorm, { rows, columns, word, ii, input, outputs: types }) };
    }
    case 'rmsnorm': {
      if (operator.heads > 1)
        return { refused: `the library’s rmsnorm is of whole rows, not of ${operator.heads} heads` };
      const ii = interval(piece.kernel.ii.value);
      return { instance: around.instance(rmsnorm, { rows, columns, word, ii, input, output }) };
    }
    case 'rope': {
      const { headDim } = operator;
      const parameters: RopeParameters = { rows, heads: columns / headDim, headDim, word, input, output };
      const refused = ropeRefusal(parameters);
      return refused ? { refused } : { instance: around.instance(rope, parameters) };
    }
    case 'add':
    case 'mul': {
      const a = inputs.get('a') ?? 'fp32';
      const b = inputs.get('b') ?? 'fp32';
      if (!isRowElement(a) || !isRowElement(b))
        return { refused: `${operator.kind} reads int8 or fp32, not ${a} and ${b}` };
      const parameters: CombineParameters = { rows, columns, word, a, b, output };
      return { instance: around.instance(operator.kind === 'add' ? add : mul, parameters) };
    }
    case 'gelu': {
      const parameters: GeluParameters = { rows, columns, word, input, output, form: 'erf' };
      return { instance: around.instance(gelu, parameters) };
    }
    case 'silu':
    case 'relu': {
      const parameters: ElementwiseParameters = { rows, columns, word, input, output };
      return { instance: around.instance(operator.kind === 'silu' ? silu : relu, parameters) };
    }
    default:
      return { refused: `the library has no kernel for ${operator.kind}` };
  }
}

/** A mask in the softmax's own piece, or behind the product whose scores it reads. */
function isMasked(piece: Piece, around: Surroundings): boolean {
  const source = around.operator(piece.operators[0]?.inputs[0]?.name ?? '');
  return piece.operators.some(({ kind }) => kind === 'causal') || source?.kind === 'causal';
}

/** Intervals that the summing loops are written for. */
function interval(ii: number): number {
  return ii <= 1 ? 1 : ii === 2 ? 2 : 4;
}

/** Columns of a head, as the library's converters and forks want them. */
export function tensorShape(operator: Operator | undefined, columns: number): { heads: number; columns: number } {
  const heads = Math.max(1, headsOf(operator));
  return { heads, columns: Math.ceil(columns / heads) };
}

export function greatestCommonDivisor(a: number, b: number): number {
  let [high, low] = [Math.floor(a), Math.floor(b)];
  while (low > 0) [high, low] = [low, high % low];
  return Math.max(1, high);
}

/** One array for linears that take turns; or why there is none. `outputs`: the types that readers of each want. */
export function buildOverlay(
  pieces: readonly Piece[],
  outputs: (piece: Piece) => readonly ElementType[],
  around: Surroundings,
): Built {
  const { kernel } = pieces[0]!;
  const { precision } = around.accelerator;
  const products: Product[] = [];
  const { rows } = mainOperator(pieces[0]!);
  for (const piece of pieces) {
    const operator = piece.operators[0]!;
    const [output = 'fp32', second] = outputs(piece);
    const activation = activationOf(piece.operators);
    const { name, reduction, columns } = operator;
    if (operator.kind !== 'linear')
      return { refused: `one array takes linears in turn, and ${name} is a ${operator.kind}` };
    if (operator.rows !== rows) return { refused: `products in turn have the same rows, and ${name} has its own` };
    if (second) return { refused: `${name} would have to give ${output} and ${second}` };
    if (!isRowElement(output)) return { refused: `the library’s kernels write int8 or fp32, not ${output}` };
    if (activation === 'gelu_tanh' || activation === 'silu')
      return { refused: `${name}: an array that takes turns has relu and the erf form of gelu` };
    products.push({ name, reduction, columns, activation, output });
  }
  const parameters: OverlayParameters = {
    rows,
    array: kernel.array?.value ?? { tokens: 1, outputs: 1, dot: 1 },
    pack: kernel.pack.value,
    activations: precision.activations,
    weights: precision.weights,
    products,
  };
  const many = kernel.replicate.value;
  const refused =
    many > 1 ? `the library builds one instance, not ${many} side by side` : overlayRefusal(parameters, around.target);
  return refused ? { refused } : { instance: around.instance(overlay, parameters) };
}
