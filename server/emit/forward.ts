/**
 * The two runs of a layer that its result is compared with: in double precision, nothing quantised, and as it is quantised. Both
 * are written once and run twice, as they are and with noise where the hardware rounds (tb/noise.h), which says how far from
 * them the hardware may be.
 */
import type { Operator } from '../design/workload.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { Unit } from '../estimate/netlist.ts';
import { floatParts } from '../kernels/common/array.ts';
import { isInteger } from '../kernels/word.ts';
import { keptTensors, withPast } from './history.ts';
import { identifier } from './names.ts';
import { stepOf } from './scales.ts';
import { type Form, isTiled, mainOperator, Tensors } from './tensors.ts';
import { groupOf, sumType, typeOf } from './types.ts';

/** Both runs, for host/layer.h. */
export function forwardText(estimate: AcceleratorEstimate): string {
  const { layer } = estimate.accelerator.model;
  const { past } = estimate.accelerator.phase;
  const tensors = new Tensors(estimate);
  const kept = keptTensors(estimate);
  const { operators } = layer;
  const input = identifier(layer.inputs[0]!.name);
  const history = kept.length > 0 ? 'const history &h, ' : '';
  const passed = kept.length > 0 ? 'h, ' : '';
  const all = past > 0 ? ', over all rows at once' : '';
  return `/// The layer in double precision, nothing quantised${all}; NOISE: what roundings would make of it.
template <class NOISE> tensors forward(const parameters &p, const quantised &m, const reals &input, NOISE &noise) {
  tensors t;
  t.${input} = input;
${realNarrowed(layer.inputs[0]!.name, estimate, tensors)}${operators.map((op) => realStep(op, estimate, tensors)).join('')}  (void)m;
  (void)noise;
  return t;
}

inline tensors forward(const parameters &p, const reals &input) {
  noise::none nothing;
  return forward(p, quantised{}, input, nothing);
}

/// The layer as it is quantised: integer products, everything else in double precision on quantised inputs. NOISE: what single
/// precision would make of it.
template <class NOISE>
tensors forward(const parameters &p, const quantised &m, ${history}const values &input, narrow &i, NOISE &noise) {
  tensors t;
  i.${input} = input;
  t.${input} = reference::to_real(input, ${stepOf(input)});
${operators.map((op) => quantisedStep(op, estimate, tensors, kept)).join('')}  (void)noise;
  return t;
}

inline tensors forward(const parameters &p, const quantised &m, ${history}const values &input) {
  narrow i;
  noise::none nothing;
  return forward(p, m, ${passed}input, i, nothing);
}
`;
}

const w = (operator: Operator): string => identifier(operator.name);
const t = (operator: Operator, index: number): string => `t.${identifier(operator.inputs[index]!.name)}`;

/** An operator on real values and, where its result goes on in a narrow type, what the type makes of it. */
function realStep(op: Operator, estimate: AcceleratorEstimate, tensors: Tensors): string {
  const own = `t.${w(op)}`;
  const value = `  ${own} = ${computed(op, realValue(op, estimate, tensors), estimate)};\n`;
  if (onlyMoves(op)) return value;
  if (op.kind === 'softmax' && isTiled(unitOf(op, estimate)))
    return `${value}  ${own} = noise.probabilities(${own}, ${op.heads});\n`;
  return value + realNarrowed(op.name, estimate, tensors);
}

function realNarrowed(name: string, estimate: AcceleratorEstimate, tensors: Tensors): string {
  const own = `t.${identifier(name)}`;
  const narrowed = ({ name: form, element }: Form): string =>
    `noise.template narrowed<${typeOf(element, estimate)}>(${own}, ${stepOf(form)})`;
  const forms = tensors.forms(name);
  return isOfSeveralTypes(name, tensors)
    ? forms.map((form) => `  const reals ${narrowName(form.name)} = ${narrowed(form)};\n`).join('')
    : forms.map((form) => `  ${own} = ${narrowed(form)};\n`).join('');
}

/** Whether a tensor goes on as fp32 beside a narrower type, or as two of these. */
function isOfSeveralTypes(name: string, tensors: Tensors): boolean {
  return tensors.elements(name).size > 1;
}

const narrowName = (form: string): string => `${form}_narrow`;

/** A result with the noise of single precision. */
function computed(op: Operator, value: string, estimate: AcceleratorEstimate): string {
  const roundings = roundingsOf(op, estimate);
  return roundings === 0 ? value : `noise.computed(${value}, ${roundings})`;
}

