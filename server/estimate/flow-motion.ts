/** How fast each process goes: the speeds that no empty or full FIFO forbids, and when that next changes. */
import type { Compiled, Gate, Link, Program } from './flow.ts';
import { barrierReason, cornered, done, FlowState, moving, noReason, paceReason } from './flow-state.ts';

/** Words and cycles below this are rounding. */
export const epsilon = 1e-6;

/** Who waits for a word in the middle of a job stands this far before it: on it would mean that it has moved. */
const before = 1e-4;

export class FlowMotion extends FlowState {
  protected readonly programs: readonly Program[];
  protected readonly links: Link[];
  protected events = 0;

  /** Up to this event a reader may be a fraction of a word ahead: see `loosen`. */
  protected looseUntil = -1;
  /** Processes that have come to a stand in this event. */
  protected readonly blocked: number[] = [];
  /** Who has got a speed since the last `touch` began. */
  protected readonly settled: Uint8Array;

  // Scratch of `settle`.
  private readonly group: number[] = [];
  private readonly member: Uint8Array;
  private readonly was: Float64Array;

  constructor({ programs, links }: Compiled) {
    super(programs.length, links.length);
    this.programs = programs;
    this.links = [...links];
    this.member = new Uint8Array(programs.length);
    this.settled = new Uint8Array(programs.length);
    this.was = new Float64Array(programs.length);
  }

