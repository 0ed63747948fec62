/**
 * How fast each process goes: the greatest speeds that no empty or full FIFO forbids. A process that changes its speed is
 * found new speeds for together with those that it holds back, and with those that it now holds back; the others go on.
 */
import type { Compiled } from './compile.ts';
import { before, epsilon, FlowMotion } from './motion.ts';
import { moving, noReason, paceReason, Stack } from './state.ts';

/** Speeds and rates that differ by less than this are the same. */
const same = 1e-12;

export class FlowSettle extends FlowMotion {
  /** Processes that have come to a stand in this event. */
  protected readonly blocked: Stack;
  /** Who has got a speed since the last `touch` began. */
  protected readonly settled: Uint8Array;

  /** Those whose speed may have changed, with what it was. */
  private readonly group: Stack;
  private readonly member: Uint8Array;
  private readonly was: Float64Array;
  /** Those whose speed is to be looked at. */
  private readonly queue: Stack;
  private readonly queued: Uint8Array;

  constructor(compiled: Compiled) {
    super(compiled);
    this.blocked = new Stack(this.processes);
    this.group = new Stack(this.processes);
    this.queue = new Stack(this.processes);
    this.member = new Uint8Array(this.processes);
    this.settled = new Uint8Array(this.processes);
    this.queued = new Uint8Array(this.processes);
    this.was = new Float64Array(this.processes);
  }

  protected settle(start: number): void {
    const { group, member } = this;
    this.enter(start);
    if (this.looseUntil > this.events || !this.adjust(start)) {
      for (let i = 0; i < group.length; i++) this.speed[group.at(i)] = this.was[group.at(i)]!;
      this.settleAll();
    }
    for (let i = 0; i < group.length; i++) {
      const p = group.at(i);
      member[p] = 0;
      this.settled[p] = 1;
      // Who goes on as before has its next events where they were.
      if (p === start || this.speed[p] !== this.was[p]) this.depart(p);
      if (this.speed[p] === 0) this.blocked.push(p);
    }
    for (let i = 0; i < group.length; i++) {
      const p = group.at(i);
      if (this.state[p] === moving && (p === start || this.speed[p] !== this.was[p])) this.expectAll(p);
    }
    group.clear();
  }

  private enter(p: number): void {
    this.advance(p);
    this.member[p] = 1;
    this.was[p] = this.speed[p]!;
    this.group.push(p);
  }

  /** Says whether speeds came to rest. */
  private adjust(start: number): boolean {
    if (this.state[start] !== moving) return true;
    const { slots, slotChannel, slotRate, slotWrites, slotOther } = this.layout;
    this.release(start);
    this.slow(start);
    const segment = this.segment(start);
    const mutual = this.holds(start, start);
    for (let i = slots[segment]!, end = slots[segment + 1]!; i < end; i++) {
      const c = slotChannel[i]!;
      const other = slotOther[i]!;
      if (this.state[other] !== moving || other === start) continue;
      const flow = slotRate[i]! * this.speed[start]!;
      const old = (slotWrites[i] === 1 ? this.writeFlow : this.readFlow)[c]!;
      // Beside one that stands, it may go on to the next whole word.
      const stands = flow === 0 && old > 0 && this.reason[other] === c && this.gap(c, slotWrites[i] !== 1) > epsilon;
      if (this.reason[other] === c && (mutual || stands || flow > old + same)) this.free(other);
      else if (flow < old - same) this.enqueue(other);
    }
    if (mutual) {
      this.release(start);
      this.enqueue(start);
    }
    return this.relax();
  }

  /** Whether what `p` waits for waits, by way of others, for `by`. */
  private holds(p: number, by: number): boolean {
    const { writer, reader } = this.layout;
    for (let steps = 0, at = p; steps <= this.processes; steps++) {
      const reason = this.reason[at]!;
      if (reason < 0 || this.state[at] !== moving) return false;
      at = reader[reason] === at ? writer[reason]! : reader[reason]!;
      if (at === by) return true;
    }
    return false;
  }

  /** Lets a process go as fast as it could alone, and all that wait for it. */
  private free(first: number): void {
    const { slots, slotChannel, slotOther } = this.layout;
    let next = this.group.length;
    if (!this.member[first]) this.enter(first);
    for (; next < this.group.length; next++) {
      const p = this.group.at(next);
      const segment = this.segment(p);
      for (let i = slots[segment]!, end = slots[segment + 1]!; i < end; i++) {
        const other = slotOther[i]!;
        if (this.member[other] || this.state[other] !== moving || this.reason[other] !== slotChannel[i]) continue;
        this.enter(other);
      }
      this.release(p);
      this.enqueue(p);
    }
  }

