/** What a kernel could be instead: arrays, packing, lanes and numbers of memory channels that nobody has written. */

import { ceilPower } from '../design/defaults/balance.ts';
import { bitsACycle, channelsFor } from '../design/defaults/channels.ts';
import { oddOf } from '../design/defaults/ports.ts';
import { cacheBytes, weightBytes } from '../design/defaults/stored.ts';
import type { Accelerator, ArrayShape, Kernel, Setting, Store } from '../design/design.ts';
import type { Memory } from '../design/hardware.ts';
import { isMatrixProduct } from '../design/operators.ts';
import { isFloat } from '../design/sheets/precision.ts';
import type { Operator } from '../design/workload.ts';
import type { KernelChange } from '../estimate/evaluate.ts';
import { builtKernels } from '../estimate/lower/pieces.ts';
import { arrayOverhead, type Operands } from '../kernels/common/array.ts';
import { elementBits } from '../kernels/word.ts';
import { memoriesFor, ofAllLayers, openChannels, otherMemories, type Place, portsOf } from './places.ts';

/** Settings that take the place of a kernel's own; which channels and which die they are on is settled later. */
export interface KernelOption extends Pick<KernelChange, 'array' | 'lanes' | 'pack'> {
  /** Where its weights are, and its K or V. */
  readonly weights?: Place;
  readonly cache?: Place;
}

/** Where the search ends; nothing in the library says that more is of no use. */
const MOST_OUTPUTS = 256;
/** Multipliers in a row of the array: a word of so many weights a cycle is more than the channels of one product give. */
const MOST_WIDE = 4096;
/** Widest operand word of the rows of an array, in elements. */
const MOST_OPERANDS = 512;
/** Columns of each row in a word: where the search ends; of a row that is alone, its latency is all of it. */
const MOST_COLUMNS = 16;
const MOST_COLUMNS_ALONE = 64;
/** Odd part of the columns of an array that has most channels of a memory: three quarters of them, where a port each has an equal share. */
const QUARTERS = 3;

/** Whether the tuner may choose some of the kernel's hardware. */
export function isOpen({ array, lanes, weights, cache, engines }: Kernel): boolean {
  if (engines) return false;
  const open = array?.origin === 'auto' || (lanes?.origin === 'auto' && !array);
  return open || openChannels(weights) !== undefined || openChannels(cache) !== undefined;
}

/** Options of a kernel where `tokens` rows are side by side in every word; one that changes nothing where nothing is open. */
export function optionsOf(kernel: Kernel, tokens: number, accelerator: Accelerator): KernelOption[] {
  // What runs on engines takes nothing of what is searched over.
  if (kernel.engines) return [{}];
  const products = kernel.turns.flat().filter(({ kind }) => isMatrixProduct(kind));
  const shapes = kernel.array ? arrays(kernel, kernel.array, products, tokens, accelerator) : lanes(kernel, tokens);
  const bits =
    elementBits[
      products.some(({ weights }) => weights > 0) ? accelerator.precision.weights : accelerator.precision.cache
    ];
  return shapes.flatMap((option): KernelOption[] => {
    const { array } = kernel;
    const shape = option.array ?? array?.value;
    if (!shape) return [option];
    const columns = shape.outputs * (option.pack ?? kernel.pack.value);
    const bytes = (columns * shape.dot * bits) / 8;
    const kept = ofAllLayers(accelerator);
    const narrower = option.array !== undefined && shape.outputs * shape.dot > 1;
    const ports = (setting: Setting<Store> | undefined, all: number, spans: boolean): (number | undefined)[] =>
      portsOf(openChannels(setting), { columns, bytes, all, spans, narrower }, kernel.clock.value, accelerator);
    const ofWeights = ports(kernel.weights, weightBytes(kernel, kept), true);
    const repeats = products.some(({ rows }) => rows > shape.tokens);
    const once = { ...accelerator, repeat: 1 };
    const weightPlaces: readonly (Place | undefined)[] = [
      ...ofWeights,
      // What is read once a pass, or comes fast enough through one port, gains nothing by being kept.
      ...(repeats && (ofWeights.at(-1) ?? 1) > 1 ? memoriesFor(weightBytes(kernel, once), accelerator) : []),
    ];
    const ofCache = ports(kernel.cache, cacheBytes(kernel, kept), false);
    const cachePlaces: readonly (Place | undefined)[] = [
      // Where many rows are written as well as read, a port that is too slow for both holds the product up.
      ...(repeats ? ofCache.slice(-1) : ofCache),
      ...otherMemories(kernel.cache, cacheBytes(kernel, once), accelerator),
    ];
    return weightPlaces.flatMap((weights) =>
      cachePlaces.map((cache) => ({
        ...option,
        ...(weights === undefined ? {} : { weights }),
        ...(cache === undefined ? {} : { cache }),
      })),
    );
  });
}

