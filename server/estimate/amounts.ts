/** Arithmetic of figures that carry a band. */
import type { Amount, Resources } from '../kernels/kernel.ts';

/** A figure without a band. Whatever is not a finite, non-negative number counts as nothing. */
export function exact(value: number): Amount {
  const used = clean(value);
  return { low: used, used, high: used };
}

/** A figure with its band, put in order. */
export function band(low: number, used: number, high: number): Amount {
  const middle = clean(used);
  return { low: Math.min(clean(low), middle), used: middle, high: Math.max(clean(high), middle) };
}

/** A finite, non-negative number, whatever came in: an estimate never shows NaN, Infinity or less than nothing. */
export function clean(value: number): number {
  return value > 0 ? Math.min(value, Number.MAX_SAFE_INTEGER) : 0;
}

export const nothing: Resources = { dsp: exact(0), bram36: exact(0), uram: exact(0), lut: exact(0), ff: exact(0) };

/** Resources of primitives that are counted exactly; LUT and FF may be given with a band. */
export function resources(parts: Partial<Record<keyof Resources, Amount | number>>): Resources {
  const of = (value: Amount | number | undefined): Amount =>
    typeof value === 'object' ? band(value.low, value.used, value.high) : exact(value ?? 0);
  return {
    dsp: of(parts.dsp),
    bram36: of(parts.bram36),
    uram: of(parts.uram),
    lut: of(parts.lut),
    ff: of(parts.ff),
  };
}

/** The sum, band by band: low ends add to the low end, which is pessimistic for independent errors and honest for equal ones. */
export function total(parts: Iterable<Resources>): Resources {
  const sum = { dsp: [0, 0, 0], bram36: [0, 0, 0], uram: [0, 0, 0], lut: [0, 0, 0], ff: [0, 0, 0] };
  const names = ['dsp', 'bram36', 'uram', 'lut', 'ff'] as const;
  for (const part of parts) {
    for (const name of names) {
      const into = sum[name];
      const amount = part[name];
      into[0]! += clean(amount.low);
      into[1]! += clean(amount.used);
      into[2]! += clean(amount.high);
    }
  }
  const of = (name: (typeof names)[number]): Amount => band(sum[name][0]!, sum[name][1]!, sum[name][2]!);
  return { dsp: of('dsp'), bram36: of('bram36'), uram: of('uram'), lut: of('lut'), ff: of('ff') };
}

/** The same, `factor` times. */
export function times(one: Resources, factor: number): Resources {
  const of = (amount: Amount): Amount => band(amount.low * factor, amount.used * factor, amount.high * factor);
  return { dsp: of(one.dsp), bram36: of(one.bram36), uram: of(one.uram), lut: of(one.lut), ff: of(one.ff) };
}
