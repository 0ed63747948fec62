/** Types in which tensors and weights travel, as the reference and the host have them in C++. */
import { groupsOf } from '../design/defaults/stored.ts';
import { multiplied } from '../design/sheets/precision.ts';
import type { ElementType, Operator } from '../design/workload.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { Word } from '../kernels/kernel.ts';
import { elementBits, isInteger } from '../kernels/word.ts';

const floats: Readonly<Partial<Record<ElementType, readonly [exponent: number, fraction: number]>>> = {
  fp16: [5, 10],
  bf16: [8, 7],
  fp32: [8, 23],
};

/** reference::integer_type<8> */
export function referenceType(element: ElementType): string {
  const float = floats[element];
  return float ? `reference::float_type<${float[0]}, ${float[1]}>` : `reference::integer_type<${elementBits[element]}>`;
}

/** The type of an element, as host/layer.h names it. */
export function typeOf(element: ElementType, { accelerator }: AcceleratorEstimate): string {
  return element === accelerator.precision.activations ? 'activation' : referenceType(element);
}

/** The same outside of host/layer.h. */
export function networkType(element: ElementType, estimate: AcceleratorEstimate): string {
  const type = typeOf(element, estimate);
  return type === 'activation' ? 'network::activation' : type;
}

/** Rows of a column of weights that share a step; undefined where all do. */
export function groupOf(operator: Operator, { accelerator: { precision } }: AcceleratorEstimate): number | undefined {
  return groupsOf(operator, precision) > 1 ? precision.group : undefined;
}

/** The type in which an operator takes its operands: what its kernel multiplies, or that of the activations. */
export function multipliedBy({ name }: Operator, { accelerator }: AcceleratorEstimate): ElementType {
  const { kernels, precision } = accelerator;
  const kernel = kernels.find(({ turns }) => turns.flat().some((one) => one.name === name));
  return kernel ? multiplied(kernel, precision) : precision.activations;
}

/** What the reference adds the products of an operator up in: exact for integers, double for anything in floating point. */
export function sumType(operator: Operator, estimate: AcceleratorEstimate): string {
  const activations = multipliedBy(operator, estimate);
  const attention = operator.kind === 'scores' || operator.kind === 'context';
  const types = [activations, attention ? activations : estimate.accelerator.precision.weights];
  if (!types.every(isInteger)) return 'double';
  return types.every((type) => elementBits[type] === 16) ? 'std::int64_t' : 'std::int32_t';
}

/** Elements of a word as the test bench has them. */
export function valueType({ element }: Word): string {
  return isInteger(element) ? 'std::int16_t' : 'float';
}

/** How far the rounding to a type may take a value: relative to it, and absolutely. */
export function roundingOf(element: ElementType): { readonly relative: number; readonly absolute: number } {
  const float = floats[element];
  if (!float || element === 'fp32') return { relative: 0, absolute: 0 };
  return { relative: 2 ** -(float[1] + 1), absolute: 2 ** (2 - 2 ** (float[0] - 1)) };
}

/** A number in C++. */
export function literal(value: number): string {
  return value
    .toExponential()
    .replace('e+', 'e')
    .replace(/^(-?\d+)e/, '$1.0e');
}
