/**
 * The public designs, cut in two before anything is predicted: what a predictor may see and what it is measured against.
 * Predictors are given questions only, so no answer can leak into a figure.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Paper, paperRows } from './families/paper.ts';

/** Of a loop report: how long an iteration takes, how often one starts, how many there are. Its latency is an answer. */
export interface LoopReport {
  readonly name: string;
  /** Not a number where the report gives a range. */
  readonly iterationLatency: number | undefined;
  /** Undefined for a loop that is not pipelined. */
  readonly interval: number | undefined;
  readonly trip: number | undefined;
  readonly pipelined: boolean;
}

/** What is known of a row before its results are looked at. */
export interface Question {
  readonly id: string;
  readonly family: string;
  readonly device: string;
  readonly part: string;
  readonly tool: string;
  /** Clock period that was asked for, in nanoseconds. */
  readonly clockNs: number | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  readonly loops: readonly LoopReport[];
  /** The module whose report lists the row, by the name of the report that is cited; empty where none is. */
  readonly reportOf: string;
  /** Structure of the design as its source text gives it, where the file of graphs has it. */
  readonly graph?: unknown;
}

export type Answers = Readonly<Record<string, unknown>>;

export interface Row {
  readonly question: Question;
  readonly answers: Answers;
}

/** A file that cannot be read as a set of rows: what is wrong and what was expected. */
export class DataError extends Error {}

type Plain = Record<string, unknown>;

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One file of the data. */
interface DataFile {
  readonly path: string;
  readonly data: unknown;
}

/** A file of graphs is found beside the rows that it belongs to, without being named. */
const graphsFile = 'stream-hls-graphs.json';

/** Reads files of rows (`entries`) and of graphs (`designs`), in any number and order. */
export function readRows(paths: readonly string[]): Row[] {
  const files = paths.map((path) => ({ path, data: readJson(path) }));
  const beside = [...new Set(paths.map((path) => join(dirname(path), graphsFile)))];
  const found = beside.filter((path) => existsSync(path)).map((path) => ({ path, data: readJson(path) }));
  return rowsOf(files, found);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new DataError(`${path}: cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @param lookup files whose graphs are used for rows that are there, but are no rows by themselves */
export function rowsOf(files: readonly DataFile[], lookup: readonly DataFile[] = []): Row[] {
  const graphs = new Map<string, Plain>();
  const known = graphsOf(
    lookup.flatMap(({ data }) => (isPlain(data) && Array.isArray(data.designs) ? data.designs : [])),
  );
  const entries: Plain[] = [];
  const printed: Row[] = [];
  for (const { path, data } of files) {
    if (isPlain(data) && 'fig6a' in data) {
      printed.push(...paperRows(data as unknown as Paper));
      continue;
    }
    const rows = isPlain(data) ? data.entries : data;
    const designs = isPlain(data) ? data.designs : undefined;
    if (!Array.isArray(rows) && !Array.isArray(designs))
      throw new DataError(`${path}: expected an object with a list "entries" (rows) or "designs" (graphs)`);
    for (const entry of Array.isArray(rows) ? rows : []) {
      if (!isPlain(entry) || typeof entry.id !== 'string' || typeof entry.family !== 'string')
        throw new DataError(`${path}: every entry needs a string "id" and a string "family"`);
      entries.push(entry);
    }
    for (const [id, design] of graphsOf(Array.isArray(designs) ? designs : [])) graphs.set(id, design);
  }
  const named = new Set(entries.map(({ id }) => id));
  const bare = [...graphs.values()].filter(({ id }) => !named.has(id)).map(entryOfGraph);
  const graphOf = (id: string): Plain | undefined => graphs.get(id) ?? known.get(id);
  return [
    ...printed,
    ...[...entries, ...bare].map((entry) => cut(entry, graphOf(String(entry.id)) ?? ownGraph(entry))),
  ];
}

function graphsOf(designs: readonly unknown[]): Map<string, Plain> {
  return new Map(designs.filter(isPlain).map((design) => [String(design.id), design]));
}

/** A row may bring its graph itself, as `graph` or among its parameters. */
function ownGraph({ graph, params }: Plain): Plain | undefined {
  const places = [graph, isPlain(params) ? params.graph : undefined, params];
  return places.filter(isPlain).find(({ nodes }) => Array.isArray(nodes));
}

/** A graph without a row of its own brings its answers under `expected`. */
function entryOfGraph(design: Plain): Plain {
  return {
    id: design.id,
    family: 'stream-hls-design',
    part: 'xcu280-fsvh2892-2L-e',
    clock_target_ns: 3.33,
    params: {},
    results: design.expected,
  };
}

function cut(entry: Plain, graph: Plain | undefined): Row {
  const results = isPlain(entry.results) ? entry.results : {};
  const params = isPlain(entry.params) ? entry.params : {};
  const { loops_report: reported, ...structure } = params;
  const csynth = isPlain(results.csynth) ? results.csynth : {};
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    question: {
      id: text(entry.id),
      family: text(entry.family),
      device: text(entry.device),
      part: text(entry.part),
      tool: text(entry.tool),
      clockNs: typeof entry.clock_target_ns === 'number' ? entry.clock_target_ns : undefined,
      params: structure,
      loops: [...listedLoops(reported), ...namedLoops(csynth.loops)],
      reportOf: citedModule(entry.provenance),
      ...(graph ? { graph: withoutAnswers(graph) } : {}),
    },
    answers: results,
  };
}

/** `…/syn/report/node2_csynth.rpt` is the report of the module `node2`. */
function citedModule(provenance: unknown): string {
  const paths = isPlain(provenance) && Array.isArray(provenance.paths) ? provenance.paths : [];
  return /([^/]+)_csynth\.(rpt|xml)$/.exec(String(paths[0] ?? ''))?.[1] ?? '';
}

const count = (value: unknown): number | undefined => (typeof value === 'number' && value >= 0 ? value : undefined);

/** [name, latency, iteration latency, interval, trip, pipelined]; a trip of '1 ~ 768' is 768 at most. */
function listedLoops(report: unknown): LoopReport[] {
  if (!Array.isArray(report)) return [];
  return report.filter(Array.isArray).map(([name, , iteration, interval, trip, pipelined]: unknown[]) => ({
    name: String(name).replace(/^[\s-]+/, ''),
    iterationLatency: count(iteration),
    interval: count(interval),
    trip: count(trip) ?? count(Number(/^1 ~ (\d+)$/.exec(String(trip))?.[1])),
    pipelined: pipelined === 'yes',
  }));
}

function namedLoops(report: unknown): LoopReport[] {
  if (!Array.isArray(report)) return [];
  return report.filter(isPlain).map((loop) => ({
    name: String(loop.name),
    iterationLatency: count(loop.iter_lat),
    interval: count(loop.ii),
    trip: count(loop.trip),
    pipelined: loop.pipelined === 'yes',
  }));
}

/** Everything that is marked as an answer is left out, wherever it stands. */
export function withoutAnswers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAnswers);
  if (!isPlain(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => !(isPlain(inner) && inner.answer === true));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutAnswers(inner)]));
}