/** Values of the input, in its steps. */
function onlyMoves({ kind }: Operator): boolean {
  return kind === 'maxpool' || kind === 'flatten';
}

/**
 * Roundings to single precision that a result has behind it, in its own size. A scaled integer sum: of the scale, the product and
 * the bias. A sum in floating point: of its greatest terms, and those of the partial sums, which reach a `floatParts`th of its
 * square and are half of that on the way. Of groups, each is added once more. The others: some of the library's exp, rsqrt and gelu, and around them.
 */
function roundingsOf(op: Operator, estimate: AcceleratorEstimate): number {
  const { accelerator } = estimate;
  const { activations, weights } = accelerator.precision;
  const attention = op.kind === 'scores' || op.kind === 'context';
  if (onlyMoves(op) || op.kind === 'relu' || op.kind === 'causal') return 0;
  if (!attention && op.kind !== 'linear' && op.kind !== 'conv2d') return 4;
  const groups = Math.ceil(op.reduction / (groupOf(op, estimate) ?? op.reduction));
  if (isInteger(activations) && (attention || isInteger(weights))) return 2 + groups;
  return 4 + Math.ceil((op.kind === 'context' ? op.keys : op.reduction) / floatParts / 2);
}

/** An operator over real tensors `t` with trained values `p`. */
function realValue(op: Operator, estimate: AcceleratorEstimate, tensors: Tensors): string {
  const heads = `${op.heads}, ${op.kvHeads}`;
  /** Products take the narrow form of what goes on in two. */
  const read = (index: number): string => {
    const form = tensors.readBy(op, index);
    const { name } = op.inputs[index]!;
    const isNarrow = tensors.forms(name).some((one) => one.name === form);
    return isNarrow && isOfSeveralTypes(name, tensors) ? narrowName(form) : t(op, index);
  };
  switch (op.kind) {
    case 'linear':
      return `reference::linear(${read(0)}, p.${w(op)}_weight, p.${w(op)}_bias)`;
    case 'conv2d':
      return `reference::biased(reference::convolution<double>(${read(0)}, p.${w(op)}_weight, ${windowOf(op)}), p.${w(op)}_bias)`;
    case 'scores':
      return `reference::times(reference::scores<double>(${read(0)}, ${read(1)}, ${heads}), 1.0 / std::sqrt(${op.reduction}.0))`;
    case 'context':
      return `reference::context<double>(${read(0)}, ${read(1)}, ${heads})`;
    default:
      // A run over all rows starts at the first.
      return pointwise(op, estimate, 0);
  }
}

/** The window of an operator as reference.h has it. */
export function windowOf({ window }: Operator): string {
  const { height = 0, width = 0, size = 0, stride = 0, pad = 0 } = window ?? {};
  return `{${height}, ${width}, ${size}, ${stride}, ${pad}}`;
}

/** Values of a window. */
export function tapsOf({ window }: Operator): number {
  return (window?.size ?? 0) ** 2;
}

/** The unit that computes an operator. */
export function unitOf(operator: Operator, estimate: AcceleratorEstimate): Unit {
  return estimate.netlist.units.find((unit) => unit.operators.some((own) => own.name === operator.name))!;
}

/** gelu comes in two forms; the kernel's call says which one is built, of an array that takes turns for all of them. */
export function geluForm(unit: Unit): 'gelu_erf' | 'gelu_tanh' {
  return unit.instance.call.templateArguments.some(({ value }) =>
    /^weft::.*\bgelu_tanh$|\boverlay_gelu_tanh\b/.test(value),
  )
    ? 'gelu_tanh'
    : 'gelu_erf';
}

/** The reference of a rope on a tensor. */
export function ropeOf({ headDim }: Operator, tensor: string, past: number): string {
  return `reference::rope(${tensor}, ${headDim}, ${past}, network::rope_base)`;
}

