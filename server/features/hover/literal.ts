/** What a number stands for in other units, and what `auto` stands for here. */
import type * as tree from '../../../grammar/tree.ts';
import type { AnyNode } from '../../../grammar/walk.ts';
import type { Accelerator, Kernel } from '../../design/design.ts';
import { formatQuantity, unitOf } from '../../design/terms/units.ts';
import type { AcceleratorEstimate } from '../../estimate/estimate.ts';
import { bandwidth, bytes, count, frequency, grouped, significant, time } from '../../format.ts';
import { arrayText, storeText } from '../refactorings/explicit.ts';
import { words } from '../words.ts';

/** @param clock of the accelerator around, in Hz: what makes a time a number of cycles */
export function numberHover(node: tree.NumberLiteral | tree.QuantityLiteral, clock: number | undefined): string {
  if (node.kind === 'number') return plainNumber(node.value);
  const unit = unitOf(node.unit);
  if (!unit) return '';
  const value = node.value * unit.factor;
  const other = conversions(value, unit.dimension, clock).filter((text) => text !== node.text);
  return [`\`${node.text}\``, ...other.map((text) => `= ${text}`)].join('  \n');
}

/** 3072 → '3,072 = 2¹⁰ × 3': what divides it decides which arrays fit. */
function plainNumber(value: number): string {
  const text = `\`${Number.isInteger(value) ? count(value) : grouped(value, 0, 12)}\``;
  if (!Number.isInteger(value) || value < 4 || value > 1e9) return text;
  const factors = factorsOf(value);
  return factors.length === 1 && factors[0]![1] === 1
    ? `${text} — a prime number: no array divides it`
    : `${text} = ${factors.map(([prime, power]) => `${prime}${power > 1 ? superscript(power) : ''}`).join(' × ')}`;
}

function factorsOf(value: number): [prime: number, power: number][] {
  const found: [number, number][] = [];
  let left = value;
  for (let prime = 2; prime * prime <= left; prime++) {
    let power = 0;
    for (; left % prime === 0; left /= prime) power++;
    if (power > 0) found.push([prime, power]);
  }
  return left > 1 ? [...found, [left, 1]] : found;
}

const superscript = (value: number): string => [...String(value)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');

type Dimension = NonNullable<ReturnType<typeof unitOf>>['dimension'];

function conversions(value: number, dimension: Dimension, clock: number | undefined): string[] {
  const at = clock === undefined ? '' : ` at ${frequency(clock)}`;
  const perCycle = clock === undefined ? undefined : value / clock;
  switch (dimension) {
    case 'frequency':
      return [frequency(value), `${time(1 / value)} a cycle`];
    case 'time':
      return [time(value), ...(clock === undefined ? [] : [`${count(value * clock)} cycles${at}`])];
    case 'cycles':
      return clock === undefined ? [] : [`${time(value / clock)}${at}`];
    case 'bytes':
      return [bytes(value), `${count(value)} bytes`, `${count(value * 8)} bits`];
    case 'bits':
      return [`${grouped(value / 8, 0, 3)} bytes`];
    case 'bandwidth':
      return [
        bandwidth(value),
        `${significant((value * 8) / 1e9, 4)} Gb/s`,
        `${significant(value / 2 ** 30, 4)} GiB/s`,
        ...(perCycle === undefined
          ? []
          : [`${significant(perCycle)} bytes (${count(perCycle * 8)} bits) a cycle${at}`]),
      ];
    case 'token-rate':
    case 'frame-rate':
      return [
        `one each ${time(1 / value)}`,
        ...(clock === undefined ? [] : [`one each ${count(clock / value)} cycles${at}`]),
      ];
    case 'share':
      return [grouped(value, 0, 6)];
    case 'power':
    case 'energy':
    case 'operation-rate':
    case 'transfers':
    case 'tokens':
    case 'none':
      return [formatQuantity(value, dimension)];
  }
}

/** @param path from the file down to the `auto` itself */
export function autoHover(path: readonly AnyNode[], estimate: AcceleratorEstimate | undefined): string {
  const value = estimate && autoValue(path, estimate);
  return value === undefined
    ? words.auto!
    : `\`auto\` stands for **${value}** here: ${words.auto![0]!.toLowerCase()}${words.auto!.slice(1)}`;
}

/** '8 x 16', 'hbm[3]', '1,538' */
export function autoValue(path: readonly AnyNode[], estimate: AcceleratorEstimate): string | undefined {
  for (const node of [...path].reverse()) {
    const text = autoOf(node as AnyNode & (tree.Clause | tree.Statement | tree.StreamAttribute), path, estimate);
    if (text !== undefined) return text;
  }
  return undefined;
}

function autoOf(
  node: tree.Clause | tree.Statement | tree.StreamAttribute,
  path: readonly AnyNode[],
  estimate: AcceleratorEstimate,
): string | undefined {
  const { accelerator } = estimate;
  switch (node.kind) {
    case 'dimensions':
    case 'scalar':
    case 'replicate':
    case 'storage':
    case 'places': {
      const kernel = kernelOf(accelerator, path);
      return kernel ? clauseValue(node, kernel) : undefined;
    }
    case 'stream-attribute': {
      const stream = path.find((one) => one.kind === 'stream');
      const built = estimate.fifos.filter(({ fifo: { edge } }) => edge?.span?.start === stream?.range.start);
      const values = new Set(built.map(({ depth, storage }) => (node.word === 'depth' ? count(depth) : storage)));
      return values.size > 0 ? [...values].join(', ') : undefined;
    }
    case 'device':
      return frequency(accelerator.clock.value);
    case 'copies':
      return String(accelerator.copies.value);
    case 'use-precision':
      return accelerator.precision.name;
    default:
      return undefined;
  }
}

function kernelOf({ kernels }: Accelerator, path: readonly AnyNode[]): Kernel | undefined {
  const node = path.find((one) => one.kind === 'kernel');
  return node && kernels.find(({ auto, span }) => !auto && span.start === node.range.start);
}

function clauseValue({ word }: tree.Clause, kernel: Kernel): string | undefined {
  const { array, lanes, weights, cache } = kernel;
  switch (word) {
    case 'array':
      return array && arrayText(array.value).replace('array ', '');
    case 'lanes':
      return lanes && String(lanes.value);
    case 'weights':
      return weights && storeText(weights.value);
    case 'cache':
      return cache && storeText(cache.value);
    case 'pack':
      return String(kernel.pack.value);
    case 'ii':
      return String(kernel.ii.value);
    case 'replicate':
      return String(kernel.replicate.value);
    case 'on':
      return kernel.dies.value.join(', ');
    case 'at':
      return frequency(kernel.clock.value);
    default:
      return undefined;
  }
}
