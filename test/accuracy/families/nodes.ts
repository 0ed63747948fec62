import { coresFor, latenciesOf } from '../../../server/estimate/loops/cores.ts';
import {
  addressDsps,
  type IndexedArray,
  type OperatorCount,
  operatorDsps,
} from '../../../server/estimate/loops/resources.ts';
import {
  type CarriedSum,
  chainLength,
  frame,
  type Latencies,
  needsFabric,
  treeDepth,
} from '../../../server/estimate/loops/schedule.ts';
import { isPlain, type LoopReport, type Question } from '../data.ts';
import { type Family, type Prediction, result } from '../score.ts';
import { predictLoops } from './modules.ts';

interface Dimension {
  /** Size of the array dimension that the loop and its unrolled part go through. */
  readonly size: number;
  readonly trip: number;
  readonly unrolled: number;
  readonly place: number;
}

interface ArrayOf {
  readonly dims: readonly number[];
  readonly factors: readonly number[];
  readonly local: boolean;
}

type Plain = Record<string, unknown>;
const list = (value: unknown): Plain[] => (Array.isArray(value) ? value.filter(isPlain) : []);
const whole = (value: unknown): number => (typeof value === 'number' ? value : 1);

/** The generator tiles each loop in two: the k-th loop that stays and the k-th that is unrolled go through one dimension. */
function dimensionsOf(params: Plain): Dimension[] {
  const loops = list(params.loops);
  const kept = loops.filter(({ unrolled }) => unrolled !== true).map(({ trip }) => whole(trip));
  const unrolled = loops.filter(({ unrolled }) => unrolled === true).map(({ trip }) => whole(trip));
  // The unrolled copies stand in the order of the source's dimensions, those that stay in the order of the schedule.
  return kept.map((trip, place) => ({
    size: trip * (unrolled[place] ?? 1),
    trip,
    unrolled: unrolled[place] ?? 1,
    place,
  }));
}

function arraysOf(params: Plain): ArrayOf[] {
  return list(params.arrays).map((array) => {
    const dims = Array.isArray(array.dims) ? array.dims.map(whole) : [];
    const factors = dims.map((_, i) => {
      const cut = list(array.partition).find(({ dim }) => dim === i + 1);
      return cut ? whole(cut.factor) : 1;
    });
    return { dims, factors, local: array.local === true };
  });
}

/**
 * The sum of a product: the first local array, over the dimension that it does not have. Where sizes are equal, the report
 * decides: at an interval of several cycles a sum over the innermost loop waits for itself; else the depth that fits best.
 */
function sumOf(params: Plain, loop: LoopReport, latencies: Latencies): CarriedSum | undefined {
  const array = arraysOf(params).find(({ local }) => local);
  const dimensions = dimensionsOf(params);
  if (!array || dimensions.length < 2) return undefined;
  const sizes = (of: readonly number[]): string => String([...of].sort((a, b) => a - b));
  const reducible = dimensions.filter(
    (reduced) => sizes(dimensions.filter((one) => one !== reduced).map(({ size }) => size)) === sizes(array.dims),
  );
  const sums = reducible.map((reduced) => overDimension(reduced, dimensions, loop.interval ?? 1, latencies));
  const waits = (loop.interval ?? 1) > latencies.carriedAdd - 1;
  const possible = sums.filter(({ distance }) => (distance === 1) === waits);
  const misfit = (sum: CarriedSum): number =>
    Math.abs(frame + (latencies.others.fmul ?? 0) + 1 + treeDepth(sum, latencies) - (loop.iterationLatency ?? 0));
  return (possible.length > 0 ? possible : sums).sort((a, b) => misfit(a) - misfit(b))[0];
}

function overDimension(
  reduced: Dimension,
  dimensions: readonly Dimension[],
  interval: number,
  latencies: Latencies,
): CarriedSum {
  const product = (values: readonly number[]): number => values.reduce((all, value) => all * value, 1);
  const distance = product(dimensions.slice(reduced.place + 1).map(({ trip }) => trip));
  const lanes = product(dimensions.filter((one) => one !== reduced).map(({ unrolled }) => unrolled));
  const terms = reduced.unrolled;
  const chain = chainLength(terms);
  return { lanes, terms, distance, chain, inFabric: needsFabric(chain, distance * interval, latencies) };
}

function indexedArrays(params: Plain, sum: CarriedSum | undefined): IndexedArray[] {
  const dimensions = dimensionsOf(params);
  return arraysOf(params).flatMap(({ dims, factors, local }, i, all) => {
    if (dims.length !== 2) return [];
    // A sum that stays in a register has no address; a copy that is filled from an array of the same shape shares its.
    if (sum?.distance === 1 && local && all.findIndex((one) => one.local) === i) return [];
    if (all.findIndex((one) => String(one.dims) === String(dims)) !== i) return [];
    const [rows, columns] = dims;
    const row = dimensions.find(({ size }) => size === rows);
    const column = dimensions.find((one) => one.size === columns && one !== row);
    if (!row || !column) return [];
    return [
      {
        rows: Math.ceil(rows! / factors[0]!),
        rowWords: Math.ceil(columns! / factors[1]!),
        rowLoop: row.place,
        columnLoop: column.place,
      },
    ];
  });
}

function countsOf(ops: unknown): OperatorCount[] {
  if (!isPlain(ops)) return [];
  return Object.entries(ops).map(([name, uses]) => ({
    operator: name.replace(/_c$/, ''),
    uses: list(uses).reduce((sum, { parallel }) => sum + whole(parallel), 0),
  }));
}

function predictDsp(question: Question): Prediction {
  const { params, loops, part, clockNs } = question;
  const table = coresFor(part, clockNs ?? Number.NaN);
  if (!table) return { refused: `no operator cores are known for ${part} at ${clockNs} ns` };
  const counts = countsOf(params.ops);
  if (loops.length === 0)
    return { refused: 'a top of several nodes: the parameters do not say which operators it holds' };
  if (loops.length > 1) return { refused: 'several loops: the parameters do not say which may share operators' };
  const [loop] = loops;
  if (loop?.interval === undefined) return { refused: 'no interval is given' };
  const { interval } = loop;
  const sum = counts.some(({ operator }) => operator === 'fmul') ? sumOf(params, loop, latenciesOf(table)) : undefined;
  const operators = operatorDsps(counts, interval, sum, table);
  if (operators === undefined) return { refused: 'an operator whose core no report shows' };
  // Index arithmetic of a loop that only copies is counted up rather than multiplied.
  return { value: operators + (counts.length > 0 ? addressDsps(indexedArrays(params, sum)) : 0) };
}

export const streamNodes: readonly Family[] = [
  {
    name: 'stream-hls-node',
    quantity: 'cycles',
    goal: 'exact',
    tolerance: 0.01,
    model:
      'A loop nest that runs as one pipeline, from its loop report. Refused: tops, whose parameters name no loops of their own.',
    predict: predictLoops,
    measured: (answers) => result(answers, 'csynth', 'latency_cycles'),
  },
  {
    name: 'stream-hls-node',
    quantity: 'DSP',
    goal: 'median error 0, 90 % within 5 %',
    tolerance: 0.05,
    model:
      'Operators after unrolling times their cores, shared over the interval; adds on the way of a carried sum are fabric adds ' +
      'where DSP adds would be too slow for its distance; a DSP for addresses whose row length is no power of two. Refused: tops. ' +
      'Known miss: sums of four terms at an interval of 12, whose report shows twice the shared operators.',
    predict: predictDsp,
    measured: (answers) => result(answers, 'csynth', 'DSP'),
  },
];
