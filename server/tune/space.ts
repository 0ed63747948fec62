/** From an accelerator to the tuner's program: the cost laws of every option of every kernel, as numbers. */
import { greatest, sum } from '../design/defaults/balance.ts';
import { portLimit } from '../design/defaults/channels.ts';
import type { Accelerator, Kernel } from '../design/design.ts';
import type { ResourceName } from '../design/hardware.ts';
import { builtKernels } from '../estimate/lower/pieces.ts';
import type { InstanceOf } from '../estimate/netlist.ts';
import { copiesOf } from '../estimate/time/copies.ts';
import { EVENTS } from '../estimate/time/marks.ts';
import { Measure, RESOURCES } from './measure.ts';
import type { Measured, Measures } from './measures.ts';
import { channelsTaken, type KernelOption, optionsOf } from './options.ts';
import type { Arc, Option, Pass, Program } from './program.ts';
import type { Work } from './variants.ts';

export interface Space {
  /** Rows side by side in every word. */
  readonly tokens: number;
  readonly program: Program;
  /** Kernel of each variable; its options' labels are their numbers here. */
  readonly kernels: readonly { readonly name: string; readonly options: readonly KernelOption[] }[];
  /** Names of the kernels in dataflow order. */
  readonly order: readonly string[];
  /** What each die has for kernels, of the program's resources. */
  readonly dieLimits: readonly (readonly number[])[];
}

/** What is remembered from space to space. */
export interface Known {
  readonly instanceOf: InstanceOf;
  readonly measures: Measures;
}

/** Shares beyond which closure is unlikely: the guidelines of Vivado's report_failfast (UG906). */
const closureShare: Readonly<Record<ResourceName, number>> = { dsp: 0.8, lut: 0.7, ff: 0.5, bram36: 0.8, uram: 0.8 };

/** The kernels of an accelerator as they work in one kind of its passes. */
interface Open {
  readonly count: number;
  readonly kernels: readonly Kernel[];
  readonly measure: Measure;
}

/** All that the kernels may be, and what measures them in each kind of passes. */
function openOf(work: readonly Work[], tokens: number, { instanceOf, measures }: Known) {
  const [first] = work;
  if (!first) throw new Error('an accelerator has passes');
  const kernels = builtKernels(first.card);
  const options = kernels.map((kernel) => optionsOf(kernel, tokens, first.card));
  const open = work.map(({ card, count }): Open => {
    const byName = new Map(builtKernels(card).map((kernel) => [kernel.name, kernel]));
    const here = kernels.map((kernel) => byName.get(kernel.name) ?? kernel);
    const measure = new Measure(card, instanceOf, measures);
    lookAt(measure, here, options);
    return { count, kernels: here, measure };
  });
  return { accelerator: first.card, kernels, options, open };
}

/** What is to be measured of kernels that stand alone, each once: a key, and what measures it. */
export function measuresOf(work: readonly Work[], tokens: number, known: Known): Map<string, () => void> {
  const { options, open } = openOf(work, tokens, known);
  const all = open.flatMap(({ kernels, measure }) =>
    kernels.flatMap((kernel, k) =>
      measure.standsAlone(kernel)
        ? options[k]!.map((option): [string, () => void] => [
            `${measure.likeness(kernel)} ${JSON.stringify(option)}`,
            () => measure.alone(kernel, option),
          ])
        : [],
    ),
  );
  return new Map(all);
}

