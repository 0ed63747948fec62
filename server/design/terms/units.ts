/** Units of measure: what the closed list of the grammar means, and the arithmetic of dimensions. */
import type { Dimension } from '../design.ts';

interface Unit {
  readonly dimension: Dimension;
  /** Base units (hertz, seconds, bytes, bits, bytes a second, watts, joules, operations a second, 0 … 1) in one of it. */
  readonly factor: number;
}

const family = (dimension: Dimension, units: Record<string, number>): [string, Unit][] =>
  Object.entries(units).map(([symbol, factor]) => [symbol, { dimension, factor }]);

/** GB/s is decimal, KiB binary. Within a dimension the order is from small to large: formatting relies on it. */
const UNITS: ReadonlyMap<string, Unit> = new Map([
  ...family('frequency', { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9 }),
  ...family('time', { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 }),
  ...family('cycles', { cycles: 1 }),
  ...family('bytes', { B: 1, KB: 1e3, KiB: 1024, MB: 1e6, MiB: 1024 ** 2, GB: 1e9, GiB: 1024 ** 3 }),
  ...family('bits', { bit: 1 }),
  ...family('bandwidth', { 'Gb/s': 1e9 / 8, 'MB/s': 1e6, 'GB/s': 1e9 }),
  ...family('transfers', { 'MT/s': 1e6 }),
  ...family('token-rate', { 'tok/s': 1 }),
  ...family('frame-rate', { 'frame/s': 1 }),
  ...family('power', { mW: 1e-3, W: 1 }),
  ...family('energy', { pJ: 1e-12, uJ: 1e-6, mJ: 1e-3, J: 1 }),
  ...family('operation-rate', { GOPS: 1e9, GFLOPS: 1e9, TOPS: 1e12, TFLOPS: 1e12 }),
  ...family('tokens', { tok: 1 }),
  ...family('share', { '%': 0.01 }),
]);

const NAMES: Readonly<Record<Dimension, string>> = {
  none: 'a plain number',
  frequency: 'a frequency (MHz)',
  time: 'a time (ms)',
  cycles: 'a number of cycles',
  bytes: 'a size (KiB)',
  bits: 'a number of bits',
  bandwidth: 'a bandwidth (GB/s)',
  transfers: 'a transfer rate (MT/s)',
  tokens: 'a number of tokens (tok)',
  'token-rate': 'a token rate (tok/s)',
  'frame-rate': 'a frame rate (frame/s)',
  power: 'a power (W)',
  energy: 'an energy (mJ)',
  'operation-rate': 'an operation rate (TOPS)',
  share: 'a share (%)',
};

/** Products that have a name; quotients follow from them. */
const PRODUCTS: readonly (readonly [Dimension, Dimension, Dimension])[] = [
  ['power', 'time', 'energy'],
  ['bandwidth', 'time', 'bytes'],
  ['frequency', 'time', 'cycles'],
  ['token-rate', 'time', 'tokens'],
  ['operation-rate', 'time', 'none'],
  ['frame-rate', 'time', 'none'],
  ['transfers', 'bytes', 'bandwidth'],
];

export function unitOf(symbol: string): Unit | undefined {
  return UNITS.get(symbol);
}

/** 'a frequency (MHz)' */
export function nameOf(dimension: Dimension): string {
  return NAMES[dimension];
}

/** Dimension of a product; undefined where it has none. A share scales whatever it multiplies. */
export function product(left: Dimension, right: Dimension): Dimension | undefined {
  if (left === 'none' || left === 'share') return right;
  if (right === 'none' || right === 'share') return left;
  const found = PRODUCTS.find(([a, b]) => (a === left && b === right) || (a === right && b === left));
  return found?.[2];
}

/** Dimension of a quotient; undefined where it has none. */
export function quotient(left: Dimension, right: Dimension): Dimension | undefined {
  if (left === right) return 'none';
  if (right === 'none' || right === 'share') return left;
  const found = PRODUCTS.find(([a, b, c]) => c === left && c !== 'none' && (a === right || b === right));
  return found && (found[0] === right ? found[1] : found[0]);
}

/** '9,024', '0.57': at most four significant digits below a thousand, whole above. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(3);
  if (size >= 1000) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
  return String(Number(value.toPrecision(4)));
}

/** The same with all digits that count, for a text that is read again. */
export function exactQuantity(value: number, dimension: Dimension): string {
  const { symbol, factor } = unitFor(value, dimension);
  return withSymbol(String(Number((value / factor).toPrecision(15))), symbol);
}

/** A value in base units as a person would write it: '245 MHz', '14.38 GB/s', '80%'. */
export function formatQuantity(value: number, dimension: Dimension): string {
  const { symbol, factor } = unitFor(value, dimension);
  return withSymbol(formatNumber(value / factor), symbol);
}

/** The greatest unit that a value has at least one of. */
function unitFor(value: number, dimension: Dimension): { readonly symbol: string; readonly factor: number } {
  const units = [...UNITS].filter(([, unit]) => unit.dimension === dimension);
  const fitting = units.filter(([, unit]) => Math.abs(value) >= unit.factor);
  const [symbol, { factor }] = fitting.at(-1) ?? units[0] ?? ['', { factor: 1 }];
  return { symbol, factor };
}

function withSymbol(text: string, symbol: string): string {
  return symbol === '' || symbol === '%' ? text + symbol : `${text} ${symbol}`;
}
