/** What moves while nothing happens, and when the two ends of a channel next get in each other’s way. */
import type { Compiled } from './compile.ts';
import type { Layout } from './layout.ts';
import { barrierReason, cornered, done, FlowState, moving, paceReason } from './state.ts';

/** Words and cycles below this are rounding. */
export const epsilon = 1e-6;

/** Who waits for a word in the middle of a job stands this far before it: on it would mean that it has moved. */
export const before = 1e-4;

export class FlowMotion extends FlowState {
  protected readonly layout: Layout;
  protected events = 0;

  /** Up to this event a reader may be a fraction of a word ahead: see `loosen`. */
  protected looseUntil = -1;

  constructor({ layout }: Compiled) {
    super(layout.jobs.length, layout.depth.length);
    // A channel may be deepened, see `grow`; the corners of a process are those of the job that it does; ends change with turns.
    const [depth, corners, segments] = [layout.depth.slice(), layout.corners.slice(), layout.segments.slice()];
    const { relays } = layout;
    const turns =
      relays.length > 0 &&
      ({
        ...{ writer: layout.writer.slice(), reader: layout.reader.slice(), slotOther: layout.slotOther.slice() },
        skew: layout.skew.slice(),
      } as const);
    this.layout = { ...layout, depth, corners, segments, ...turns };
    // A reader's own buffer takes words in before its first job, as if they were read.
    layout.ahead.forEach((words, c) => {
      this.read[c] = this.read[c]! + words;
    });
  }

  protected loose(): void {
    this.looseUntil = this.events + 4 * this.processes + 1;
  }

  /** Index of the segment that a process is in, or of the corner that it stands at. */
  protected segment(p: number): number {
    return this.layout.corners[p]! + this.corner[p]!;
  }

  /** Brings what a process has done up to now. */
  protected advance(p: number): void {
    const elapsed = this.now - this.since[p]!;
    if (elapsed <= 0) return;
    this.since[p] = this.now;
    const state = this.state[p]!;
    if (state === done) return;
    const speed = state === moving ? this.speed[p]! : 0;
    if (speed < 1) this.lose(p, (1 - speed) * elapsed);
    if (speed === 0) return;
    const cycles = speed * elapsed;
    this.place[p] = this.place[p]! + cycles;
    const { slots, slotChannel, slotRate, slotWrites } = this.layout;
    const segment = this.segment(p);
    for (let i = slots[segment]!, end = slots[segment + 1]!; i < end; i++) {
      const words = slotRate[i]! * cycles;
      const c = slotChannel[i]!;
      if (slotWrites[i] === 1) this.written[c] = this.written[c]! + words;
      else this.read[c] = this.read[c]! + words;
    }
  }

  private lose(p: number, cycles: number): void {
    const reason = this.reason[p]!;
    if (reason === barrierReason) this.barrier[p]! += cycles;
    else if (reason === paceReason) this.slowed[p]! += cycles;
    else if (reason >= 0) {
      if (this.layout.reader[reason] === p) this.inputWait[reason]! += cycles;
      else this.roomWait[reason]! += cycles;
    }
  }

  /** Words, or room for words, that the process still lacks at a gate. */
  protected missing(p: number, gate: number): number {
    const { gateChannel, gateWrites, gateWord, gatePerJob, writer, reader, depth } = this.layout;
    const c = gateChannel[gate]!;
    const writes = gateWrites[gate] === 1;
    this.advance(writes ? reader[c]! : writer[c]!);
    const there = writes ? this.read[c]! + depth[c]! : this.written[c]!;
    return this.job[p]! * gatePerJob[gate]! + gateWord[gate]! - there;
  }

  /** What a process at a corner lacks on this channel: nothing where it waits for another one. */
  private lacking(p: number, c: number): number {
    if (this.reason[p] !== c) return Number.POSITIVE_INFINITY;
    const { gates } = this.layout;
    const segment = this.segment(p);
    const gate = gates[segment]! + this.gate[p]!;
    return gate < gates[segment + 1]! ? Math.max(0, this.missing(p, gate)) : Number.POSITIVE_INFINITY;
  }

  /** Whether one end is right behind the other. */
  protected tight(c: number): boolean {
    return (
      (this.readRate[c]! > 0 && this.readLimit(c) - this.read[c]! <= epsilon) ||
      (this.writeRate[c]! > 0 && this.writeLimit(c) - this.written[c]! <= epsilon)
    );
  }

  /**
   * How far the reader may go without the writer's help, and the writer without the reader's. Beside one that goes on, word after
   * word at its pace; beside one that stands, up to the next whole word.
   */
  protected readLimit(c: number): number {
    const written = this.written[c]!;
    if (this.writeRate[c] === 0) return written + 1 - before;
    const { reader, writer } = this.layout;
    if (!this.byWords(writer[c]!)) return written;
    return this.wordBehind(reader[c]!, written, this.read[c]!, this.readRate[c]!);
  }

