/**
 * The longest way through a pass, without a timeline: a process starts when its first words are there and ends when it has
 * done all its jobs and had its last words. FIFOs never hold a writer up here and memory channels are not shared, so no pass
 * is shorter than this; where nothing waits for room, it is as long. Trained values alone wait for their reader: what comes
 * out of memory while it works comes at the pace of the port, but for the words that fit the FIFOs on the way. Where streams
 * are looked at in parts (`marks.ts`), a way may also lead through words in the middle.
 */
import { type FlowJob, type FlowTransfer, lagOf, overJobs, tailOf } from '../flow/compile.ts';
import type { Unit } from '../netlist.ts';
import { EVENTS, type Exit, LAST_EVENT, type Marks, markOf, marksOf, type PartsOf } from './marks.ts';
import { Supplies, type Supply, supplied } from './supplies.ts';
import type { Graph } from './timeline.ts';
import type { Window } from './windows.ts';

interface End {
  readonly channel: number;
  /** Cycle of its first job and of its last one; of a write, when the word can be read. */
  readonly first: number;
  readonly last: number;
  /** Of a channel that processes read or write in turn: whether this is the first turn, and the last one. */
  readonly begins: boolean;
  readonly ends: boolean;
}

/** A write knows whether all that the process reads comes before it in its job: what comes later holds it up no more. */
interface Write extends End {
  /** Cycles of the iterations that give the first word of the first job and the last one of the last. */
  readonly given: readonly [first: number, last: number];
  readonly behind: readonly [first: boolean, last: boolean];
}

interface TimedProcess extends Marks {
  /** Its place in the graph. */
  readonly index: number;
  readonly work: number;
  readonly cycles: number;
  /** Cycles after its last job in which words still leave its pipeline. */
  readonly tail: number;
  readonly reads: readonly End[];
  readonly writes: readonly Write[];
  /** Index in the unit of the one that must have ended before, -1 for none. */
  readonly after: number;
  /** Shares of a pass's work that its jobs are. */
  readonly job: number;
  readonly supplies: readonly Supply[];
  readonly pace: number;
  /** Cycles of a job in which it reads none of these. */
  readonly pause: number;
}

/** A unit as the bound sees it; `start` and `end` are of the last run. */
export interface TimedUnit {
  /** Place in dataflow order. */
  rank: number;
  readonly operator: boolean;
  readonly processes: readonly TimedProcess[];
  /** Of each process; when it goes at its full pace, where it has one job. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  start: number;
  end: number;
}

/** Later than any pass, and still exact to a thousandth of a cycle when a pass is added to it. */
const LATE = 2 ** 40;

/** Processes of a unit, by their places in it. */
export interface Readers {
  readonly unit: TimedUnit;
  readonly processes: readonly number[];
}

export class Bound {
  /** Cycles of the last run: of the pass, and of the process with most work. */
  end = 0;
  slowest = 0;

  private readonly channels = new Map<string, number>();
  /** Of each channel, when each of its `EVENTS` can be read. */
  private times = new Float64Array(256 * EVENTS);
  private seen = new Int32Array(256);
  private round = 0;

