/**
 * Runs a dataflow graph as fluid: between two corners of a job words move at a constant rate, so time goes from event to
 * event (a corner reached, a FIFO run full or empty) and not from word to word. Words are whole where it matters: a read
 * that finds nothing waits at exactly that word.
 */
import type { Compiled, Gate, Link, Program } from './flow.ts';
import { Repetition } from './flow-repeat.ts';
import { barrierReason, cornered, done, FlowState, moving, noReason, paceReason } from './flow-state.ts';

export interface FlowRun {
  readonly status: 'finished' | 'deadlock' | 'too-long';
  /**
   * Cycle in which everything has left the last pipeline. Of a deadlock: in which nothing moved any more; of a run that was
   * too long: the earliest at which the process with most left could end.
   */
  readonly end: number;
  readonly events: number;
  readonly processes: readonly ProcessRun[];
  /** Most words in each channel at once, pipelines in front of it and late room included. */
  readonly peaks: readonly number[];
  /** Words that each channel holds at most; Infinity where it had to grow, see `FlowOptions`. */
  readonly depths: readonly number[];
  /** Where each process stands that has not ended, and who of them wait for each other in a circle. */
  readonly stuck: readonly Stuck[];
  readonly circle: readonly Stuck[];
}

export interface ProcessRun {
  readonly start: number;
  readonly end: number;
  readonly jobsDone: number;
  /** Cycles lost to a process that had to end first. */
  readonly barrier: number;
  /** Cycles lost, by channel: waiting for words to read, and for room to write. */
  readonly waits: readonly { readonly channel: number; readonly kind: 'input' | 'room'; readonly cycles: number }[];
  /** Cycles lost to its own pace. */
  readonly slowed: number;
}

export interface Stuck {
  readonly process: number;
  /** What it waits for: a channel, or the end of a process. */
  readonly channel?: number;
  readonly kind: 'empty' | 'full' | 'barrier';
  readonly on: number;
}

/** Words and cycles below this are rounding. */
const epsilon = 1e-6;

/** Who waits for a word in the middle of a job stands this far before it: on it would mean that it has moved. */
const before = 1e-4;

/**
 * Beyond this many events the run stops and says so: a quarter of a second of computing. A transformer layer of 4,096 tokens
 * stays far below it, because repeating rounds are one event.
 */
const defaultBudget = 150_000;

export interface FlowOptions {
  /** Events after which the run gives up. */
  readonly budget?: number;
  /** How willingly a channel is made as deep as it needs where nothing could go on otherwise; 0: never. */
  readonly growable?: readonly number[];
  /** False: every round is run through, also those that go like the one before. */
  readonly repeat?: boolean;
}

export function runFlow(compiled: Compiled, options: FlowOptions = {}): FlowRun {
  return new Run(compiled, options.repeat ?? true).go(options.budget ?? defaultBudget, options.growable ?? []);
}

class Run extends FlowState {
  private readonly programs: readonly Program[];
  private readonly links: Link[];
  private readonly repetition: Repetition | undefined;
  private events = 0;

  /** Up to this event a reader may be a fraction of a word ahead: see `loosen`. */
  private looseUntil = -1;
  /** A process whose round has ended in this event, -1 for none. */
  private rounded = -1;

  /** Processes that have come to a stand in this event. */
  private readonly blocked: number[] = [];

  // Scratch of `settle`.
  private readonly group: number[] = [];
  private readonly member: Uint8Array;
  private readonly was: Float64Array;
  /** Who has got a speed since the last `touch` began. */
  private readonly settled: Uint8Array;

  constructor({ programs, links }: Compiled, repeat: boolean) {
    super(programs.length, links.length);
    this.programs = programs;
    this.links = [...links];
    this.repetition = repeat ? new Repetition(this, programs, this.links) : undefined;
    this.member = new Uint8Array(programs.length);
    this.settled = new Uint8Array(programs.length);
    this.was = new Float64Array(programs.length);
  }

