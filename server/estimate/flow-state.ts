/** The state of a run in parallel arrays: a timeline is some ten thousand events and has a few milliseconds. */

export const cornered = 0;
export const moving = 1;
export const done = 2;

export const noReason = -1;
export const barrierReason = -2;
export const paceReason = -3;

export class FlowState {
  now = 0;

  // A process: where it is, how fast it goes, since when, and what holds it back.
  readonly state: Uint8Array;
  readonly job: Float64Array;
  readonly corner: Int32Array;
  /** Gates of the corner that it has gone through. */
  readonly gate: Int32Array;
  readonly place: Float64Array;
  readonly speed: Float64Array;
  readonly since: Float64Array;
  /** Channel, or one of the reasons above. */
  readonly reason: Int32Array;
  /** It waits out the credit of a channel. */
  readonly paying: Uint8Array;
  readonly started: Float64Array;
  readonly ended: Float64Array;
  readonly barrier: Float64Array;
  readonly slowed: Float64Array;

  // A channel: words gone past each end, their rate at full speed where they move now, and what it made its ends lose.
  readonly written: Float64Array;
  readonly read: Float64Array;
  readonly writeRate: Float64Array;
  readonly readRate: Float64Array;
  readonly peak: Float64Array;
  /** Least and most words in it since the last look, see `Repetition`. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** A word has moved that the other end waited for: it looks at this same instant. */
  readonly touched: Uint8Array;
  readonly inputWait: Float64Array;
  readonly roomWait: Float64Array;

  /** When something happens next: processes first, then channels. Written through `at`. */
  readonly next: Float64Array;
  /** A tournament over `next`: each node has the index of the earlier of its two children. */
  private readonly winner: Int32Array;
  private leaves: number;

  readonly processes: number;
  readonly channels: number;

  constructor(processes: number, channels: number) {
    this.processes = processes;
    this.channels = channels;
    this.state = new Uint8Array(processes);
    this.job = new Float64Array(processes);
    this.corner = new Int32Array(processes);
    this.gate = new Int32Array(processes);
    this.place = new Float64Array(processes);
    this.speed = new Float64Array(processes);
    this.since = new Float64Array(processes);
    this.reason = new Int32Array(processes).fill(noReason);
    this.paying = new Uint8Array(processes);
    this.started = new Float64Array(processes).fill(-1);
    this.ended = new Float64Array(processes).fill(-1);
    this.barrier = new Float64Array(processes);
    this.slowed = new Float64Array(processes);
    this.written = new Float64Array(channels).fill(-1);
    this.read = new Float64Array(channels).fill(-1);
    this.writeRate = new Float64Array(channels);
    this.readRate = new Float64Array(channels);
    this.peak = new Float64Array(channels);
    this.low = new Float64Array(channels);
    this.high = new Float64Array(channels);
    this.touched = new Uint8Array(channels);
    this.inputWait = new Float64Array(channels);
    this.roomWait = new Float64Array(channels);
    this.next = new Float64Array(processes + channels).fill(Number.POSITIVE_INFINITY);
    this.leaves = 1;
    while (this.leaves < processes + channels) this.leaves *= 2;
    this.winner = new Int32Array(2 * this.leaves).fill(-1);
    for (let i = 0; i < processes + channels; i++) this.winner[this.leaves + i] = i;
    this.replay();
  }

  /** Something happens at `time` instead of when it was to happen. */
  at(i: number, time: number): void {
    const { next, winner } = this;
    if (next[i] === time) return;
    next[i] = time;
    for (let node = (this.leaves + i) >> 1; node > 0; node >>= 1) {
      const left = winner[2 * node]!;
      const right = winner[2 * node + 1]!;
      const best = right < 0 || (left >= 0 && next[left]! <= next[right]!) ? left : right;
      // The winner is still another one that has not moved: further up nothing changes either.
      if (best === winner[node] && best !== i) return;
      winner[node] = best;
    }
  }

  /** What happens first; of equal times the lowest index. -1 where there is nothing at all. */
  earliest(): number {
    return this.winner[1]!;
  }

  /** All times have changed. */
  replay(): void {
    const { next, winner } = this;
    for (let node = this.leaves - 1; node > 0; node--) {
      const left = winner[2 * node]!;
      const right = winner[2 * node + 1]!;
      winner[node] = right < 0 || (left >= 0 && next[left]! <= next[right]!) ? left : right;
    }
  }
}
