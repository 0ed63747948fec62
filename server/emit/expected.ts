/** What the test bench expects of a unit: a call of the reference on what the unit received, as a C++ expression. */
import type { Operator } from '../design/workload.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { Unit } from '../estimate/netlist.ts';
import { isInteger } from '../kernels/word.ts';
import { geluForm, ropeOf, tiledContext, windowOf } from './forward.ts';
import { identifier } from './names.ts';
import { stepOf } from './scales.ts';
import { isTiled, type Joint, mainOperator, Tensors } from './tensors.ts';
import { groupOf, sumType } from './types.ts';

function isTrainedProduct(unit: Unit): boolean {
  return ['linear', 'conv2d'].includes(mainOperator(unit).kind);
}

/** Products, whatever they are followed by. */
export function isProduct(unit: Unit): boolean {
  return isTrainedProduct(unit) || ['scores', 'context'].includes(mainOperator(unit).kind);
}

/** Sums of integer products, scaled once: no rounding that is not specified. */
export function isExact(unit: Unit, { accelerator }: AcceleratorEstimate): boolean {
  const { activations, weights } = accelerator.precision;
  if (!isInteger(activations)) return mainOperator(unit).kind === 'flatten';
  if (isTrainedProduct(unit) && !isInteger(weights)) return false;
  const isProduct = ['linear', 'conv2d', 'maxpool', 'avgpool', 'flatten', 'scores', 'context'].includes(
    mainOperator(unit).kind,
  );
  return isProduct && !isTiled(unit) && unit.operators.every(({ kind }) => kind !== 'gelu' && kind !== 'silu');
}

export function expectedValue(unit: Unit, operand: (port: string) => Joint, estimate: AcceleratorEstimate): string {
  const operator = mainOperator(unit);
  const heads = `${operator.heads}, ${operator.kvHeads}`;
  const name = identifier(operator.name);
  const scale = `s.${identifier(`${unit.id}_scale`)}`;
  if (isTiled(unit)) return tiledValue(unit, estimate);
  const sum = sumType(operator, estimate);
  switch (operator.kind) {
    case 'linear': {
      const epilogue = `m.${name}_epilogue.multiplier, m.${name}_epilogue.bias`;
      const sums = groupOf(operator, estimate)
        ? `reference::grouped<${sum}>(in, m.${name}.values, m.${name}.group, ${epilogue})`
        : `reference::scaled(reference::product<${sum}>(in, m.${name}.values), ${epilogue})`;
      return unit.operators.slice(1).reduce((value, fused) => fusedValue(value, fused, unit), sums);
    }
    case 'conv2d': {
      const sums = `reference::scaled(reference::convolution<${sum}>(in, m.${name}.values, ${windowOf(operator)}), m.${name}_epilogue.multiplier, m.${name}_epilogue.bias)`;
      return unit.operators.slice(1).reduce((value, fused) => fusedValue(value, fused, unit), sums);
    }
    case 'maxpool':
      return `reference::scaled(reference::greatest(reference::widened(in), ${windowOf(operator)}), 1.0f)`;
    case 'flatten':
      return 'reference::scaled(reference::widened(reference::flatten(in)), 1.0f)';
    case 'avgpool':
      return `reference::scaled(reference::window_sums(reference::widened(in), ${windowOf(operator)}), ${scale})`;
    case 'scores':
      // A mask behind the product is applied by the softmax that reads it.
      return `reference::scaled(reference::scores<${sum}>(q, k, ${heads}), ${scale})`;
    case 'context':
      return `reference::scaled(reference::context<${sum}>(in, v, ${heads}), ${scale})`;
    default:
      return pointwiseValue(unit, operand, estimate);
  }
}

/** Whole attention on what came in, and on K and V as they went into memory. */
function tiledValue(unit: Unit, estimate: AcceleratorEstimate): string {
  const { heads, kvHeads } = mainOperator(unit);
  const scale = `s.${identifier(`${unit.id}_score_scale`)}`;
  const scores = `reference::times(reference::to_real(reference::scores<std::int32_t>(q, k, ${heads}, ${kvHeads})), ${scale})`;
  const masked = causalOf(unit) ? `reference::causal(${scores}, ${heads}, ${estimate.accelerator.phase.past})` : scores;
  const values = new Tensors(estimate).cached(unit, 'values')!.form;
  return `reference::times(${tiledContext(unit, masked, 'v')}, ${stepOf(values)})`;
}

function fusedValue(value: string, operator: Operator, unit: Unit): string {
  if (operator.kind === 'gelu') return `reference::${geluForm(unit)}(reference::to_real(${value}))`;
  if (operator.kind === 'silu') return `reference::silu(reference::to_real(${value}))`;
  return `reference::${operator.kind}(${value})`;
}

function pointwiseValue(unit: Unit, operand: (port: string) => Joint, estimate: AcceleratorEstimate): string {
  const operator = mainOperator(unit);
  const name = identifier(operator.name);
  const real = (port: string): string => {
    const { word, form } = operand(port);
    return isInteger(word.element) ? `reference::to_real(${port}, ${stepOf(form)})` : `reference::to_real(${port})`;
  };
  switch (operator.kind) {
    case 'add':
    case 'mul':
      return `reference::${operator.kind}(${real('a')}, ${real('b')})`;
    case 'softmax': {
      const masked = causalOf(unit)
        ? `reference::causal(${real('in')}, ${operator.heads}, ${estimate.accelerator.phase.past})`
        : real('in');
      return `reference::softmax(${masked}, ${operator.heads})`;
    }
    case 'layernorm':
      return `reference::layernorm(${real('in')}, p.${name}_gain, p.${name}_bias, epsilon)`;
    case 'rmsnorm':
      return `reference::rmsnorm(${real('in')}, p.${name}_gain, epsilon)`;
    case 'rope':
      return ropeOf(operator, real('in'), estimate.accelerator.phase.past);
    case 'gelu':
      return `reference::${geluForm(unit)}(${real('in')})`;
    default:
      return `reference::${operator.kind}(${real('in')})`;
  }
}

function causalOf(unit: Unit): boolean {
  return unit.instance.call.templateArguments.some(({ name, value }) => name === 'CAUSAL' && value === '1');
}
