/** What the pieces of a spec read and write: words, ports, and the sizes behind them. */
import type { Accelerator } from '../../design/design.ts';
import type { Operator } from '../../design/workload.ts';
import type { Instance, KernelModule, Target } from '../../kernels/kernel.ts';
import type { WordShape } from '../../kernels/rows.ts';
import { headsOf, isProduct, isTiled, mainOperator, type Piece, portOf } from './pieces.ts';

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

/** A unit of the library, or why there is none. */
export type Built = { readonly instance: Instance } | { readonly refused: string };

export function shapeOf(piece: Piece, around: Surroundings): Shape {
  const operator = mainOperator(piece);
  const { kernel } = piece;
  const names = inputNames(piece);
  if (isProduct(operator)) {
    const { tokens, dot } = kernel.array?.value ?? { tokens: 1, dot: 1 };
    const inputs = names.map((tensor, i): InputPort => {
      const ports = isTiled(piece) ? tiledPorts : (productPorts[operator.kind] ?? ['in']);
      const name = portOf(ports[i] ?? `in${i}`, piece);
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

/** Of whole attention. */
const tiledPorts = ['q', 'k', 'v'];

/** Tensors that come from outside of the piece, in the operators' order. */
function inputNames(piece: Piece): string[] {
  const own = new Set(piece.operators.map(({ name }) => name));
  return piece.operators.flatMap(({ inputs }) => inputs.map(({ name }) => name)).filter((name) => !own.has(name));
}

/** Sizes of a product of attention. */
export function attentionOf({ operator, piece: { kernel } }: Shape, around: Surroundings) {
  return {
    rows: operator.rows,
    keys: operator.keys,
    heads: operator.heads,
    kvHeads: operator.kvHeads,
    headDim:
      operator.kind === 'scores' ? operator.reduction : Math.round(operator.columns / Math.max(1, operator.heads)),
    array: kernel.array?.value ?? { tokens: 1, outputs: 1, dot: 1 },
    pack: kernel.pack.value,
    activations: around.accelerator.precision.activations,
  };
}

/** A window of one pixel at every pixel: the image's pixels are the rows of a product. */
export function isPlainProduct({ window }: Operator): boolean {
  return !window || (window.size === 1 && window.stride === 1 && window.pad === 0);
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
