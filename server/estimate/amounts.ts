/** Arithmetic of figures that carry a band. */
import type { Amount, Resources } from '../kernels/kernel.ts';

/** A figure without a band. Whatever is not a finite, non-negative number counts as nothing. */
export function exact(value: number): Amount {
  const used = clean(value);
  return { low: used, used, high: used };
}

/** A figure known to lie between two others: what is shown is their middle. */
export function band(low: number, high: number): Amount {
  const [least, most] = [clean(low), clean(high)];
  return { low: least, used: (least + most) / 2, high: most };
}

/** A finite, non-negative number, whatever came in: an estimate never shows NaN, Infinity or less than nothing. */
export function clean(value: number): number {
  return value > 0 ? Math.min(value, Number.MAX_SAFE_INTEGER) : 0;
}

export const nothing: Resources = { dsp: exact(0), bram36: exact(0), uram: exact(0), lut: exact(0), ff: exact(0) };

/** Resources of primitives that are counted exactly; LUT and FF may be given with a band. */
export function resources(parts: Partial<Record<keyof Resources, Amount | number>>): Resources {
  const of = (value: Amount | number | undefined): Amount =>
    typeof value === 'object' ? band(value.low, value.high) : exact(value ?? 0);
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
  const list = [...parts];
  const of = (name: keyof Resources): Amount =>
    band(
      list.reduce((sum, part) => sum + clean(part[name].low), 0),
      list.reduce((sum, part) => sum + clean(part[name].high), 0),
    );
  return { dsp: of('dsp'), bram36: of('bram36'), uram: of('uram'), lut: of('lut'), ff: of('ff') };
}

/** The same, `factor` times. */
export function times(one: Resources, factor: number): Resources {
  const of = (amount: Amount): Amount => band(amount.low * factor, amount.high * factor);
  return { dsp: of(one.dsp), bram36: of(one.bram36), uram: of(one.uram), lut: of(one.lut), ff: of(one.ff) };
}

/** Resource by resource, the one that takes more. */
export function larger(a: Resources, b: Resources): Resources {
  const of = (name: keyof Resources): Amount => (b[name].used > a[name].used ? b[name] : a[name]);
  return { dsp: of('dsp'), bram36: of('bram36'), uram: of('uram'), lut: of('lut'), ff: of('ff') };
}

/** What `whole` takes beyond `part`. */
export function less(whole: Resources, part: Resources): Resources {
  const of = (name: keyof Resources): Amount =>
    band(whole[name].low - part[name].low, whole[name].high - part[name].high);
  return { dsp: of('dsp'), bram36: of('bram36'), uram: of('uram'), lut: of('lut'), ff: of('ff') };
}
