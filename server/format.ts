/** The one place where a figure becomes text. Every hint, hover, message and table prints through here. */
import type { Amount } from './kernels/kernel.ts';

/**
 * What `toLocaleString('en-US')` prints, with at least and at most so many decimals. That call costs a third of the time
 * between a keystroke and its hints, and 60 ms when a process makes it for the first time.
 */
export function grouped(value: number, least: number, most: number): string {
  if (Math.abs(value) >= 1e21 || !Number.isFinite(value)) return value.toLocaleString('en-US'); // toFixed has exponents
  const [whole = '', decimals = ''] = value.toFixed(most).split('.');
  const kept = decimals.replace(/0+$/, '').padEnd(least, '0');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (kept === '' ? '' : `.${kept}`);
}

/** 1234567 → '1,234,567' */
export function count(value: number): string {
  return grouped(Math.round(value), 0, 0);
}

/** Three significant digits, never an exponent: 0.00486 → '0.00486', 24.07 → '24.1'. */
export function significant(value: number, digits = 3): string {
  if (value === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const decimals = Math.max(0, digits - 1 - magnitude);
  return grouped(value, 0, Math.min(decimals, 12));
}

/** Seconds → '4.86 ms', '12.3 µs', '1.42 s'. */
export function time(seconds: number): string {
  for (const [unit, scale] of [
    ['s', 1],
    ['ms', 1e-3],
    ['µs', 1e-6],
  ] as const) {
    if (seconds >= scale) return `${threeDigits(seconds / scale)} ${unit}`;
  }
  return seconds === 0 ? '0 ms' : `${significant(seconds / 1e-9)} ns`;
}

/** 25 → '25.0', 1400 → '1,400': a time that was computed shows that it was. */
function threeDigits(value: number): string {
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(value)));
  return grouped(value, decimals, decimals);
}

/** Hz → '245 MHz' */
export function frequency(hertz: number): string {
  return hertz >= 1e9 ? `${significant(hertz / 1e9, 4)} GHz` : `${significant(hertz / 1e6, 4)} MHz`;
}

/** Bytes a second, decimal: '14.4 GB/s'. */
export function bandwidth(bytesPerSecond: number): string {
  return `${grouped(bytesPerSecond / 1e9, 1, bytesPerSecond < 1e8 ? 3 : 1)} GB/s`;
}

/** Watts: '62.4 W', '0.85 W'. */
export function power(watts: number): string {
  return `${significant(watts)} W`;
}

/** Joules → '1.20 J', '146 mJ', '3.2 µJ'. */
export function energy(joules: number): string {
  for (const [unit, scale] of [
    ['J', 1],
    ['mJ', 1e-3],
    ['µJ', 1e-6],
  ] as const) {
    if (joules >= scale) return `${significant(joules / scale)} ${unit}`;
  }
  return `${significant(joules / 1e-9)} nJ`;
}

/** Bytes, binary: '256 MiB'. */
export function bytes(value: number): string {
  for (const [unit, scale] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (value >= scale) return `${significant(value / scale)} ${unit}`;
  }
  return `${count(value)} B`;
}

/** 0.204 → '20%'; small shares keep a digit: 0.004 → '0.4%'. */
export function share(value: number): string {
  const percent = value * 100;
  return `${percent !== 0 && percent < 1 ? percent.toFixed(1) : count(percent)}%`;
}

/**
 * A resource figure. Exact ones are printed whole; a band is printed with the two digits that it deserves, so that
 * nobody reads precision into it: '39k…78k'.
 */
export function amount(value: Amount): string {
  if (value.low === value.high) return value.used % 1 === 0.5 ? value.used.toFixed(1) : count(value.used);
  return `${rounded(value.low)}…${rounded(value.high)}`;
}

/** A figure of which only a part is known: '≥384', or a dash where nothing is. */
export function least(value: Amount): string {
  return value.used > 0 ? `≥${amount(value)}` : '—';
}

/** What a pass gives: rows of a sequence, or whatever a model makes that says its rows itself. */
export function resultOf({ results }: { readonly results?: number | undefined }): string {
  return results === undefined ? 'token' : 'result';
}

/** '28.1 tok/s'; of a model that says its rows itself, '148 frame/s'. */
export function throughput(rate: number, phase: { readonly results?: number | undefined }): string {
  return `${rate >= 1000 ? count(Math.round(rate)) : significant(rate)} ${phase.results === undefined ? 'tok' : 'frame'}/s`;
}

/** The middle of a band, marked as such: '≈58k'; exact figures plain. */
export function middle(value: Amount): string {
  return value.low === value.high ? count(value.used) : `≈${rounded(value.used)}`;
}

/** Of a figure whose band is elsewhere, the digits that a band deserves: '58k'. */
export function rounded(value: number): string {
  if (value < 1000) return significant(value, 2);
  return value < 1e6 ? `${significant(value / 1e3, 2)}k` : `${significant(value / 1e6, 2)}M`;
}

/** The names of resources as an architect reads them. */
export const resourceLabels = { dsp: 'DSP', bram36: 'BRAM36', uram: 'URAM', lut: 'LUT', ff: 'FF' } as const;

/** Numbers that rise: '0..3, 8' */
export function ranges(numbers: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && number === run.last + 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs.map(({ first, last }) => (first === last ? `${first}` : `${first}..${last}`)).join(', ');
}

/** A name of no more than so many letters, its middle left out: ends tell names apart. */
export function shortened(name: string, most = 24): string {
  if (name.length <= most) return name;
  const end = Math.floor((most - 1) / 2);
  return `${name.slice(0, most - 1 - end)}…${name.slice(-end)}`;
}

/** 'q, k and v' */
export function enumeration(names: readonly string[], most = 6): string {
  const shown = names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : [...names];
  const last = shown.pop();
  return shown.length === 0 ? (last ?? '') : `${shown.join(', ')} and ${last}`;
}
