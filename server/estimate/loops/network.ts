/**
 * When a network of loop nests is done: every nest runs its pipelines, waits for words that are not there and for FIFOs that
 * are full. Exact to the FIFO access: iterations without one are skipped, so the cost grows with words, not with iterations.
 *
 * `flow/` times processes that repeat equal jobs; a loop nest that keeps a matrix in its first iteration and goes without
 * reading in the others has no equal jobs, so it is timed here.
 */
import { type Access, type Guard, isIn, type Nest, type Pipeline, pipelinesOf, type Step, stepsOf } from './nest.ts';
import type { Schedule } from './schedule.ts';
import { type Around, eventsOf, happens, IterationWalk, type Place, timesAround } from './walk.ts';

export interface Channel {
  readonly name: string;
  /** 'fifo' passes words; 'array' passes a whole array when its writer has ended. */
  readonly kind: 'fifo' | 'array';
  readonly from: string;
  readonly to: string;
  /** Words of each lane that the writer may be ahead. */
  readonly depth: number;
  readonly lanes: number;
}

export interface Network {
  readonly nests: readonly Nest[];
  readonly channels: readonly Channel[];
  /** Nests run at the same time; otherwise one after another. */
  readonly concurrent: boolean;
}

export interface NetworkRun {
  /** Cycles until everything is done; undefined when it never is. */
  readonly cycles: number | undefined;
  /** Cycle in which each nest ends, in the order of the network; -1 for one that does not. */
  readonly ends: readonly number[];
}

export type Scheduler = (nest: Nest, pipeline: Pipeline) => Schedule;

/** A loop that is not part of a pipeline takes a cycle to enter its body and one to leave it. */
const loopControl = 2;
/** A pipeline in a module of its own: a cycle to start it. */
const pipelineStart = 1;

export function runNetwork(network: Network, schedule: Scheduler): NetworkRun {
  if (!network.concurrent) return inTurn(network, schedule);
  const channels = new Map(network.channels.map((channel) => [channel.name, new Fifo(channel)]));
  const index = new Map(network.nests.map(({ name }, i) => [name, i]));
  const actors = network.nests.map((nest) => new Actor(nest, channels, schedule));
  const before = network.nests.map(({ name }) =>
    network.channels.filter(({ kind, to }) => kind === 'array' && to === name).map(({ from }) => index.get(from) ?? -1),
  );
  for (let moved = true; moved; ) {
    moved = false;
    actors.forEach((actor, i) => {
      if (actor.done) return;
      let start = 0;
      for (const writer of before[i]!) {
        const other = actors[writer];
        if (other && !other.done) return;
        start = Math.max(start, other?.now ?? 0);
      }
      moved = actor.advance(start) || moved;
    });
  }
  const ends = actors.map(({ done, now }) => (done ? now : -1));
  return { cycles: ends.some((end) => end < 0) ? undefined : Math.max(0, ...ends), ends };
}

/**
 * Without a dataflow region the top is one state machine: nests that need nothing of each other start in the same state, and
 * the next state comes when all of them have ended.
 */
function inTurn(network: Network, schedule: Scheduler): NetworkRun {
  const level = new Map<string, number>();
  for (const { name } of network.nests) {
    const before = network.channels.filter(({ to, from }) => to === name && level.has(from));
    level.set(name, 1 + Math.max(-1, ...before.map(({ from }) => level.get(from)!)));
  }
  const ends: number[] = network.nests.map(() => -1);
  let now = 0;
  for (let state = 0; state <= Math.max(-1, ...level.values()); state++) {
    let last = now;
    network.nests.forEach((nest, i) => {
      if (level.get(nest.name) !== state) return;
      const actor = new Actor(nest, new Map(), schedule);
      actor.advance(now);
      ends[i] = actor.now;
      last = Math.max(last, actor.now);
    });
    now = last;
  }
  return { cycles: now, ends };
}

class Fifo {
  readonly channel: Channel;
  /** When each word can be read, and when its room is free again. */
  readonly readable: number[] = [];
  readonly free: number[] = [];

  constructor(channel: Channel) {
    this.channel = channel;
  }
}

interface Touch {
  readonly walk: IterationWalk;
  readonly fifo: Fifo;
  readonly write: boolean;
  /** Words of a lane that move at once. */
  readonly words: number;
}

/** A nest that runs as far as its FIFOs let it. */
class Actor {
  now = 0;
  done = false;
  private readonly nest: Nest;
  private readonly channels: ReadonlyMap<string, Fifo>;
  private readonly scheduler: Scheduler;
  private readonly runs: Iterator<void>;
  private begun = false;
  private moved = false;

  constructor(nest: Nest, channels: ReadonlyMap<string, Fifo>, scheduler: Scheduler) {
    this.nest = nest;
    this.channels = channels;
    this.scheduler = scheduler;
    this.runs = this.sequence(stepsOf(nest), new Map());
  }

  /** @returns whether anything happened */
  advance(start: number): boolean {
    if (!this.begun) this.now = start;
    this.begun = true;
    this.moved = false;
    if (this.runs.next().done) {
      this.done = true;
      this.moved = true;
    }
    return this.moved;
  }

  /** Yields where it cannot go on. */
  private *sequence(steps: readonly Step[], around: Map<string, Place>): Generator<void> {
    for (const step of steps) {
      if (step.kind === 'pipeline') yield* this.pipeline(step, around);
      else yield* this.repeat(step.loop, step.body, around);
    }
  }

