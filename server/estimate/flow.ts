/**
 * A dataflow graph as the timeline sees it: processes that repeat equal jobs, joined by bounded FIFOs. Times are cycles of
 * one common clock.
 *
 * Time is skewed: each process has a clock of its own, late by the longest way from a source through pipelines and
 * crossings. On these clocks a word is there the moment it is written, so the run needs no delay lines; what the skew adds
 * on the way back (room is seen late) is the channel's `credit`.
 */

export interface FlowTransfer {
  /** Index of the channel. */
  readonly channel: number;
  readonly direction: 'read' | 'write';
  /** Words a job. */
  readonly words: number;
  /** Cycle of the job in which the first and the last of them move. */
  readonly first: number;
  readonly last: number;
}

export interface FlowProcess {
  readonly name: string;
  readonly jobs: number;
  readonly cycles: number;
  readonly transfers: readonly FlowTransfer[];
  /** Index of the process that must have ended before this one starts. */
  readonly after?: number;
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

/** A transfer with its place in the job, in cycles since the job was issued. */
export interface Slot {
  readonly channel: number;
  readonly write: boolean;
  readonly words: number;
  /** Words of the channel that one job moves, all transfers on it together, and those before this transfer. */
  readonly perJob: number;
  readonly offset: number;
  readonly first: number;
  readonly last: number;
  /** Words a cycle between first and last; 0 for words that move all at once. */
  readonly rate: number;
}

/** The first or the last word of a slot. */
export interface Gate {
  readonly slot: Slot;
  /** Of the pass: add `perJob` for each job before this one. */
  readonly word: number;
  /** More words follow in the segment behind. */
  readonly opens: boolean;
}

/** A job cut at the places where a transfer starts or ends; between two corners every rate is constant. */
export interface Program {
  readonly jobs: number;
  readonly cycles: number;
  readonly corners: readonly number[];
  /** Words that must move at each corner before the job goes on, in this order; slots that move in the segment behind it. */
  readonly gates: readonly (readonly Gate[])[];
  readonly moving: readonly (readonly Slot[])[];
  readonly after: number;
  /** Greatest speed, 1 where nothing limits it. */
  readonly pace: number;
  /** What leaves its pipeline after the last job has ended. */
  readonly tail: number;
  /** How late its clock is. */
  readonly skew: number;
}

export interface Link {
  readonly depth: number;
  /** Cycles after a read in which the writer can use the room. */
  readonly credit: number;
  /** Process at each end, -1 where there is none: then that end never waits. */
  readonly writer: number;
  readonly reader: number;
}

export interface Compiled {
  readonly programs: readonly Program[];
  readonly links: readonly Link[];
  /** Channels whose two ends do not agree on the number of words of a pass; the reader's are scaled. */
  readonly disagreeing: readonly number[];
}

/** A write leads to a readable word in the next cycle, a read to room in the next. */
const handshake = 1;

/** @param growable channels whose depth is free: they get at least what passes words at full speed, room seen late and all. */
export function compile(raw: FlowGraph, growable: readonly number[] = []): Compiled {
  const graph = usable(raw);
  const lags = graph.processes.map((process) => process.transfers.map((transfer) => lagOf(transfer, process)));
  const ends = endsOf(graph);
  const skews = skewsOf(graph, lags, ends);
  const scale = graph.channels.map(() => 1);
  const disagreeing: number[] = [];
  ends.forEach(({ written, read, writer, reader }, channel) => {
    if (writer < 0 || reader < 0 || Math.abs(written - read) < 1e-6) return;
    disagreeing.push(channel);
    if (read > 0) scale[channel] = written / read;
  });
  const programs = graph.processes.map((process, p) => programOf(process, lags[p]!, scale, skews[p]!));
  const fastest = graph.channels.map(() => 0);
  for (const { moving } of programs) {
    for (const slot of moving.flat()) fastest[slot.channel] = Math.max(fastest[slot.channel] ?? 0, slot.rate);
  }
  const links = graph.channels.map((channel, c): Link => {
    const { writer, reader, lag } = ends[c]!;
    const asked = Math.max(1, channel.depth) || 1;
    const slack = writer < 0 || reader < 0 ? 0 : Math.max(0, skews[reader]! - skews[writer]! - lag - handshake);
    const credit = 2 * handshake + channel.latency + slack;
    const depth = (growable[c] ?? 0) > 0 ? Math.max(asked, Math.ceil(fastest[c]! * credit)) : asked;
    return { depth, credit, writer, reader };
  });
  return { programs, links, disagreeing };
}

/** Figures come from a spec that may say anything: what is no count or no time is none, and nothing is astronomical. */
function usable(graph: FlowGraph): FlowGraph {
  const count = (value: number): number => (value > 0 ? Math.min(value, 1e12) : 0);
  return {
    channels: graph.channels.map((channel) => ({ ...channel, latency: count(channel.latency) })),
    processes: graph.processes.map((process) => ({
      ...process,
      jobs: Math.floor(count(process.jobs)),
      cycles: count(process.cycles) || 1,
      transfers: process.transfers.map((transfer) => ({
        ...transfer,
        words: count(transfer.words),
        first: count(transfer.first),
        last: Math.max(count(transfer.first), count(transfer.last)),
      })),
    })),
  };
}

interface Ends {
  writer: number;
  reader: number;
  written: number;
  read: number;
  /** Longest pipeline in front of the channel, crossing included. */
  lag: number;
}

function endsOf(graph: FlowGraph): Ends[] {
  const ends = graph.channels.map(
    (channel): Ends => ({ writer: -1, reader: -1, written: 0, read: 0, lag: channel.latency }),
  );
  graph.processes.forEach((process, p) => {
    for (const { channel, direction, words } of process.transfers) {
      const end = ends[channel];
      if (!end) continue;
      if (direction === 'write') {
        end.writer = p;
        end.written += words * process.jobs;
      } else {
        end.reader = p;
        end.read += words * process.jobs;
      }
    }
  });
  return ends;
}

/**
 * Cycles by which a word leaves after the job that it belongs to has issued its last one: the depth of the pipeline, seen
 * where the next job already runs.
 */
function lagOf(transfer: FlowTransfer, process: FlowProcess): number {
  if (transfer.direction === 'read') return 0;
  return Math.max(0, transfer.last + 1 - process.cycles);
}

/** Longest way to each process; then as late as those behind it allow, so that slack is only where ways meet again. */
function skewsOf(graph: FlowGraph, lags: readonly (readonly number[])[], ends: readonly Ends[]): number[] {
  const edges: { from: number; to: number; delay: number }[] = [];
  graph.processes.forEach((process, p) => {
    process.transfers.forEach((transfer, i) => {
      const end = ends[transfer.channel];
      if (transfer.direction !== 'write' || !end || end.reader < 0 || end.reader === p) return;
      const delay = lags[p]![i]! + (graph.channels[transfer.channel]?.latency ?? 0);
      end.lag = Math.max(end.lag, delay);
      edges.push({ from: p, to: end.reader, delay: delay + handshake });
    });
  });
  const skew = graph.processes.map(() => 0);
  relax(edges, graph.processes.length, ({ from, to, delay }) => {
    if (skew[to]! >= skew[from]! + delay) return false;
    skew[to] = skew[from]! + delay;
    return true;
  });
  const latest = graph.processes.map(() => Number.POSITIVE_INFINITY);
  for (let p = 0; p < skew.length; p++) if (!edges.some(({ from }) => from === p)) latest[p] = skew[p]!;
  relax(edges, graph.processes.length, ({ from, to, delay }) => {
    if (latest[from]! <= latest[to]! - delay) return false;
    latest[from] = latest[to]! - delay;
    return true;
  });
  return skew.map((early, p) => (Number.isFinite(latest[p]!) ? Math.max(early, latest[p]!) : early));
}

/** Until nothing changes; a circle of FIFOs would never settle, so there are at most as many rounds as processes. */
function relax<Edge>(edges: readonly Edge[], rounds: number, step: (edge: Edge) => boolean): void {
  for (let round = 0; round < rounds; round++) {
    let changed = false;
    for (const edge of edges) changed = step(edge) || changed;
    if (!changed) return;
  }
}

function programOf(process: FlowProcess, lags: readonly number[], scale: readonly number[], skew: number): Program {
  const { cycles } = process;
  const slots = slotsOf(process, lags, scale, cycles);
  const corners = [...new Set([0, cycles, ...slots.flatMap(({ first, last }) => [first, last])])].sort((a, b) => a - b);
  return {
    jobs: process.jobs,
    cycles,
    corners,
    gates: corners.map((corner) => gatesAt(slots, corner)),
    moving: corners.map((corner) =>
      slots.filter(({ first, last, rate }) => rate > 0 && first <= corner && corner < last),
    ),
    after: process.after ?? -1,
    pace: Math.min(1, Math.max(1e-3, process.pace ?? 1)),
    tail: Math.max(0, ...lags),
    skew,
  };
}

/** Last words before first ones, and what is read before what is written: the order in which a loop body asks for them. */
function gatesAt(slots: readonly Slot[], corner: number): Gate[] {
  const gate = (slot: Slot, word: number, opens: boolean): Gate => ({ slot, word: slot.offset + word, opens });
  const gates = [
    ...slots.filter(({ last, rate }) => rate > 0 && last === corner).map((slot) => gate(slot, slot.words - 1, false)),
    ...slots
      .filter(({ first }) => first === corner)
      .map((slot) => (slot.rate > 0 ? gate(slot, 0, true) : gate(slot, slot.words - 1, false))),
  ];
  return gates.sort((a, b) => Number(a.slot.write) - Number(b.slot.write));
}

function slotsOf(process: FlowProcess, lags: readonly number[], scale: readonly number[], cycles: number): Slot[] {
  const ordered = process.transfers
    .map((transfer, i) => ({ transfer, lag: lags[i]! }))
    .filter(({ transfer }) => transfer.words > 0)
    .sort((a, b) => a.transfer.first - b.transfer.first);
  const before = new Map<string, number>();
  const key = (transfer: FlowTransfer): string => `${transfer.direction}${transfer.channel}`;
  const placed = ordered.map(({ transfer, lag }) => {
    const words = transfer.words * (transfer.direction === 'read' ? scale[transfer.channel]! : 1);
    const offset = before.get(key(transfer)) ?? 0;
    before.set(key(transfer), offset + words);
    return { transfer, lag, words, offset };
  });
  return placed.map(({ transfer, lag, words, offset }) => {
    const first = Math.min(cycles, Math.max(0, transfer.first - lag));
    const last = Math.min(cycles, Math.max(first, transfer.last - lag));
    return {
      channel: transfer.channel,
      write: transfer.direction === 'write',
      words,
      perJob: before.get(key(transfer))!,
      offset,
      first,
      last,
      rate: last > first && words > 1 ? (words - 1) / (last - first) : 0,
    };
  });
}
