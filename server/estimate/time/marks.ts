/**
 * Words of a stream that somebody waits for. The first and the last one always; where its reader takes it in parts, as attention
 * does head by head, also the last word of the first part (the reader can do no second one before) and the first word of
 * the last part (all of that part is still to be done). Words of a job come and go evenly, as in the timeline.
 */
import { type FlowGraph, type FlowProcess, type FlowTransfer, lagOf } from '../flow/compile.ts';

/** Of a stream: 0 its first word, 1 and 2 those of its parts, 3 the last word. */
export const EVENTS = 4;
export const LAST_EVENT = EVENTS - 1;

/** Where a process, on its own clock, must have such a word. */
interface Anchor {
  readonly channel: number;
  readonly event: number;
  /** Cycle of the pass if nothing makes the process wait. */
  readonly place: number;
}

/** Where it gives one: `late` cycles after its place the word can be read. */
export interface Exit extends Anchor {
  readonly late: number;
  /** It waits for nothing that is wanted from here on: the job of the next words. */
  readonly before: number;
}

/** Parts of a stream by its channel; below 2 for whole ones. */
export type PartsOf = (channel: number) => number;

/** Of a process whose streams have parts: what it waits for and what it gives, in all. */
export interface Marks {
  readonly anchors: readonly Anchor[];
  readonly exits: readonly Exit[];
}

/** A number for an event of a channel. */
export function markOf({ channel, event }: Pick<Anchor, 'channel' | 'event'>): number {
  return EVENTS * channel + event;
}

/** Nothing where all of its streams are wholes, or its jobs are not alike: what is waited for is said by its first and last words. */
export function marksOf(process: FlowProcess, graph: FlowGraph, channels: readonly number[], partsOf: PartsOf): Marks {
  if (process.rest || !process.transfers.some(({ channel }) => partsOf(channel) > 1)) return { anchors: [], exits: [] };
  const anchors = anchorsOf(process, partsOf);
  const exits = exitsOf(process, partsOf, (channel) => graph.channels[channel]!.latency);
  const isMiddle = ({ event }: Anchor): boolean => event > 0 && event < LAST_EVENT;
  if (![...anchors, ...exits].some(isMiddle)) return { anchors: [], exits: [] };
  const named = <One extends Anchor>(one: One): One => ({ ...one, channel: channels[one.channel]! });
  return { anchors: anchors.map(named), exits: exits.map(named) };
}

function anchorsOf(process: FlowProcess, partsOf: PartsOf): Anchor[] {
  return wordsOf(process, 'read', partsOf).map(({ channel, event, job, place }) => {
    return { channel, event, place: job * process.cycles + place };
  });
}

/** @param latencyOf cycles on the way through a channel */
function exitsOf(process: FlowProcess, partsOf: PartsOf, latencyOf: (channel: number) => number): Exit[] {
  const { cycles } = process;
  return wordsOf(process, 'write', partsOf).map(({ channel, event, job, place, transfer }) => {
    // What is in the pipeline when a job has issued its last word leaves it while the next one runs.
    const issued = Math.min(cycles, Math.max(0, place - lagOf(process, transfer)));
    return {
      channel,
      event,
      place: job * cycles + issued,
      late: place - issued + 1 + latencyOf(channel),
      before: (job + 1) * cycles,
    };
  });
}

/** A word that is waited for, by its job and its cycle in it. */
interface Word {
  readonly channel: number;
  readonly event: number;
  readonly job: number;
  readonly place: number;
  readonly transfer: FlowTransfer;
}

function wordsOf({ jobs, transfers }: FlowProcess, direction: FlowTransfer['direction'], partsOf: PartsOf): Word[] {
  const own = transfers.filter((one) => one.direction === direction && one.words > 0);
  return own.flatMap((transfer): Word[] => {
    const { channel, words, first, last, ahead = 0, beyond = 0 } = transfer;
    const at = (event: number, word: number): Word => {
      const job = Math.floor(word / words);
      const inside = word - job * words;
      const place = words > 1 ? first + (inside * (last - first)) / (words - 1) : first;
      return { channel, event, job, place, transfer };
    };
    const all = jobs * words;
    const part = all / partsOf(channel);
    const isWhole = !(part < all && Number.isInteger(part) && Number.isInteger(words));
    // Words that are sent ahead, or in several turns of a job, are counted otherwise.
    const isPlain = ahead === 0 && beyond === 0 && own.filter((one) => one.channel === channel).length === 1;
    const middle = isWhole || !isPlain ? [] : [at(1, part - 1), at(2, all - part)];
    return [
      { channel, event: 0, job: 0, place: first, transfer },
      ...middle,
      { channel, event: LAST_EVENT, job: jobs - 1, place: last, transfer },
    ];
  });
}
