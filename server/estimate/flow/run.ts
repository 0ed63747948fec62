/**
 * Runs a dataflow graph as fluid: between two corners of a job words move at a constant rate, so time goes from event to
 * event (a corner reached, a FIFO run full or empty) and not from word to word. Words are whole where it matters: a read
 * that finds nothing waits at exactly that word.
 */
import type { Compiled } from './compile.ts';
import type { Relay, Upstream } from './layout.ts';
import { epsilon } from './motion.ts';
import { FlowOutcome } from './outcome.ts';
import { Repetition } from './repeat.ts';
import type { FlowRun } from './result.ts';
import { barrierReason, cornered, done, moving, noReason } from './state.ts';

/**
 * Beyond this many events the run stops and says so: half a second of computing. What a spec asks for stays far below it,
 * because repeating rounds are one event: a transformer layer of 4,096 tokens takes twenty thousand, ResNet-50 two hundred.
 */
const defaultBudget = 400_000;

export interface FlowOptions {
  /** Events after which the run gives up. */
  readonly budget?: number;
  /** How willingly a channel is made as deep as it needs where nothing could go on otherwise; 0: never. */
  readonly growable?: readonly number[];
  /** False: every round is run through, also those that go like the one before. */
  readonly repeat?: boolean;
}

export function runFlow(compiled: Compiled, options: FlowOptions = {}): FlowRun {
  return startFlow(compiled, options).until(Number.POSITIVE_INFINITY) as FlowRun;
}

/** A run that may be left before its end, and gone on with. */
export interface Running {
  /**
   * The run, or undefined as soon as it is sure to end later than in that cycle and all of its processes have gone round a few
   * times, so that `soFar` tells who waits for whom.
   */
  until(cycle: number): FlowRun | undefined;
  /** What it has come to; its `end` is the earliest that is still possible. */
  soFar(): FlowRun;
}

export function startFlow(compiled: Compiled, options: FlowOptions = {}): Running {
  return new Run(compiled, options);
}

/** Those who send to a channel, and by how much the clock of its next reader is later. */
interface Late {
  readonly cycles: number;
  readonly upstream: Upstream;
  readonly channel: number;
}

/** Events between two looks at how late the end will be. */
const LOOK_EVERY = 128;

class Run extends FlowOutcome implements Running {
  private readonly repetition: Repetition | undefined;
  private readonly growable: readonly number[];
  /** Clocks that change when this event is over. */
  private readonly late: Late[] = [];
  /** A round has ended in this event. */
  private rounded = false;

  constructor(compiled: Compiled, { repeat = true, budget = defaultBudget, growable = [] }: FlowOptions) {
    super(compiled);
    this.repetition = repeat ? new Repetition(this, this.layout) : undefined;
    this.budget = budget;
    this.growable = growable;
    for (let p = 0; p < this.processes; p++) {
      if (this.layout.jobs[p]! > 0) continue;
      this.state[p] = done;
      this.started[p] = -this.layout.skew[p]!;
      this.ended[p] = -this.layout.skew[p]!;
    }
    // All at the same moment, each on its own clock.
    for (let p = 0; p < this.processes; p++) if (this.state[p] !== done) this.at(p, -this.layout.skew[p]!);
  }

  until(cycle: number): FlowRun | undefined {
    const { next, processes, growable } = this;
    const grows = growable.some((will) => will > 0);
    for (; this.events < this.budget; this.events++) {
      if (this.events % LOOK_EVERY === 0 && this.leastEnd() > cycle && this.showsAll()) return undefined;
      const which = this.earliest();
      const when = which < 0 ? Number.POSITIVE_INFINITY : next[which]!;
      if (when === Number.POSITIVE_INFINITY) {
        const stuck = this.state.findIndex((state) => state !== done);
        if (!this.loosen() && !this.grow(this.circle(stuck), growable)) break;
        continue;
      }
      this.now = Math.max(this.now, when);
      this.at(which, Number.POSITIVE_INFINITY);
      if (which < processes) this.reach(which);
      else this.touch(which - processes);
      if (this.blocked.length > 0) this.openCircles(grows ? growable : none);
      while (this.late.length > 0) this.defer(this.late.pop()!);
      if (this.rounded) this.repeat();
    }
    return this.soFar();
  }

  private repeat(): void {
    this.rounded = false;
    if (this.looseUntil > this.events) return;
    for (let p = 0; p < this.processes; p++) this.advance(p);
    if (!this.repetition?.look()) return;
    for (let c = 0; c < this.channels; c++) this.expect(c);
  }

