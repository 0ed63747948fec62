/**
 * A compiled graph laid out for the run: what an event reads stands side by side in typed arrays.
 *
 * A job is cut at its corners, the places where a transfer starts or ends; between two corners every rate is constant. At a
 * corner stand gates: first and last words that must move before the job goes on, in their order. Only what joins two
 * processes is laid out; a channel with one end never holds anybody up.
 */

export interface Layout {
  readonly jobs: Float64Array;
  readonly cycles: Float64Array;
  /** Greatest speed, 1 where nothing limits it. */
  readonly pace: Float64Array;
  /** What leaves its pipeline after the last job has ended. */
  readonly tail: Float64Array;
  /** How late its clock is, 0 for the latest: on its own clock it starts at the opposite of this. */
  readonly skew: Float64Array;
  /** The process that must have ended before, -1 for none, and cycles after its end until its last words are out. */
  readonly after: Int32Array;
  readonly drain: Float64Array;
  /** Index of a process’s first corner among all corners, and how many segments lie between its corners. */
  readonly corners: Int32Array;
  readonly segments: Int32Array;
  /** The same of its last job, where that is less than the others; -1 for none. */
  readonly restCorners: Int32Array;
  readonly restSegments: Int32Array;

  /** Of each corner: its cycle, the slots that move in the segment behind it, and the gates at it: from one index to the next. */
  readonly cycle: Float64Array;
  readonly slots: Int32Array;
  readonly gates: Int32Array;

  readonly slotChannel: Int32Array;
  readonly slotRate: Float64Array;
  readonly slotWrites: Uint8Array;
  /** Process at the other end. */
  readonly slotOther: Int32Array;

  readonly gateChannel: Int32Array;
  readonly gateWrites: Uint8Array;
  /** Its word of the pass: add `gatePerJob` for each job before. */
  readonly gateWord: Float64Array;
  readonly gatePerJob: Float64Array;
  /** Words a cycle in the segment behind, 0 where no more follow. */
  readonly gateRate: Float64Array;

  /** Process at each end of a channel, -1 where there is none; of several in turn the first. */
  readonly writer: Int32Array;
  readonly reader: Int32Array;
  /** Who takes over an end of a channel from a process that has done all its jobs. */
  readonly relays: readonly Relay[];
  /** Words that the reader of a channel takes in before its first job. */
  readonly ahead: Float64Array;
  /** Words of it that are never sent, and counted as sent when its writer has done all its jobs. */
  readonly beyond: Float64Array;
  readonly depth: Float64Array;
  /** Cycles after a read in which the writer can use the room. */
  readonly credit: Float64Array;
}

export interface Relay {
  readonly from: number;
  readonly to: number;
  readonly channel: number;
  readonly write: boolean;
  /** Of a reader: who sends to this channel and to nobody else, by one another or alone. */
  readonly upstream: Upstream | undefined;
}

export interface Upstream {
  readonly processes: ReadonlySet<number>;
  /** Between them. */
  readonly channels: ReadonlySet<number>;
}

export interface UsableTransfer {
  readonly channel: number;
  readonly write: boolean;
  readonly words: number;
  readonly first: number;
  readonly last: number;
  readonly lag: number;
  /** What of the lag is behind the end of the job. */
  readonly tail: number;
  /** Words that must have come before the first job. */
  readonly ahead: number;
  /** Words of the last jobs that nobody sends. */
  readonly beyond: number;
}

export interface UsableJob {
  readonly cycles: number;
  readonly transfers: readonly UsableTransfer[];
}

export interface UsableProcess extends UsableJob {
  readonly jobs: number;
  /** The last job, where it is less than the others. */
  readonly rest: UsableJob | undefined;
  readonly pace: number;
  readonly after: number;
  /** It works on what that process worked on, and takes it over. */
  readonly takesTurn: boolean;
}

/** What a process moves past an end of a channel, and how many words have gone past it when it is done. */
export interface Turn {
  readonly process: number;
  words: number;
  until: number;
}

export interface Ends {
  /** In the order of their turns. */
  readonly writers: Turn[];
  readonly readers: Turn[];
  /** Words of a pass at each end. */
  written: number;
  read: number;
  /** Of these, what the reader takes in before its first job. */
  ahead: number;
  /** What it would take in at the end and nobody sends. */
  beyond: number;
  /** Longest pipeline in front of the channel, crossing included. */
  lag: number;
}

