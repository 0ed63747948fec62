/** The figures of one accelerator put together: what each kernel's line, each die and the card pay for. */
import type { Accelerator, Kernel } from '../design/design.ts';
import type { ResourceCount } from '../design/hardware.ts';
import { grouped } from '../grouped.ts';
import type { Formula, Resources } from '../kernels/kernel.ts';
import { wordBits } from '../kernels/word.ts';
import { clean, larger, nothing, resources as resourcesOf, times, total } from './amounts.ts';
import { caveatsOf } from './caveats.ts';
import { closureOf, crossingsOf } from './cost/closure.ts';
import { fifoResources, fifoStorage } from './cost/fifo.ts';
import { crossing, memoryPort, portFormula } from './cost/interfaces.ts';
import { memoryResources } from './cost/memory.ts';
import { powerOf, withEnergy } from './cost/power.ts';
import { enginesOf } from './engines.ts';
import type { AcceleratorEstimate, ChannelEstimate, DieEstimate, FifoEstimate, KernelEstimate } from './estimate.ts';
import { knowsDsps } from './lower/coarse.ts';
import { networkOf } from './lower/collective.ts';
import type { Lowered } from './lower/lower.ts';
import { builtKernels } from './lower/pieces.ts';
import { shareOn, standing, type Unit } from './netlist.ts';
import { busyCycles, memoriesOf } from './time/channels.ts';
import { copiesOf } from './time/copies.ts';
import { deadlockOf } from './time/deadlock.ts';
import type { Schedule } from './time/schedule.ts';
import { bottleneckOf, secondsOf, timingOf } from './time/timing.ts';
import { WaitChains } from './time/wait-chain.ts';
import { Waits } from './time/waits.ts';
import { windowsOf } from './time/windows.ts';

/** A schedule with what it says of the memory channels. */
export interface Timed {
  readonly schedule: Schedule;
  readonly channels: readonly ChannelEstimate[];
  /** Seconds a pass of the process, or the channel, with most to do, stalls left out: the pace of passes that take turns. */
  readonly pace: number;
}