  private enqueue(p: number): void {
    if (this.queued[p] === 1) return;
    this.queued[p] = 1;
    this.queue.push(p);
  }

  private relax(): boolean {
    const { queue, queued, layout } = this;
    const { slots, slotChannel, slotWrites, slotOther } = layout;
    for (let i = 0; i < queue.length; i++) {
      const p = queue.at(i);
      queued[p] = 0;
      if (!this.member[p]) this.enter(p);
      if (!this.slow(p)) continue;
      const segment = this.segment(p);
      for (let s = slots[segment]!, end = slots[segment + 1]!; s < end; s++) {
        const other = slotOther[s]!;
        if (this.state[other] !== moving) continue;
        const c = slotChannel[s]!;
        if (this.reason[other] === c && !this.goes(p) && this.gap(c, slotWrites[s] !== 1) > epsilon) this.free(other);
        else this.enqueue(other);
      }
      if (i < (this.group.length + 2) * (this.group.length + 2)) continue;
      for (let left = i + 1; left < queue.length; left++) queued[queue.at(left)] = 0;
      queue.clear();
      return false;
    }
    queue.clear();
    return true;
  }

  /** The same for all that go in step with the process, from the beginning. */
  private settleAll(): void {
    const { group } = this;
    this.collect();
    for (let i = 0; i < group.length; i++) this.release(group.at(i));
    if (this.rounds()) return;
    // Each holds the other back a little more: as fluid they would stop, by whole words they may get past each other.
    this.loose();
    for (let i = 0; i < group.length; i++) this.release(group.at(i));
    this.rounds();
  }

  private collect(): void {
    const { group, member } = this;
    const { slots, slotChannel, slotOther } = this.layout;
    for (let i = 0; i < group.length; i++) {
      const p = group.at(i);
      if (this.state[p] !== moving) continue;
      const segment = this.segment(p);
      for (let s = slots[segment]!, end = slots[segment + 1]!; s < end; s++) {
        const other = slotOther[s]!;
        if (member[other] || this.state[other] !== moving) continue;
        this.advance(other);
        if (this.tight(slotChannel[s]!)) this.enter(other);
      }
    }
  }

  private rounds(): boolean {
    const { group } = this;
    for (let round = 0; round < group.length + 2; round++) {
      let changed = false;
      for (let i = 0; i < group.length; i++) changed = this.slow(group.at(i)) || changed;
      if (!changed) return true;
    }
    return false;
  }

  /** As fast as its own pace lets it. */
  private release(p: number): void {
    if (this.state[p] !== moving) return;
    const { pace: paces, slots, slotChannel, slotRate, depth, credit } = this.layout;
    let pace = paces[p]!;
    let reason = pace < 1 ? paceReason : noReason;
    const segment = this.segment(p);
    for (let i = slots[segment]!, end = slots[segment + 1]!; i < end; i++) {
      // A FIFO of `depth` words whose room is seen `credit` cycles late passes at most depth / credit words a cycle.
      const c = slotChannel[i]!;
      if (depth[c]! >= pace * slotRate[i]! * credit[c]!) continue;
      pace = depth[c]! / credit[c]! / slotRate[i]!;
      reason = c;
    }
    this.speed[p] = pace;
    this.reason[p] = reason;
  }

  /** Slows a process to what its empty inputs and full outputs let through; says whether that changed anything. */
  private slow(p: number): boolean {
    if (this.state[p] !== moving) return false;
    const { slots, slotChannel, slotRate, slotWrites, slotOther, depth } = this.layout;
    const loose = this.looseUntil > this.events;
    const segment = this.segment(p);
    let speed = this.speed[p]!;
    const faster = speed;
    for (let i = slots[segment]!, end = slots[segment + 1]!; i < end; i++) {
      const c = slotChannel[i]!;
      const other = slotOther[i]!;
      const writes = slotWrites[i] === 1;
      this.advance(other);
      // Seldom is one right behind the other: what is left of a word is looked at only there.
      if ((writes ? this.read[c]! + depth[c]! - this.written[c]! : this.written[c]! - this.read[c]!) > epsilon)
        continue;
      const gap = this.gap(c, writes);
      if (gap > epsilon) continue;
      let allowed = 0;
      if (gap > -before && !loose && this.state[other] === moving) {
        allowed = ((writes ? this.readRate[c]! : this.writeRate[c]!) * this.speed[other]!) / slotRate[i]!;
      }
      if (allowed < speed - same) {
        speed = allowed;
        this.reason[p] = c;
      }
    }
    this.speed[p] = speed;
    return speed < faster;
  }
}
