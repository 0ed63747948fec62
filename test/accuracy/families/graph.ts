import { coresFor, latenciesOf } from '../../../server/estimate/loops/cores.ts';
import type { Access, Guard, Loop, Nest, Operators } from '../../../server/estimate/loops/nest.ts';
import { type Channel, runNetwork } from '../../../server/estimate/loops/network.ts';
import { scheduleOf } from '../../../server/estimate/loops/schedule.ts';
import { isPlain, type Question } from '../data.ts';
import { type Family, type Prediction, result } from '../score.ts';

type Plain = Record<string, unknown>;

const list = (value: unknown): Plain[] => (Array.isArray(value) ? value.filter(isPlain) : []);
const names = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
/** A size or a count; what is none is taken as not given. */
const whole = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && value >= 1 && value <= 1e12 ? Math.floor(value) : otherwise;

/** Nests and channels of a design as the file of graphs writes them. */
function nestOf(node: Plain): Nest {
  const locals = list(node.local_arrays);
  const accesses = (kind: 'reads' | 'writes'): Access[] => [
    ...list(node[kind]).map((access) => accessOf(String(access.edge), access)),
    ...locals.flatMap((array) => list(array[kind]).map((access) => accessOf(String(array.name), access))),
  ];
  return {
    name: String(node.name),
    loops: list(node.loops).map(loopOf),
    operators: operatorsOf(isPlain(node.ops) ? node.ops : {}),
    reads: accesses('reads'),
    writes: accesses('writes'),
    locals: locals.map(({ name }) => String(name)),
  };
}

function loopOf(loop: Plain): Loop {
  return {
    name: String(loop.name),
    trip: whole(loop.trip, 1),
    parent: typeof loop.parent === 'string' ? loop.parent : null,
    pipelined: loop.pipelined === true,
    unrolled: loop.unrolled === true,
    factor: typeof loop.unroll_factor === 'number' ? loop.unroll_factor : undefined,
    interval: typeof loop.II_pragma === 'number' ? loop.II_pragma : undefined,
    dataflow: loop.dataflow === true,
  };
}

/** An operator with one literal operand ('fmul_c') is the same core. */
function operatorsOf(ops: Plain): Operators[] {
  return Object.entries(ops).flatMap(([name, uses]) =>
    list(uses).map((use) => ({
      operator: name.replace(/_c$/, ''),
      loop: String(use.loop),
      copies: whole(use.parallel, 1),
      hoisted: use.constant_operands === true,
    })),
  );
}

function accessOf(array: string, access: Plain): Access {
  return {
    array,
    order: names(access.order),
    loop: String(access.in_loop),
    guard: isPlain(access.guard) ? guardsOf(access.guard) : undefined,
    distinct: whole(access.distinct_indices, 1),
    transfers: whole(access.transfers, 0),
  };
}

function guardsOf(guards: Plain): Record<string, Guard> {
  return Object.fromEntries(
    Object.entries(guards).map(([loop, guard]): [string, Guard] => {
      if (guard === 'first' || guard === 'last') return [loop, guard];
      if (isPlain(guard)) return [loop, { from: whole(guard.from_iter, 0), count: whole(guard.count, 1) }];
      return [loop, { from: whole(guard, 0), count: 1 }];
    }),
  );
}

/** Edges between nests; those of the top's own arrays order nothing. */
function channelsOf(edges: readonly Plain[]): Channel[] {
  return edges
    .filter(({ from, to }) => typeof from === 'string' && typeof to === 'string')
    .map((edge) => ({
      name: String(edge.name),
      kind: edge.kind === 'fifo' ? 'fifo' : 'array',
      from: String(edge.from),
      to: String(edge.to),
      depth: whole(edge.depth, 2),
      lanes: whole(edge.lanes, 1),
    }));
}

/** Words a lane that are followed one by one; a design beyond them would take minutes and gigabytes. */
const mostWords = 5e7;

function wordsOf(nests: readonly Nest[], channels: readonly Channel[]): number {
  const lanes = new Map(channels.filter(({ kind }) => kind === 'fifo').map((channel) => [channel.name, channel.lanes]));
  const moves = nests.flatMap(({ writes }) => writes).filter(({ array }) => lanes.has(array));
  return moves.reduce((words, { array, transfers }) => words + transfers / lanes.get(array)!, 0);
}

function predictLatency(question: Question): Prediction {
  const { graph } = question;
  if (!isPlain(graph)) return { refused: 'no graph of nodes and edges is given' };
  const [nodes, edges] = [list(graph.nodes), list(graph.edges)];
  if (nodes.length === 0) return { refused: 'the graph has no nodes' };
  const table = coresFor(question.part, question.clockNs ?? Number.NaN);
  if (!table) return { refused: `no operator cores are known for ${question.part} at ${question.clockNs} ns` };
  const latencies = latenciesOf(table);
  const ports = new Map(
    edges.filter(({ port }) => port === true).map(({ name, banks }) => [String(name), whole(banks, 1)]),
  );
  const network = { nests: nodes.map(nestOf), channels: channelsOf(edges), concurrent: graph.dataflow === true };
  if (wordsOf(network.nests, network.channels) > mostWords)
    return { refused: 'more words than are followed one by one' };
  const run = runNetwork(network, (nest, pipeline) => scheduleOf(nest, pipeline, latencies, ports));
  return run.cycles === undefined ? { refused: 'the model says that the design deadlocks' } : { value: run.cycles };
}

/** Structure without the names of the design: several rows are the same graph. */
function structure({ graph, id }: Question): string {
  return isPlain(graph) ? JSON.stringify([graph.dataflow, graph.nodes, graph.edges]) : id;
}

export const streamDesign: Family = {
  name: 'stream-hls-design',
  quantity: 'cycles, RTL simulation',
  goal: 'geometric mean 0.95 … 1.05, and a 90th percentile below that of the vendor’s report',
  tolerance: 0.05,
  model:
    'A design as the graph of its loop nests. Interval and depth of every pipeline are computed from the loops, operators and ' +
    'arrays of the source; the network is then run word by word with the depths of its FIFOs. A pipeline that waits stands ' +
    'still as a whole, with what is in it; ping-pong arrays pass at the end of their writer; a top without a dataflow region ' +
    'is a state machine that runs independent nests side by side. Identical graphs are counted once. Refused: designs whose ' +
    'graph is not given, or moves more than fifty million words. Known miss: the interval of a sum of 28 terms whose operands ' +
    'wait for the ports of one array.',
  predict: predictLatency,
  measured: (answers) => result(answers, 'rtl_cosim', 'latency_cycles'),
  key: structure,
  baseline: { name: 'the vendor’s csynth', measured: (answers) => result(answers, 'csynth', 'latency_cycles') },
};