  /**
   * The units of a graph, in its order; those that are not asked for have nothing to do.
   *
   * @param partsOf its channels: without it, all are looked at as wholes
   */
  unitsOf(
    units: readonly Unit[],
    graph: Graph,
    partsOf: PartsOf = () => 1,
    asked: (unit: number) => boolean = () => true,
  ): TimedUnit[] {
    const channels = graph.channels.map(({ name }) => this.channel(name));
    const begin = new Map<number, number>();
    graph.processes.forEach(({ unit }, p) => {
      if (!begin.has(unit)) begin.set(unit, p);
    });
    const processes = units.map((): TimedProcess[] => []);
    const suppliesOf = new Supplies(graph, asked);
    const turns = turnsOf(graph);
    // What is written and read in the same turns is a stream for each of them.
    const idOf = (p: number, channel: number, direction: FlowTransfer['direction'] = 'read'): number => {
      const { turn } = turns(p, channel, direction);
      return turn === undefined ? channels[channel]! : this.channel(`${graph.channels[channel]!.name} ${turn}`);
    };
    for (const [index, process] of graph.processes.entries()) {
      const { unit, jobs, cycles, pace, transfers, after, rest = process } = process;
      if (!(jobs > 0) || !asked(unit)) continue;
      // A slow port stretches what is left of a job behind the iteration of its last word, not the way out of its pipeline.
      const written = (transfer: FlowTransfer): number => {
        const lag = lagOf(process, transfer);
        return cycles - (cycles - transfer.last + lag) / (pace ?? 1) + lag;
      };
      const ends = (direction: 'read' | 'write') =>
        transfers
          .filter((transfer) => transfer.direction === direction && transfer.words > 0)
          .map((usual) => ({
            ...usual,
            last: rest === process ? usual.last : lastOf(process, rest, usual),
          }));
      const reads = ends('read').map(
        ({ channel, first, last }): End => ({ channel: idOf(index, channel), first, last, ...turns(index, channel) }),
      );
      const writes = ends('write').map((transfer): Write => {
        const { channel, first, last } = transfer;
        const late = 1 + graph.channels[channel]!.latency;
        const lag = lagOf(process, transfer);
        const given = [first - lag, last - lag] as const;
        return {
          ...{ channel: idOf(index, channel, 'write'), first: first + late, last: written(transfer) + late, given },
          ...turns(index, channel, 'write'),
          behind: [reads.every((read) => read.first <= given[0]), reads.every((read) => read.last <= given[1])],
        };
      });
      processes[unit]!.push({
        index,
        work: overJobs<FlowJob>(process, (job) => job.cycles) / (pace ?? 1),
        cycles,
        tail: Math.max(
          0,
          ...rest.transfers.map(({ direction, last }) =>
            direction === 'write' ? tailOf({ ...process, cycles: rest.cycles }, last) : 0,
          ),
        ),
        reads,
        writes,
        after: after === undefined ? -1 : after - begin.get(unit)!,
        job: 1 / jobs,
        supplies: transfers.flatMap(({ channel, direction }) =>
          direction === 'read' && graph.trained[channel] ? suppliesOf.to(process, channel) : [],
        ),
        pace: pace ?? 1,
        pause: transfers.reduce((most, { channel, first, last }) => {
          return graph.trained[channel] ? Math.max(most, cycles - (last - first)) : most;
        }, 0),
        ...ofWholes(
          marksOf(process, graph, channels, partsOf),
          transfers.flatMap(({ channel, direction }) => {
            const { begins, ends, turn } = turns(index, channel, direction);
            return begins && ends && turn === undefined ? [] : [channels[channel]!];
          }),
        ),
      });
    }
    return units.map(({ role }, rank) => ({
      rank,
      operator: role === 'operator',
      processes: inOrder(processes[rank]!),
      starts: new Float64Array(processes[rank]!.length),
      ends: new Float64Array(processes[rank]!.length),
      start: 0,
      end: 0,
    }));
  }

  run(parts: readonly (readonly TimedUnit[])[]): void {
    const units = parts.flat().sort((a, b) => a.rank - b.rank);
    this.round++;
    this.end = 0;
    this.slowest = 0;
    for (const unit of units) this.time(unit);
  }

  /** Seconds in which the operators of a kernel were at work in the last run, or one of its units. */
  windowOf(units: readonly TimedUnit[], clock: number, index?: number): Window | undefined {
    let start = Number.POSITIVE_INFINITY;
    let end = 0;
    for (let u = 0; u < units.length; u++) {
      const unit = units[u]!;
      if (index === undefined ? !unit.operator : u !== index) continue;
      start = Math.min(start, unit.start);
      end = Math.max(end, unit.end);
    }
    return Number.isFinite(start) ? { start: start / clock, end: end / clock } : undefined;
  }

  /**
   * What these units add on the way through them: for each of `EVENTS` of each of `outputs` when that word can be read, and at
   * the end when the units have ended, after the pass has begun and after each of these events of each of `inputs`. -Infinity
   * where one does not wait for the other. Row by row: [of the pass, those of the first input …]. An input may be read
   * through several channels.
   */
  through(units: readonly TimedUnit[], inputs: readonly (readonly string[])[], outputs: readonly string[]): number[][] {
    const into = inputs.map((names) => names.map((name) => this.channel(name)));
    const out = outputs.map((name) => this.channel(name));
    const marked = new Set(units.flatMap(({ processes }) => processes.flatMap(({ anchors }) => anchors.map(markOf))));
    const columns = Array.from({ length: 1 + EVENTS * into.length }, (_, column) => {
      const event = (column - 1) % EVENTS;
      const input = Math.floor((column - 1) / EVENTS);
      const isMiddle = event > 0 && event < LAST_EVENT;
      if (isMiddle && !into[input]!.some((channel) => marked.has(markOf({ channel, event }))))
        return new Array<number>(EVENTS * out.length + 1).fill(Number.NEGATIVE_INFINITY);
      this.round++;
      const late = column === 0 ? 0 : LATE;
      into.forEach((channels, i) => {
        for (const channel of channels) {
          this.seen[channel] = this.round;
          this.times.fill(Number.NEGATIVE_INFINITY, EVENTS * channel, EVENTS * (channel + 1));
          if (input === i) this.times[EVENTS * channel + event] = LATE;
        }
      });
      for (const unit of units) this.time(unit);
      const end = units.reduce((latest, unit) => Math.max(latest, unit.end), 0);
      const times = [
        ...out.flatMap((channel) => [...this.times.subarray(EVENTS * channel, EVENTS * (channel + 1))]),
        end,
      ];
      return times.map((time) => (time < late / 2 ? Number.NEGATIVE_INFINITY : time - late));
    });
    return columns[0]!.map((_, row) => columns.map((column) => column[row]!));
  }

