/** The state of a run in parallel arrays: a timeline is some thousand events and has a few milliseconds. */

export const cornered = 0;
export const moving = 1;
export const done = 2;

export const noReason = -1;
export const barrierReason = -2;
export const paceReason = -3;

/** Processes in a row, whose memory stays when they are gone. */
export class Stack {
  length = 0;
  private items: Int32Array;

  constructor(size: number) {
    this.items = new Int32Array(Math.max(16, size));
  }

  push(item: number): void {
    if (this.length === this.items.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length++] = item;
  }

  at(index: number): number {
    return this.items[index]!;
  }

  clear(): void {
    this.length = 0;
  }
}

/** What is compared of two moments, and how far channels were filled since the earlier one. */
export interface Snapshot {
  now: number;
  readonly whole: Float64Array;
  readonly small: Int32Array;
  readonly state: Int32Array;
  readonly corner: Int32Array;
  readonly gate: Int32Array;
  readonly job: Float64Array;
  readonly place: Float64Array;
  readonly speed: Float64Array;
  readonly barrier: Float64Array;
  readonly slowed: Float64Array;
  readonly written: Float64Array;
  readonly read: Float64Array;
  readonly inputWait: Float64Array;
  readonly roomWait: Float64Array;
  /** When something happens next: processes first, then channels. */
  readonly next: Float64Array;
  /** Least and most words in each channel since. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

function snapshotOf(processes: number, channels: number): Snapshot {
  const small = new Int32Array(3 * processes);
  const whole = new Float64Array(6 * processes + 7 * channels);
  let at = 0;
  const take = (size: number): Float64Array => {
    at += size;
    return whole.subarray(at - size, at);
  };
  return {
    now: 0,
    whole,
    small,
    state: small.subarray(0, processes),
    corner: small.subarray(processes, 2 * processes),
    gate: small.subarray(2 * processes),
    job: take(processes),
    place: take(processes),
    speed: take(processes),
    barrier: take(processes),
    slowed: take(processes),
    written: take(channels),
    read: take(channels),
    inputWait: take(channels),
    roomWait: take(channels),
    next: take(processes + channels),
    low: take(channels),
    high: take(channels),
  };
}

export class FlowState {
  now = 0;

  // A process: where it is, how fast it goes, since when, and what holds it back.
  readonly state: Int32Array;
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
  /** Words a cycle past each end at this moment. */
  readonly writeFlow: Float64Array;
  readonly readFlow: Float64Array;
  readonly peak: Float64Array;
  /** Words that count as written and never lie in it: see `Layout.beyond`. */
  readonly granted: Float64Array;
  /** Least and most words in it since the last `narrow`. */
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
  private readonly own: Snapshot;

  readonly processes: number;
  readonly channels: number;

  constructor(processes: number, channels: number) {
    this.processes = processes;
    this.channels = channels;
    const own = snapshotOf(processes, channels);
    this.own = own;
    this.state = own.state;
    this.job = own.job;
    this.corner = own.corner;
    this.gate = own.gate;
    this.place = own.place;
    this.speed = own.speed;
    this.since = new Float64Array(processes);
    this.reason = new Int32Array(processes).fill(noReason);
    this.paying = new Uint8Array(processes);
    this.started = new Float64Array(processes).fill(-1);
    this.ended = new Float64Array(processes).fill(-1);
    this.barrier = own.barrier;
    this.slowed = own.slowed;
    this.written = own.written.fill(-1);
    this.read = own.read.fill(-1);
    this.writeRate = new Float64Array(channels);
    this.readRate = new Float64Array(channels);
    this.writeFlow = new Float64Array(channels);
    this.readFlow = new Float64Array(channels);
    this.peak = new Float64Array(channels);
    this.granted = new Float64Array(channels);
    this.low = own.low;
    this.high = own.high;
    this.touched = new Uint8Array(channels);
    this.inputWait = own.inputWait;
    this.roomWait = own.roomWait;
    this.next = own.next.fill(Number.POSITIVE_INFINITY);
    this.leaves = 1;
    while (this.leaves < processes + channels) this.leaves *= 2;
    this.winner = new Int32Array(2 * this.leaves).fill(-1);
    for (let i = 0; i < processes + channels; i++) this.winner[this.leaves + i] = i;
    this.replay();
  }

  /** @param into a snapshot that is needed no more */
  take(into: Snapshot = snapshotOf(this.processes, this.channels)): Snapshot {
    into.whole.set(this.own.whole);
    into.small.set(this.own.small);
    into.now = this.now;
    return into;
  }

  /** What lies in a channel now. */
  note(c: number): void {
    const fill = this.written[c]! - this.read[c]!;
    const inside = fill - this.granted[c]!;
    if (inside > this.high[c]!) {
      this.high[c] = inside;
      if (inside > this.peak[c]!) this.peak[c] = inside;
    }
    if (fill < this.low[c]!) this.low[c] = fill;
  }

  /** What lay in the channels since the last `narrow` lay in them since the snapshot too. */
  widen({ low, high }: Snapshot): void {
    for (let c = 0; c < low.length; c++) {
      if (this.low[c]! < low[c]!) low[c] = this.low[c]!;
      if (this.high[c]! > high[c]!) high[c] = this.high[c]!;
    }
  }

  narrow(): void {
    for (let c = 0; c < this.channels; c++) {
      this.low[c] = this.written[c]! - this.read[c]!;
      this.high[c] = this.low[c]! - this.granted[c]!;
    }
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
