/** Design → estimate: what a design costs and how long it takes, every figure from the laws of the kernels it is built of. */
import type { Accelerator, Design, ResourceCount } from '../design/design.ts';
import type { Formula, Instance, KernelModule, Resources, Target } from '../kernels/kernel.ts';
import { wordBits } from '../kernels/word.ts';
import { clean, nothing, resources as resourcesOf, times, total } from './amounts.ts';
import { activeCycles, channelsOf, memoriesOf, type Window } from './channels.ts';
import { closedFormOf } from './closed-form-of.ts';
import { deadlockOf } from './deadlock.ts';
import type {
  AcceleratorEstimate,
  ChannelEstimate,
  DieEstimate,
  Estimate,
  FifoEstimate,
  KernelEstimate,
  Timing,
} from './estimate.ts';
import { fifoResources, fifoStorage } from './fifo.ts';
import { crossing, memoryPort } from './interfaces.ts';
import { type InstanceOf, type Lowered, lower } from './lower.ts';
import { memoryResources } from './memory.ts';
import type { Unit } from './netlist.ts';
import { builtKernels } from './pieces.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import type { Pacing } from './timeline.ts';
import { waitsOf } from './waits.ts';

export interface Estimator {
  estimate(design: Design): Estimate;
}

/** Entries after which a cache begins anew: far more than one editing session of one spec needs. */
const cacheLimit = 4096;

/**
 * An estimator with its caches. A kernel of the library is instantiated once for the same parameters, and a pass is timed
 * once for the same netlist, so that an edit recomputes what it touches.
 */
export function createEstimator(): Estimator {
  const instances = new Map<string, Instance>();
  const numbers = new WeakMap<Instance, number>();
  const schedules = new Map<string, Timed>();
  let count = 0;

  const instanceOf: InstanceOf = <Parameters>(
    module: KernelModule<Parameters>,
    parameters: Parameters,
    target: Target,
  ): Instance => {
    const key = `${module.name} ${target.dspKind} ${target.clock} ${JSON.stringify(parameters)}`;
    const known = instances.get(key);
    if (known) return known;
    if (instances.size >= cacheLimit) instances.clear();
    const made = module.instantiate(parameters, target);
    instances.set(key, made);
    return made;
  };

  /** What the timeline depends on: instances by number, places, clocks, FIFOs, channels and their bandwidth. */
  const keyOf = (accelerator: Accelerator, { whole }: Lowered): string => {
    const units = whole.units.map((unit) => {
      let number = numbers.get(unit.instance);
      if (number === undefined) {
        number = count++;
        numbers.set(unit.instance, number);
      }
      return `${unit.id}:${unit.kernel}:${number}:${unit.die}:${unit.clock}:${Object.values(unit.channels)
        .flat()
        .map((ref) => ref.memory + ref.channel)}`;
    });
    const fifos = whole.fifos.map(({ from, to, asked }) => `${from.unit}.${from.port}>${to.unit}.${to.port}:${asked}`);
    const memories = accelerator.device.memories.map(({ name, bandwidth }) => `${name}:${bandwidth}`);
    return [accelerator.clock.value, ...units, ...fifos, ...memories].join('|');
  };

  const timed = (accelerator: Accelerator, lowered: Lowered): Timed => {
    const key = keyOf(accelerator, lowered);
    const known = schedules.get(key);
    if (known) return known;
    if (schedules.size >= cacheLimit / 16) schedules.clear();
    const made = time(accelerator, lowered);
    schedules.set(key, made);
    return made;
  };

  return {
    estimate: (design) => ({
      accelerators: design.accelerators.map((accelerator) =>
        estimateOf(accelerator, lower(accelerator, instanceOf), timed),
      ),
    }),
  };
}

/** A schedule with what it says of the memory channels. */
interface Timed {
  readonly schedule: Schedule;
  readonly channels: readonly ChannelEstimate[];
}