/** Cycles by which its last words leave after it has ended. */
export function tailOfProcess({ transfers, rest }: UsableProcess): number {
  return (rest?.transfers ?? transfers).reduce((most, { tail }) => Math.max(most, tail), 0);
}

function relaysOf(channel: number, write: boolean, turns: readonly Turn[], upstream?: Upstream): Relay[] {
  return turns.slice(1).map(({ process }, turn) => {
    return { from: turns[turn]!.process, to: process, channel, write, upstream };
  });
}

/** A transfer with its place in the job, in cycles since the job was issued. */
interface Slot {
  readonly channel: number;
  readonly write: boolean;
  readonly words: number;
  /** Words of the channel that one job moves, all transfers on it together, and those before this transfer. */
  perJob: number;
  offset: number;
  readonly first: number;
  readonly last: number;
  /** Words a cycle between first and last; 0 for words that move all at once. */
  readonly rate: number;
}

export class LayoutBuilder {
  private readonly processes: UsableProcess[] = [];
  private readonly corners: number[] = [];
  private readonly segments: number[] = [];
  private readonly restCorners: number[] = [];
  private readonly restSegments: number[] = [];
  private readonly cycle: number[] = [];
  private readonly slots: number[] = [];
  private readonly gates: number[] = [];
  private readonly slotChannel: number[] = [];
  private readonly slotRate: number[] = [];
  private readonly slotWrites: number[] = [];
  private readonly gateChannel: number[] = [];
  private readonly gateWrites: number[] = [];
  private readonly gateWord: number[] = [];
  private readonly gatePerJob: number[] = [];
  private readonly gateRate: number[] = [];
  private readonly rates: Float64Array;
  /** Words past each end of a channel in the turns so far. */
  private readonly written: Float64Array;
  private readonly read: Float64Array;
  private readonly ends: readonly Ends[];
  private readonly scale: readonly number[];

  /** @param scale of each channel: what the reader's words are multiplied with. */
  constructor(ends: readonly Ends[], scale: readonly number[]) {
    this.ends = ends;
    this.scale = scale;
    this.rates = new Float64Array(ends.length);
    this.written = new Float64Array(ends.length);
    this.read = new Float64Array(ends.length);
  }

  add(process: UsableProcess): void {
    const { rest, jobs, transfers } = process;
    this.processes.push(process);
    const slots = this.slotsOf(process);
    this.corners.push(this.cycle.length);
    this.segments.push(this.job(process, slots));
    this.restCorners.push(rest ? this.cycle.length : -1);
    this.restSegments.push(rest ? this.job(rest, this.slotsOf(rest, slots)) : 0);
    for (const transfer of transfers) this.pass(transfer, rest ? jobs - 1 : jobs);
    for (const transfer of rest?.transfers ?? []) this.pass(transfer, 1);
  }

  /** The words of the next turn follow those of this one. */
  private pass({ channel, write, words }: UsableTransfer, times: number): void {
    if (write) this.written[channel]! += words * times;
    else this.read[channel]! += words * times * (this.scale[channel] ?? 1);
  }