export function estimateOf(
  accelerator: Accelerator,
  lowered: Lowered,
  timed: (accelerator: Accelerator, lowered: Lowered) => Timed,
): AcceleratorEstimate {
  const { whole, netlist, coarse, apart } = lowered;
  const known = timed(accelerator, lowered);
  const { schedule, channels } = known;
  const clock = accelerator.clock.value;
  const hasUram = accelerator.device.dies.some(({ resources }) => resources.uram > 0);
  const copies = copiesOf(accelerator);

  const all = whole.fifos.map((fifo, i): FifoEstimate => {
    const bits = wordBits(fifo.word);
    const depth = Math.max(1, Math.floor(clean(schedule.depths[i] ?? 2)));
    const storage = fifoStorage(depth, fifo.storage, bits, hasUram);
    const resources = total([fifoResources(depth, bits, storage), fifo.crossing ? crossing(bits) : nothing]);
    return { fifo, depth, peak: Math.min(depth, Math.ceil(clean(schedule.run.peaks[i] ?? 0))), storage, resources };
  });
  const unitCost = new Map(
    whole.units.map((unit) => [unit.id, coarse.has(unit.id) ? unit.instance.law.logic : costOf(unit, hasUram)]),
  );
  const byId = new Map(whole.units.map((unit) => [unit.id, unit]));
  const unitsOf = grouped(whole.units, ({ kernel }) => kernel);
  const asideOf = grouped(apart, ({ piece }) => piece.kernel.name);
  // A FIFO is paid for by who takes from it.
  const fifosOf = grouped(all, ({ fifo }) => byId.get(fifo.to.unit)?.kernel);
  const costs = (units: readonly Unit[], fifos: readonly FifoEstimate[], aside: Lowered['apart']): Resources[] => [
    ...units.map(({ id }) => unitCost.get(id)!),
    ...fifos.map(({ resources }) => resources),
    ...sharedUnits(aside),
  ];

  const partsOf = (kernel: string): KernelEstimate['parts'] => [
    ...unitsOf
      .of(kernel)
      .map((unit) => ({ name: unit.id, kind: unit.instance.kernel, resources: unitCost.get(unit.id)! })),
    ...fifosOf
      .of(kernel)
      .map(({ fifo, resources, storage }) => ({ name: fifo.id, kind: `FIFO in ${storage}`, resources })),
    ...asideOf
      .of(kernel)
      .map(({ piece, instance }) => ({ name: piece.id, kind: instance.kernel, resources: instance.law.logic })),
  ];
  const timing = timingOf(accelerator, lowered, known, copies);
  const windows = windowsOf(whole.units, whole.fifos, schedule, clock);
  const partial = new Set([
    ...whole.units.filter(({ id }) => coarse.has(id)).map(({ kernel }) => kernel),
    ...apart.map(({ piece }) => piece.kernel.name),
  ]);
  const uncounted = new Set([
    ...whole.units.filter(({ id, operators }) => coarse.has(id) && !knowsDsps(operators)).map(({ kernel }) => kernel),
    ...apart.filter(({ piece }) => !knowsDsps(piece.operators)).map(({ piece }) => piece.kernel.name),
  ]);
  const waits = new Waits(whole.units, whole.fifos, schedule.graph, schedule.run);
  const alone = builtKernels(accelerator).map((kernel): KernelEstimate => {
    const own = unitsOf.of(kernel.name);
    const units = own.filter(({ role }) => role === 'operator');
    const aside = asideOf.of(kernel.name).map(({ instance }) => instance);
    const formulas = [...units.map(({ instance }) => instance.law.cycles), ...aside.map(({ law }) => law.cycles)];
    const formula = aside.length > 0 ? inTurn(formulas) : (slowest(formulas) ?? noFormula);
    const cycles = clean(formula.value);
    const active = aside.length > 0 ? cycles : Math.max(0, ...units.map(busyCycles));
    const spans = units.flatMap((unit) => windows.of(unit) ?? []);
    const operators = kernel.turns.flat();
    const load = loadOf(own);
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
      resources: total(costs(own, fifosOf.of(kernel.name), asideOf.of(kernel.name))),
      parts: partsOf(kernel.name),
      partial: partial.has(kernel.name),
      uncounted: uncounted.has(kernel.name),
      formula,
      explanations: [
        ...units.flatMap(({ instance }) => instance.law.explanations),
        ...(load ? [load.formula] : []),
        ...portsOf(own),
      ],
      ...(load ? { load } : {}),
      waits: waits.of(kernel.name),
      chain: [],
    };
  });
  const byName = new Map(alone.map((kernel) => [kernel.name, kernel]));
  const chains = new WaitChains(byName, whole.units, whole.fifos);
  const kernels = alone.map((kernel) => ({ ...kernel, chain: chains.of(kernel) }));

  const dies = diesOf(accelerator, lowered, schedule, { partial, uncounted }, (die) => {
    const share = new Map(whole.units.map((unit) => [unit.id, shareOn(die, unit)]));
    return times(
      total([
        ...whole.units.map(({ id }) => part(unitCost.get(id)!, share.get(id)!)),
        ...all.map(({ fifo, resources }) => part(resources, share.get(fifo.to.unit) ?? 0)),
        ...sharedUnits(apart, (kernel) => shareOn(die, standing(kernel))),
      ]),
      copies,
    );
  });
  const deadlock = schedule.deadlocked && deadlockOf(schedule.deadlocked, whole.units, whole.fifos);
  const built = new Set(netlist.fifos.map(({ id }) => id));
  const bottleneck = bottleneckOf(kernels, channels, timing);
  const crossings = crossingsOf(accelerator, whole.fifos, copies);
  const engines = enginesOf(accelerator);
  const power = powerOf(accelerator, { kernels, timing }, whole.units, copies);
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
    crossings,
    comparisons: [],
    closure: closureOf(accelerator, dies, crossings),
    ...(power ? { power: withEnergy(power, { accelerator, timing }) } : {}),
    ...(engines ? { engines } : {}),
    ...(bottleneck ? { bottleneck } : {}),
    ...(deadlock ? { deadlock } : {}),
    ...(schedule.run.status === 'too-long' ? { cutOff: true } : {}),
    caveats: caveatsOf(accelerator, lowered, schedule, copies),
  };
}

