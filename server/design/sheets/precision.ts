/** Number formats: `W4A8`, `W4A8KV8`, `fp16` need no declaration; `precision NAME { … }` says everything. */
import type * as tree from '../../../grammar/tree.ts';
import type { Kernel } from '../design.ts';
import { isProductAlone } from '../operators.ts';
import type { Environment } from '../terms/expression.ts';
import { textOf } from '../terms/report.ts';
import type { ElementType, Precision } from '../workload.ts';
import { Fields } from './sheet.ts';

export const ELEMENT_TYPES: readonly ElementType[] = [
  ...(['int2', 'int4', 'int8', 'int16', 'int32', 'uint8'] as const),
  ...(['fp16', 'bf16', 'fp32'] as const),
];

/** Where nobody says anything: int8 throughout, the usual result of post-training quantisation. */
export const DEFAULT_PRECISION = 'W8A8';

/** Shown as candidates; any `WxAyKVz` of 2, 4, 8 or 16 bits is understood. */
export const PRECISION_NAMES: readonly string[] = [
  'W4A8',
  'W8A8',
  'W4A8KV8',
  'W4A4',
  'W8A16',
  'W16A16',
  'fp16',
  'bf16',
  'fp32',
];

export function isElementType(text: string): text is ElementType {
  return (ELEMENT_TYPES as readonly string[]).includes(text);
}

/** Bits of one element on a wire or in memory. */
export function bitsOf(type: ElementType): number {
  return Number(/\d+$/.exec(type)![0]);
}

/** Type of the activations that the matrix products of a kernel multiply. */
export function multiplied(kernel: Pick<Kernel, 'turns' | 'as'>, { activations }: Precision): ElementType {
  return kernel.as && isProductAlone(kernel) ? kernel.as.value : activations;
}

export function isFloat(type: ElementType): boolean {
  return type.includes('fp') || type.startsWith('bf');
}

/** Sixteen bits are half precision: W4A16 and W16A16 mean that in the literature on quantised transformers. */
const byBits: Readonly<Record<string, ElementType>> = { 2: 'int2', 4: 'int4', 8: 'int8', 16: 'fp16' };

/** The meaning of a name that needs no declaration; undefined where it has none. */
export function builtInPrecision(name: string): Precision | undefined {
  if (isElementType(name) && isFloat(name)) {
    const all = { weights: name, activations: name, cache: name, nonlinear: 'fp32', accumulator: 'fp32' } as const;
    return { name, ...all, group: 0 };
  }
  const [, w, a, kv] = /^W(2|4|8|16)A(4|8|16)(?:KV(4|8|16))?$/.exec(name) ?? [];
  if (w === undefined || a === undefined) return undefined;
  const [weights, activations] = [byBits[w]!, byBits[a]!];
  const accumulator = isFloat(activations) || isFloat(weights) ? 'fp32' : 'int32';
  return { name, weights, activations, cache: byBits[kv ?? a]!, accumulator, nonlinear: 'fp32', group: 0 };
}

/** A declared precision; fields that are left out are those of W8A8. */
export function resolvePrecision(sheet: tree.Sheet & { name: tree.Name }, env: Environment): Precision {
  const fields = new Fields(sheet.items, env);
  const standard = builtInPrecision(DEFAULT_PRECISION)!;
  const element = (key: keyof Omit<Precision, 'name' | 'group'>): ElementType | undefined => {
    const name = fields.word(key);
    if (!name || isElementType(name.text)) return name?.text as ElementType | undefined;
    env.report.unknown(env.file, name, 'element type', ELEMENT_TYPES);
    return undefined;
  };
  const activations = element('activations') ?? standard.activations;
  const precision: Precision = {
    name: sheet.name.text,
    weights: element('weights') ?? standard.weights,
    activations,
    cache: element('cache') ?? activations,
    accumulator: element('accumulator') ?? (isFloat(activations) ? 'fp32' : standard.accumulator),
    nonlinear: element('nonlinear') ?? standard.nonlinear,
    group: fields.quantity('group', { whole: true, least: 0, most: 1 << 20 }) ?? 0,
  };
  fields.finish();
  const shared = sheet.items.find((item) => item.key.text === 'group');
  if (precision.group > 0 && shared && isFloat(precision.weights)) {
    env.report.invalid(
      env.file,
      shared,
      'group',
      textOf(env.file, shared),
      `no group: weights of ${precision.weights} have no scale`,
    );
  }
  return precision;
}

/** 'int4 weights · int8 activations · int8 cache · fp32 elsewhere' */
export function precisionDetail(precision: Precision): string {
  const { weights, activations, cache, nonlinear } = precision;
  return `${weights} weights · ${activations} activations · ${cache} cache · ${nonlinear} elsewhere`;
}
