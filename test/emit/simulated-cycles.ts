/**
 * What the C simulation with bounded FIFOs counted beside what the estimator says of the same design. The simulation's memory
 * answers after 72 cycles and then gives a beat a cycle, and a stream to another top goes through the linker's FIFO and a relay of one
 * cycle: where the two are held against each other, the timeline runs the netlist like that, at the depths that are built. The laws and
 * the timeline's rules are the estimate's own.
 */
import { identifier } from '../../server/emit/names.ts';
import { linkDepth } from '../../server/emit/tops.ts';
import { placesOf } from '../../server/estimate/die-order.ts';
import type { AcceleratorEstimate } from '../../server/estimate/estimate.ts';
import { overJobs, tailOf } from '../../server/estimate/flow/compile.ts';
import type { Fifo, Unit } from '../../server/estimate/netlist.ts';
import { graphOf, runGraph } from '../../server/estimate/time/timeline.ts';
import type { Job } from '../../server/kernels/kernel.ts';

/** What WEFT_CYCLES_JSON gets of a run, as far as it is looked at. */
export interface CycleReport {
  readonly cycles: number;
  readonly processes: readonly {
    readonly name: string;
    readonly end: number;
    readonly active: number;
    readonly waitedToRead: number;
    readonly waitedToWrite: number;
    readonly reads: number;
    readonly writes: number;
  }[];
}

export interface ComparedCycles {
  readonly simulated: number;
  /** The timeline with the simulation's memory. */
  readonly timed: number;
  /** The estimate as a user sees it: bandwidth of the channels, crossings of four cycles. */
  readonly estimated: number;
  readonly units: number;
  /** The unit whose end differs most: often one that nothing waits for any more. */
  readonly worst: { readonly unit: string; readonly simulated: number; readonly timed: number };
  /** Units whose processes do not work as many cycles as their laws say, in words. */
  readonly busy: readonly string[];
}

export function comparedCycles(estimate: AcceleratorEstimate, report: CycleReport): ComparedCycles {
  const { netlist, fifos, accelerator, timing } = estimate;
  const clock = accelerator.clock.value;
  const places = placesOf(estimate);
  const depthOf = ({ from, to }: Fifo, i: number): number =>
    fifos[i]!.depth + (places.get(from.unit) === places.get(to.unit) ? 0 : linkDepth);
  const graph = graphOf(netlist.units, netlist.fifos, depthOf, clock, { paceOf: () => 1 });
  const channels = graph.channels.map((channel) => ({ ...channel, latency: Math.min(1, channel.latency) }));
  const { run } = runGraph({ ...graph, channels });
  if (run.status !== 'finished') throw new Error(`the timeline of what was built ends as ${run.status}`);
  let worst = { unit: '', simulated: 0, timed: 0 };
  for (const [u, { id }] of netlist.units.entries()) {
    const timed = graph.processes.reduce(
      (end, { unit }, p) => (unit === u ? Math.max(end, run.processes[p]!.end) : end),
      0,
    );
    const simulated = report.processes.find(({ name }) => isOf(name, id))?.end ?? 0;
    if (Math.abs(timed - simulated) > Math.abs(worst.timed - worst.simulated)) worst = { unit: id, simulated, timed };
  }
  return {
    simulated: report.cycles,
    timed: run.end,
    estimated: timing.perLayer * clock,
    units: netlist.units.length,
    worst,
    busy: netlist.units.flatMap((unit) => differences(unit, report)),
  };
}

/** Names are TOP/UNIT/PROCESS…; the unit itself comes first. */
function isOf(name: string, unit: string): boolean {
  return name.split('/')[1] === identifier(unit);
}

/** Of the library’s kernels, those whose processes beside the busiest work a cycle or a few more or less than their laws say. */
const roughly = new Set(['spill', 'cache']);

/** Cycles of all jobs, and of the pipeline behind the last one. */
function differences(unit: Unit, report: CycleReport): string[] {
  const { kernel, law } = unit.instance;
  const simulated = report.processes
    .filter(({ name, reads, writes }) => isOf(name, unit.id) && reads + writes > 0)
    .map(({ active, waitedToRead, waitedToWrite }) => active - waitedToRead - waitedToWrite);
  const expected = new Map<string, number>();
  const drains = new Map<string, number>();
  for (const process of law.processes) {
    // A norm reads its gains in the process that uses them; nothing waits for it meanwhile.
    const { name, after, hardware = after === 'gains' ? after : name } = process;
    const last: Job = process.rest ?? process;
    const drain = last.writes.reduce((most, { late = 0, last: at }) => Math.max(most, late, tailOf(last, at)), 0);
    expected.set(hardware, (expected.get(hardware) ?? 0) + overJobs<Job>(process, ({ cycles }) => cycles));
    drains.set(hardware, drain);
  }
  const worked = descending(simulated);
  const said = descending([...expected].map(([hardware, cycles]) => cycles + drains.get(hardware)!));
  const [looked, meant] = roughly.has(kernel) ? [worked.slice(0, 1), said.slice(0, 1)] : [worked, said];
  const same = looked.length === meant.length && looked.every((cycles, i) => Math.abs(cycles - meant[i]!) < 0.5);
  return same ? [] : [`${unit.id} (${kernel}): worked ${worked.join(', ')}; its law says ${said.join(', ')}`];
}

const descending = (values: readonly number[]): number[] => [...values].sort((a, b) => b - a);

/** '1166 cycles simulated, 1165 timed (-0.1%), 1245 estimated (+6.8%); v_weights ends at 395, 437 timed' */
export function shown({ simulated, timed, estimated, worst }: ComparedCycles): string {
  const off = (cycles: number): string =>
    `${cycles < simulated ? '' : '+'}${((cycles / simulated - 1) * 100).toFixed(1)}%`;
  const other = worst.unit === '' ? '' : `; ${worst.unit} ends at ${worst.simulated}, ${Math.round(worst.timed)} timed`;
  return `${simulated} cycles simulated, ${Math.round(timed)} timed (${off(timed)}), ${Math.round(estimated)} estimated (${off(estimated)})${other}`;
}

/** Median, 90th percentile and greatest deviation, of the timeline and of the estimate. */
export function deviations(all: readonly ComparedCycles[]): string {
  const line = (name: string, of: (one: ComparedCycles) => number): string => {
    const sorted = all.map((one) => Math.abs(of(one) / one.simulated - 1)).sort((a, b) => a - b);
    const at = (share: number): string =>
      `${((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 100).toFixed(2)}%`;
    return `${name}: median ${at(0.5)}, 90th percentile ${at(0.9)}, worst ${at(1)} of ${sorted.length}`;
  };
  return `${line('timed', ({ timed }) => timed)}\n${line('estimated', ({ estimated }) => estimated)}`;
}
