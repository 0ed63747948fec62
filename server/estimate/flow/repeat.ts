/**
 * Repeat what repeats: once the pipelines are full, each round of row blocks goes like the one before, and within it each
 * head. Two equal states with a round between them say so; then all the rounds that surely follow are taken in one step.
 *
 * Equal means: everything is where it was, relative to its jobs. What is in the middle of a long job may have gone on in
 * it, as long as its next corner is not reached; a FIFO may fill or empty, as long as it is never full nor empty.
 */
import type { Layout } from './layout.ts';
import { done, type FlowState, moving, type Snapshot } from './state.ts';

/** Fewer rounds than this are run through. */
const leastRounds = 6;

/** Looks back this far: a pattern may take a few rounds to repeat. */
const memory = 3;

/** Cycles and words below this are rounding that adds up over a round. */
const tolerance = 1e-3;

/** Looks in vain at one level after which every second round is looked at, then every third … */
const patience = 24;

/** Rounds of one size: of row blocks, of heads, of pixels. One process is watched; at the end of its round all are compared. */
interface Level {
  readonly rounds: number;
  watched: number;
  /** Rounds that others have ended since the watched one ended its last. */
  others: number;
  vain: number;
  pause: number;
  /** Newest last. */
  snapshots: Snapshot[];
  readonly spare: Snapshot[];
}

export class Repetition {
  private readonly levels: readonly Level[];
  /** Of each process and level: the jobs of a round, 0 where it has no whole number of them. */
  private readonly perRound: readonly (readonly number[])[];
  private due: Level | undefined;

  private readonly state: FlowState;
  private readonly layout: Layout;

  constructor(state: FlowState, layout: Layout) {
    this.state = state;
    this.layout = layout;
    const jobs = [...layout.jobs];
    const common = jobs.reduce((gcd, own) => (own > 1 ? divisor(gcd, own) : gcd), 0);
    const sizes = [...new Set([common, ...jobs])].filter((rounds) => rounds >= leastRounds).sort((a, b) => a - b);
    this.levels = sizes.map((rounds) => ({
      rounds,
      watched: -1,
      others: 0,
      vain: 0,
      pause: 0,
      snapshots: [],
      spare: [],
    }));
    this.perRound = jobs.map((own) => sizes.map((rounds) => (own % rounds === 0 ? own / rounds : 0)));
  }

  /** Whether the end of this job is worth a look. */
  watches(p: number): boolean {
    const job = this.state.job[p]!;
    const perRound = this.perRound[p]!;
    for (let l = 0; l < this.levels.length; l++) {
      if (perRound[l] === 0 || job % perRound[l]! !== 0) continue;
      const level = this.levels[l]!;
      if (level.watched !== p) {
        const gone = level.watched < 0 || this.state.state[level.watched] === done;
        if (!gone && ++level.others <= 2 * this.state.processes) continue;
        level.watched = p;
        level.spare.push(...level.snapshots.splice(0));
      }
      level.others = 0;
      if (level.pause > 0) level.pause--;
      // The coarsest level goes furthest.
      else this.due ??= level;
    }
    return this.due !== undefined;
  }

  /**
   * Goes on by as many rounds as are sure to be like the last ones, and says whether it did: then the channels’ next events
   * are to be found anew. All processes must have been brought up to now.
   */
  look(): boolean {
    const level = this.due;
    this.due = undefined;
    if (!level) return false;
    const { state } = this;
    for (let c = 0; c < state.channels; c++) state.note(c);
    for (const { snapshots } of this.levels) for (const snapshot of snapshots) state.widen(snapshot);
    state.narrow();
    for (let i = level.snapshots.length - 1; i >= 0; i--) {
      const earlier = level.snapshots[i]!;
      const times = this.repeats(earlier);
      if (times < 1) continue;
      this.skip(earlier, times);
      level.spare.push(...level.snapshots.splice(0));
      level.vain = 0;
      return true;
    }
    level.vain++;
    level.pause = Math.floor(level.vain / patience);
    if (level.snapshots.length >= memory) level.spare.push(level.snapshots.shift()!);
    level.snapshots.push(state.take(level.spare.pop()));
    return false;
  }