  /** Seconds in which processes were at work in the last run. */
  windowOfReaders(readers: readonly Readers[], clock: number): Window {
    let start = Number.POSITIVE_INFINITY;
    let end = 0;
    for (const { unit, processes } of readers) {
      for (const p of processes) {
        start = Math.min(start, unit.starts[p]!);
        end = Math.max(end, unit.ends[p]!);
      }
    }
    return { start: start / clock, end: end / clock };
  }

  private time(unit: TimedUnit): void {
    const { times, seen, round } = this;
    unit.start = Number.POSITIVE_INFINITY;
    unit.end = 0;
    const { processes } = unit;
    for (let p = 0; p < processes.length; p++) {
      const process = processes[p]!;
      let start = process.after >= 0 ? unit.ends[process.after]! : 0;
      let end = 0;
      let fed = 0;
      for (const read of process.reads) {
        if (seen[read.channel] !== round) continue;
        start = Math.max(start, times[EVENTS * read.channel]! - read.first);
        if (!read.ends) continue;
        const left = process.cycles - read.last;
        const last = times[EVENTS * read.channel + LAST_EVENT]!;
        fed = Math.max(fed, last - read.last);
        end = Math.max(end, last + Math.max(left, supplied(process, left / process.cycles)));
      }
      end = Math.max(end, start + Math.max(process.work, supplied(process, 1 / process.job)));
      for (const { channel, event, place } of process.anchors)
        if (seen[channel] === round)
          end = Math.max(end, times[EVENTS * channel + event]! + span(process, process.cycles / process.job - place));
      for (const { channel, first, last, given, behind, begins } of process.writes) {
        seen[channel] = round;
        if (begins) {
          times.fill(Number.NEGATIVE_INFINITY, EVENTS * channel, EVENTS * (channel + 1));
          const begun = behind[0] ? start : this.begun(unit, process, given[0]);
          times[EVENTS * channel] = begun + Math.max(first, supplied(process, first / process.cycles));
        }
        times[EVENTS * channel + LAST_EVENT] =
          (behind[1] ? end : this.passed(unit, process, given[1])) - process.cycles + last;
      }
      for (const exit of process.exits) this.leave(process, exit, start);
      // One job reads its rows at its beginning: see `atWork` in windows.ts.
      unit.starts[p] = process.job === 1 ? Math.max(start, fed) : start;
      unit.ends[p] = end;
      unit.start = Math.min(unit.start, start);
      unit.end = Math.max(unit.end, end + process.tail);
      this.slowest = Math.max(this.slowest, process.work);
    }
    this.end = Math.max(this.end, unit.end);
  }

  /** When a process begins that waits only for what it reads up to that cycle of its job. */
  private begun(unit: TimedUnit, { after, reads }: TimedProcess, place: number): number {
    let start = after >= 0 ? unit.ends[after]! : 0;
    for (const { channel, first } of reads)
      if (this.seen[channel] === this.round && first <= place)
        start = Math.max(start, this.times[EVENTS * channel]! - first);
    return start;
  }

  /** When its last job would end that waits for nothing that it reads behind that cycle of it. */
  private passed(unit: TimedUnit, process: TimedProcess, place: number): number {
    let end = this.begun(unit, process, place) + process.work;
    for (const { channel, last, ends } of process.reads)
      if (ends && this.seen[channel] === this.round && last <= place)
        end = Math.max(end, this.times[EVENTS * channel + LAST_EVENT]! + process.cycles - last);
    return end;
  }

  /** A word leaves when the process has come from its start to it, and from every word that it had to wait for on the way. */
  private leave(process: TimedProcess, { channel, event, place, late, before }: Exit, start: number): void {
    const { times, seen, round } = this;
    let time = Math.max(times[EVENTS * channel + event]!, start + span(process, place) + late);
    for (const anchor of process.anchors) {
      if (anchor.place > place || anchor.place >= before || seen[anchor.channel] !== round) continue;
      time = Math.max(
        time,
        times[EVENTS * anchor.channel + anchor.event]! + span(process, place - anchor.place) + late,
      );
    }
    times[EVENTS * channel + event] = time;
  }

