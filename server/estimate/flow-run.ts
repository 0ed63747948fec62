/**
 * Runs a dataflow graph as fluid: between two corners of a job words move at a constant rate, so time goes from event to
 * event (a corner reached, a FIFO run full or empty) and not from word to word. Words are whole where it matters: a read
 * that finds nothing waits at exactly that word.
 */
import type { Compiled, Gate } from './flow.ts';
import { epsilon, FlowMotion } from './flow-motion.ts';
import { Repetition } from './flow-repeat.ts';
import type { FlowRun, ProcessRun, Stuck } from './flow-result.ts';
import { barrierReason, cornered, done, moving, noReason } from './flow-state.ts';

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

class Run extends FlowMotion {
  private readonly repetition: Repetition | undefined;
  /** A process whose round has ended in this event, -1 for none. */
  private rounded = -1;

  constructor(compiled: Compiled, repeat: boolean) {
    super(compiled);
    this.repetition = repeat ? new Repetition(this, this.programs, this.links) : undefined;
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