/** @param work its kinds of passes, the first of them that of the accelerator itself: all on the same hardware */
export function spaceOf(work: readonly Work[], tokens: number, known: Known): Space {
  const { accelerator, kernels, options, open } = openOf(work, tokens, known);
  const measure = open[0]!.measure;
  const copies = copiesOf(accelerator);
  const dieLimits = accelerator.device.dies.map(({ name }) => RESOURCES.map((one) => limitOf(accelerator, one, name)));
  const measured = open.map((one) => measuredOf(one.measure, one.kernels, options));
  const everyPass = (k: number, o: number): Measured[] => measured.map((all) => all[k]![o]!);
  // What fits no die is no option, and neither is what the library does not build. The one array of a layer may stand on all of them.
  const isOption = ({ use, refused }: Measured, { turns }: Kernel): boolean =>
    !refused && (fitsOnOne(use, dieLimits) || (turns.length > 1 && fitsOnAll(use, dieLimits)));
  const isWhole = (k: number, o: number): boolean => everyPass(k, o).every((one) => isOption(one, kernels[k]!));
  const taken = (k: number, o: number): number[] =>
    measure.memories.map((memory) => channelsTaken(kernels[k]!, options[k]![o]!, memory, accelerator));
  const variables = kernels.map(({ name }, k) => ({
    name,
    options: options[k]!.flatMap((_, o): Option[] => {
      if (!isWhole(k, o)) return [];
      const passes = everyPass(k, o);
      const use = passes[0]!.use.map((_used, r) => greatest(passes.map((one) => one.use[r]!)));
      const cycles = passes.flatMap(({ delays, fills }) => [...delays.flat(), fills]);
      return [{ label: String(o), cycles, use: [...use, ...taken(k, o)] }];
    }),
  }));
  return {
    tokens,
    kernels: kernels.map(({ name }, k) => ({ name, options: options[k]! })),
    order: measure.order,
    dieLimits,
    program: {
      variables,
      passes: open.map(({ count, measure: { results } }, pass) => {
        const here = measured[pass]!.map((all, k) => all.filter((_, o) => isWhole(k, o)));
        const before = here.map((_, k) => sum(measured.slice(0, pass).map((all) => slotCount(all[k]![0]))));
        return { count, ...timesOf(here, results, copies - 1, before) };
      }),
      resources: [
        ...RESOURCES.map((name, r) => ({ name, limit: dieLimits.reduce((sum, die) => sum + die[r]!, 0) })),
        ...measure.memories.map((memory, m) => ({
          name: `${memory.name} ports`,
          limit: Math.max(
            0,
            Math.floor((portLimit(memory) ?? 0) / copies) - greatest(open.map((one) => one.measure.rowPorts[m]!)),
          ),
        })),
        ...measure.memories.map(({ name, channels: { first, last } }) => ({
          name: `${name} channels`,
          limit: Math.floor((last - first + 1) / copies),
        })),
      ],
    },
  };
}

/** Whether some die has room for a kernel; `use` may name more than the resources of a die. */
export function fitsOnOne(use: readonly number[], dieLimits: Space['dieLimits']): boolean {
  return dieLimits.some((die) => die.every((there, r) => use[r]! <= there));
}

/** Whether each die has room for an equal share of it. */
function fitsOnAll(use: readonly number[], dieLimits: Space['dieLimits']): boolean {
  return dieLimits.every((die) => die.every((there, r) => use[r]! / dieLimits.length <= there));
}

/** Every option of each kernel: those that can be measured alone one by one, of the others one of each at once. */
function measuredOf(
  measure: Measure,
  kernels: readonly Kernel[],
  options: readonly (readonly KernelOption[])[],
): Measured[][] {
  const measured = options.map((all, k): Measured[] => {
    const kernel = kernels[k]!;
    return measure.standsAlone(kernel) ? all.map((option) => measure.alone(kernel, option)) : [];
  });
  const among = measured.map((all, k) => (all.length > 0 ? 0 : options[k]!.length));
  // At least once: what all kernels have in common is seen there.
  const rounds = Math.max(1, ...among);
  for (let round = 0; round < rounds; round++) {
    const choices = kernels.map((kernel, k) => [kernel, options[k]![round % options[k]!.length]!] as const);
    const all = measure.of(choices, (k) => round < among[k]!);
    all.forEach((one, k) => {
      if (one) measured[k]!.push(one);
    });
  }
  return measured;
}

/** Shows the measure one option of each kernel that the library builds, as far as there is one. */
function lookAt(measure: Measure, kernels: readonly Kernel[], options: readonly (readonly KernelOption[])[]): void {
  const at = options.map(() => 0);
  for (let more = true; more; ) {
    const refused = measure.look(kernels.map((kernel, k) => [kernel, options[k]![at[k]!]!]));
    more = false;
    kernels.forEach(({ name }, k) => {
      if (!refused.has(name) || at[k]! + 1 >= options[k]!.length) return;
      at[k]!++;
      more = true;
    });
  }
}

