/** From a piece of a spec to the parameters of the library's kernel for it, or the reason why there is none. */

import { groupsOf } from '../../design/defaults/stored.ts';
import type { Kernel } from '../../design/design.ts';
import { multiplied } from '../../design/sheets/precision.ts';
import type { ElementType, Operator, OperatorKind, Precision } from '../../design/workload.ts';
import { add, mul } from '../../kernels/combine/index.ts';
import type { CombineParameters } from '../../kernels/combine/parameters.ts';
import { windowRefusal } from '../../kernels/common/window.ts';
import { conv2d, conv2dRefusal } from '../../kernels/conv2d/index.ts';
import type { Conv2dParameters } from '../../kernels/conv2d/parameters.ts';
import { convert } from '../../kernels/convert/index.ts';
import { gelu, relu, silu } from '../../kernels/elementwise/index.ts';
import type { ElementwiseParameters, GeluParameters } from '../../kernels/elementwise/parameters.ts';
import { layernorm } from '../../kernels/layernorm/index.ts';
import type { LayernormParameters } from '../../kernels/layernorm/parameters.ts';
import { linear, linearRefusal, tileRefusal } from '../../kernels/linear/index.ts';
import type { Activation, LinearParameters } from '../../kernels/linear/parameters.ts';
import { overlay, overlayRefusal } from '../../kernels/overlay/index.ts';
import type { OverlayParameters, Product } from '../../kernels/overlay/parameters.ts';
import { pool } from '../../kernels/pool/index.ts';
import type { PoolParameters } from '../../kernels/pool/parameters.ts';
import { rmsnorm } from '../../kernels/rmsnorm/index.ts';
import { rope, ropeRefusal } from '../../kernels/rope/index.ts';
import type { RopeParameters } from '../../kernels/rope/parameters.ts';
import { isRowElement, type RowElement, rowElementNames } from '../../kernels/rows.ts';
import { softmax } from '../../kernels/softmax/index.ts';
import type { SoftmaxParameters } from '../../kernels/softmax/parameters.ts';
import { isInteger } from '../../kernels/word.ts';
import { buildContext, buildScores, buildTiled, overHeads } from './attending.ts';
import { isTiled, mainOperator, type Piece, tileOf } from './pieces.ts';
import { type Built, isPlainProduct, type Shape, type Surroundings } from './shapes.ts';

/** Engines multiply; how rows and weights get to them and back is the business of a program that the library does not have. */
const onEngines = 'the engines of the card are a rate here, and no kernel of the library is for them';

/** Kernels of which several can be built, each with heads of its own. */
const haveHeads: ReadonlySet<OperatorKind> = new Set(['scores', 'context', 'softmax']);

/** Instances that take different rows or columns are one array by now (side-by-side.ts). */
function severalInstances({ name, replicate, over }: Kernel): string {
  const heads = over.value === 'heads';
  return `the library builds one instance of ${name}, not ${replicate.value} side by side${heads ? ' with heads of their own, which scores, context and softmax have; ‘over tokens’ and ‘over outputs’ are one array, that many times as high or as wide' : ''}`;
}

/** @param inputs types of the streams into it by port name; @param outputs types that its readers want, no two alike. */
export function build(
  shape: Shape,
  inputs: ReadonlyMap<string, ElementType>,
  outputs: readonly ElementType[],
  around: Surroundings,
): Built {
  const { piece, operator } = shape;
  const { kernel } = piece;
  if (kernel.replicate.value > 1 && !(kernel.over.value === 'heads' && haveHeads.has(operator.kind)))
    return { refused: severalInstances(kernel) };
  if (kernel.engines) return { refused: onEngines };
  const out = outputs.find(isInteger) ?? outputs[0] ?? 'fp32';
  if (outputs.length > 1 && operator.kind !== 'layernorm')
    return {
      refused: `${operator.name} would have to give ${outputs.join(' and ')}; only a layernorm gives two types`,
    };
  if (!isRowElement(out)) return { refused: `the library’s kernels write ${rowElementNames}, not ${out}` };
  switch (operator.kind) {
    case 'linear':
      return readingRefusal(shape, inputs, around) ?? buildLinear(shape, out, around);
    case 'conv2d':
      if (isPlainProduct(operator)) return readingRefusal(shape, inputs, around) ?? buildLinear(shape, out, around);
      return readingRefusal(shape, inputs, around) ?? buildConv2d(shape, out, around);
    case 'flatten':
      return buildFlatten(shape, inputs, out, around);
    case 'maxpool':
    case 'avgpool':
      return buildPool(shape, inputs, out, around);
    case 'scores':
      return isTiled(piece) ? buildTiled(shape, out, around) : buildScores(shape, out, around);
    case 'context':
      return buildContext(shape, out, around);
    default:
      return buildRowKernel(shape, inputs, outputs.length > 0 ? outputs : [out], around);
  }
}