  private *repeat(
    loop: { readonly name: string; readonly trip: number; readonly dataflow?: boolean | undefined },
    body: readonly Step[],
    around: Map<string, Place>,
  ): Generator<void> {
    // Parts of a dataflow body each go on to the next iteration as soon as they and the part before are done.
    const parts = loop.dataflow ? processesOf(this.nest, body) : [body];
    const free = parts.map(() => this.now);
    for (let index = 0; index < loop.trip; index++) {
      around.set(loop.name, { index, trip: loop.trip });
      if (loop.dataflow) {
        let before = 0;
        for (const [part, process] of parts.entries()) {
          this.now = Math.max(free[part]!, before);
          yield* this.sequence(process, around);
          free[part] = before = this.now;
        }
      } else {
        this.now += loopControl;
        yield* this.move(loop.name, around, false);
        yield* this.sequence(body, around);
        yield* this.move(loop.name, around, true);
      }
    }
    around.delete(loop.name);
  }

  private *pipeline(pipeline: Pipeline, around: Around): Generator<void> {
    const { interval, depth } = this.scheduler(this.nest, pipeline);
    const touches = this.touchesOf(pipeline, around);
    // The pipeline has a clock of its own that stands still while it waits: no stage goes on, not even those that are
    // ahead of the one that waits. `lag` is how far that clock is behind.
    const place = ({ walk, write }: Touch): number => walk.iteration * interval + (write ? depth - 1 : 0);
    const end = Math.max(0, pipeline.trip - 1) * interval + depth;
    let lag = this.now + pipelineStart;
    for (;;) {
      let next: Touch | undefined;
      let at = Number.POSITIVE_INFINITY;
      for (const touch of touches) {
        if (touch.walk.iteration >= pipeline.trip) continue;
        const when = place(touch);
        if (when < at || (when === at && !touch.write)) [next, at] = [touch, when];
      }
      if (!next) break;
      let ready = readyAt(next);
      while (ready === undefined) {
        yield;
        ready = readyAt(next);
      }
      const time = Math.max(lag + at, ready);
      lag = time - at;
      // A word can be read the cycle after it was written, its room written the cycle after it was read.
      for (let word = 0; word < next.words; word++) (next.write ? next.fifo.readable : next.fifo.free).push(time + 1);
      next.walk.next();
      this.moved = true;
    }
    this.moved = true;
    this.now = lag + end;
  }

  /** Words that move in the body of a loop itself, in front of its inner loops or behind them. */
  private *move(loop: string, around: Around, write: boolean): Generator<void> {
    for (const access of write ? this.nest.writes : this.nest.reads) {
      const fifo = this.channels.get(access.array);
      if (access.loop !== loop || fifo?.channel.kind !== 'fifo' || !happens(around, access.guard)) continue;
      let ready = readyAt({ fifo, write, words: 1 });
      while (ready === undefined) {
        yield;
        ready = readyAt({ fifo, write, words: 1 });
      }
      this.now = Math.max(this.now, ready);
      (write ? fifo.readable : fifo.free).push(this.now + 1);
      this.moved = true;
    }
  }

  private touchesOf(pipeline: Pipeline, around: Around): Touch[] {
    const touches: Touch[] = [];
    for (const [accesses, write] of [
      [this.nest.reads, false],
      [this.nest.writes, true],
    ] as const) {
      for (const access of accesses) {
        const fifo = this.channels.get(access.array);
        const guard = guardIn(pipeline, access, write);
        if (fifo?.channel.kind !== 'fifo' || !guard || !happens(around, guard)) continue;
        const events = eventsOf(pipeline, guard) * timesAround(around, guard);
        const words = Math.max(1, Math.round(access.transfers / (events * fifo.channel.lanes)));
        touches.push({ walk: new IterationWalk(pipeline, guard), fifo, write, words });
      }
    }
    return touches;
  }
}

/**
 * In which iterations of the pipeline an access happens; undefined where it is not in it. What stands in front of an inner
 * loop is read in its first iteration, what stands behind it is written in its last.
 */
function guardIn(pipeline: Pipeline, access: Access, write: boolean): Readonly<Record<string, Guard>> | undefined {
  if (isIn(pipeline, access)) return access.guard ?? {};
  const place = pipeline.loops.findIndex(({ name }) => name === access.loop);
  if (place < 0) return undefined;
  const inner = pipeline.loops.slice(place + 1).map(({ name }): [string, Guard] => [name, write ? 'last' : 'first']);
  return { ...access.guard, ...Object.fromEntries(inner) };
}

/** The processes of a dataflow body: parts that follow each other and write the same array are one. */
function processesOf(nest: Nest, body: readonly Step[]): Step[][] {
  const processes: { steps: Step[]; arrays: Set<string> }[] = [];
  for (const step of body) {
    const pipelines = pipelinesOf([step]);
    const written = nest.writes.filter((access) => pipelines.some(({ pipeline }) => isIn(pipeline, access)));
    const last = processes.at(-1);
    if (last && written.some(({ array }) => last.arrays.has(array))) last.steps.push(step);
    else processes.push({ steps: [step], arrays: new Set() });
    for (const { array } of written) processes.at(-1)!.arrays.add(array);
  }
  return processes.map(({ steps }) => steps);
}

/** When the next word is there, or has room; undefined while nobody knows. */
function readyAt({ fifo, write, words }: Pick<Touch, 'fifo' | 'write' | 'words'>): number | undefined {
  if (!write) return fifo.readable[fifo.free.length + words - 1];
  const word = fifo.readable.length + words - 1 - fifo.channel.depth;
  return word < 0 ? 0 : fifo.free[word];
}
