/** From an accelerator to the tuner's program: the cost laws of every option of every kernel, as numbers. */
import type { Accelerator, ResourceName } from '../design/design.ts';
import { costOf } from '../estimate/assemble.ts';
import { lower } from '../estimate/lower.ts';
import type { InstanceOf, Unit } from '../estimate/netlist.ts';
import { aloneAt } from '../estimate/pacing.ts';
import { builtKernels } from '../estimate/pieces.ts';
import { type Graph, graphOf } from '../estimate/timeline.ts';
import { type KernelOption, optionsOf, withOptions } from './options.ts';
import type { Arc, Delay, Option, Program } from './program.ts';

export interface Space {
  readonly program: Program;
  /** Kernel of each variable, with what its options mean. */
  readonly kernels: readonly { readonly name: string; readonly options: readonly KernelOption[] }[];
  /** Names of the kernels in dataflow order. */
  readonly order: readonly string[];
  /** What each die has for kernels, of the program's resources. */
  readonly dieLimits: readonly (readonly number[])[];
}

/** Resources that are counted over the card. Dies are looked at by the full estimate, which has the last word. */
export const RESOURCES: readonly ResourceName[] = ['dsp', 'lut', 'ff', 'bram36', 'uram'];

/** Shares beyond which closure is unlikely: the guidelines of Vivado's report_failfast (UG906). */
const closureShare: Readonly<Record<ResourceName, number>> = { dsp: 0.8, lut: 0.7, ff: 0.5, bram36: 0.8, uram: 0.8 };

/** Slots of a process: its work, then for each of its transfers when it begins and how far from the process's end it ends. */
const slotsOf = (transfers: number): number => 1 + 2 * transfers;

/** @param tokens rows side by side in every word */
export function spaceOf(accelerator: Accelerator, tokens: number, instanceOf: InstanceOf): Space {
  const kernels = builtKernels(accelerator).map((kernel) => ({
    name: kernel.name,
    options: optionsOf(kernel, tokens),
  }));
  const middle = new Map(
    kernels.map(({ name, options }) => [name, options[Math.floor(options.length / 2)] ?? { clause: '' }]),
  );
  const base = measured(withOptions(accelerator, middle), instanceOf);
  const layout = layoutOf(base);
  const dieLimits = accelerator.device.dies.map(({ name }) => RESOURCES.map((one) => limitOf(accelerator, one, name)));
  const variables = kernels.map(({ name, options }) => ({
    name,
    options: options
      .map((option): Option => {
        const one = measured(withOptions(accelerator, new Map([...middle, [name, option]])), instanceOf);
        return { label: option.clause, cycles: cyclesOf(layout, one, name), use: useOf(one, name) };
      })
      // A kernel stands on one die: what fits none is no option.
      .filter(({ use }) => dieLimits.some((die) => use.every((used, r) => used <= die[r]!))),
  }));
  const index = new Map(kernels.map(({ name }, v) => [name, v]));
  return {
    kernels,
    order: [...new Set(base.units.filter(({ role }) => role === 'operator').map(({ kernel }) => kernel))],
    dieLimits,
    program: {
      variables,
      times: 2 * base.graph.processes.length,
      arcs: arcsOf(base, layout, index),
      resources: RESOURCES.map((name) => ({
        name,
        limit: dieLimits.reduce((sum, die) => sum + die[RESOURCES.indexOf(name)]!, 0),
      })),
    },
  };
}

interface Measured {
  readonly units: readonly Unit[];
  readonly graph: Graph;
  readonly hasUram: boolean;
}

function measured(accelerator: Accelerator, instanceOf: InstanceOf): Measured {
  const { whole } = lower(accelerator, instanceOf);
  const pacing = aloneAt(accelerator);
  const graph = graphOf(whole.units, whole.fifos, () => Number.POSITIVE_INFINITY, accelerator.clock.value, pacing);
  const hasUram = accelerator.device.dies.some(({ resources }) => resources.uram > 0);
  return { units: whole.units, graph, hasUram };
}

/** Where a process's figures stand among those of its kernel. */
interface Layout {
  /** Kernel → processes by name, each with its first slot. */
  readonly places: ReadonlyMap<
    string,
    ReadonlyMap<string, { readonly slot: number; readonly channels: readonly string[] }>
  >;
  readonly slots: ReadonlyMap<string, number>;
}