/**
 * The times of the program, and the orders among them: the events of every stream, the end of every kernel. An order must hold
 * whatever is chosen.
 *
 * @param kernels what all options of each of them add
 * @param results the streams that the layer gives
 * @param copies of the layer that stand behind it
 * @param before cycles of an option that are of other kinds of passes, and come before those of this one
 */
function timesOf(
  kernels: readonly (readonly Measured[])[],
  results: readonly string[],
  copies: number,
  before: readonly number[],
): Pick<Pass, 'times' | 'arcs' | 'behind'> {
  const slots = kernels.map((options, k) => slotsOf(options).map((one) => ({ ...one, slot: before[k]! + one.slot })));
  const times = new Map<string, number>();
  kernels.forEach(([one], k) => {
    one?.outputs.forEach((stream, o) => {
      for (let event = 0; event < EVENTS; event++)
        if (slots[k]!.some(({ row }) => row === EVENTS * o + event)) times.set(`${stream} ${event}`, times.size);
    });
    times.set(`end of ${k}`, times.size);
  });
  const eventsOf = (streams: readonly string[]): (number | undefined)[] =>
    streams.flatMap((stream) => Array.from({ length: EVENTS }, (_, event) => times.get(`${stream} ${event}`)));
  const arcs = kernels.flatMap(([one], variable): Arc[] => {
    const earlier = [undefined, ...eventsOf(one?.inputs ?? [])];
    const later = [...eventsOf(one?.outputs ?? []), times.get(`end of ${variable}`)];
    return slots[variable]!.flatMap(({ row, column, slot }): Arc[] => {
      const from = earlier[column];
      // A stream that no kernel gives is there from the start.
      if (from === undefined && column > 0) return [];
      return [
        {
          later: later[row]!,
          ...(from === undefined ? {} : { earlier: from }),
          delays: [{ variable, slot, sign: 1 }],
        },
      ];
    });
  });
  // Weights that are kept on the chip come one after the other: they lie behind one port.
  const filling = kernels.flatMap((options, variable) => {
    const slot = before[variable]! + slotCount(options[0]) - 1;
    return options.some(({ fills }) => fills > 0) ? [{ variable, slot, sign: 1 as const }] : [];
  });
  if (filling.length > 0) {
    arcs.push({ later: times.size, delays: filling });
    times.set('fills', times.size);
  }
  // A copy begins with the first row of the one before it: of several streams it is not known which gives it.
  const first = results.length === 1 ? times.get(`${results[0]} 0`) : undefined;
  return { times: times.size, arcs, ...(first !== undefined && copies > 0 ? { behind: { time: first, copies } } : {}) };
}

/** Cycles of an option in one kind of passes: each of its delays, and what fills memories. */
function slotCount(measured: Measured | undefined): number {
  return measured ? measured.delays.length * (measured.delays[0]?.length ?? 0) + 1 : 0;
}

/** Where what a kernel adds stands among the cycles of an option. */
function slotsOf(options: readonly Measured[]): { row: number; column: number; slot: number }[] {
  const width = options[0]?.delays[0]?.length ?? 0;
  return (options[0]?.delays ?? []).flatMap((delays, row) =>
    delays.flatMap((_, column) =>
      options.every((one) => one.delays[row]![column] !== Number.NEGATIVE_INFINITY)
        ? [{ row, column, slot: row * width + column }]
        : [],
    ),
  );
}

/** What the kernels of a copy of the layer may take of a die: the share that closes, less the shell and what is reserved. */
function limitOf({ device, reserves, copies }: Accelerator, name: ResourceName, die: string): number {
  const there = device.dies.find((one) => one.name === die)?.resources[name] ?? 0;
  const reserved = reservedShare(reserves, name, die);
  const shell = device.shell?.die === die ? device.shell.resources[name] : 0;
  return Math.max(0, there * Math.min(closureShare[name], 1 - reserved) - shell) / Math.max(1, copies.value);
}

/** Share of a resource of a die that the spec keeps free. */
export function reservedShare(reserves: Accelerator['reserves'], name: ResourceName, die: string): number {
  return reserves
    .filter((reserve) => reserve.resource === name && (reserve.die === undefined || reserve.die === die))
    .reduce((most, { share }) => Math.max(most, share), 0);
}
