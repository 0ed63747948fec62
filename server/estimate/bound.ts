/**
 * The longest way through a pass, without a timeline: a process starts when its first words are there and ends when it has
 * done all its jobs and had its last words. FIFOs never hold a writer up here and memory channels are not shared, so no pass
 * is shorter than this; where nothing waits for room, it is as long.
 */
import type { Window } from './channels.ts';
import type { Unit } from './netlist.ts';
import type { Graph } from './timeline.ts';

interface End {
  readonly channel: number;
  /** Cycle of its first job and of its last one; of a write, when the word can be read. */
  readonly first: number;
  readonly last: number;
}

interface TimedProcess {
  readonly work: number;
  readonly cycles: number;
  /** Cycles after its last job in which words still leave its pipeline. */
  readonly tail: number;
  readonly reads: readonly End[];
  readonly writes: readonly End[];
  /** Index in the unit of the one that must have ended before, -1 for none. */
  readonly after: number;
}

/** A unit as the bound sees it; `start` and `end` are of the last run. */
export interface TimedUnit {
  /** Place in dataflow order. */
  readonly rank: number;
  readonly operator: boolean;
  readonly processes: readonly TimedProcess[];
  start: number;
  end: number;
}

export class Bound {
  /** Cycles of the last run: of the pass, and of the process with most work. */
  end = 0;
  slowest = 0;

  private readonly channels = new Map<string, number>();
  private first = new Float64Array(256);
  private last = new Float64Array(256);
  private seen = new Int32Array(256);
  private round = 0;
  private ends = new Float64Array(16);

  /** The units of a graph, in its order. */
  unitsOf(units: readonly Unit[], graph: Graph): TimedUnit[] {
    const channels = graph.channels.map(({ name }) => this.channel(name));
    const begin = units.map((_, u) => graph.processes.findIndex(({ unit }) => unit === u));
    const processes = units.map((): TimedProcess[] => []);
    for (const { unit, jobs, cycles, pace, transfers, after } of graph.processes) {
      if (!(jobs > 0)) continue;
      const end = (direction: 'read' | 'write'): End[] =>
        transfers
          .filter((transfer) => transfer.direction === direction && transfer.words > 0)
          .map(({ channel, first, last }) => {
            const late = direction === 'write' ? 1 + graph.channels[channel]!.latency : 0;
            return { channel: channels[channel]!, first: first + late, last: last + late };
          });
      processes[unit]!.push({
        work: (jobs * cycles) / (pace ?? 1),
        cycles,
        tail: Math.max(0, ...transfers.map(({ direction, last }) => (direction === 'write' ? last + 1 - cycles : 0))),
        reads: end('read'),
        writes: end('write'),
        after: after === undefined ? -1 : after - begin[unit]!,
      });
    }
    return units.map(({ role }, rank) => ({
      rank,
      operator: role === 'operator',
      processes: processes[rank]!,
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

  private time(unit: TimedUnit): void {
    const { first, last, seen, round } = this;
    unit.start = Number.POSITIVE_INFINITY;
    unit.end = 0;
    const { processes } = unit;
    if (this.ends.length < processes.length) this.ends = new Float64Array(2 * processes.length);
    for (let p = 0; p < processes.length; p++) {
      const process = processes[p]!;
      let start = process.after >= 0 ? this.ends[process.after]! : 0;
      let end = 0;
      for (const read of process.reads) {
        if (seen[read.channel] !== round) continue;
        start = Math.max(start, first[read.channel]! - read.first);
        end = Math.max(end, last[read.channel]! + process.cycles - read.last);
      }
      end = Math.max(end, start + process.work);
      for (const { channel, first: from, last: to } of process.writes) {
        seen[channel] = round;
        first[channel] = start + from;
        last[channel] = end - process.cycles + to;
      }
      this.ends[p] = end;
      unit.start = Math.min(unit.start, start);
      unit.end = Math.max(unit.end, end + process.tail);
      this.slowest = Math.max(this.slowest, process.work);
    }
    this.end = Math.max(this.end, unit.end);
  }

  private channel(name: string): number {
    const known = this.channels.get(name);
    if (known !== undefined) return known;
    const made = this.channels.size;
    this.channels.set(name, made);
    if (made >= this.first.length) {
      this.first = grown(this.first, new Float64Array(2 * made));
      this.last = grown(this.last, new Float64Array(2 * made));
      this.seen = grown(this.seen, new Int32Array(2 * made));
    }
    return made;
  }
}

function grown<Values extends Float64Array | Int32Array>(from: Values, into: Values): Values {
  into.set(from);
  return into;
}
