/**
 * The same graphs simulated word by word: slow, simple, and obviously right. A process is the list of its words in time
 * order (reads before writes of the same cycle); a word moves at the earliest when as many cycles have passed since the one
 * before as the job says, and when it is there or has room.
 */
import { type FlowGraph, type FlowJob, overJobs } from '../../../server/estimate/flow/compile.ts';

export interface WordRun {
  readonly finished: boolean;
  readonly end: number;
  readonly peaks: readonly number[];
  readonly ends: readonly number[];
}

interface Word {
  readonly at: number;
  readonly channel: number;
  readonly write: boolean;
  readonly index: number;
  readonly lag: number;
}

export function simulateWords(graph: FlowGraph): WordRun {
  const lists = listsOf(graph);
  const readable = graph.channels.map(() => [] as number[]);
  const freed = graph.channels.map(() => [] as number[]);
  const clock = graph.processes.map(() => 0);
  const reached = graph.processes.map(() => 0);
  const next = graph.processes.map(() => 0);
  const ends = graph.processes.map(() => -1);
  /** When its last job is over, what is still in its pipeline left out. */
  const issued = graph.processes.map(() => -1);
  const written = new Set(
    graph.processes.flatMap(({ transfers }) => transfers.filter((t) => t.direction === 'write').map((t) => t.channel)),
  );
  const isRead = new Set(
    graph.processes.flatMap(({ transfers }) => transfers.filter((t) => t.direction === 'read').map((t) => t.channel)),
  );

  const step = (p: number): boolean => {
    const process = graph.processes[p]!;
    if (next[p] === 0 && reached[p] === 0 && process.after !== undefined) {
      if (ends[process.after]! < 0) return false;
      const isTurn = process.hardware !== undefined && process.hardware === graph.processes[process.after]!.hardware;
      clock[p] = Math.max(clock[p]!, (isTurn ? issued : ends)[process.after]!);
    }
    const list = lists[p]!;
    if (next[p]! >= list.length) {
      if (ends[p]! >= 0) return false;
      const left = overJobs<FlowJob>(process, ({ cycles }) => cycles) - reached[p]!;
      const { cycles, transfers } = process.rest ?? process;
      const tail = Math.max(0, ...transfers.map((t) => (t.direction === 'write' ? t.last + 1 - cycles : 0)));
      issued[p] = clock[p]! + left;
      ends[p] = issued[p]! + tail;
      return true;
    }
    const { at, channel, write, index, lag: late } = list[next[p]!]!;
    let time = clock[p]! + at - reached[p]!;
    const { depth, latency } = graph.channels[channel]!;
    if (write) {
      if (isRead.has(channel) && index >= depth) {
        const room = freed[channel]![index - depth];
        if (room === undefined) return false;
        time = Math.max(time, room - late);
      }
      readable[channel]!.push(time + late + 1 + latency);
    } else {
      if (written.has(channel)) {
        const there = readable[channel]![index];
        if (there === undefined) return false;
        time = Math.max(time, there);
      }
      freed[channel]!.push(time + 1);
    }
    clock[p] = time;
    reached[p] = at;
    next[p]! += 1;
    return true;
  };

  for (let moved = true; moved; ) {
    moved = false;
    for (let p = 0; p < lists.length; p++) while (step(p)) moved = true;
  }
  const peaks = graph.channels.map((_, c) => peak(readable[c]!, freed[c]!));
  const finished = ends.every((end) => end >= 0);
  return { finished, end: finished ? Math.max(0, ...ends) : -1, peaks, ends };
}

function lag(transfer: FlowGraph['processes'][number]['transfers'][number], cycles: number): number {
  if (transfer.direction === 'read') return 0;
  return Math.max(0, transfer.last + 1 - cycles, Math.min(transfer.late ?? 0, transfer.first));
}

/** Of processes that read or write a channel in turn, words of the one follow those of the other. */
function listsOf(graph: FlowGraph): Word[][] {
  const before = new Map<string, number>();
  return graph.processes.map((process, p) => {
    const list = wordsOf(graph, p, before);
    for (const { channel, write } of list) {
      const key = `${write ? 'write' : 'read'}${channel}`;
      before.set(key, (before.get(key) ?? 0) + 1);
    }
    return process.jobs > 0 ? list : [];
  });
}

function wordsOf(graph: FlowGraph, p: number, before: ReadonlyMap<string, number>): Word[] {
  const process = graph.processes[p]!;
  const words: Word[] = [];
  for (let job = 0; job < process.jobs; job++) {
    const offsets = new Map<string, number>();
    const perJob = (channel: number, direction: string): number =>
      process.transfers
        .filter((t) => t.channel === channel && t.direction === direction)
        .reduce((n, t) => n + t.words, 0);
    const { cycles, transfers } = (job === process.jobs - 1 && process.rest) || process;
    for (const transfer of [...transfers].sort((a, b) => a.first - b.first)) {
      const key = `${transfer.direction}${transfer.channel}`;
      const offset = offsets.get(key) ?? 0;
      offsets.set(key, offset + transfer.words);
      const late = lag(transfer, cycles);
      for (let i = 0; i < transfer.words; i++) {
        const along = transfer.words > 1 ? ((transfer.last - transfer.first) * i) / (transfer.words - 1) : 0;
        words.push({
          at: job * process.cycles + transfer.first - late + along,
          channel: transfer.channel,
          write: transfer.direction === 'write',
          index: (before.get(key) ?? 0) + job * perJob(transfer.channel, transfer.direction) + offset + i,
          lag: late,
        });
      }
    }
  }
  return words.sort((a, b) => a.at - b.at || Number(a.write) - Number(b.write) || a.index - b.index);
}

/** Most words written and not yet read, counted from when they leave the pipeline. */
function peak(readable: readonly number[], freed: readonly number[]): number {
  let most = 0;
  let out = 0;
  for (let i = 0; i < readable.length; i++) {
    const time = readable[i]! - 1;
    while (out < freed.length && freed[out]! - 1 <= time) out++;
    most = Math.max(most, i + 1 - out);
  }
  return most;
}