  /** How often what lies between that state and this one may be repeated; 0 where they differ. */
  private repeats(a: Snapshot): number {
    const { state: b, layout } = this;
    const { processes, channels } = b;
    const period = b.now - a.now;
    if (!(period > 0)) return 0;
    let times = Number.POSITIVE_INFINITY;
    let ends = false;
    for (let p = 0; p < processes; p++) {
      if (a.state[p] !== b.state[p] || a.corner[p] !== b.corner[p] || a.gate[p] !== b.gate[p]) return 0;
      if (b.state[p] === done) continue;
      const drift = b.place[p]! - a.place[p]!;
      const jobs = b.job[p]! - a.job[p]!;
      if (jobs > 0) {
        if (Math.abs(drift) > tolerance) return 0;
        // The last job is left to be run: what is behind it may wait for its end, and it may be another than those before.
        const alike = layout.jobs[p]! - (layout.restCorners[p]! < 0 ? 1 : 2);
        times = Math.min(times, Math.floor((alike - b.job[p]!) / jobs));
        ends = true;
      } else if (drift > tolerance) {
        if (b.state[p] !== moving) return 0;
        times = Math.min(times, Math.floor(this.left(p) / drift) - 1);
      }
      if (times < 1) return 0;
    }
    if (!ends) return 0;
    for (let p = 0; p < processes; p++) {
      if (b.state[p] === done) continue;
      if (Math.abs(a.speed[p]! - b.speed[p]!) > 1e-9) return 0;
      if (sameWait(a, b, p) || this.drifts(a, p)) continue;
      if (!fixed(a, b, p)) return 0;
      times = Math.min(times, Math.floor((b.next[p]! - b.now) / period) - 1);
    }
    for (let c = 0; c < channels; c++) {
      const depth = layout.depth[c]!;
      if (layout.writer[c]! < 0 || layout.reader[c]! < 0) continue;
      const drift = b.written[c]! - b.read[c]! - (a.written[c]! - a.read[c]!);
      if (Math.abs(drift) <= tolerance) {
        if (!sameWait(a, b, processes + c)) return 0;
        continue;
      }
      // A FIFO that fills or empties changes nothing as long as it is never full nor empty.
      if (a.low[c]! <= 1 || a.high[c]! >= depth - 1) return 0;
      const room = drift > 0 ? (depth - 1 - a.high[c]!) / drift : (a.low[c]! - 1) / -drift;
      times = Math.min(times, Math.floor(room));
    }
    return times;
  }

  /** In the middle of a job, and further on in it than before. */
  private drifts(a: Snapshot, p: number): boolean {
    const { state, job, place } = this.state;
    return state[p] === moving && job[p] === a.job[p] && place[p]! - a.place[p]! > tolerance;
  }

  private left(p: number): number {
    const { corners, cycle } = this.layout;
    return cycle[corners[p]! + this.state.corner[p]! + 1]! - this.state.place[p]!;
  }

  private skip(a: Snapshot, times: number): void {
    const s = this.state;
    const now = s.now + (s.now - a.now) * times;
    for (let p = 0; p < s.processes; p++) {
      if (s.state[p] === done) continue;
      s.since[p] = now;
      if (this.drifts(a, p)) {
        s.place[p]! += (s.place[p]! - a.place[p]!) * times;
        s.next[p] = s.speed[p]! > 1e-9 ? now + this.left(p) / s.speed[p]! : Number.POSITIVE_INFINITY;
      } else {
        if (sameWait(a, s, p)) s.next[p]! += now - s.now;
        s.job[p]! += (s.job[p]! - a.job[p]!) * times;
      }
      s.barrier[p]! += (s.barrier[p]! - a.barrier[p]!) * times;
      s.slowed[p]! += (s.slowed[p]! - a.slowed[p]!) * times;
    }
    for (let c = 0; c < s.channels; c++) {
      const written = (s.written[c]! - a.written[c]!) * times;
      const read = (s.read[c]! - a.read[c]!) * times;
      s.low[c] = a.low[c]! + Math.min(0, written - read);
      s.high[c] = a.high[c]! + Math.max(0, written - read);
      s.peak[c] = Math.max(s.peak[c]!, s.high[c]!);
      s.written[c]! += written;
      s.read[c]! += read;
      s.inputWait[c]! += (s.inputWait[c]! - a.inputWait[c]!) * times;
      s.roomWait[c]! += (s.roomWait[c]! - a.roomWait[c]!) * times;
      if (Number.isFinite(s.next[s.processes + c]!)) s.next[s.processes + c]! += now - s.now;
    }
    s.now = now;
    for (const { snapshots } of this.levels) for (const snapshot of snapshots) s.widen(snapshot);
    s.narrow();
    s.replay();
  }
}

type Moment = Pick<Snapshot, 'now' | 'next'>;

/** Whether something happens as long after the one as after the other. */
function sameWait(a: Moment, b: Moment, i: number): boolean {
  const early = a.next[i]! - a.now;
  const late = b.next[i]! - b.now;
  return early === late || Math.abs(early - late) <= tolerance;
}

/** Whether it happens at one moment, whatever the others do. */
function fixed(a: Moment, b: Moment, i: number): boolean {
  return Math.abs(a.next[i]! - b.next[i]!) <= tolerance;
}

function divisor(a: number, b: number): number {
  let [high, low] = [a, b];
  while (low > 0) [high, low] = [low, high % low];
  return high;
}