function arrays(
  kernel: Kernel,
  array: Setting<ArrayShape>,
  operators: readonly Operator[],
  tokens: number,
  accelerator: Accelerator,
): KernelOption[] {
  const packs = packsOf(kernel, operators, accelerator);
  const inTurn = kernel.turns.length > 1;
  const mostWide = inTurn ? Math.max(MOST_WIDE, weightsACycle(kernel, accelerator)) : MOST_WIDE;
  if (array.origin !== 'auto') return packs.map((pack) => (pack === kernel.pack.value ? {} : { pack }));
  const alike = accelerator.phase.name === 'generate' ? COARSE : FINE;
  const { sides = {} } = kernel;
  const side = sides.tokens ?? Math.min(tokens, Math.max(1, ...operators.map(({ rows }) => rows)));
  const columns = operators.map(({ kind, columns: all, heads }) => (kind === 'context' ? all / heads : all));
  const reduction = Math.max(1, ...operators.map((operator) => operator.reduction));
  const dots = powers(reduction).filter((dot) => side * dot <= MOST_OPERANDS);
  const { weights, activations } = accelerator.precision;
  const types = { packed: operators.every((one) => one.weights > 0) ? weights : activations, shared: activations };
  return packs.flatMap((pack) => {
    const all = commonDivisors(
      columns.map((one) => one / pack),
      MOST_OUTPUTS,
      inTurn ? QUARTERS : oddPorts(kernel, accelerator),
    ).flatMap((outputs) => dots.map((dot) => ({ tokens: side, outputs, dot })));
    const wide = all
      .map((shape) => ({ ...shape, ...sides }))
      .filter(({ outputs, dot }) => outputs * pack * dot <= mostWide);
    return worthwhile(wide, operators, pack, types, alike).map((shape) => ({
      array: shape,
      ...(pack === kernel.pack.value ? {} : { pack }),
    }));
  });
}

/** Weights a cycle that all channels of the memory bring in which the kernel's lie: a power of two that is not below. */
function weightsACycle({ weights, clock }: Kernel, { device, precision }: Accelerator): number {
  const open = openChannels(weights);
  const memory = device.memories.find(({ name }) => name === open?.memory);
  if (!memory) return 0;
  const { first, last } = memory.channels;
  return ceilPower(((last - first + 1) * bitsACycle(memory, clock.value)) / elementBits[precision.weights]);
}

/** Shapes that no other one beats in cycles, multipliers and LUTs at once, as far as these differ by more than a factor. */
function worthwhile(
  shapes: readonly ArrayShape[],
  operators: readonly Operator[],
  pack: number,
  types: Operands,
  alike: number,
): ArrayShape[] {
  const step = (size: number): number => Math.round(Math.log(size) / Math.log(alike));
  const sizes = shapes.map(({ outputs, dot }) => {
    // A tile takes its steps and what stands around them, or an epilogue of a column a cycle.
    const tile = (reduction: number): number =>
      Math.max(Math.ceil(reduction / dot) + arrayOverhead(dot, types), outputs * pack);
    const cycles = operators.reduce(
      (sum, { kind, columns, reduction, heads }) =>
        sum + Math.ceil((kind === 'context' ? columns / heads : columns) / (outputs * pack)) * tile(reduction),
      0,
    );
    const columns = outputs * pack;
    // LUTs, nearly: the adder tree of each column, its sum and its place in the epilogue, the borrows of packed products.
    const luts = columns * (16 * (dot - 1) + 75) + 25 * outputs * dot * (pack - 1);
    return [step(cycles), outputs * dot, step(luts)];
  });
  const beats = (a: number, b: number): boolean =>
    sizes[a]!.every((size, i) => size <= sizes[b]![i]!) && (a < b || sizes[a]!.some((size, i) => size < sizes[b]![i]!));
  return shapes.filter((_, b) => !sizes.some((_, a) => a !== b && beats(a, b)));
}

