/**
 * A dataflow graph as the timeline sees it: processes that repeat equal jobs, joined by bounded FIFOs. Times are cycles of
 * one common clock.
 *
 * Time is skewed: each process has a clock of its own, late by the longest way from a source through pipelines and
 * crossings. On these clocks a word is there the moment it is written, so the run needs no delay lines; what the skew adds
 * on the way back (room is seen late) is the channel's `credit`. All start together, so the latest clock starts first: what has
 * nothing to wait for (a loader in front of the last kernel) is not late because its clock is.
 *
 * Several processes may read a channel, or write it, in turn: an array that takes products one after the other reads one stream of
 * weights. They stand in the order of their turns, each after the one before it. Who sends to them is on the clock of the earliest of
 * them, and with a turn on that of the next: see `handOver`.
 */

import { grouped } from '../../grouped.ts';
import {
  type Ends,
  type Layout,
  LayoutBuilder,
  type Turn,
  tailOfProcess,
  type Upstream,
  type UsableJob,
  type UsableProcess,
  type UsableTransfer,
} from './layout.ts';
import { mergeJobs } from './merge.ts';

export interface FlowTransfer {
  /** Index of the channel. */
  readonly channel: number;
  readonly direction: 'read' | 'write';
  /** Words a job. */
  readonly words: number;
  /** Cycle of the job in which the first and the last of them move. */
  readonly first: number;
  readonly last: number;
  /** Writes: cycles of the pipeline behind the iteration that gives a word; see `lagOf`. */
  readonly late?: number;
  /** Words that must have come before the first job; the reader has a buffer of its own for them. */
  readonly ahead?: number;
  /** Words of the last jobs that nobody sends: they are not waited for. */
  readonly beyond?: number;
}

export interface FlowJob {
  readonly cycles: number;
  readonly transfers: readonly FlowTransfer[];
}

export interface FlowProcess extends FlowJob {
  readonly name: string;
  readonly jobs: number;
  /** The last job, where it is less than the others. */
  readonly rest?: FlowJob;
  /** Length of a cycle of its own clock; 1 where that is the common one. */
  readonly cycle?: number;
  /** Index of the process that must have ended before this one starts. */
  readonly after?: number;
  /** What it works on: after a process on the same, it does not wait for what is still in the pipeline of that one. */
  readonly hardware?: string;
  /** Share of its speed that its memory lets it have; 1 where nothing holds it back. */
  readonly pace?: number;
}

export interface FlowChannel {
  readonly name: string;
  /** Words; Infinity where nothing bounds it. */
  readonly depth: number;
  /** Cycles on the way beyond the FIFO itself: a crossing between dies. */
  readonly latency: number;
}

export interface FlowGraph {
  readonly processes: readonly FlowProcess[];
  readonly channels: readonly FlowChannel[];
}

/** A write leads to a readable word in the next cycle, a read to room in the next. */
const handshake = 1;

/** What a graph is run from, see `Layout`, and what was wrong with it. */
export interface Compiled {
  readonly layout: Layout;
  /** Channels whose two ends do not agree on the number of words of a pass; the reader's are scaled. */
  readonly disagreeing: readonly number[];
}

/** @param growable channels whose depth is free: they get at least what passes words at full speed, room seen late and all. */
export function compile(raw: FlowGraph, growable: readonly number[] = []): Compiled {
  const merged = mergeJobs(
    raw.processes.map((process) => usable(process, raw.processes)),
    raw.channels.map(({ depth }) => depth),
  );
  const channels = raw.channels.map(({ depth, latency }) => ({ depth, latency: count(latency) }));
  const ends = endsOf(merged, channels);
  const processes = inTurn(merged, ends);
  const skew = skewsOf(processes, channels, ends);
  const disagreeing: number[] = [];
  const scale = ends.map(({ written, read, writers, readers }, channel) => {
    if (writers.length === 0 || readers.length === 0 || Math.abs(written - read) < 1e-6) return 1;
    disagreeing.push(channel);
    return read > 0 ? written / read : 1;
  });
  const builder = new LayoutBuilder(ends, scale);
  for (const process of processes) builder.add(process);
  const links = channels.map(({ depth, latency }, c) => {
    const asked = Math.max(1, depth) || 1;
    const least = Math.min(...pairsOf(ends[c]!).map(([writer, reader]) => skew[reader]! - skew[writer]!));
    const slack = Number.isFinite(least) ? Math.max(0, least - ends[c]!.lag - handshake) : 0;
    const credit = 2 * handshake + latency + slack;
    const passing = (growable[c] ?? 0) > 0 ? Math.ceil(builder.fastest(c) * credit) : 0;
    return { depth: Math.max(asked, passing), credit };
  });
  return {
    layout: builder.layout(skew, links, (channel) =>
      hasOneClock(ends[channel]!, skew) ? upstreamOf(channel, processes, ends) : undefined,
    ),
    disagreeing,
  };
}

