/**
 * Repeat what repeats: once the pipelines are full, each round of row blocks goes like the one before. Two equal states
 * with a round between them say so; then all the rounds that surely follow are taken in one step.
 */
import type { Link, Program } from './flow.ts';
import { done, type FlowState } from './flow-state.ts';

/** Fewer rounds than this are run through. */
const leastRounds = 6;

/** Looks back this far: a pattern may take a few rounds to repeat. */
const memory = 3;

/** Cycles and words below this are rounding that adds up over a round. */
const tolerance = 1e-3;

/** Events without a round of the chosen process, after which another one is watched. */
const patience = 3_000;

interface Snapshot {
  readonly now: number;
  readonly state: Uint8Array;
  readonly job: Float64Array;
  readonly corner: Int32Array;
  readonly gate: Int32Array;
  readonly place: Float64Array;
  readonly next: Float64Array;
  readonly written: Float64Array;
  readonly read: Float64Array;
  readonly losses: Float64Array[];
  low: Float64Array;
  high: Float64Array;
}

export class Repetition {
  private readonly perRound: readonly number[];
  private watched = -1;
  private lastRound = 0;
  private snapshots: Snapshot[] = [];

  private readonly state: FlowState;
  private readonly programs: readonly Program[];
  private readonly links: readonly Link[];

  constructor(state: FlowState, programs: readonly Program[], links: readonly Link[]) {
    this.state = state;
    this.programs = programs;
    this.links = links;
    const rounds = programs.reduce((gcd, { jobs }) => (jobs > 1 ? divisor(gcd, jobs) : gcd), 0);
    this.perRound = programs.map(({ jobs }) => (rounds >= leastRounds && jobs > 1 ? jobs / rounds : 0));
  }

  /** Whether the end of this job is worth a look. */
  watches(p: number, events: number): boolean {
    const jobs = this.perRound[p]!;
    if (jobs === 0 || this.state.job[p]! % jobs !== 0) return false;
    const { watched } = this;
    if (watched !== p && (watched < 0 || this.state.state[watched] === done || events - this.lastRound > patience)) {
      this.watched = p;
      this.snapshots = [];
    }
    if (this.watched !== p) return false;
    this.lastRound = events;
    return true;
  }

  /**
   * Goes on by as many rounds as are sure to be like the last ones, and says whether it did: then the channels’ next events
   * are to be found anew. All processes must have been brought up to now.
   */
  look(): boolean {
    const current = this.take();
    let low = current.low;
    let high = current.high;
    for (let i = this.snapshots.length - 1; i >= 0; i--) {
      const earlier = this.snapshots[i]!;
      if (i < this.snapshots.length - 1) {
        // What happened in the rounds between counts for a pattern that is longer than one.
        const later = this.snapshots[i + 1]!;
        low = low.map((value, c) => Math.min(value, later.low[c]!));
        high = high.map((value, c) => Math.max(value, later.high[c]!));
      }
      const times = this.repeats(earlier, current, low, high);
      if (times < 1) continue;
      this.skip(earlier, current, times);
      this.snapshots = [];
      return true;
    }
    this.snapshots.push(current);
    if (this.snapshots.length > memory) this.snapshots.shift();
    return false;
  }

  private take(): Snapshot {
    const s = this.state;
    const snapshot: Snapshot = {
      now: s.now,
      state: s.state.slice(),
      job: s.job.slice(),
      corner: s.corner.slice(),
      gate: s.gate.slice(),
      place: s.place.slice(),
      next: s.next.slice(),
      written: s.written.slice(),
      read: s.read.slice(),
      losses: [s.barrier, s.slowed, s.inputWait, s.roomWait].map((values) => values.slice()),
      low: s.low.slice(),
      high: s.high.slice(),
    };
    for (let c = 0; c < s.channels; c++) s.low[c] = s.high[c] = s.written[c]! - s.read[c]!;
    return snapshot;
  }

  /** How often what lies between two states may be repeated; 0 where they differ. */
  private repeats(a: Snapshot, b: Snapshot, low: Float64Array, high: Float64Array): number {
    const { processes, channels } = this.state;
    let times = Number.POSITIVE_INFINITY;
    for (let p = 0; p < processes; p++) {
      if (a.state[p] !== b.state[p] || a.corner[p] !== b.corner[p] || a.gate[p] !== b.gate[p]) return 0;
      if (Math.abs(a.place[p]! - b.place[p]!) > tolerance) return 0;
      const jobs = b.job[p]! - a.job[p]!;
      // The last job is left to be run: what is behind it may wait for its end.
      if (jobs > 0) times = Math.min(times, Math.floor((this.programs[p]!.jobs - 1 - b.job[p]!) / jobs));
    }
    if (times < 1 || times === Number.POSITIVE_INFINITY) return 0;
    for (let p = 0; p < processes; p++) if (!sameEvent(a, b, p)) return 0;
    for (let c = 0; c < channels; c++) {
      const { depth, writer, reader } = this.links[c]!;
      if (writer < 0 || reader < 0) continue;
      const drift = b.written[c]! - b.read[c]! - (a.written[c]! - a.read[c]!);
      if (Math.abs(drift) <= tolerance) {
        if (!sameEvent(a, b, processes + c)) return 0;
        continue;
      }
      // A FIFO that fills or empties changes nothing as long as it is never full nor empty.
      if (low[c]! <= 1 || high[c]! >= depth - 1) return 0;
      const room = drift > 0 ? (depth - 1 - high[c]!) / drift : (low[c]! - 1) / -drift;
      times = Math.min(times, Math.floor(room));
    }
    return times;
  }

  private skip(a: Snapshot, b: Snapshot, times: number): void {
    const s = this.state;
    const shift = (b.now - a.now) * times;
    s.now += shift;
    for (let p = 0; p < s.processes; p++) {
      s.job[p]! += (b.job[p]! - a.job[p]!) * times;
      s.since[p] = s.now;
    }
    for (let c = 0; c < s.channels; c++) {
      const written = (b.written[c]! - a.written[c]!) * times;
      const read = (b.read[c]! - a.read[c]!) * times;
      s.written[c]! += written;
      s.read[c]! += read;
      s.peak[c] = Math.max(s.peak[c]!, b.high[c]! + Math.max(0, written - read));
      s.low[c] = s.high[c] = s.written[c]! - s.read[c]!;
    }
    for (let i = 0; i < s.next.length; i++) s.next[i]! += shift;
    s.replay();
    [s.barrier, s.slowed, s.inputWait, s.roomWait].forEach((values, k) => {
      for (let i = 0; i < values.length; i++) values[i]! += (b.losses[k]![i]! - a.losses[k]![i]!) * times;
    });
  }
}

/** Whether something happens as long after the one as after the other. */
function sameEvent(a: Snapshot, b: Snapshot, i: number): boolean {
  const early = a.next[i]! - a.now;
  const late = b.next[i]! - b.now;
  return early === late || Math.abs(early - late) <= tolerance;
}

function divisor(a: number, b: number): number {
  let [high, low] = [a, b];
  while (low > 0) [high, low] = [low, high % low];
  return high;
}