/** Operators that compute in floating point either way. */
function pointwise(op: Operator, estimate: AcceleratorEstimate, past: number): string {
  switch (op.kind) {
    case 'softmax':
      return `reference::softmax(${t(op, 0)}, ${op.heads})`;
    case 'causal':
      return `reference::causal(${t(op, 0)}, ${op.heads}, ${past})`;
    case 'layernorm':
      return `reference::layernorm(${t(op, 0)}, p.${w(op)}_gain, p.${w(op)}_bias, epsilon)`;
    case 'gelu':
      return `reference::${geluForm(unitOf(op, estimate))}(${t(op, 0)})`;
    case 'rmsnorm':
      return `reference::rmsnorm(${t(op, 0)}, p.${w(op)}_gain, epsilon)`;
    case 'rope':
      return ropeOf(op, t(op, 0), past);
    case 'add':
    case 'mul':
      return `reference::${op.kind}(${t(op, 0)}, ${t(op, 1)})`;
    case 'maxpool':
      return `reference::greatest(${t(op, 0)}, ${windowOf(op)})`;
    case 'avgpool':
      return `reference::times(reference::window_sums(${t(op, 0)}, ${windowOf(op)}), 1.0 / ${tapsOf(op)}.0)`;
    default:
      return `reference::${op.kind}(${t(op, 0)})`;
  }
}

/** The same on quantised inputs, and the result quantised where it travels so. */
function quantisedStep(op: Operator, estimate: AcceleratorEstimate, tensors: Tensors, kept: readonly string[]): string {
  const own = w(op);
  const value = `  t.${own} = ${computed(op, quantisedValue(op, estimate, tensors, kept), estimate)};\n`;
  const narrowed = tensors.forms(op.name).map(({ name, element }) => {
    const type = typeOf(element, estimate);
    const rounded = `reference::narrowed<${type}>(t.${own}, ${stepOf(name)})`;
    const turned = `  i.${name} = ${onlyMoves(op) ? rounded : `noise.template turned<${type}>(${rounded})`};\n`;
    const isAll = !isOfSeveralTypes(op.name, tensors);
    return isAll ? `${turned}  t.${own} = reference::to_real(i.${name}, ${stepOf(name)});\n` : turned;
  });
  return value + narrowed.join('');
}

function quantisedValue(
  op: Operator,
  estimate: AcceleratorEstimate,
  tensors: Tensors,
  kept: readonly string[],
): string {
  const step = (index: number): string => `static_cast<double>(${stepOf(tensors.readBy(op, index))})`;
  const i = (index: number): string => `i.${tensors.readBy(op, index)}`;
  const heads = `${op.heads}, ${op.kvHeads}`;
  const sum = sumType(op, estimate);
  switch (op.kind) {
    case 'linear':
      if (groupOf(op, estimate))
        return `reference::biased(reference::times(reference::product<double>(${i(0)}, reference::dequantised(m.${w(op)}.values, m.${w(op)}.step, m.${w(op)}.group)), ${step(0)}), p.${w(op)}_bias)`;
      return `reference::dequantised(reference::product<${sum}>(${i(0)}, m.${w(op)}.values), m.${w(op)}.step, ${step(0)}, p.${w(op)}_bias)`;
    case 'conv2d':
      return `reference::dequantised(reference::convolution<${sum}>(${i(0)}, m.${w(op)}.values, ${windowOf(op)}), m.${w(op)}.step, ${step(0)}, p.${w(op)}_bias)`;
    case 'scores':
      return `reference::times(reference::to_real(reference::scores<${sum}>(${i(0)}, ${withPast(i(1), op, kept)}, ${heads})), ${step(0)} * ${step(1)} / std::sqrt(${op.reduction}.0))`;
    case 'context':
      if (isTiled(unitOf(op, estimate)))
        return `reference::times(${tiledContext(unitOf(op, estimate), t(softmaxOf(op, estimate), 0), withPast(i(1), op, kept))}, ${step(1)})`;
      return `reference::times(reference::to_real(reference::context<${sum}>(${i(0)}, ${withPast(i(1), op, kept)}, ${heads})), ${step(0)} * ${step(1)})`;
    default:
      return pointwise(op, estimate, estimate.accelerator.phase.past);
  }
}

/** Where the probabilities of a context come from. */
function softmaxOf(op: Operator, { accelerator }: AcceleratorEstimate): Operator {
  return accelerator.model.layer.operators.find(({ name }) => name === op.inputs[0]!.name)!;
}

/** Whole attention on real scores (masked ones −∞) and whole values. */
export function tiledContext(unit: Unit, scores: string, values: string): string {
  const { heads, kvHeads } = mainOperator(unit);
  const tile = unit.instance.call.templateArguments.find(({ name }) => name === 'TILE')!.value;
  return `reference::tiled(${scores}, ${values}, ${heads}, ${kvHeads}, ${tile})`;
}
