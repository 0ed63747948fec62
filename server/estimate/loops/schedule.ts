/**
 * Interval and depth of a pipeline from its structure: what a sum carried round the loop, the ports of its arrays and the
 * stages of its operators ask for.
 */
import { type Access, isIn, iterations, lanesOf, type Nest, type Pipeline } from './nest.ts';

/** Cycles from operands to result of the operators of one clock and tool: stages − 1. */
export interface Latencies {
  readonly add: number;
  /** Add bound to fabric, as the tool does it in a carried sum. */
  readonly carriedAdd: number;
  /** Others by name; 0 for what is not listed. */
  readonly others: Readonly<Record<string, number>>;
}

export interface Schedule {
  /** Cycles between the starts of two iterations. */
  readonly interval: number;
  /** Cycles from the start of an iteration to its end, both included. */
  readonly depth: number;
  /** The sum that is carried round the loop, if there is one. */
  readonly sum?: CarriedSum;
  readonly limit: 'recurrence' | 'ports' | 'pragma' | 'none';
}

export interface CarriedSum {
  /** Sums side by side. */
  readonly lanes: number;
  /** Terms that one iteration adds to each. */
  readonly terms: number;
  /** Iterations after which a sum is needed again. */
  readonly distance: number;
  /** Adds one after the other between reading the sum and writing it. */
  readonly chain: number;
  /** They are fabric adds, because DSP adds would be too slow for the distance. */
  readonly inFabric: boolean;
}

/** Cycles to read a sum from its memory and to write it back, where it does not stay in a register. */
const memoryRoundTrip = 2;

/**
 * Adds in the carried path when unrolled loops add several terms to one sum. Vitis HLS 2023.2 with unsafe math optimisations
 * balances them into a tree that the sum is a leaf of; its depth is what the reports show: 1 for 1 and 2 terms, 3 for 4 and 8,
 * 4 for 5, 7 and 10 … 32 (intervals of 4, 12 and 16 where a sum waits for itself; that many fabric adds where it is tight).
 */
export function chainLength(terms: number): number {
  if (terms <= 2) return 1;
  return terms <= 4 || terms === 8 ? 3 : 4;
}

/** Block memories have two ports; an array cut into banks has two in each. */
const portsPerBank = 2;

/** @param ports banks of the arrays that the tool may not cut by itself: those at the top's interface */
export function scheduleOf(
  nest: Nest,
  pipeline: Pipeline,
  latencies: Latencies,
  ports: ReadonlyMap<string, number>,
): Schedule {
  const tightest = carriedSum(nest, pipeline, latencies);
  const sum = tightest?.sum;
  const carried = tightest?.interval ?? carriedMaximum(nest, pipeline, latencies);
  const byPorts = portInterval(nest, pipeline, ports);
  const asked = pipeline.loops.at(-1)?.interval ?? 1;
  const interval = Math.max(1, carried, byPorts, asked);
  const limit =
    interval === 1 ? 'none' : interval === carried ? 'recurrence' : interval === byPorts ? 'ports' : 'pragma';
  const depth = depthOf(nest, pipeline, latencies, sum);
  return { interval, depth, limit, ...(sum ? { sum } : {}) };
}

function addsIn(nest: Nest, pipeline: Pipeline): number {
  return nest.operators
    .filter((one) => isIn(pipeline, one) && (one.operator === 'fadd' || one.operator === 'fsub') && !one.hoisted)
    .reduce((copies, one) => copies + one.copies, 0);
}

/** The tightest sum that is carried round the pipeline, with the least interval that it allows. */
function carriedSum(
  nest: Nest,
  pipeline: Pipeline,
  latencies: Latencies,
): { readonly sum: CarriedSum; readonly interval: number } | undefined {
  const adds = addsIn(nest, pipeline);
  const writes = nest.writes.filter((write) => isIn(pipeline, write));
  // Read and written with the same index while a loop that does not index it goes round.
  const sums = writes.filter(
    (write) =>
      accumulates(pipeline, write) &&
      nest.reads.some((read) => isIn(pipeline, read) && arrayOf(read) === arrayOf(write) && sameOrder(read, write)),
  );
  const arrays = new Set(sums.map(arrayOf)).size;
  if (adds === 0) return undefined;
  // A loop that adds and writes nothing keeps its sum in a variable.
  if (writes.length === 0) return inVariable(pipeline, adds, latencies);
  return sums
    .map((write) => {
      const sum = sumOf(pipeline, write, adds / arrays, latencies);
      return { sum, interval: sumInterval(pipeline, write.order, sum, latencies) };
    })
    .sort((a, b) => b.interval - a.interval)[0];
}

function sumOf(pipeline: Pipeline, write: Access, adds: number, latencies: Latencies): CarriedSum {
  const lanes = lanesOf(pipeline, write);
  const terms = Math.max(1, Math.round(adds / lanes));
  const distance = distanceOf(pipeline, write);
  // Terms that stand in the text one after another are added up first, beside the sum.
  const unrolled = pipeline.unrolled.some(({ name, trip }) => trip > 1 && !write.order.includes(name));
  const chain = isAsked(pipeline) && unrolled ? chainLength(terms) : 1;
  const interval = sumInterval(pipeline, write.order, { chain, distance }, latencies);
  const inFabric = isAsked(pipeline) && needsFabric(chain, distance * interval, latencies);
  return { lanes, terms, distance, chain, inFabric };
}