  go(budget: number, growable: readonly number[]): FlowRun {
    const { programs, next } = this;
    const grows = growable.some((will) => will > 0);
    programs.forEach((program, p) => {
      if (program.jobs > 0) return;
      this.state[p] = done;
      this.ended[p] = 0;
    });
    for (let p = 0; p < programs.length; p++) this.pass(p);
    for (; this.events < budget; this.events++) {
      const which = this.earliest();
      const when = which < 0 ? Number.POSITIVE_INFINITY : next[which]!;
      if (when === Number.POSITIVE_INFINITY) {
        const stuck = this.state.findIndex((state) => state !== done);
        if (!this.loosen() && !this.grow(this.circle(stuck), growable)) break;
        continue;
      }
      this.now = Math.max(this.now, when);
      this.at(which, Number.POSITIVE_INFINITY);
      if (which < programs.length) this.reach(which);
      else this.touch(which - programs.length);
      if (this.blocked.length > 0) this.openCircles(grows ? growable : none);
      if (this.rounded >= 0) this.repeat();
    }
    return this.result(budget);
  }

  private repeat(): void {
    this.rounded = -1;
    if (this.looseUntil > this.events) return;
    for (let p = 0; p < this.programs.length; p++) this.advance(p);
    if (!this.repetition?.look()) return;
    for (let c = 0; c < this.links.length; c++) this.expect(c);
  }

  /** A process has come to the next corner of its job. */
  private reach(p: number): void {
    this.advance(p);
    if (this.state[p] === moving) {
      const corner = this.corner[p]! + 1;
      this.corner[p] = corner;
      this.place[p] = this.programs[p]!.corners[corner]!;
      this.state[p] = cornered;
      this.speed[p] = 0;
    }
    this.pass(p);
  }

  /** The ends of a channel have come so close (or so far apart) that one of them goes differently from now on. */
  private touch(c: number): void {
    const { writer, reader } = this.links[c]!;
    this.touched[c] = 0;
    this.advance(writer);
    this.advance(reader);
    this.settled.fill(0);
    this.look(reader, c);
    if (this.settled[writer] === 0) this.look(writer, c);
  }

  private look(p: number, c: number): void {
    if (this.state[p] === moving) this.settle(p);
    else if (this.reason[p] === c && this.paying[p] === 0) this.pass(p);
  }

  /**
   * Nothing can go on. Before that is called a deadlock: a reader that stands at a fraction of a word may go on to the next
   * whole one, and what it writes on the way may be what the others wait for.
   */
  private loosen(): boolean {
    if (this.looseUntil > this.events) return false;
    this.loose();
    let going = false;
    for (let p = 0; p < this.programs.length; p++) {
      if (this.state[p] !== moving) continue;
      this.settle(p);
      going ||= this.speed[p]! > 0;
    }
    return going;
  }

  /**
   * Everything waits in a circle: one full FIFO of it is given room without bound. The one furthest downstream among the
   * most willing, so that as much as possible is computed before the words are put aside.
   */
  private grow(circle: readonly Stuck[], growable: readonly number[]): boolean {
    // Rotated to begin behind one that waits for words: a row of full FIFOs then ends with the one that holds up the rest.
    const turn = circle.findIndex(({ kind }) => kind !== 'full') + 1;
    let chosen = -1;
    for (const { kind, channel } of [...circle.slice(turn), ...circle.slice(0, turn)]) {
      if (kind !== 'full' || channel === undefined || this.links[channel]!.depth === Number.POSITIVE_INFINITY) continue;
      const will = growable[channel] ?? 0;
      if (will > 0 && will >= (growable[chosen] ?? 0)) chosen = channel;
    }
    if (chosen < 0) return false;
    this.links[chosen] = { ...this.links[chosen]!, depth: Number.POSITIVE_INFINITY };
    this.touched[chosen] = 1;
    this.at(this.programs.length + chosen, this.now);
    return true;
  }

  /** Some wait for each other in a circle while the others still go on: it is opened now, not when all stand still. */
  private openCircles(growable: readonly number[]): void {
    for (const first of growable === none ? [] : this.blocked.splice(0)) {
      if (!this.closes(first)) continue;
      // By whole words they may get past each other: see `loosen`.
      if (this.looseUntil <= this.events) this.loosen();
      if (this.closes(first)) this.grow(this.circle(first), growable);
    }
    this.blocked.length = 0;
  }

  private closes(first: number): boolean {
    let p = first;
    for (let steps = 0; steps <= this.programs.length && p >= 0; steps++) {
      if (!this.waitsForGood(p)) return false;
      p = this.stuckAt(p).on;
      if (p === first) return true;
    }
    return false;
  }