  /** A process has come to the next corner of its job. */
  private reach(p: number): void {
    this.advance(p);
    if (this.state[p] === moving) {
      const corner = this.corner[p]! + 1;
      this.corner[p] = corner;
      this.place[p] = this.layout.cycle[this.layout.corners[p]! + corner]!;
      this.state[p] = cornered;
      this.speed[p] = 0;
    }
    this.pass(p);
  }

  /** The ends of a channel have come so close (or so far apart) that one of them goes differently from now on. */
  private touch(c: number): void {
    const writer = this.layout.writer[c]!;
    const reader = this.layout.reader[c]!;
    this.touched[c] = 0;
    this.advance(writer);
    this.advance(reader);
    this.settled.fill(0);
    const first = this.look(reader, c);
    const second = this.settled[writer] === 0 && this.look(writer, c);
    if (!first && !second) this.expect(c);
  }

  /** Says whether the channel was any concern of the process. */
  private look(p: number, c: number): boolean {
    const held = this.reason[p] === c;
    if (this.state[p] !== moving) {
      if (held && this.paying[p] === 0) this.pass(p);
      return held;
    }
    const gap = this.layout.reader[c] === p ? this.readLimit(c) - this.read[c]! : this.writeLimit(c) - this.written[c]!;
    if (!held && gap > epsilon) return false;
    this.settle(p);
    return true;
  }

  /**
   * Nothing can go on. Before that is called a deadlock: a reader that stands at a fraction of a word may go on to the next
   * whole one, and what it writes on the way may be what the others wait for.
   */
  private loosen(): boolean {
    if (this.looseUntil > this.events) return false;
    this.loose();
    let going = false;
    for (let p = 0; p < this.processes; p++) {
      if (this.state[p] !== moving) continue;
      this.settle(p);
      going ||= this.speed[p]! > 0;
    }
    return going;
  }

  /** Some wait for each other in a circle while the others still go on: it is opened now, not when all stand still. */
  private openCircles(growable: readonly number[]): void {
    const count = growable === none ? 0 : this.blocked.length;
    for (let i = 0; i < count; i++) {
      const first = this.blocked.at(i);
      if (!this.closes(first)) continue;
      // By whole words they may get past each other: see `loosen`.
      if (this.looseUntil <= this.events) this.loosen();
      if (this.closes(first)) this.grow(this.circle(first), growable);
    }
    this.blocked.clear();
  }

  /** Goes past corners for as long as nothing there has to wait, then on into the segment behind. */
  private pass(p: number): void {
    const { after, corners, segments, restCorners, restSegments, jobs } = this.layout;
    if (this.state[p] !== cornered) return;
    if (this.started[p]! < 0 && after[p]! >= 0 && this.state[after[p]!] !== done) {
      this.reason[p] = barrierReason;
      this.blocked.push(p);
      return;
    }
    for (;;) {
      if (!this.open(p)) return;
      if (this.corner[p]! < segments[p]!) break;
      this.job[p]! += 1;
      if (this.job[p]! >= jobs[p]!) {
        this.finish(p);
        return;
      }
      this.corner[p] = 0;
      this.place[p] = 0;
      if (restCorners[p]! >= 0 && this.job[p] === jobs[p]! - 1) {
        corners[p] = restCorners[p]!;
        segments[p] = restSegments[p]!;
      }
      if (this.repetition?.watches(p)) this.rounded = true;
    }
    if (this.started[p]! < 0) this.started[p] = this.now;
    this.state[p] = moving;
    this.settle(p);
  }

  /** Moves the first and last words of this corner, one after the other, each when it is there or has room. */
  private open(p: number): boolean {
    const { gates, gateChannel, gateWrites, credit } = this.layout;
    const corner = this.segment(p);
    const first = gates[corner]!;
    const count = gates[corner + 1]! - first;
    for (let i = this.gate[p]!; i < count; i++) {
      const c = gateChannel[first + i]!;
      this.gate[p] = i;
      if (this.missing(p, first + i) > epsilon) {
        this.reason[p] = c;
        this.halt(p);
        this.blocked.push(p);
        this.expect(c);
        return false;
      }
      if (gateWrites[first + i] === 1 && this.reason[p] === c && this.paying[p] === 0) {
        // It had to wait for room, and room is seen late.
        this.paying[p] = 1;
        this.halt(p);
        this.at(p, this.now + credit[c]!);
        return false;
      }
      this.paying[p] = 0;
      this.reason[p] = noReason;
      this.move(p, first + i);
    }
    this.gate[p] = 0;
    return true;
  }