  private channel(name: string): number {
    const known = this.channels.get(name);
    if (known !== undefined) return known;
    const made = this.channels.size;
    this.channels.set(name, made);
    if (made >= this.seen.length) {
      this.times = grown(this.times, new Float64Array(2 * made * EVENTS));
      this.seen = grown(this.seen, new Int32Array(2 * made));
    }
    return made;
  }
}

/** Words of a stream that is read, or written, in turn are not counted from its begin. */
function ofWholes(marks: Marks, inTurn: readonly number[]): Marks {
  const isWhole = ({ channel }: { readonly channel: number }): boolean => !inTurn.includes(channel);
  return inTurn.length > 0
    ? { ...marks, anchors: marks.anchors.filter(isWhole), exits: marks.exits.filter(isWhole) }
    : marks;
}

/** A turn of a process at a channel. */
interface Turn {
  /** Whether it is the first, and the last one. */
  readonly begins: boolean;
  readonly ends: boolean;
  /** Which one, where as many write as read, and each as much as is read in the same turn: to these, it is a channel of their own. */
  readonly turn?: number;
}

/** Of each process of a graph, its turn at a channel. */
function turnsOf({ processes }: Graph) {
  const at = { read: new Map<number, number[]>(), write: new Map<number, number[]>() };
  processes.forEach(({ jobs, transfers }, p) => {
    for (const { channel, direction, words } of transfers) {
      const turns = at[direction].get(channel) ?? [];
      if (jobs > 0 && words > 0 && turns.at(-1) !== p) at[direction].set(channel, [...turns, p]);
    }
  });
  const wordsOf = (p: number, channel: number): number =>
    overJobs<FlowJob>(processes[p]!, ({ transfers }) =>
      transfers.reduce((sum, transfer) => (transfer.channel === channel ? sum + transfer.words : sum), 0),
    );
  const paired = new Set(
    [...at.read].flatMap(([channel, readers]) => {
      const writers = at.write.get(channel) ?? [];
      const alike = (p: number, t: number): boolean =>
        Math.abs(wordsOf(p, channel) - wordsOf(writers[t]!, channel)) < EXACT * wordsOf(p, channel);
      return readers.length > 1 && readers.length === writers.length && readers.every(alike) ? [channel] : [];
    }),
  );
  return (p: number, channel: number, direction: FlowTransfer['direction'] = 'read'): Turn => {
    const turns = at[direction].get(channel) ?? [p];
    if (paired.has(channel)) return { begins: true, ends: true, turn: turns.indexOf(p) };
    return { begins: turns[0] === p, ends: turns.at(-1) === p };
  };
}

/** Words are counted in floating point. */
const EXACT = 1e-9;

/** Those that write a buffer of the unit before those that read it; in a circle, as they stand. */
function inOrder(processes: readonly TimedProcess[]): TimedProcess[] {
  const writers = new Map(processes.flatMap(({ writes }, p) => writes.map(({ channel }) => [channel, p] as const)));
  const order: number[] = [];
  const seen = new Set<number>();
  const visit = (p: number): void => {
    if (seen.has(p)) return;
    seen.add(p);
    const { after, reads } = processes[p]!;
    for (const before of [after, ...reads.map(({ channel }) => writers.get(channel) ?? -1)])
      if (before >= 0) visit(before);
    order.push(p);
  };
  for (let p = 0; p < processes.length; p++) visit(p);
  const place = new Map(order.map((p, index) => [p, index]));
  return order.map((p) => ({ ...processes[p]!, after: place.get(processes[p]!.after) ?? -1 }));
}

/** Cycle of the last job in which the last word of a channel moves, as seen from the end of a job as long as the others. */
function lastOf({ cycles }: FlowJob, rest: FlowJob, { channel, direction, last: usual }: FlowTransfer): number {
  const own = rest.transfers.filter((one) => one.channel === channel && one.direction === direction && one.words > 0);
  // What has nothing left to do in it was done in the job before.
  return own.length > 0 ? cycles - rest.cycles + Math.max(...own.map(({ last }) => last)) : usual - rest.cycles;
}

/** Cycles from one place of a process to another: at its pace, and no less than the trained values take that it reads on the way. */
function span(process: TimedProcess, cycles: number): number {
  const jobs = Math.max(Math.floor(cycles / process.cycles), (cycles - process.pause) / process.cycles);
  return Math.max(cycles / process.pace, supplied(process, jobs));
}

function grown<Values extends Float64Array | Int32Array>(from: Values, into: Values): Values {
  into.set(from);
  return into;
}
