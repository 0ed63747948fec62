/** A selection of the program as the full estimate sees it: on dies, on channels, with FIFOs that are deep enough. */
import { channelsFor as channelsThatHold } from '../design/defaults/channels.ts';
import { weightPorts } from '../design/defaults/ports.ts';
import { weightBytes } from '../design/defaults/stored.ts';
import type { Accelerator, Kernel, Store } from '../design/design.ts';
import type { Memory } from '../design/hardware.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { KernelChange } from '../estimate/evaluate.ts';
import { elementBits } from '../kernels/word.ts';
import { channelsFor, type Wanted } from './channels.ts';
import { deeper } from './deeper.ts';
import { editsOf, type Proposal, type StreamDepth } from './edits.ts';
import { keptIn, RESOURCES } from './measure.ts';
import type { KernelOption } from './options.ts';
import { placementOf } from './placement.ts';
import { ofAllLayers } from './places.ts';
import type { Program, Selection } from './program.ts';
import { fitsOnOne, reservedShare, type Space } from './space.ts';
import type { Variant } from './variants.ts';

/** The estimate of this accelerator as it would be after edits. */
export type Evaluate = (edits: readonly TextEdit[]) => AcceleratorEstimate | undefined;

export interface Confirmed {
  readonly proposal: Proposal;
  readonly edits: readonly TextEdit[];
  readonly estimate: AcceleratorEstimate;
}

/**
 * @param written the accelerator as it stands
 * @param seconds of that which is made short
 * @returns the best that was seen of this selection; undefined where nothing of it can be estimated or ends.
 */
export function confirm(
  written: Accelerator,
  { variant, space }: { readonly variant: Variant; readonly space: Space },
  { program, selection }: { readonly program: Program; readonly selection: Selection },
  evaluate: Evaluate,
  seconds: (estimate: AcceleratorEstimate) => number,
): Confirmed | undefined {
  /** The one that fits, else the faster, else the second. */
  const better = (one: Confirmed, other: Confirmed | undefined): Confirmed => {
    if (!other) return one;
    const [first, second] = [one, other].map(({ estimate }) => everyDieFits(estimate));
    if (first !== second) return first ? one : other;
    return seconds(other.estimate) <= seconds(one.estimate) ? other : one;
  };
  const { accelerator } = variant;
  const options = optionsOf(space, program, selection);
  const proposed = (before: AcceleratorEstimate | undefined, streams: readonly StreamDepth[]): Proposal => {
    const dies = diesOf(accelerator, space, program, selection, before);
    const stores = storesOf(accelerator, options, before);
    const kernels = [...options].map(([name, { array, pack, lanes }]): [string, KernelChange] => {
      const own = dies.get(name);
      return [
        name,
        {
          ...(array ? { array } : {}),
          ...(pack === undefined ? {} : { pack }),
          ...(lanes === undefined ? {} : { lanes }),
          ...stores.get(name),
          ...(own ? { dies: own } : {}),
        },
      ];
    });
    return { kernels: new Map(kernels), streams };
  };
  const tried = (proposal: Proposal): Confirmed | undefined => {
    const edits = [...variant.edits, ...editsOf(written, proposal, variant.heads)];
    const estimate = evaluate(edits);
    return estimate && !estimate.deadlock ? { proposal, edits, estimate } : undefined;
  };
  const first = tried(proposed(undefined, []));
  if (!first) return undefined;
  // Who is at work when, and what converters and FIFOs take, is known now: channels and dies are dealt out anew.
  const shared = first.estimate.channels.some(({ demand, limit }) => limit > 0 && demand > limit);
  const second = shared || !everyDieFits(first.estimate) ? tried(proposed(first.estimate, [])) : undefined;
  const best = better(first, second);
  return better(
    best,
    deeper(best.estimate, (streams) => tried({ ...best.proposal, streams })),
  );
}

function optionsOf(space: Space, { variables }: Program, selection: Selection): Map<string, KernelOption> {
  const all = new Map(space.kernels.map(({ name, options }) => [name, options]));
  return new Map(
    variables.map(({ name, options }, v) => [name, all.get(name)?.[Number(options[selection[v]!]!.label)] ?? {}]),
  );
}

/** The die of each kernel, where no kernel says one; all of them for what none of them has the room for. */
function diesOf(
  { device, kernels }: Accelerator,
  { order, dieLimits }: Space,
  { variables }: Program,
  selection: Selection,
  before: AcceleratorEstimate | undefined,
): Map<string, readonly string[]> {
  if (device.dies.length < 2 || kernels.some(({ dies }) => dies.origin !== 'auto')) return new Map();
  const chosen = new Map(
    variables.map(({ name, options }, v) => [name, options[selection[v]!]!.use.slice(0, RESOURCES.length)]),
  );
  for (const { name, resources } of before?.kernels ?? [])
    if (chosen.has(name))
      chosen.set(
        name,
        RESOURCES.map((one) => resources[one].used),
      );
  const names = device.dies.map(({ name }) => name);
  const ordered = order.filter((name) => chosen.has(name));
  const inTurn = new Set(kernels.flatMap(({ name, turns }) => (turns.length > 1 ? [name] : [])));
  const spread = ordered.filter((name) => inTurn.has(name) && !fitsOnOne(chosen.get(name)!, dieLimits));
  const rooms = dieLimits.map((die) =>
    die.map((room, r) => spread.reduce((left, name) => left - chosen.get(name)![r]! / names.length, room)),
  );
  const whole = ordered.filter((name) => !spread.includes(name));
  const placed = placementOf(
    whole.map((name) => ({ use: chosen.get(name)! })),
    rooms,
  );
  return new Map<string, readonly string[]>([
    ...spread.map((name) => [name, names] as const),
    ...whole.map((name, k) => [name, [names[placed[k]!]!]] as const),
  ]);
}