/** An array multiplies what comes in: nothing in front of it turns rows of memory, or a stream of another type, into that. */
function readingRefusal({ piece: { kernel } }: Shape, inputs: ReadonlyMap<string, ElementType>, around: Surroundings) {
  const wanted = multiplied(kernel, around.accelerator.precision);
  const found = inputs.get('in') ?? wanted;
  if (found === wanted) return undefined;
  const remedy = kernel.as ? `leave ‘as ${kernel.as.value}’ out` : `let its stream carry ${wanted}`;
  return { refused: `its array multiplies ${wanted}, and its rows come as ${found}; ${remedy}` };
}

function buildLinear({ piece, operator }: Shape, output: RowElement, around: Surroundings): Built {
  const { kernel } = piece;
  const { precision } = around.accelerator;
  const tile = tileOf(kernel, operator);
  const parameters: LinearParameters = {
    rows: operator.rows,
    reduction: operator.reduction,
    columns: operator.columns,
    array: kernel.array?.value ?? { tokens: 1, outputs: 1, dot: 1 },
    pack: kernel.pack.value,
    activations: multiplied(kernel, precision),
    weights: precision.weights,
    ...groupOf(operator, precision),
    ...(tile?.tokens === undefined ? {} : { tile: tile.tokens }),
    output,
    activation: activationOf(piece.operators),
  };
  const refused = tileRefusal(tile, parameters) ?? linearRefusal(parameters, around.target);
  return refused ? { refused } : { instance: around.instance(linear, parameters) };
}

/** Weights that share a scale, where that is not a whole column of a linear. */
export function groupOf(operator: Operator, precision: Precision): { readonly group?: number } {
  return groupsOf(operator, precision) > 1 ? { group: precision.group } : {};
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
    activations: multiplied(kernel, precision),
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
  if (!isRowElement(input) || !isInteger(input)) return { refused: `a pooling reads integers, not ${input}` };
  if (kind === 'maxpool' && output !== input)
    return { refused: `a maxpool gives the ${input} that it reads, not ${output}` };
  const parameters: PoolParameters = {
    ...window,
    pixels: inputs[0]?.word.tokens ?? 1,
    lanes: out.tokens,
    dot: out.columns,
    kind: kind === 'maxpool' ? 'greatest' : 'mean',
    input,
    output,
  };
  const refused = windowRefusal(parameters);
  return refused ? { refused } : { instance: around.instance(pool, parameters) };
}

function activationOf(operators: readonly Operator[]): Activation {
  const fused = operators[1]?.kind;
  return fused === 'gelu' ? `gelu_${geluForm(operators[1]!)}` : fused === 'relu' || fused === 'silu' ? fused : 'none';
}

function geluForm({ tanh }: Operator): GeluParameters['form'] {
  return tanh ? 'tanh' : 'erf';
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
  if (odd) return { refused: `the library’s row kernels read and write ${rowElementNames}, not ${odd}` };
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
      const several = overHeads({ kernel: 'softmax', of: parameters }, shape, around);
      return several ?? { instance: around.instance(softmax, parameters) };
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
        return { refused: `${operator.kind} reads ${rowElementNames}, not ${a} and ${b}` };
      const parameters: CombineParameters = { rows, columns, word, a, b, output };
      return { instance: around.instance(operator.kind === 'add' ? add : mul, parameters) };
    }
    case 'gelu': {
      const parameters: GeluParameters = { rows, columns, word, input, output, form: geluForm(operator) };
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
    if (operator.kind !== 'linear') return { refused: `one array takes linears in turn, and ${name} is none` };
    if (operator.rows !== rows) return { refused: `products in turn have the same rows, and ${name} has its own` };
    if (second) return { refused: `${name} would have to give ${output} and ${second}` };
    if (!isRowElement(output)) return { refused: `the library’s kernels write ${rowElementNames}, not ${output}` };
    products.push({ name, reduction, columns, activation, output });
  }
  const parameters: OverlayParameters = {
    rows,
    array: kernel.array?.value ?? { tokens: 1, outputs: 1, dot: 1 },
    pack: kernel.pack.value,
    activations: multiplied(kernel, precision),
    weights: precision.weights,
    products,
  };
  const refused = kernel.engines
    ? onEngines
    : kernel.replicate.value > 1
      ? severalInstances(kernel)
      : overlayRefusal(parameters, around.target);
  return refused ? { refused } : { instance: around.instance(overlay, parameters) };
}