/** Figures come from a spec that may say anything: what is no count or no time is none; nothing is astronomical, nor its inverse. */
function count(value: number): number {
  return value > 1e-12 ? Math.min(value, 1e12) : 0;
}

type Length = Pick<FlowProcess, 'cycles' | 'cycle'>;

/** Cycles by which words leave after their job has issued its last one: the end of a pipeline, seen where the next job already runs. */
export function tailOf({ cycles, cycle = 1 }: Length, last: number): number {
  return Math.max(0, last + cycle - cycles);
}

/** Cycles from the iteration that gives a word to the word: the depth of the pipeline, at least as much of it as is a tail. */
export function lagOf(job: Length, { first, last, late = 0 }: Pick<FlowTransfer, 'first' | 'last' | 'late'>): number {
  return Math.max(Math.min(late, first), tailOf(job, last));
}

/** Sum over all jobs of a process. */
export function overJobs<Job>(
  process: Job & { readonly jobs: number; readonly rest?: Job },
  of: (job: Job) => number,
): number {
  const { jobs, rest } = process;
  return rest ? (jobs - 1) * of(process) + of(rest) : jobs * of(process);
}

function usable(
  { jobs, cycle, pace, after = -1, hardware, rest, ...job }: FlowProcess,
  processes: readonly FlowProcess[],
): UsableProcess {
  const all = Math.floor(count(jobs));
  const last = rest && usableJob(rest, cycle);
  return {
    jobs: all,
    ...(last && all === 1 ? last : usableJob(job, cycle)),
    rest: all > 1 ? last : undefined,
    pace: Math.min(1, Math.max(1e-3, pace ?? 1)),
    after,
    takesTurn: hardware !== undefined && processes[after]?.hardware === hardware,
  };
}

function usableJob({ cycles, transfers }: FlowJob, cycle: number | undefined): UsableJob {
  const length = count(cycles) || 1;
  return {
    cycles: length,
    transfers: transfers.map((transfer): UsableTransfer => {
      const first = count(transfer.first);
      const last = Math.max(first, count(transfer.last));
      const write = transfer.direction === 'write';
      const own = { cycles: length, cycle: count(cycle ?? 1) };
      const lag = write ? lagOf(own, { first, last, late: count(transfer.late ?? 0) }) : 0;
      const tail = write ? tailOf(own, last) : 0;
      const ahead = write ? 0 : count(transfer.ahead ?? 0);
      const beyond = write ? 0 : count(transfer.beyond ?? 0);
      return { channel: transfer.channel, write, words: count(transfer.words), first, last, lag, tail, ahead, beyond };
    }),
  };
}

function endsOf(processes: readonly UsableProcess[], channels: readonly { readonly latency: number }[]): Ends[] {
  const ends = channels.map(
    ({ latency }): Ends => ({ writers: [], readers: [], written: 0, read: 0, ahead: 0, beyond: 0, lag: latency }),
  );
  processes.forEach(({ transfers, jobs, rest }, p) => {
    const take = ({ channel, write, words, ahead, beyond }: UsableTransfer, times: number): void => {
      const end = ends[channel];
      if (!end) return;
      const turns = write ? end.writers : end.readers;
      if (turns.at(-1)?.process !== p) turns.push({ process: p, words: 0, until: 0 });
      turns.at(-1)!.words += words * times;
      if (write) end.written += words * times;
      else {
        end.read += words * times + ahead - beyond;
        end.ahead += ahead;
        end.beyond += beyond;
      }
    };
    for (const transfer of transfers) take(transfer, rest ? jobs - 1 : jobs);
    for (const transfer of rest?.transfers ?? []) take(transfer, 1);
  });
  // A turn without jobs is none.
  const working = (turns: Turn[]): Turn[] =>
    turns.length > 1 ? turns.filter(({ process }) => processes[process]!.jobs > 0) : turns;
  return ends.map((end) => ({
    ...end,
    writers: inOrder(working(end.writers)),
    readers: inOrder(working(end.readers)),
  }));
}

