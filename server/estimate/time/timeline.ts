/** Netlist → dataflow graph, and the run of one pass of the layer. */

import type { Job, Transfer } from '../../kernels/kernel.ts';
import { crossingCycles } from '../cost/interfaces.ts';
import { compile, type FlowChannel, type FlowJob, type FlowProcess, type FlowTransfer } from '../flow/compile.ts';
import type { FlowRun } from '../flow/result.ts';
import { startFlow } from '../flow/run.ts';
import { type Fifo, isReadAhead, type Unit } from '../netlist.ts';

export interface Timeline {
  readonly run: FlowRun;
  readonly graph: Graph;
}

/** The graph with the way back to units and FIFOs. */
export interface Graph {
  readonly processes: readonly (FlowProcess & {
    readonly unit: number;
    readonly active: number;
    readonly rest?: FlowJob & { readonly active: number };
    /** See `Process`; of this unit. */
    readonly hardware?: string;
  })[];
  readonly channels: readonly FlowChannel[];
  /** Index of the FIFO of each channel, -1 for storage inside of a unit. */
  readonly fifoOf: readonly number[];
  /** Unit that a channel inside of a unit belongs to, -1 for FIFOs. */
  readonly insideOf: readonly number[];
  /** How willingly the timeline deepens a channel: 0 where the spec says how deep it is, or the kernel's source does. */
  readonly growable: readonly number[];
  /** Channels that carry trained values: their writers may wait. */
  readonly trained: readonly boolean[];
  /** Channels whose two ends do not agree on the number of words of a pass. */
  readonly disagreements: readonly string[];
}

export interface Pacing {
  /** Share of its full speed that a process gets which moves `rate` bytes a second through a memory port. */
  paceOf(unit: Unit, port: string, rate: number): number;
}

/** @param clock Hz of the common clock: a unit with another one has its cycles converted. */
export function graphOf(
  units: readonly Unit[],
  fifos: readonly Fifo[],
  depthOf: (fifo: Fifo, index: number) => number,
  clock: number,
  pacing: Pacing,
): Graph {
  const channels: FlowChannel[] = [];
  const fifoOf: number[] = [];
  const insideOf: number[] = [];
  const growable: number[] = [];
  const trained: boolean[] = [];
  // What joins the shares of several ports only passes on: it waits as its loaders do, and needs no room to run ahead.
  const waits = ({ role }: Unit): boolean => role === 'weights' || role === 'join';
  const loaders = new Set(units.filter((unit) => waits(unit) || isReadAhead(unit)).map(({ id }) => id));
  const ports = new Map<string, number>();
  fifos.forEach((fifo, i) => {
    ports.set(`${fifo.from.unit} ${fifo.from.port}`, channels.length);
    ports.set(`${fifo.to.unit} ${fifo.to.port}`, channels.length);
    channels.push({ name: fifo.id, depth: depthOf(fifo, i), latency: fifo.crossing ? crossingCycles : 0 });
    fifoOf.push(i);
    trained.push(loaders.has(fifo.from.unit));
    insideOf.push(-1);
    growable.push(fifo.asked === 'auto' ? 1 : 0);
  });
  const processes: Graph['processes'][number][] = [];
  units.forEach((unit, u) => {
    const { law } = unit.instance;
    const factor = unit.clock > 0 && clock > 0 ? clock / unit.clock : 1;
    const inner = new Map<string, number>();
    for (const buffer of law.buffers) {
      inner.set(buffer.name, channels.length);
      channels.push({ name: `${unit.id}.${buffer.name}`, depth: buffer.depth, latency: 0 });
      fifoOf.push(-1);
      trained.push(false);
      insideOf.push(u);
      growable.push(0);
    }
    const first = processes.length;
    const indexOf = new Map(law.processes.map(({ name }, i) => [name, first + i]));
    for (const process of law.processes) {
      let pace = 1;
      const jobOf = ({ cycles, active, reads, writes }: Job) => ({
        cycles: cycles * factor,
        active: active * factor,
        transfers: [
          ...reads.flatMap((one) => transferOf('read', one, cycles)),
          ...writes.flatMap((one) => transferOf('write', one, cycles)),
        ],
      });
      const transferOf = (direction: 'read' | 'write', transfer: Transfer, cycles: number): readonly FlowTransfer[] => {
        const { port, words, first, last, late, ahead = 0, beyond = 0 } = transfer;
        const channel = inner.get(port) ?? ports.get(`${unit.id} ${port}`);
        const bits = unit.instance.memories.find(({ name }) => name === port)?.bits;
        if (bits) {
          const moving = Math.max(1, last - first + 1);
          const share = pacing.paceOf(unit, port, (words * (bits / 8) * unit.clock) / moving);
          // A slow channel stretches the cycles in which words move, not the latency of the burst before them.
          pace = Math.min(pace, cycles / (cycles + moving * (1 / share - 1)));
        }
        if (channel === undefined) return [];
        const times = {
          first: first * factor,
          last: last * factor,
          ...(late === undefined ? {} : { late: late * factor }),
        };
        return [{ channel, direction, words, ...times, ahead, beyond }];
      };
      const job = jobOf(process);
      const rest = process.rest && jobOf(process.rest);
      const after = process.after === undefined ? undefined : indexOf.get(process.after);
      processes.push({
        name: `${unit.id}.${process.name}`,
        jobs: process.jobs,
        ...job,
        ...(rest ? { rest } : {}),
        ...(factor === 1 ? {} : { cycle: factor }),
        pace,
        unit: u,
        ...(process.hardware === undefined ? {} : { hardware: `${unit.id} ${process.hardware}` }),
        ...(after === undefined ? {} : { after }),
      });
    }
  });
  return { processes, channels, fifoOf, insideOf, growable, trained, disagreements: [] };
}

/** The same graph with other depths of its FIFOs. */
export function withDepths(graph: Graph, depthOf: (fifo: number) => number): Graph {
  const { fifoOf } = graph;
  const channels = graph.channels.map((channel, c) =>
    fifoOf[c]! < 0 ? channel : { ...channel, depth: depthOf(fifoOf[c]!) },
  );
  return { ...graph, channels };
}

export function runGraph(graph: Graph, options: { grow?: boolean; budget?: number } = {}): Timeline {
  return startGraph(graph, options).until(Number.POSITIVE_INFINITY) as Timeline;
}

/** See `Running`. */
export interface RunningTimeline {
  readonly graph: Graph;
  until(cycle: number): Timeline | undefined;
  soFar(): Timeline;
}

export function startGraph(graph: Graph, options: { grow?: boolean; budget?: number } = {}): RunningTimeline {
  const compiled = compile(graph, options.grow ? graph.growable : []);
  const running = startFlow(compiled, {
    ...(options.grow ? { growable: graph.growable } : {}),
    ...(options.budget ? { budget: options.budget } : {}),
  });
  const checked = { ...graph, disagreements: compiled.disagreeing.map((c) => graph.channels[c]!.name) };
  return {
    graph: checked,
    until: (cycle) => {
      const run = running.until(cycle);
      return run && { run, graph: checked };
    },
    soFar: () => ({ run: running.soFar(), graph: checked }),
  };
}