/** Times the pass with every port at its channel's bandwidth; where a channel is asked for more, its users share it. */
function time(accelerator: Accelerator, { whole }: Lowered): Timed {
  const { units, fifos } = whole;
  const limits = new Map(accelerator.device.memories.map(({ name, bandwidth }) => [name, bandwidth]));
  const alone: Pacing = {
    paceOf: (unit, port, rate) => {
      const refs = unit.channels[port] ?? [];
      const limit = refs.reduce((sum, { memory }) => sum + (limits.get(memory) ?? Number.POSITIVE_INFINITY), 0);
      return refs.length > 0 && rate > limit ? limit / rate : 1;
    },
  };
  const first = scheduleOf(accelerator, units, fifos, alone);
  const channels = channelsOf(accelerator, units, windowsOf(units, first, accelerator.clock.value));
  const over = new Map(
    channels.filter(({ demand, limit }) => limit > 0 && demand > limit).map((channel) => [channel.name, channel]),
  );
  if (over.size === 0) return { schedule: first, channels };
  const shared: Pacing = {
    paceOf: (unit, port, rate) => {
      let allowed = Number.POSITIVE_INFINITY;
      for (const { memory, channel } of unit.channels[port] ?? []) {
        const full = over.get(`${memory}[${channel}]`);
        const demand = full?.users.find((user) => user.kernel === unit.kernel && user.port === port)?.demand;
        if (full && demand !== undefined)
          allowed = Math.min(allowed, (demand / full.demand) * full.limit * (unit.channels[port]?.length ?? 1));
      }
      return Math.min(alone.paceOf(unit, port, rate), rate > allowed ? allowed / rate : 1);
    },
  };
  return { schedule: scheduleOf(accelerator, units, fifos, shared), channels };
}

function windowsOf(
  units: readonly Unit[],
  { graph, run }: Schedule,
  clock: number,
): (unit: Unit) => Window | undefined {
  const windows = units.map(() => ({ start: Number.POSITIVE_INFINITY, end: 0 }));
  graph.processes.forEach(({ unit }, p) => {
    const window = windows[unit]!;
    window.start = Math.min(window.start, run.processes[p]!.start / clock);
    window.end = Math.max(window.end, run.processes[p]!.end / clock);
  });
  const index = new Map(units.map((unit, i) => [unit.id, i]));
  return (unit) => {
    const window = windows[index.get(unit.id) ?? -1];
    return window && Number.isFinite(window.start) ? window : undefined;
  };
}

function estimateOf(
  accelerator: Accelerator,
  lowered: Lowered,
  timed: (accelerator: Accelerator, lowered: Lowered) => Timed,
): AcceleratorEstimate {
  const { whole, netlist, coarse, apart } = lowered;
  const { schedule, channels } = timed(accelerator, lowered);
  const clock = accelerator.clock.value;
  const hasUram = accelerator.device.dies.some(({ resources }) => resources.uram > 0);
  const copies = Math.max(1, Math.floor(clean(accelerator.copies.value)) || 1);

  const all = whole.fifos.map((fifo, i): FifoEstimate => {
    const bits = wordBits(fifo.word);
    const depth = Math.max(1, Math.floor(clean(schedule.depths[i] ?? 2)));
    const storage = fifoStorage(depth, fifo.storage, bits, hasUram);
    const resources = total([fifoResources(depth, bits, storage), fifo.crossing ? crossing(bits) : nothing]);
    return { fifo, depth, peak: Math.ceil(clean(schedule.run.peaks[i] ?? 0)), storage, resources };
  });
  const unitCost = new Map(
    whole.units.map((unit) => [unit.id, coarse.has(unit.id) ? unit.instance.law.logic : costOf(unit, hasUram)]),
  );
  const costs = (
    unit: (one: Unit) => boolean,
    kernel: (name: string) => boolean,
    die: (name: string) => boolean,
  ): Resources[] => [
    ...whole.units.filter(unit).map(({ id }) => unitCost.get(id)!),
    ...all
      .filter(({ fifo }) => whole.units.some((one) => one.id === fifo.to.unit && unit(one)))
      .map(({ resources }) => resources),
    ...apart
      .filter(({ piece }) => kernel(piece.kernel.name) && die(piece.kernel.dies.value[0] ?? ''))
      .map(({ instance }) => instance.law.logic),
  ];

  const timing = timingOf(accelerator, lowered, schedule, copies);
  const windows = windowsOf(whole.units, schedule, clock);
  const kernels = builtKernels(accelerator).map((kernel): KernelEstimate => {
    const units = whole.units.filter((unit) => unit.kernel === kernel.name && unit.role === 'operator');
    const aside = apart.filter(({ piece }) => piece.kernel.name === kernel.name).map(({ instance }) => instance);
    const formulas = [...units.map(({ instance }) => instance.law.cycles), ...aside.map(({ law }) => law.cycles)];
    const formula = aside.length > 0 ? inTurn(formulas) : (slowest(formulas) ?? noFormula);
    const cycles = clean(formula.value);
    const active = aside.length > 0 ? cycles : Math.max(0, ...units.map(activeCycles));
    const spans = units.flatMap((unit) => windows(unit) ?? []);
    const operators = kernel.turns.flat();
    return {
      name: kernel.name,
      operators: operators.map(({ name }) => name),
      die: kernel.dies.value[0] ?? accelerator.device.dies[0]?.name ?? '',
      clock: kernel.clock.value,
      cycles,
      start: spans.length > 0 ? Math.min(...spans.map(({ start }) => start)) : 0,
      end: spans.length > 0 ? Math.max(...spans.map(({ end }) => end)) : clean(cycles / kernel.clock.value),
      seconds: clean(cycles / kernel.clock.value),
      busy: timing.perLayer > 0 ? Math.min(1, clean(active / kernel.clock.value / timing.perLayer)) : 0,
      operations: 2 * operators.reduce((sum, { macs }) => sum + clean(macs), 0),
      resources: total(
        costs(
          (unit) => unit.kernel === kernel.name,
          (name) => name === kernel.name,
          () => true,
        ),
      ),
      formula,
      explanations: units.flatMap(({ instance }) => instance.law.explanations),
      waits: waitsOf(kernel.name, whole.units, whole.fifos, schedule.graph, schedule.run),
    };
  });

  const dies = diesOf(accelerator, lowered, schedule, (die) =>
    times(
      total(
        costs(
          (unit) => unit.die === die,
          () => true,
          (name) => name === die,
        ),
      ),
      copies,
    ),
  );
  const deadlock = schedule.deadlocked && deadlockOf(schedule.deadlocked, whole.units, whole.fifos);
  const built = new Set(netlist.fifos.map(({ id }) => id));
  const bottleneck = bottleneckOf(kernels, channels, timing);
  return {
    accelerator,
    netlist,
    kernels,
    fifos: all.filter(({ fifo }) => built.has(fifo.id)),
    dies,
    resources: total(dies.map((die) => die.resources)),
    available: availableOf(accelerator),
    channels,
    memories: memoriesOf(accelerator, whole.units),
    timing,
    ...(bottleneck ? { bottleneck } : {}),
    ...(deadlock ? { deadlock } : {}),
    caveats: caveatsOf(accelerator, lowered, schedule, copies),
  };
}