function inOrder(turns: Turn[]): Turn[] {
  let until = 0;
  for (const turn of turns) turn.until = until += turn.words;
  return turns;
}

/** Who sends words to whom; of one writer and one reader, the two of them. */
function pairsOf({ writers, readers }: Ends): (readonly [writer: number, reader: number])[] {
  const [first] = writers;
  const reads = readers[0];
  if (!first || !reads) return [];
  if (writers.length === 1 && readers.length === 1) return [[first.process, reads.process]];
  const scale = (readers.at(-1)!.until || 1) / (writers.at(-1)!.until || 1);
  return writers.flatMap((writer) =>
    readers.flatMap((reader) => {
      const [from, until] = [(writer.until - writer.words) * scale, writer.until * scale];
      const meet = from < reader.until - 1e-6 && reader.until - reader.words < until - 1e-6;
      return meet ? [[writer.process, reader.process] as const] : [];
    }),
  );
}

/** Whether those who write a channel in turn change no clock with it, as a loader does not: then its readers make them do so. */
function hasOneClock({ writers }: Ends, skew: Float64Array): boolean {
  return writers.every(({ process }) => skew[process]! <= skew[writers[0]!.process]!);
}

/** Who sends to a channel, and to nobody else. */
function upstreamOf(channel: number, processes: readonly UsableProcess[], ends: readonly Ends[]): Upstream | undefined {
  const into = (p: number): number[] =>
    processes[p]!.transfers.flatMap((transfer) => (transfer.write ? [] : [transfer.channel]));
  const found = new Set(ends[channel]!.writers.map(({ process }) => process));
  for (const p of found)
    for (const before of into(p)) for (const { process } of ends[before]?.writers ?? []) found.add(process);
  const sendsAside = (p: number): boolean =>
    processes[p]!.transfers.some(
      ({ write, channel: to }) =>
        write && to !== channel && (ends[to]?.readers ?? []).some(({ process }) => !found.has(process)),
    );
  for (let left = -1; left !== found.size; ) {
    left = found.size;
    for (const p of found) if (sendsAside(p)) found.delete(p);
  }
  if (!ends[channel]!.writers.every(({ process }) => found.has(process))) return undefined;
  return { processes: found, channels: new Set([...found].flatMap(into)) };
}

/** Who reads or writes a channel in turn does not begin before the one in front of it has done all its jobs. */
function inTurn(processes: readonly UsableProcess[], ends: readonly Ends[]): readonly UsableProcess[] {
  const before = new Map<number, number>();
  for (const { writers, readers } of ends)
    for (const turns of [writers, readers])
      for (let turn = 1; turn < turns.length; turn++) before.set(turns[turn]!.process, turns[turn - 1]!.process);
  if (before.size === 0) return processes;
  return processes.map((process, p) => (process.after < 0 ? { ...process, after: before.get(p) ?? -1 } : process));
}

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly delay: number;
}

/**
 * Longest way to each process; then as late as those behind it allow, so that slack is only where ways meet again. Who is waited
 * for until its end is no earlier than who waits: the end of the one is seen on the clock of the other at once. Shifted so that
 * the latest is 0.
 */
