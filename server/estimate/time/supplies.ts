/** Trained values on their way to a process: it works no faster than their ports bring them. */
import { type FlowJob, type FlowProcess, overJobs } from '../flow/compile.ts';
import type { Graph } from './timeline.ts';

/** Trained values that a process reads while it works. */
export interface Supply {
  /** Cycles in which the port brings those of a pass. */
  readonly cycles: number;
  /** Share of these that may be there before they are wanted. */
  readonly ahead: number;
}

/** What a process has of them. */
interface Supplied {
  readonly supplies: readonly Supply[];
  /** Share of a pass's work that a job is. */
  readonly job: number;
}

/** Cycles that the trained values of so many jobs take at least. */
export function supplied({ supplies, job }: Supplied, jobs: number): number {
  let most = 0;
  for (const { cycles, ahead } of supplies) most = Math.max(most, (jobs * job - ahead) * cycles);
  return most;
}

/** FIFOs of trained values are as shallow as can be: their writers may wait. */
const SHALLOW = 2;

/** What brings trained values to a channel. */
export class Supplies {
  private readonly graph: Graph;
  private readonly asked: (unit: number) => boolean;
  private readonly writers = new Map<number, number[]>();
  private readonly read = new Map<number, number>();

  /** @param asked what is known of: nothing is said of the pace at which any other unit brings something */
  constructor(graph: Graph, asked: (unit: number) => boolean) {
    this.graph = graph;
    this.asked = asked;
    graph.processes.forEach((process, p) => {
      for (const { channel, direction } of process.transfers) {
        if (direction === 'write') this.writers.set(channel, [...(this.writers.get(channel) ?? []), p]);
        else this.read.set(channel, (this.read.get(channel) ?? 0) + wordsOf(process, channel));
      }
    });
  }

  /** What a process has of a channel that it reads, alone or in turn with others. */
  to(process: FlowProcess, channel: number): Supply[] {
    const share = wordsOf(process, channel) / (this.read.get(channel) || 1);
    if (!(share > 0)) return [];
    return this.of(channel).map(({ cycles, ahead }) => ({ cycles: cycles * share, ahead: Math.min(1, ahead / share) }));
  }

  /** One for each port behind the channel, of the slowest process on the way from it. */
  private of(channel: number, steps = 0): Supply[] {
    const { processes, channels, fifoOf } = this.graph;
    const writers = (this.writers.get(channel) ?? []).map((p) => processes[p]!);
    // A circle of channels cannot be; the bound is for a graph that says otherwise.
    if (writers.length === 0 || !writers.every(({ unit }) => this.asked(unit)) || steps > 8) return [];
    const words = writers.reduce((sum, writer) => sum + wordsOf(writer, channel), 0);
    const depth = fifoOf[channel]! >= 0 ? SHALLOW : channels[channel]!.depth;
    const ahead = words > 0 ? depth / words : 1;
    const own = writers.reduce(
      (sum, writer) => sum + overJobs<{ readonly active: number }>(writer, ({ active }) => active) / (writer.pace ?? 1),
      0,
    );
    const behind = writers.flatMap(({ transfers }) =>
      transfers.flatMap((transfer) =>
        transfer.direction === 'read' && transfer.words > 0 ? this.of(transfer.channel, steps + 1) : [],
      ),
    );
    if (behind.length === 0) return [{ cycles: own, ahead }];
    return behind.map((one) => ({ cycles: Math.max(own, one.cycles), ahead: one.ahead + ahead }));
  }
}

/** Words of a pass that a process moves through a channel. */
function wordsOf(process: FlowProcess, channel: number): number {
  return overJobs<FlowJob>(process, ({ transfers }) =>
    transfers.reduce((sum, transfer) => (transfer.channel === channel ? sum + transfer.words : sum), 0),
  );
}