  protected loose(): void {
    this.looseUntil = this.events + 4 * this.programs.length + 1;
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
    const slots = this.programs[p]!.moving[this.corner[p]!]!;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      const words = slot.rate * cycles;
      if (slot.write) this.written[slot.channel]! += words;
      else this.read[slot.channel]! += words;
    }
  }

  private lose(p: number, cycles: number): void {
    const reason = this.reason[p]!;
    if (reason === barrierReason) this.barrier[p]! += cycles;
    else if (reason === paceReason) this.slowed[p]! += cycles;
    else if (reason >= 0) {
      if (this.links[reason]!.reader === p) this.inputWait[reason]! += cycles;
      else this.roomWait[reason]! += cycles;
    }
  }

  protected note(c: number): void {
    const fill = this.written[c]! - this.read[c]!;
    if (fill > this.high[c]!) {
      this.high[c] = fill;
      if (fill > this.peak[c]!) this.peak[c] = fill;
    }
    if (fill < this.low[c]!) this.low[c] = fill;
  }

  /** Words, or room for words, that the process still lacks at a gate. */
  protected missing(p: number, { slot, word }: Gate): number {
    const c = slot.channel;
    const { writer, reader, depth } = this.links[c]!;
    if (writer < 0 || reader < 0) return 0;
    this.advance(slot.write ? reader : writer);
    const there = slot.write ? this.read[c]! + depth : this.written[c]!;
    return this.job[p]! * slot.perJob + word - there;
  }

  /** What a process at a corner lacks on this channel: nothing where it waits for another one. */
  private lacking(p: number, c: number): number {
    if (this.reason[p] !== c) return Number.POSITIVE_INFINITY;
    const gate = this.programs[p]!.gates[this.corner[p]!]![this.gate[p]!];
    return gate ? Math.max(0, this.missing(p, gate)) : Number.POSITIVE_INFINITY;
  }

  /** Whether one end is right behind the other. */
  protected tight(c: number): boolean {
    return (
      (this.readRate[c]! > 0 && this.readLimit(c) - this.read[c]! <= epsilon) ||
      (this.writeRate[c]! > 0 && this.writeLimit(c) - this.written[c]! <= epsilon)
    );
  }

  /** How far the reader may go without the writer's help, and the writer without the reader's. */
  private readLimit(c: number): number {
    const written = this.written[c]!;
    if (this.writeRate[c] === 0) return written + 1 - before;
    return this.looseUntil > this.events ? Math.floor(written + epsilon) + 1 - before : written;
  }

  private writeLimit(c: number): number {
    const limit = this.read[c]! + this.links[c]!.depth;
    if (this.readRate[c] === 0) return limit + 1 - before;
    return this.looseUntil > this.events ? Math.floor(limit + epsilon) + 1 - before : limit;
  }

  /**
   * Finds the speeds of a process and of all that go in step with it through FIFOs that are empty or full: the greatest
   * that no FIFO forbids.
   */
  protected settle(start: number): void {
    const { group, member } = this;
    this.collect(start);
    for (let i = 0; i < group.length; i++) {
      const p = group[i]!;
      this.was[p] = this.speed[p]!;
      this.release(p);
    }
    if (!this.relax()) {
      // Each holds the other back a little more: as fluid they would stop, by whole words they may get past each other.
      this.loose();
      for (let i = 0; i < group.length; i++) this.release(group[i]!);
      this.relax();
    }
    for (let i = 0; i < group.length; i++) {
      const p = group[i]!;
      member[p] = 0;
      this.settled[p] = 1;
      // Who goes on as before has its next events where they were.
      if (p === start || this.speed[p] !== this.was[p]) this.schedule(p);
      if (this.speed[p] === 0) this.blocked.push(p);
    }
    group.length = 0;
  }

  /** As fast as its own pace lets it. */
  private release(p: number): void {
    if (this.state[p] !== moving) return;
    const program = this.programs[p]!;
    const slots = program.moving[this.corner[p]!]!;
    let pace = program.pace;
    let reason = pace < 1 ? paceReason : noReason;
    for (let i = 0; i < slots.length; i++) {
      // A FIFO of `depth` words whose room is seen `credit` cycles late passes at most depth / credit words a cycle.
      const { channel: c, rate } = slots[i]!;
      const { depth, credit, writer, reader } = this.links[c]!;
      if (depth >= pace * rate * credit || writer < 0 || reader < 0) continue;
      pace = depth / credit / rate;
      reason = c;
    }
    this.speed[p] = pace;
    this.reason[p] = reason;
  }

  /** Slows the group down until no FIFO forbids its speeds; says whether it came to rest. */
  private relax(): boolean {
    const { group } = this;
    for (let round = 0; round < group.length + 2; round++) {
      let changed = false;
      for (let i = 0; i < group.length; i++) changed = this.slow(group[i]!) || changed;
      if (!changed) return true;
    }
    return false;
  }

  private collect(start: number): void {
    const { group, member } = this;
    group.push(start);
    member[start] = 1;
    for (let i = 0; i < group.length; i++) {
      const p = group[i]!;
      this.advance(p);
      if (this.state[p] !== moving) continue;
      const slots = this.programs[p]!.moving[this.corner[p]!]!;
      for (let s = 0; s < slots.length; s++) {
        const slot = slots[s]!;
        const { writer, reader } = this.links[slot.channel]!;
        const other = slot.write ? reader : writer;
        if (other < 0 || writer < 0 || member[other] || this.state[other] !== moving) continue;
        this.advance(other);
        if (!this.tight(slot.channel)) continue;
        member[other] = 1;
        group.push(other);
      }
    }
  }

  /** Slows a process to what its empty inputs and full outputs let through; says whether that changed anything. */
  private slow(p: number): boolean {
    if (this.state[p] !== moving) return false;
    const slots = this.programs[p]!.moving[this.corner[p]!]!;
    let speed = this.speed[p]!;
    const faster = speed;
    for (let i = 0; i < slots.length; i++) {
      const { channel: c, rate, write } = slots[i]!;
      if (rate === 0) continue;
      const { writer, reader } = this.links[c]!;
      if (writer < 0 || reader < 0) continue;
      const gap = write ? this.writeLimit(c) - this.written[c]! : this.readLimit(c) - this.read[c]!;
      if (gap > epsilon) continue;
      let allowed = 0;
      if (gap > -before && this.looseUntil <= this.events) {
        allowed = (write ? this.readRate[c]! * this.speed[reader]! : this.writeRate[c]! * this.speed[writer]!) / rate;
      }
      if (allowed < speed - 1e-12) {
        speed = allowed;
        this.reason[p] = c;
      }
    }
    this.speed[p] = speed;
    return speed < faster;
  }

  protected schedule(p: number): void {
    const slots = this.programs[p]!.moving[this.corner[p]!]!;
    if (this.state[p] === moving) {
      const left = this.programs[p]!.corners[this.corner[p]! + 1]! - this.place[p]!;
      const speed = this.speed[p]!;
      // A corner that is reached is reached, also by who stands still there.
      this.at(p, left <= 1e-7 ? this.now : speed > 1e-9 ? this.now + left / speed : Number.POSITIVE_INFINITY);
    }
    for (let i = 0; i < slots.length; i++) this.expect(slots[i]!.channel);
  }

  /** When the ends of a channel next get in each other's way, or out of it. */
  protected expect(c: number): void {
    const { writer, reader, depth } = this.links[c]!;
    if (writer < 0 || reader < 0) return;
    this.advance(writer);
    this.advance(reader);
    this.note(c);
    const writes = this.writeRate[c]! * (this.state[writer] === moving ? this.speed[writer]! : 0);
    const reads = this.readRate[c]! * (this.state[reader] === moving ? this.speed[reader]! : 0);
    let wait = Number.POSITIVE_INFINITY;
    if (this.touched[c] === 1) {
      wait = 0;
    } else if (this.state[reader] === cornered) {
      wait = until(this.lacking(reader, c), writes);
    } else if (this.readRate[c]! > 0) {
      wait = this.meeting(this.readLimit(c) - this.read[c]!, this.written[c]!, reads, writes);
    }
    if (this.touched[c] === 1) {
      wait = 0;
    } else if (this.state[writer] === cornered) {
      if (this.paying[writer] === 0) wait = Math.min(wait, until(this.lacking(writer, c), reads));
    } else if (this.writeRate[c]! > 0 && depth !== Number.POSITIVE_INFINITY) {
      wait = Math.min(wait, this.meeting(this.writeLimit(c) - this.written[c]!, this.read[c]! + depth, writes, reads));
    }
    this.at(this.programs.length + c, this.now + wait);
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