  /** Its corners, and how many segments lie between them. */
  private job({ cycles }: UsableJob, slots: readonly Slot[]): number {
    const places = [0, cycles];
    for (const { first, last } of slots) places.push(first, last);
    places.sort((a, b) => a - b);
    let count = 0;
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      if (i > 0 && place === places[i - 1]) continue;
      this.corner(place, slots);
      count++;
    }
    return count - 1;
  }

  /** Last words before first ones, and what is read before what is written: the order in which a loop body asks for them. */
  private corner(place: number, slots: readonly Slot[]): void {
    this.cycle.push(place);
    this.gates.push(this.gateChannel.length);
    this.slots.push(this.slotChannel.length);
    for (const write of [false, true]) {
      for (const slot of slots) if (slot.write === write && slot.rate > 0 && slot.last === place) this.gate(slot, true);
      for (const slot of slots) if (slot.write === write && slot.first === place) this.gate(slot, !(slot.rate > 0));
    }
    for (const { channel, rate, write, first, last } of slots) {
      if (!(rate > 0 && first <= place && place < last)) continue;
      this.slotChannel.push(channel);
      this.slotRate.push(rate);
      this.slotWrites.push(Number(write));
    }
  }

  private gate({ channel, write, offset, words, perJob, rate }: Slot, last: boolean): void {
    this.gateChannel.push(channel);
    this.gateWrites.push(Number(write));
    this.gateWord.push(offset + (last ? words - 1 : 0));
    this.gatePerJob.push(perJob);
    this.gateRate.push(last ? 0 : rate);
  }

  /** @param usual slots of the jobs before, where they are not like this one */
  private slotsOf({ transfers, cycles }: UsableJob, usual?: readonly Slot[]): Slot[] {
    const slots: Slot[] = [];
    const ordered = transfers.filter(({ words }) => words > 0).sort((a, b) => a.first - b.first);
    for (const { channel, write, words: asked, first: begin, last: end, lag, ahead } of ordered) {
      const words = asked * (write ? 1 : (this.scale[channel] ?? 1));
      const first = Math.min(cycles, Math.max(0, begin - lag));
      const last = Math.min(cycles, Math.max(first, end - lag));
      const rate = last > first && words > 1 ? (words - 1) / (last - first) : 0;
      this.rates[channel] = Math.max(this.rates[channel] ?? 0, rate);
      const slot = { channel, write, words, perJob: words, offset: 0, first, last, rate };
      for (const before of slots) {
        if (before.channel !== channel || before.write !== write) continue;
        slot.offset += before.words;
        before.perJob += words;
      }
      slot.perJob += slot.offset;
      slot.offset += ahead * (write ? 1 : (this.scale[channel] ?? 1));
      slot.offset += (write ? this.written : this.read)[channel] ?? 0;
      slots.push(slot);
    }
    // Its words count on from those of the jobs before.
    if (usual)
      for (const slot of slots)
        slot.perJob = usual.find(({ channel, write }) => channel === slot.channel && write === slot.write)?.perJob ?? 0;
    return slots.filter(({ channel }) => {
      const end = this.ends[channel];
      return end && end.writers.length > 0 && end.readers.length > 0;
    });
  }

  /** Words a cycle of the faster end of a channel. */
  fastest(channel: number): number {
    return this.rates[channel] ?? 0;
  }

  layout(
    skew: Float64Array,
    links: readonly { readonly depth: number; readonly credit: number }[],
    upstreamOf: (channel: number) => Upstream | undefined,
  ): Layout {
    const { processes, ends } = this;
    this.slots.push(this.slotChannel.length);
    this.gates.push(this.gateChannel.length);
    const writer = Int32Array.from(ends, ({ writers }) => writers[0]?.process ?? -1);
    const reader = Int32Array.from(ends, ({ readers }) => readers[0]?.process ?? -1);
    return {
      jobs: Float64Array.from(processes, ({ jobs }) => jobs),
      cycles: Float64Array.from(processes, ({ cycles }) => cycles),
      pace: Float64Array.from(processes, ({ pace }) => pace),
      tail: Float64Array.from(processes, tailOfProcess),
      skew,
      after: Int32Array.from(processes, ({ after }) => after),
      drain: Float64Array.from(processes, ({ after, takesTurn }) => {
        const before = processes[after];
        return before && !takesTurn ? tailOfProcess(before) : 0;
      }),
      corners: Int32Array.from(this.corners),
      segments: Int32Array.from(this.segments),
      restCorners: Int32Array.from(this.restCorners),
      restSegments: Int32Array.from(this.restSegments),
      cycle: Float64Array.from(this.cycle),
      slots: Int32Array.from(this.slots),
      gates: Int32Array.from(this.gates),
      slotChannel: Int32Array.from(this.slotChannel),
      slotRate: Float64Array.from(this.slotRate),
      slotWrites: Uint8Array.from(this.slotWrites),
      slotOther: Int32Array.from(this.slotChannel, (c, i) => (this.slotWrites[i] === 1 ? reader : writer)[c]!),
      gateChannel: Int32Array.from(this.gateChannel),
      gateWrites: Uint8Array.from(this.gateWrites),
      gateWord: Float64Array.from(this.gateWord),
      gatePerJob: Float64Array.from(this.gatePerJob),
      gateRate: Float64Array.from(this.gateRate),
      writer,
      reader,
      relays: ends.flatMap(({ writers, readers }, channel) => [
        ...relaysOf(channel, true, writers),
        ...relaysOf(channel, false, readers, readers.length > 1 ? upstreamOf(channel) : undefined),
      ]),
      ahead: Float64Array.from(ends, ({ ahead }, c) => ahead * this.scale[c]!),
      beyond: Float64Array.from(ends, ({ beyond }, c) => beyond * this.scale[c]!),
      depth: Float64Array.from(links, ({ depth }) => depth),
      credit: Float64Array.from(links, ({ credit }) => credit),
    };
  }
}
