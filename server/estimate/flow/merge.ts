/**
 * Jobs that nobody can tell apart are one job: the run then has no corners where nothing happens, and what is left of a
 * converter or a loader costs an event only where it waits. Who waits for whom, and for which word, stays as it is.
 */
import type { UsableProcess, UsableTransfer } from './layout.ts';

/** What the run needs of a process that only sends: words a cycle that its reader takes at most, and room between them. */
interface Tap {
  readonly taken: number;
  readonly depth: number;
}

export function mergeJobs(processes: readonly UsableProcess[], depths: readonly number[]): UsableProcess[] {
  const taps = tapsOf(processes, depths);
  return processes.map((process) => merged(evened(process, taps), taps));
}

/** Channels from processes that read nothing and send nothing else: they never wait for anybody but for room. */
function tapsOf(processes: readonly UsableProcess[], depths: readonly number[]): ReadonlyMap<number, Tap> {
  const taps = new Map<number, Tap>();
  for (const { transfers } of processes) {
    const [only] = transfers;
    if (only?.write && transfers.length === 1) taps.set(only.channel, { taken: 0, depth: depths[only.channel] ?? 0 });
  }
  for (const { transfers } of processes) {
    for (const { channel, write, words, first, last } of transfers) {
      const tap = write ? undefined : taps.get(channel);
      if (!tap) continue;
      const rate = last > first ? (words - 1) / (last - first) : words;
      taps.set(channel, { ...tap, taken: Math.max(tap.taken, rate) });
    }
  }
  return taps;
}

/**
 * The words of a tap may as well come evenly where nobody sees its pauses: the FIFO holds what its reader takes in a pause,
 * and is full again before the next one.
 */
function evened(process: UsableProcess, taps: ReadonlyMap<number, Tap>): UsableProcess {
  const { jobs, cycles, transfers } = process;
  const [only] = transfers;
  const tap = only?.write ? taps.get(only.channel) : undefined;
  if (!only || !tap || jobs <= 1 || process.rest || !(only.words > 1)) return process;
  const pause = cycles - (only.last - only.first);
  if (tap.taken * cycles > only.words || tap.depth < tap.taken * pause + 2) return process;
  return { ...process, transfers: [{ ...only, last: only.first + (only.words - 1) * (cycles / only.words) }] };
}

/**
 * Jobs of which each goes on where the one before it left off, word by word at one pace. Not where several streams come in
 * or go out: between two jobs a word of the one may move before that of the other is there. Those from a tap do not count.
 */
function merged(process: UsableProcess, taps: ReadonlyMap<number, Tap>): UsableProcess {
  const { jobs, cycles, transfers } = process;
  const writes = transfers.filter(({ write }) => write).length;
  const reads = transfers.filter(({ write, channel }) => !write && !taps.has(channel)).length;
  if (jobs <= 1 || process.rest || writes > 1 || reads > 1) return process;
  if (!transfers.every((transfer) => isSeamless(transfer, cycles))) return process;
  return {
    ...process,
    jobs: 1,
    cycles: jobs * cycles,
    transfers: transfers.map((transfer) => ({
      ...transfer,
      words: transfer.words * jobs,
      last: transfer.last + (jobs - 1) * cycles,
    })),
  };
}

/**
 * Whether the first word of a job follows the last one of the job before as the others follow each other: give or take less
 * than a cycle, because words move in whole cycles (two of three cycles have one).
 */
function isSeamless({ words, first, last }: UsableTransfer, cycles: number): boolean {
  if (words === 0) return true;
  return words >= 1 && Math.abs(last - first - (words - 1) * (cycles / words)) < 1;
}