type Stores = Pick<KernelChange, 'weights' | 'cache'>;

/** Channels of all stores, those that are written where they are; windows are those of an estimate, where there is one. */
function storesOf(
  accelerator: Accelerator,
  options: ReadonlyMap<string, KernelOption>,
  before: AcceleratorEstimate | undefined,
): Map<string, Stores> {
  const stores = new Map<string, Stores>();
  for (const kernel of accelerator.kernels) {
    for (const of of ['weights', 'cache'] as const) {
      const place = options.get(kernel.name)?.[of];
      if (typeof place === 'string')
        stores.set(kernel.name, { ...stores.get(kernel.name), [of]: keptIn(place, kernel[of]?.value) });
    }
  }
  for (const memory of accelerator.device.memories) {
    const open: {
      kernel: string;
      of: 'weights' | 'cache';
      store: Extract<Store, { kind: 'channels' }>;
      wanted: Wanted;
    }[] = [];
    // Rows of the pass come and go through a channel: others are as good for trained values, and free.
    const taken = new Map(rowChannels(accelerator, memory.name).map((channel) => [channel, memory.bandwidth / 2]));
    for (const kernel of accelerator.kernels) {
      for (const of of ['weights', 'cache'] as const) {
        const store = kernel[of]?.value;
        if (store?.kind !== 'channels' || store.memory !== memory.name) continue;
        const option = options.get(kernel.name) ?? {};
        const ports = option[of];
        if (typeof ports === 'string') continue;
        const count = ports ?? store.channels.length;
        const demand = Math.min(rateOf(accelerator, kernel, option, of), count * memory.bandwidth);
        if (ports === undefined) {
          for (const channel of store.channels) taken.set(channel, (taken.get(channel) ?? 0) + demand / count);
          continue;
        }
        const times = before?.kernels.find(({ name }) => name === kernel.name);
        const bytes = (before?.memories ?? []).flatMap(({ contents }) =>
          contents.filter((one) => one.kernel === kernel.name),
        );
        const wanted = {
          channels: ports,
          span: of === 'weights' ? spanOf(accelerator, kernel, option, ports, memory) : 1,
          demand,
          bytes: bytes.reduce((sum, one) => sum + one.bytes, 0),
          start: times?.start ?? 0,
          end: times?.end ?? 1,
        };
        open.push({ kernel: kernel.name, of, store, wanted });
      }
    }
    const channels = channelsFor(
      open.map(({ wanted }) => wanted),
      memory,
      taken,
    );
    open.forEach(({ kernel, of, store }, index) => {
      stores.set(kernel, { ...stores.get(kernel), [of]: { ...store, channels: channels[index]! } });
    });
  }
  return stores;
}

/** Channels of each port of a kernel's weights. */
function spanOf(
  accelerator: Accelerator,
  kernel: Kernel,
  option: KernelOption,
  channels: number,
  memory: Memory,
): number {
  const shape = option.array ?? kernel.array?.value;
  if (!shape) return 1;
  const need = channelsThatHold(weightBytes(kernel, ofAllLayers(accelerator)), memory);
  return weightPorts(shape.outputs * (option.pack ?? kernel.pack.value), channels, need).span;
}

function rowChannels({ edges }: Accelerator, memory: string): number[] {
  const ends = edges.flatMap(({ from, to }) => [from, to]);
  return [...new Set(ends.flatMap((end) => (end.kind === 'memory' && end.memory === memory ? [end.channel] : [])))];
}

/** Bytes a second of an array at work. */
function rateOf({ precision }: Accelerator, kernel: Kernel, option: KernelOption, of: 'weights' | 'cache'): number {
  const shape = option.array ?? kernel.array?.value;
  if (!shape) return 0;
  const bits = elementBits[of === 'weights' ? precision.weights : precision.cache];
  return ((shape.outputs * (option.pack ?? kernel.pack.value) * shape.dot * bits) / 8) * kernel.clock.value;
}

/** Whether each die has what it takes, less what the spec keeps free. */
export function everyDieFits({ dies, accelerator: { reserves } }: AcceleratorEstimate): boolean {
  return dies.every((die) =>
    RESOURCES.every((name) => {
      const there = die.available[name] * (1 - reservedShare(reserves, name, die.name));
      return die.resources[name].used <= there;
    }),
  );
}