  /** It stands at a corner: so do the words of transfers that it has not ended there, and who goes in step with them. */
  private halt(p: number): void {
    if (this.corner[p] === 0) return;
    const { slots, slotChannel, slotWrites, slotOther } = this.layout;
    const segment = this.segment(p) - 1;
    for (let i = slots[segment]!, end = slots[segment + 1]!; i < end; i++) {
      const c = slotChannel[i]!;
      const flow = slotWrites[i] === 1 ? this.writeFlow : this.readFlow;
      if (flow[c] === 0) continue;
      flow[c] = 0;
      if (this.state[slotOther[i]!] !== moving) continue;
      this.advance(slotOther[i]!);
      if (this.tight(c)) this.touched[c] = 1;
      this.expect(c);
    }
  }

  /** The word of a gate moves now; the other end may have waited for it. */
  private move(p: number, gate: number): void {
    const { gateChannel, gateWrites, gateWord, gatePerJob, gateRate, writer, reader } = this.layout;
    const c = gateChannel[gate]!;
    const index = this.job[p]! * gatePerJob[gate]! + gateWord[gate]!;
    const writes = gateWrites[gate] === 1;
    if (writes) {
      this.written[c] = index;
      this.writeRate[c] = gateRate[gate]!;
      this.writeFlow[c] = 0;
    } else {
      this.read[c] = index;
      this.readRate[c] = gateRate[gate]!;
      this.readFlow[c] = 0;
    }
    this.note(c);
    const other = writes ? reader[c]! : writer[c]!;
    if (this.state[other] === done) return;
    // The other end goes on at this same instant, but only after this process has settled.
    if (this.reason[other] === c) this.touched[c] = 1;
    this.expect(c);
  }

  /**
   * Another process is at that end of the channel from now on; it has the waits of its own turn. Where its clock is later, those who
   * send to it go on by as much first, while all others stand: they are on its clock then, and have filled what FIFOs hold meanwhile.
   */
  private handOver({ from, to, channel, write, upstream }: Relay): void {
    const { writer, reader, slotChannel, slotWrites, slotOther, skew } = this.layout;
    (write ? writer : reader)[channel] = to;
    (write ? this.writeRate : this.readRate)[channel] = 0;
    (write ? this.writeFlow : this.readFlow)[channel] = 0;
    for (let i = 0; i < slotChannel.length; i++)
      if (slotChannel[i] === channel && slotWrites[i] === Number(!write)) slotOther[i] = to;
    const waited = write ? this.roomWait : this.inputWait;
    if (waited[channel]! > 0)
      this.handedOver.push({ process: from, channel, kind: write ? 'room' : 'input', cycles: waited[channel]! });
    waited[channel] = 0;
    if (upstream && skew[to]! > skew[from]!) this.late.push({ cycles: skew[to]! - skew[from]!, upstream, channel });
    this.expect(channel);
  }

  /** All but these go on so many cycles later: their clocks are as much earlier now. */
  private defer({ cycles, upstream, channel }: Late): void {
    const { processes, channels } = upstream;
    const { skew } = this.layout;
    for (let p = 0; p < this.processes; p++) {
      if (processes.has(p)) continue;
      this.advance(p);
      skew[p]! -= cycles;
      this.since[p] = this.now + cycles;
      if (this.started[p]! >= 0) this.started[p]! += cycles;
      if (this.ended[p]! >= 0) this.ended[p]! += cycles;
      this.at(p, this.next[p]! + cycles);
    }
    for (let c = 0; c < this.channels; c++)
      if (!channels.has(c)) this.at(this.processes + c, this.next[this.processes + c]! + cycles);
    this.expect(channel);
  }

  private finish(p: number): void {
    const { after, skew, drain, beyond, writer, relays } = this.layout;
    this.state[p] = done;
    this.reason[p] = noReason;
    this.ended[p] = this.now;
    this.at(p, Number.POSITIVE_INFINITY);
    for (let q = 0; q < this.processes; q++) {
      if (after[q] !== p || this.state[q] === done) continue;
      // Both clocks are skewed: what the one calls now the other may call later.
      this.at(q, this.now + Math.max(0, skew[p]! + drain[q]! - skew[q]!));
    }
    for (const relay of relays) if (relay.from === p) this.handOver(relay);
    for (let c = 0; c < this.channels; c++) {
      if (writer[c] !== p || !(beyond[c]! > 0)) continue;
      this.written[c]! += beyond[c]!;
      this.granted[c] = beyond[c]!;
      this.touched[c] = 1;
      this.expect(c);
    }
  }
}

const none: readonly number[] = [];