  /** It stands, and nothing that is to happen will let it go. */
  private waitsForGood(p: number): boolean {
    if (this.state[p] === done || this.next[p] !== Number.POSITIVE_INFINITY) return false;
    if (this.state[p] === moving && this.speed[p]! > 1e-9) return false;
    const reason = this.reason[p]!;
    if (reason >= 0) return this.next[this.programs.length + reason] === Number.POSITIVE_INFINITY;
    return reason === barrierReason;
  }

  /** Who waits for whom, until it closes. */
  private circle(from: number): Stuck[] {
    const way: Stuck[] = [];
    const place = new Map<number, number>();
    for (let p = from; p >= 0; ) {
      const met = place.get(p);
      if (met !== undefined) return way.slice(met);
      place.set(p, way.length);
      const stuck = this.stuckAt(p);
      way.push(stuck);
      p = stuck.on;
    }
    return way;
  }

  private loose(): void {
    this.looseUntil = this.events + 4 * this.programs.length + 1;
  }

  /** Brings what a process has done up to now. */
  private advance(p: number): void {
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

  /** Goes past corners for as long as nothing there has to wait, then on into the segment behind. */
  private pass(p: number): void {
    const program = this.programs[p]!;
    if (this.state[p] !== cornered) return;
    if (this.started[p]! < 0 && program.after >= 0 && this.state[program.after] !== done) {
      this.reason[p] = barrierReason;
      this.blocked.push(p);
      return;
    }
    for (;;) {
      const corner = this.corner[p]!;
      if (!this.open(p, corner)) return;
      if (corner < program.corners.length - 1) break;
      this.job[p]! += 1;
      if (this.job[p]! >= program.jobs) {
        this.finish(p);
        return;
      }
      this.corner[p] = 0;
      this.place[p] = 0;
      if (this.repetition?.watches(p, this.events)) this.rounded = p;
    }
    if (this.started[p]! < 0) this.started[p] = this.now;
    this.state[p] = moving;
    this.settle(p);
  }

  /** Moves the first and last words of this corner, one after the other, each when it is there or has room. */
  private open(p: number, corner: number): boolean {
    const gates = this.programs[p]!.gates[corner]!;
    for (let i = this.gate[p]!; i < gates.length; i++) {
      const gate = gates[i]!;
      this.gate[p] = i;
      const missing = this.missing(p, gate);
      if (missing > epsilon) {
        this.reason[p] = gate.slot.channel;
        this.blocked.push(p);
        this.expect(gate.slot.channel);
        return false;
      }
      if (gate.slot.write && this.reason[p] === gate.slot.channel && this.paying[p] === 0) {
        // It had to wait for room, and room is seen late.
        this.paying[p] = 1;
        this.at(p, this.now + this.links[gate.slot.channel]!.credit);
        return false;
      }
      this.paying[p] = 0;
      this.reason[p] = noReason;
      this.move(p, gate);
    }
    this.gate[p] = 0;
    return true;
  }

  /** Words, or room for words, that the process still lacks at a gate. */
  private missing(p: number, { slot, word }: Gate): number {
    const c = slot.channel;
    const { writer, reader, depth } = this.links[c]!;
    if (writer < 0 || reader < 0) return 0;
    this.advance(slot.write ? reader : writer);
    const there = slot.write ? this.read[c]! + depth : this.written[c]!;
    return this.job[p]! * slot.perJob + word - there;
  }

  /** The word of a gate moves now; the other end may have waited for it. */
  private move(p: number, { slot, word, opens }: Gate): void {
    const c = slot.channel;
    const index = this.job[p]! * slot.perJob + word;
    if (slot.write) {
      this.written[c] = index;
      this.writeRate[c] = opens ? slot.rate : 0;
    } else {
      this.read[c] = index;
      this.readRate[c] = opens ? slot.rate : 0;
    }
    const { writer, reader } = this.links[c]!;
    if (writer < 0 || reader < 0) return;
    this.note(c);
    const other = slot.write ? reader : writer;
    if (this.state[other] === done) return;
    // The other end goes on at this same instant, but only after this process has settled.
    if (this.reason[other] === c) this.touched[c] = 1;
    this.expect(c);
  }

  /** Whether one end is right behind the other. */
  private tight(c: number): boolean {
    return (
      (this.readRate[c]! > 0 && this.readLimit(c) - this.read[c]! <= epsilon) ||
      (this.writeRate[c]! > 0 && this.writeLimit(c) - this.written[c]! <= epsilon)
    );
  }

  private finish(p: number): void {
    const program = this.programs[p]!;
    this.state[p] = done;
    this.reason[p] = noReason;
    this.ended[p] = this.now;
    this.at(p, Number.POSITIVE_INFINITY);
    for (let q = 0; q < this.programs.length; q++) {
      if (this.programs[q]!.after !== p || this.state[q] === done) continue;
      // Both clocks are skewed: what the one calls now the other may call later.
      this.at(q, this.now + Math.max(0, program.skew + program.tail - this.programs[q]!.skew));
    }
  }

  private note(c: number): void {
    const fill = this.written[c]! - this.read[c]!;
    if (fill > this.high[c]!) {
      this.high[c] = fill;
      if (fill > this.peak[c]!) this.peak[c] = fill;
    }
    if (fill < this.low[c]!) this.low[c] = fill;
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
  private settle(start: number): void {
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

  private schedule(p: number): void {
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
  private expect(c: number): void {
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

  /** What a process at a corner lacks on this channel: nothing where it waits for another one. */
  private lacking(p: number, c: number): number {
    if (this.reason[p] !== c) return Number.POSITIVE_INFINITY;
    const gate = this.programs[p]!.gates[this.corner[p]!]![this.gate[p]!];
    return gate ? Math.max(0, this.missing(p, gate)) : Number.POSITIVE_INFINITY;
  }

  private result(budget: number): FlowRun {
    const { programs, links } = this;
    for (let p = 0; p < programs.length; p++) this.advance(p);
    const stuck: Stuck[] = [];
    let end = 0;
    let rest = 0;
    programs.forEach((program, p) => {
      if (this.state[p] !== done) {
        rest = Math.max(rest, ((program.jobs - this.job[p]!) * program.cycles - this.place[p]!) / program.pace);
      }
      if (this.state[p] === done) end = Math.max(end, this.ended[p]! + program.skew + program.tail);
      else stuck.push(this.stuckAt(p));
    });
    return {
      status: stuck.length === 0 ? 'finished' : this.events >= budget ? 'too-long' : 'deadlock',
      end: stuck.length === 0 ? end : this.now + (this.events >= budget ? rest : 0),
      events: this.events,
      processes: programs.map((program, p): ProcessRun => {
        const at = (time: number): number => (time < 0 ? this.now : time) + program.skew;
        const waits: { channel: number; kind: 'input' | 'room'; cycles: number }[] = [];
        links.forEach((link, channel) => {
          if (link.reader === p && this.inputWait[channel]! > 0) {
            waits.push({ channel, kind: 'input', cycles: this.inputWait[channel]! });
          }
          if (link.writer === p && this.roomWait[channel]! > 0) {
            waits.push({ channel, kind: 'room', cycles: this.roomWait[channel]! });
          }
        });
        return {
          start: at(this.started[p]!),
          end: at(this.ended[p]!) + program.tail,
          jobsDone: this.job[p]!,
          barrier: this.barrier[p]!,
          waits,
          slowed: this.slowed[p]!,
        };
      }),
      depths: links.map(({ depth }) => depth),
      peaks: links.map((link, c) => this.peak[c]! + (link.writer >= 0 ? 1 : 0)),
      stuck,
      circle: stuck.length > 0 ? this.circle(stuck[0]!.process) : [],
    };
  }

  private stuckAt(p: number): Stuck {
    const reason = this.reason[p]!;
    if (reason < 0) return { process: p, kind: 'barrier', on: this.programs[p]!.after };
    const { writer, reader } = this.links[reason]!;
    return reader === p
      ? { process: p, channel: reason, kind: 'empty', on: writer }
      : { process: p, channel: reason, kind: 'full', on: reader };
  }
}

const none: readonly number[] = [];

/** Cycles until `words` have gone at `rate` words a cycle. */
function until(words: number, rate: number): number {
  if (words <= epsilon) return 0;
  return rate > 1e-9 ? words / rate : Number.POSITIVE_INFINITY;
}