/** Logic of the law, memories by shape, ports to memory. */
function costOf(unit: Unit, hasUram: boolean): Resources {
  const { law, memories } = unit.instance;
  return total([
    law.logic,
    ...law.memories.map((shape) => memoryResources(shape, hasUram)),
    ...memories.map(({ bits }) => memoryPort(bits)),
  ]);
}

const noFormula: Formula = {
  symbolic: '—',
  numeric: '—',
  value: 0,
  unit: 'cycles',
  source: 'nothing of this kernel is built',
};

function slowest(formulas: readonly Formula[]): Formula | undefined {
  return formulas.length > 0 ? formulas.reduce((a, b) => (b.value > a.value ? b : a)) : undefined;
}

function inTurn(formulas: readonly Formula[]): Formula {
  return {
    symbolic: 'sum over its turns',
    numeric: formulas.map(({ value }) => value).join(' + '),
    value: formulas.reduce((sum, { value }) => sum + clean(value), 0),
    unit: 'cycles',
    source: 'arithmetic alone: the library has no kernel that serves operators in turn',
  };
}

function timingOf(accelerator: Accelerator, { apart }: Lowered, { run, graph }: Schedule, copies: number): Timing {
  const clock = accelerator.clock.value;
  const { repeat } = accelerator.model.layer;
  const aside = new Map<string, number>();
  for (const { piece, instance } of apart) {
    const { name, clock: own } = piece.kernel;
    aside.set(name, (aside.get(name) ?? 0) + clean(instance.law.cycles.value / own.value));
  }
  // Kernels that take operators in turn are not on the timeline; each alone is a lower bound, and they wait for each other.
  const turns = [...aside.values()].reduce((sum, seconds) => sum + seconds, 0);
  const work = graph.processes.map(({ jobs, cycles, pace }) => (clean(jobs) * clean(cycles)) / (pace ?? 1));
  const slowestUnit = Math.max(clean(Math.max(0, ...work) / clock), turns);
  const alone = clean(run.end / clock) + turns;
  const perLayer = Math.max(alone, slowestUnit);
  const passes = Math.max(1, Math.ceil(clean(repeat) / copies));
  const closedForm = closedFormOf(accelerator);
  // Rows of a pass go from copy to copy as they come; each copy holds them back until its own K and V are complete.
  const model = clean(passes * (perLayer + (copies - 1) * slowestUnit) * Math.max(1, clean(accelerator.phase.batch)));
  return {
    perLayer,
    model,
    // Two inputs take turns, pass by pass, where K and V have a second buffer to be filled meanwhile.
    interval: interleaves(accelerator) ? Math.min(model, clean(passes * slowestUnit)) : model,
    passes,
    ...(closedForm ? { closedForm } : {}),
  };
}