function skewsOf(
  processes: readonly UsableProcess[],
  channels: readonly { readonly latency: number }[],
  ends: readonly Ends[],
): Float64Array {
  const found: Edge[] = [];
  const readersOf = ends.map((end) => grouped(pairsOf(end), ([writer]) => writer));
  processes.forEach(({ transfers, rest }, p) => {
    for (const { channel, write, lag } of rest ? [...transfers, ...rest.transfers] : transfers) {
      const end = ends[channel];
      if (!write || !end) continue;
      const delay = lag + channels[channel]!.latency;
      for (const [, reader] of readersOf[channel]!.of(p)) {
        if (reader === p) continue;
        end.lag = Math.max(end.lag, delay);
        found.push({ from: p, to: reader, delay: delay + handshake });
      }
    }
  });
  const barriers = barriersOf(processes, found);
  const writes = new Set(found.map(({ from }) => from));
  // Who takes hardware over is no later than who had it: would that one be made later instead, so would be all that reads from it, and
  // in the end who takes over once more.
  const isTurn = ({ from, to }: Edge): boolean => processes[from]!.takesTurn && writes.has(to);
  const waits = barriers.filter((barrier) => !isTurn(barrier));
  const edges = downstream([...found, ...barriers.filter(isTurn)], processes.length);
  const sinks = processes.flatMap((_, p) => (writes.has(p) ? [] : [p]));
  const skew = new Float64Array(processes.length);
  later(skew, edges);
  asLate(skew, edges, sinks);
  // Who is waited for becomes later, so does what is in front of it, and so may do who is waited for there.
  for (let round = 0; round < waits.length && later(skew, [...waits, ...edges]); round++) asLate(skew, edges, sinks);
  const last = skew.reduce((most, one) => Math.max(most, one), 0);
  return skew.map((one) => one - last);
}

/** Those further up first, so that one round over them settles all that is behind them. */
function downstream(edges: readonly Edge[], nodes: number): Edge[] {
  const out = Array.from({ length: nodes }, (): Edge[] => []);
  const open = new Int32Array(nodes);
  for (const edge of edges) {
    out[edge.from]!.push(edge);
    open[edge.to]!++;
  }
  const order = out.flatMap((_, node) => (open[node] === 0 ? [node] : []));
  for (const node of order) for (const { to } of out[node]!) if (--open[to]! === 0) order.push(to);
  // A circle has no first one.
  const circles = out.flatMap((_, node) => (open[node]! > 0 ? [node] : []));
  return [...order, ...circles].flatMap((node) => out[node]!);
}

/** As late as the last sink allows; what does not lead there (rows on their way to memory) as late as its own sink then is. */
function asLate(skew: Float64Array, edges: readonly Edge[], sinks: readonly number[]): void {
  const last = sinks.reduce((most, p) => (skew[p]! > skew[most]! ? p : most), sinks[0] ?? 0);
  latest(skew, edges, [last]);
  later(skew, edges);
  latest(skew, edges, sinks);
}

/** As much later as the edges ask for; says whether that changed anything. */
function later(skew: Float64Array, edges: readonly Edge[]): boolean {
  return relax(edges, skew.length, ({ from, to, delay }) => {
    if (skew[to]! >= skew[from]! + delay) return false;
    skew[to] = skew[from]! + delay;
    return true;
  });
}

/** As late as these sinks allow, which stay where they are. */
function latest(skew: Float64Array, edges: readonly Edge[], sinks: readonly number[]): void {
  const backwards = [...edges].reverse();
  const late = new Float64Array(skew.length).fill(Number.POSITIVE_INFINITY);
  for (const p of sinks) late[p] = skew[p]!;
  relax(backwards, skew.length, ({ from, to, delay }) => {
    if (late[from]! <= late[to]! - delay) return false;
    late[from] = late[to]! - delay;
    return true;
  });
  late.forEach((one, p) => {
    if (Number.isFinite(one)) skew[p] = Math.max(skew[p]!, one);
  });
}

/**
 * From those that wait for the end of another to it; not where words, and the ends of others, lead from it to them: then they are
 * later in any case.
 */
function barriersOf(processes: readonly UsableProcess[], edges: readonly Edge[]): Edge[] {
  const behind = processes.map((): number[] => []);
  for (const { from, to } of edges) behind[from]!.push(to);
  const barriers: Edge[] = [];
  processes.forEach(({ after, takesTurn }, p) => {
    const before = processes[after];
    if (!before) return;
    const reached = new Set([after]);
    for (const at of reached) for (const next of behind[at]!) reached.add(next);
    if (reached.has(p)) return;
    behind[p]!.push(after);
    barriers.push({ from: p, to: after, delay: takesTurn ? 0 : -tailOfProcess(before) });
  });
  return barriers;
}

/**
 * Until nothing changes; a circle of FIFOs would never settle, so there are at most as many rounds as processes. Says whether
 * anything changed.
 */
function relax(edges: readonly Edge[], rounds: number, step: (edge: Edge) => boolean): boolean {
  for (let round = 0; round < rounds; round++) {
    let changed = false;
    for (const edge of edges) changed = step(edge) || changed;
    if (!changed) return round > 0;
  }
  return true;
}