function inVariable(pipeline: Pipeline, adds: number, latencies: Latencies): ReturnType<typeof carriedSum> {
  const chain = isAsked(pipeline) ? chainLength(adds) : 1;
  const interval = sumInterval(pipeline, [], { chain, distance: 1 }, latencies);
  return { sum: { lanes: 1, terms: adds, distance: 1, chain, inFabric: isAsked(pipeline) }, interval };
}

/** A greatest value that is carried round the loop: a comparison and the choice behind it. */
function carriedMaximum(nest: Nest, pipeline: Pipeline, { others }: Latencies): number {
  const compares = nest.operators.some((one) => isIn(pipeline, one) && one.operator === 'fcmp');
  const carried = nest.writes.filter((write) => isIn(pipeline, write) && accumulates(pipeline, write));
  if (!compares || carried.length === 0) return 1;
  const distance = Math.min(...carried.map((write) => distanceOf(pipeline, write)));
  return Math.ceil(((others.fcmp ?? 0) + 1 + (distance === 1 ? 0 : memoryRoundTrip)) / distance);
}

/** Whether a pragma asks for the pipeline: then the tool goes to lengths for its interval. */
function isAsked(pipeline: Pipeline): boolean {
  return pipeline.loops.at(-1)?.pipelined ?? false;
}

/** Least cycles between two iterations that a sum allows. */
function sumInterval(
  pipeline: Pipeline,
  order: readonly string[],
  { chain, distance }: Pick<CarriedSum, 'chain' | 'distance'>,
  { add, carriedAdd }: Latencies,
): number {
  if (isAsked(pipeline)) return Math.ceil((chain * carriedAdd + (distance === 1 ? 0 : memoryRoundTrip)) / distance);
  // A loop that nobody asked to pipeline keeps its DSP adds. The sum goes through its memory, or through a register where the
  // address stays the same.
  const moves = pipeline.loops.some(({ name, trip }) => trip > 1 && order.includes(name));
  return Math.ceil((add + (moves ? memoryRoundTrip : 1)) / distance);
}

/** Whether the adds of a chain are bound to fabric: DSP adds would not be done when the sum is needed again. */
export function needsFabric(chain: number, cycles: number, { add }: Latencies): boolean {
  return cycles < chain * add + memoryRoundTrip;
}

/** Edges of one array have names of their own; what is behind the colon says who reads and writes. */
function arrayOf({ array }: Access): string {
  return array.split(':', 1)[0]!;
}

function sameOrder(a: Access, b: Access): boolean {
  return a.order.length === b.order.length && a.order.every((name, i) => name === b.order[i]);
}

/** Some loop does not index it and it is not only filled in the first round: the same element is written again and again. */
function accumulates(pipeline: Pipeline, write: Access): boolean {
  if (Object.values(write.guard ?? {}).includes('first')) return false;
  return [...pipeline.loops, ...pipeline.unrolled].some(
    ({ name, trip }) => trip > 1 && !write.order.includes(name) && write.guard?.[name] !== 'last',
  );
}

function distanceOf(pipeline: Pipeline, write: Access): number {
  let distance = 1;
  for (const loop of [...pipeline.loops].reverse()) {
    if (write.order.includes(loop.name)) distance *= iterations(loop);
    else if (loop.trip > 1) return distance;
  }
  return Number.POSITIVE_INFINITY;
}

function portInterval(nest: Nest, pipeline: Pipeline, ports: ReadonlyMap<string, number>): number {
  const used = new Map<string, number>();
  for (const access of [...nest.reads, ...nest.writes]) {
    if (!isIn(pipeline, access) || !ports.has(access.array)) continue;
    const name = arrayOf(access);
    const banks = ports.get(access.array)!;
    used.set(name, Math.max(used.get(name) ?? 0, lanesOf(pipeline, access) / (banks * portsPerBank)));
  }
  return Math.ceil(Math.max(0, ...used.values()));
}

/** Read, write and the entry of an iteration; index arithmetic may add a few. */
export const frame = 3;
/** Write and read of a row that is kept in a local memory on the way. */
const localBuffer = 2;

function depthOf(nest: Nest, pipeline: Pipeline, latencies: Latencies, sum: CarriedSum | undefined): number {
  const present = new Set(
    nest.operators.filter((one) => isIn(pipeline, one) && !one.hoisted).map(({ operator }) => operator),
  );
  let cycles = frame;
  for (const operator of present) {
    const stages = (latencies.others[operator] ?? 0) + 1;
    if (operator !== 'fadd' && operator !== 'fsub') cycles += stages;
  }
  if (sum) cycles += treeDepth(sum, latencies);
  else if (present.has('fadd') || present.has('fsub')) cycles += latencies.add + 1;
  if (nest.locals.length > 0) cycles += localBuffer;
  return cycles;
}

/** Cycles of the adds of one iteration, the carried ones among them. */
export function treeDepth({ terms, chain, inFabric }: CarriedSum, { add, carriedAdd }: Latencies): number {
  const levels = Math.max(chain, Math.ceil(Math.log2(terms)) + 1);
  return levels * (inFabric ? carriedAdd : add + 1) + 1;
}