/** Whether the pass of one input may begin while that of another goes on: no cache is both read and filled. */
function interleaves({ kernels }: Accelerator): boolean {
  return kernels.every(({ cache }) => !cache || cache.value.double);
}

function diesOf(
  accelerator: Accelerator,
  { whole, apart }: Lowered,
  schedule: Schedule,
  cost: (die: string) => Resources,
): DieEstimate[] {
  const { device } = accelerator;
  return device.dies.map((die): DieEstimate => {
    const shell = device.shell?.die === die.name ? shellOf(device.shell.resources) : nothing;
    const kernels = new Set([
      ...whole.units.filter((unit) => unit.die === die.name).map(({ kernel }) => kernel),
      ...apart.filter(({ piece }) => piece.kernel.dies.value[0] === die.name).map(({ piece }) => piece.kernel.name),
    ]);
    return {
      name: die.name,
      resources: total([cost(die.name), shell]),
      available: die.resources,
      latency: clean(schedule.dies.get(die.name) ?? 0),
      kernels: [...kernels],
      shell,
    };
  });
}

function shellOf(count: ResourceCount): Resources {
  return resourcesOf({ ...count });
}

function availableOf({ device }: Accelerator): ResourceCount {
  const sum = (name: keyof ResourceCount): number =>
    device.dies.reduce((all, { resources }) => all + clean(resources[name]), 0);
  return { dsp: sum('dsp'), bram36: sum('bram36'), uram: sum('uram'), lut: sum('lut'), ff: sum('ff') };
}

/** A channel that is asked for too much; else the kernel that works most of the pass. */
function bottleneckOf(
  kernels: readonly KernelEstimate[],
  channels: readonly ChannelEstimate[],
  timing: Timing,
): AcceleratorEstimate['bottleneck'] {
  const slowestKernel = kernels.reduce<KernelEstimate | undefined>(
    (best, kernel) => (!best || kernel.busy > best.busy ? kernel : best),
    undefined,
  );
  if (!slowestKernel || timing.perLayer <= 0) return undefined;
  const over = channels.find(
    ({ demand, limit, users }) =>
      limit > 0 && demand > limit && users.some(({ kernel }) => kernel === slowestKernel.name),
  );
  const percent = Math.round(slowestKernel.busy * 100);
  return {
    kernel: slowestKernel.name,
    reason: over
      ? `${over.name} is asked for ${gigabytes(over.demand)} of ${gigabytes(over.limit)} GB/s`
      : `it works ${percent}% of the layer, more than any other`,
  };
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

function caveatsOf(
  accelerator: Accelerator,
  lowered: Lowered,
  { run, graph, deadlocked }: Schedule,
  copies: number,
): string[] {
  const { device, cards, phase } = accelerator;
  const notes = [...lowered.caveats];
  for (const { piece } of lowered.apart.filter(
    ({ piece }, i, every) => every.findIndex((other) => other.piece.kernel === piece.kernel) === i,
  ))
    notes.push(
      `${piece.kernel.name} serves its operators in turn: priced by arithmetic alone, its time added to the rest; LUT, FF and memories are left out`,
    );
  if (run.status === 'too-long')
    notes.push('the timeline has too many events and was cut off: the latency is a lower bound');
  if (graph.disagreements.length > 0)
    notes.push(`the ends of ${graph.disagreements.join(', ')} differ in words a pass: the reader’s were scaled`);
  if (deadlocked) notes.push('the design deadlocks; the latency is what it would be if every FIFO were deep enough');
  if (copies > 1)
    notes.push(`${copies} layers on the chip: each costs the same, and one more adds an interval to the pass`);
  if (cards > 1)
    notes.push(`${cards} cards: the figures are of one card that does all of it; the split is not modelled yet`);
  if (phase.name === 'generate')
    notes.push('generate is estimated as one pass; prompt and tokens are not told apart yet');
  if (phase.batch > 1)
    notes.push(`batch ${phase.batch}: the passes of one follow each other; weights are read again for each`);
  if (lowered.whole.units.length > 0)
    notes.push('no vendor tool was run: achieved interval, timing closure and routed LUT and FF are not verified');
  if (device.unverified.length > 0)
    notes.push(`device figures without a verified source: ${device.unverified.join('; ')}`);
  return notes;
}
