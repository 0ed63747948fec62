/** From an accelerator to the tuner's program: the cost laws of every option of every kernel, as numbers. */
import { portLimit } from '../design/channels.ts';
import type { Accelerator, Kernel } from '../design/design.ts';
import type { ResourceName } from '../design/hardware.ts';
import { builtKernels } from '../estimate/lower/pieces.ts';
import type { InstanceOf } from '../estimate/netlist.ts';
import { copiesOf } from '../estimate/time/copies.ts';
import { EVENTS } from '../estimate/time/marks.ts';
import { Measure, RESOURCES } from './measure.ts';
import type { Measured, Measures } from './measures.ts';
import { channelsTaken, type KernelOption, optionsOf } from './options.ts';
import type { Arc, Option, Program } from './program.ts';

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

/** The kernels of an accelerator with all that they may be, and what measures them. */
function openOf(accelerator: Accelerator, tokens: number, { instanceOf, measures }: Known) {
  const kernels = builtKernels(accelerator);
  const options = kernels.map((kernel) => optionsOf(kernel, tokens, accelerator));
  const measure = new Measure(accelerator, instanceOf, measures);
  lookAt(measure, kernels, options);
  return { kernels, options, measure };
}

/** What is to be measured of kernels that stand alone, each once: a key, and what measures it. */
export function measuresOf(accelerator: Accelerator, tokens: number, known: Known): Map<string, () => void> {
  const { kernels, options, measure } = openOf(accelerator, tokens, known);
  const all = kernels.flatMap((kernel, k) =>
    measure.standsAlone(kernel)
      ? options[k]!.map((option): [string, () => void] => [
          `${measure.likeness(kernel)} ${JSON.stringify(option)}`,
          () => measure.alone(kernel, option),
        ])
      : [],
  );
  return new Map(all);
}

export function spaceOf(accelerator: Accelerator, tokens: number, known: Known): Space {
  const { kernels, options, measure } = openOf(accelerator, tokens, known);
  const copies = copiesOf(accelerator);
  const dieLimits = accelerator.device.dies.map(({ name }) => RESOURCES.map((one) => limitOf(accelerator, one, name)));
  const measured = measuredOf(measure, kernels, options);
  // A kernel stands on one die: what fits none is no option, and neither is what the library does not build.
  const isOption = ({ use, refused }: Measured): boolean =>
    !refused && dieLimits.some((die) => die.every((there, r) => use[r]! <= there));
  const taken = (k: number, o: number): number[] =>
    measure.memories.map((memory) => channelsTaken(kernels[k]!, options[k]![o]!, memory, accelerator));
  const variables = kernels.map(({ name }, k) => ({
    name,
    options: measured[k]!.flatMap((one, o): Option[] =>
      isOption(one)
        ? [{ label: String(o), cycles: [...one.delays.flat(), one.fills], use: [...one.use, ...taken(k, o)] }]
        : [],
    ),
  }));
  return {
    tokens,
    kernels: kernels.map(({ name }, k) => ({ name, options: options[k]! })),
    order: measure.order,
    dieLimits,
    program: {
      variables,
      ...timesOf(
        measured.map((all) => all.filter(isOption)),
        measure.results,
        copies - 1,
      ),
      resources: [
        ...RESOURCES.map((name, r) => ({ name, limit: dieLimits.reduce((sum, die) => sum + die[r]!, 0) })),
        ...measure.memories.map((memory, m) => ({
          name: `${memory.name} ports`,
          limit: Math.max(0, Math.floor((portLimit(memory) ?? 0) / copies) - measure.rowPorts[m]!),
        })),
        ...measure.memories.map(({ name, channels: { first, last } }) => ({
          name: `${name} channels`,
          limit: Math.floor((last - first + 1) / copies),
        })),
      ],
    },
  };
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
 */
function timesOf(
  kernels: readonly (readonly Measured[])[],
  results: readonly string[],
  copies: number,
): Pick<Program, 'times' | 'arcs' | 'behind'> {
  const slots = kernels.map((options) => slotsOf(options));
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
    const slot = (options[0]?.delays.length ?? 0) * (options[0]?.delays[0]?.length ?? 0);
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