function layoutOf({ graph, units }: Measured): Layout {
  const places = new Map<string, Map<string, { slot: number; channels: string[] }>>();
  const slots = new Map<string, number>();
  for (const process of graph.processes) {
    const { kernel } = units[process.unit]!;
    const own = places.get(kernel) ?? new Map();
    places.set(kernel, own);
    const channels = process.transfers.map(({ channel, direction }) => `${direction} ${graph.channels[channel]!.name}`);
    own.set(process.name, { slot: slots.get(kernel) ?? 0, channels });
    slots.set(kernel, (slots.get(kernel) ?? 0) + slotsOf(channels.length));
  }
  return { places, slots };
}

/** Figures of a kernel's processes in the layout's order; a process that this option does not have takes no time. */
function cyclesOf({ places, slots }: Layout, { graph, units }: Measured, kernel: string): number[] {
  const cycles = new Array<number>(slots.get(kernel) ?? 0).fill(0);
  for (const process of graph.processes) {
    const place = places.get(kernel)?.get(process.name);
    if (units[process.unit]!.kernel !== kernel || !place) continue;
    const pace = process.pace ?? 1;
    cycles[place.slot] = (process.jobs * process.cycles) / pace;
    for (const { channel, direction, first, last } of process.transfers) {
      const at = place.channels.indexOf(`${direction} ${graph.channels[channel]!.name}`);
      if (at < 0) continue;
      cycles[place.slot + 1 + 2 * at] = first / pace;
      cycles[place.slot + 2 + 2 * at] = (process.cycles - 1 - last) / pace;
    }
  }
  return cycles;
}

function useOf({ units, hasUram }: Measured, kernel: string): number[] {
  const own = units.filter((unit) => unit.kernel === kernel).map((unit) => costOf(unit, hasUram));
  return RESOURCES.map((name) => own.reduce((sum, cost) => sum + cost[name].used, 0));
}

/** The orders in time that the timeline keeps, without those that come of FIFOs that are full. */
function arcsOf({ graph, units }: Measured, { places }: Layout, index: ReadonlyMap<string, number>): Arc[] {
  const start = (p: number): number => 2 * p;
  const end = (p: number): number => 2 * p + 1;
  const delay = (p: number, offset: number, sign: 1 | -1): Delay[] => {
    const process = graph.processes[p]!;
    const { kernel } = units[process.unit]!;
    const variable = index.get(kernel);
    const place = places.get(kernel)?.get(process.name);
    return variable === undefined || !place ? [] : [{ variable, slot: place.slot + offset, sign }];
  };
  const arcs: Arc[] = [];
  const writers = new Map<number, { process: number; transfer: number }>();
  graph.processes.forEach(({ transfers }, process) => {
    transfers.forEach(({ channel, direction }, transfer) => {
      if (direction === 'write') writers.set(channel, { process, transfer });
    });
  });
  graph.processes.forEach((process, p) => {
    arcs.push({ later: end(p), earlier: start(p), delays: delay(p, 0, 1) });
    if (process.after !== undefined) arcs.push({ later: start(p), earlier: end(process.after), delays: [] });
    process.transfers.forEach(({ channel, direction }, transfer) => {
      const writer = direction === 'read' ? writers.get(channel) : undefined;
      if (!writer || writer.process === p) return;
      const [begins, ends] = [1 + 2 * transfer, 2 + 2 * transfer];
      const [written, done] = [1 + 2 * writer.transfer, 2 + 2 * writer.transfer];
      arcs.push({
        later: start(p),
        earlier: start(writer.process),
        delays: [...delay(writer.process, written, 1), ...delay(p, begins, -1)],
      });
      arcs.push({
        later: end(p),
        earlier: end(writer.process),
        delays: [...delay(writer.process, done, -1), ...delay(p, ends, 1)],
      });
    });
  });
  return arcs;
}

/** What kernels may take of a die: the share that closes, less the shell and what is reserved. */
function limitOf({ device, reserves }: Accelerator, name: ResourceName, die: string): number {
  const there = device.dies.find((one) => one.name === die)?.resources[name] ?? 0;
  const reserved = reserves
    .filter((reserve) => reserve.resource === name && (reserve.die === undefined || reserve.die === die))
    .reduce((most, reserve) => Math.max(most, reserve.share), 0);
  const shell = device.shell?.die === die ? device.shell.resources[name] : 0;
  return Math.max(0, there * Math.min(closureShare[name], 1 - reserved) - shell);
}