/** Sizes closer than this factor count as one; of two kinds of passes with five numbers of rows each option is measured ten times. */
const FINE = 1.04;
const COARSE = 1.1;

/** One product a DSP block, or as many as the default has. */
function packsOf({ pack }: Kernel, operators: readonly Operator[], { precision }: Accelerator): number[] {
  const trained = operators.length > 0 && operators.every(({ weights }) => weights > 0);
  return pack.origin === 'auto' && trained && !isFloat(precision.weights)
    ? [...new Set([pack.value, 1])]
    : [pack.value];
}

function lanes({ lanes: own, turns }: Kernel, tokens: number): KernelOption[] {
  if (own?.origin !== 'auto') return [{}];
  const operators = turns.flat();
  const side = Math.min(tokens, Math.max(1, ...operators.map(({ rows }) => rows)));
  const columns = commonDivisors(
    operators.map((operator) => operator.columns),
    operators.every(({ rows }) => rows <= side) ? MOST_COLUMNS_ALONE : MOST_COLUMNS,
  );
  return columns.filter(isPower).map((width) => ({ lanes: side * width }));
}

/** Of a channel, what one kernel keeps there so that no other finds much room beside it. */
const MOST_OF_A_CHANNEL = 0.25;

/** Channels of a memory that a kernel has for itself where it keeps what is open on so many of them, and the part of one that it fills else. */
export function channelsTaken(kernel: Kernel, option: KernelOption, memory: Memory, accelerator: Accelerator): number {
  const kept = ofAllLayers(accelerator);
  const taken = (of: 'weights' | 'cache', bytes: number): number => {
    const channels = option[of];
    if (typeof channels !== 'number' || openChannels(kernel[of])?.memory !== memory.name) return 0;
    const filled = bytes / channels / Math.max(1, memory.capacity);
    return filled > MOST_OF_A_CHANNEL ? channels : filled * channels;
  };
  return taken('weights', weightBytes(kernel, kept)) + taken('cache', cacheBytes(kernel, kept));
}

/** Part of an edge that may be wasted by a power of two that does not divide: the keys of a cache are as many as they are. */
const MOST_WASTE = 0.1;

/**
 * Numbers up to `most` that divide all of these, and powers of two, or `odd` times one, that nearly do; 1 where they are no
 * whole numbers.
 */
function commonDivisors(values: readonly number[], most: number, odd = 1): number[] {
  const whole = values.every((value) => Number.isInteger(value) && value >= 1);
  if (!whole || values.length === 0) return [1];
  const least = Math.min(most, ...values);
  const wasted = (value: number, one: number): number => (Math.ceil(value / one) * one) / value - 1;
  return Array.from({ length: least }, (_, index) => index + 1).filter((one) =>
    values.every(
      (value) => value % one === 0 || ((isPower(one) || isPower(one / odd)) && wasted(value, one) <= MOST_WASTE),
    ),
  );
}

/** The odd part of the channels that open weights fill: a tile of so many times a power of two has equal shares for a port each. */
function oddPorts(kernel: Kernel, accelerator: Accelerator): number {
  const open = openChannels(kernel.weights);
  const memory = accelerator.device.memories.find(({ name }) => name === open?.memory);
  const kept = ofAllLayers(accelerator);
  return memory ? oddOf(channelsFor(weightBytes(kernel, kept), memory)) : 1;
}

function powers(most: number): number[] {
  return Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, index) => 2 ** index);
}

function isPower(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}

/** Rows side by side that are worth trying: those of a written array of the pass, else powers of two up to the rows of a pass. */
export function tokensOf(accelerator: Accelerator): number[] {
  const { phase } = accelerator;
  const written = builtKernels(accelerator).flatMap(({ array, sides }) =>
    array && array.origin !== 'auto' ? [array.value.tokens] : (sides?.tokens ?? []),
  );
  if (written.length > 0) return [...new Set(written)];
  return [16, 8, 4, 2, 1].filter((tokens) => tokens <= Math.max(1, phase.tokens * phase.batch));
}
