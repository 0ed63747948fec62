import { coresFor, latenciesOf } from '../../../server/estimate/loops/cores.ts';
import type { Access, Guard, Loop, Nest, Operators } from '../../../server/estimate/loops/nest.ts';
import { type Channel, runNetwork } from '../../../server/estimate/loops/network.ts';
import { scheduleOf } from '../../../server/estimate/loops/schedule.ts';
import { isPlain, type Question } from '../data.ts';
import { type Family, type Prediction, result } from '../score.ts';

type Plain = Record<string, unknown>;

const list = (value: unknown): Plain[] => (Array.isArray(value) ? value.filter(isPlain) : []);
const names = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const whole = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

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
  const run = runNetwork(
    { nests: nodes.map(nestOf), channels: channelsOf(edges), concurrent: graph.dataflow === true },
    (nest, pipeline) => scheduleOf(nest, pipeline, latencies, ports),
  );
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
    'graph is not given.',
  predict: predictLatency,
  measured: (answers) => result(answers, 'rtl_cosim', 'latency_cycles'),
  key: structure,
  baseline: { name: 'the vendor’s csynth', measured: (answers) => result(answers, 'csynth', 'latency_cycles') },
};