function part(resources: Resources, share: number): Resources {
  return share === 1 ? resources : share > 0 ? times(resources, share) : nothing;
}

/** Operators in turn share one unit: it is as large as the largest of them needs. */
function sharedUnits(apart: Lowered['apart'], shareOf: (kernel: Kernel) => number = () => 1): Resources[] {
  const units = new Map<string, Resources>();
  const kernels = new Map(apart.map(({ piece: { kernel } }) => [kernel.name, kernel]));
  for (const { piece, instance } of apart) {
    const { logic } = instance.law;
    const known = units.get(piece.kernel.name);
    units.set(piece.kernel.name, known ? larger(known, logic) : logic);
  }
  return [...units].map(([name, resources]) => part(resources, shareOf(kernels.get(name)!)));
}

/** How long weights that are kept on the chip take to come there: of several loaders side by side the slowest. */
function loadOf(units: readonly Unit[]): KernelEstimate['load'] {
  const formula = slowest(units.flatMap(({ instance }) => instance.law.load ?? []));
  return formula && { cycles: clean(formula.value), ahead: units.some(({ ahead }) => ahead), formula };
}

/** What the ports of a kernel's weights and cache give: each kind of them once. */
function portsOf(units: readonly Unit[]): Formula[] {
  const formulas = new Map<string, Formula>();
  for (const unit of units) {
    if (unit.role !== 'weights' && unit.role !== 'cache') continue;
    for (const { bits } of unit.instance.memories) {
      const formula = portFormula({ ...unit, bits });
      formulas.set(formula.numeric, formula);
    }
  }
  return [...formulas.values()];
}

/** Logic of the law, memories by shape, ports to memory. */
export function costOf(unit: Unit, hasUram: boolean): Resources {
  const { law, memories } = unit.instance;
  return total([
    law.logic,
    ...law.memories.map((shape) => memoryResources(shape, hasUram)),
    ...memories.map(({ bits }) => memoryPort(bits, unit.burst)),
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

function diesOf(
  accelerator: Accelerator,
  { whole, apart }: Lowered,
  schedule: Schedule,
  of: Readonly<Record<'partial' | 'uncounted', ReadonlySet<string>>>,
  cost: (die: string) => Resources,
): DieEstimate[] {
  const { device } = accelerator;
  const network = networkOf(accelerator);
  return device.dies.map((die): DieEstimate => {
    const taken = [device.shell, ...(device.furtherShells ?? [])].find((one) => one?.die === die.name);
    const shell = taken ? shellOf(taken.resources) : nothing;
    const aside = apart.filter(({ piece }) => shareOn(die.name, standing(piece.kernel)) > 0);
    const kernels = new Set([
      ...whole.units.filter((unit) => shareOn(die.name, unit) > 0).map(({ kernel }) => kernel),
      ...aside.map(({ piece }) => piece.kernel.name),
    ]);
    return {
      name: die.name,
      resources: total([cost(die.name), shell, network.dies.includes(die.name) ? network.resources : nothing]),
      available: die.resources,
      get latency() {
        // As in a pass: what is not on the timeline is added to it.
        return clean(schedule.alone(die.name)) + secondsOf(aside);
      },
      kernels: [...kernels],
      shell,
      partial: [...kernels].some((name) => of.partial.has(name)),
      uncounted: [...kernels].some((name) => of.uncounted.has(name)),
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