  protected writeLimit(c: number): number {
    const limit = this.read[c]! + this.layout.depth[c]!;
    if (this.readRate[c] === 0) return limit + 1 - before;
    const { reader, writer } = this.layout;
    if (!this.byWords(reader[c]!)) return limit;
    return this.wordBehind(writer[c]!, limit, this.written[c]!, this.writeRate[c]!);
  }

  /** Words that the writer of a channel, or its reader, may still go. */
  protected gap(c: number, writes: boolean): number {
    return writes ? this.writeLimit(c) - this.written[c]! : this.readLimit(c) - this.read[c]!;
  }

  private byWords(other: number): boolean {
    return this.looseUntil > this.events || !this.goes(other);
  }

  /** Words move in whole cycles of a job: where none of them lies on the way, it is not gone. */
  private wordBehind(p: number, word: number, at: number, rate: number): number {
    const next = Math.floor(word + epsilon) + 1 - before;
    if (this.looseUntil > this.events || !(rate > 0)) return next;
    const place = this.place[p]!;
    const cycle = (to: number): number => Math.floor(place + (to - at) / rate + epsilon);
    return cycle(next) > cycle(word) ? next : word;
  }

  protected goes(p: number): boolean {
    return this.state[p] === moving && this.speed[p]! > 1e-9;
  }

  /** A process moves at a speed of its own from now on: what its ends of channels give and take, and its next corner. */
  protected depart(p: number): void {
    if (this.state[p] !== moving) return;
    const { slots, slotChannel, slotRate, slotWrites, cycle } = this.layout;
    const segment = this.segment(p);
    const speed = this.speed[p]!;
    const left = cycle[segment + 1]! - this.place[p]!;
    // A corner that is reached is reached, also by who stands still there.
    this.at(p, left <= 1e-7 ? this.now : speed > 1e-9 ? this.now + left / speed : Number.POSITIVE_INFINITY);
    for (let i = slots[segment]!, end = slots[segment + 1]!; i < end; i++) {
      const flow = slotWrites[i] === 1 ? this.writeFlow : this.readFlow;
      flow[slotChannel[i]!] = slotRate[i]! * speed;
    }
  }

  /** The channels of its segment have their next events anew. */
  protected expectAll(p: number): void {
    const { slots, slotChannel } = this.layout;
    const segment = this.segment(p);
    for (let i = slots[segment]!, end = slots[segment + 1]!; i < end; i++) this.expect(slotChannel[i]!);
  }

  /** When the ends of a channel next get in each other's way, or out of it. */
  protected expect(c: number): void {
    const { layout } = this;
    const writer = layout.writer[c]!;
    const reader = layout.reader[c]!;
    if (writer < 0 || reader < 0) return;
    this.advance(writer);
    this.advance(reader);
    this.note(c);
    let wait = 0;
    if (this.touched[c] === 0) {
      const writes = this.writeFlow[c]!;
      const reads = this.readFlow[c]!;
      const depth = layout.depth[c]!;
      wait = Number.POSITIVE_INFINITY;
      if (this.state[reader] === cornered) wait = until(this.lacking(reader, c), writes);
      else if (this.readRate[c]! > 0) {
        wait = this.meeting(this.readLimit(c) - this.read[c]!, this.written[c]!, reads, writes);
      }
      if (this.state[writer] === cornered) {
        if (this.paying[writer] === 0) wait = Math.min(wait, until(this.lacking(writer, c), reads));
      } else if (this.writeRate[c]! > 0 && depth !== Number.POSITIVE_INFINITY) {
        wait = Math.min(
          wait,
          this.meeting(this.writeLimit(c) - this.written[c]!, this.read[c]! + depth, writes, reads),
        );
      }
    }
    this.at(this.processes + c, this.now + wait);
  }

  /** Cycles until one end of a channel runs up against the other, or is let go by it. */
  private meeting(gap: number, limit: number, own: number, others: number): number {
    if (gap > epsilon) return until(gap, own - others);
    // Behind a whole word it waits for the next one; ahead of the other end it waits to be caught up with.
    if (this.looseUntil > this.events) return until(Math.floor(limit + epsilon) + 1 - limit, others);
    return gap < -before ? until(-gap, others) : Number.POSITIVE_INFINITY;
  }
}

/** Cycles until `words` have gone at `rate` words a cycle. */
function until(words: number, rate: number): number {
  if (words <= epsilon) return 0;
  return rate > 1e-9 ? words / rate : Number.POSITIVE_INFINITY;
}
