/**
 * A design lowered to what is built: units of the kernel library joined by FIFOs, tied to memory channels and placed on dies.
 * The estimator prices it, the exporter prints it; so what is priced is what is exported.
 */
import type { Edge, Kernel, StorageKind } from '../design/design.ts';
import type { Operator } from '../design/workload.ts';
import type { Instance, KernelModule, Target, Word } from '../kernels/kernel.ts';

/**
 * `load`/`store` move rows, `weights` and `parameters` trained values, `turns` the angles of rotated positions, `cache` K and
 * V of earlier passes, `fork` and `convert` adapt streams, `join` those of several memory ports; through a `link` several
 * cards bring a tensor together: it is timed, and not built.
 */
export type UnitRole =
  | 'operator'
  | 'load'
  | 'store'
  | 'weights'
  | 'parameters'
  | 'turns'
  | 'cache'
  | 'fork'
  | 'join'
  | 'convert'
  | 'link';

/** What lies behind the port of a loader or a store of rows. */
export function rowsOf(tensor: string): string {
  return `rows of ${tensor}`;
}

/** What is read once a pass, ahead of its use: small values, and the weights of the next layer. */
export function isReadAhead({ role, ahead }: Unit): boolean {
  return role === 'parameters' || role === 'turns' || ahead === true;
}

/** Where the units of a kernel stand. */
export function standing({ dies, twins }: Kernel): Pick<Unit, 'die' | 'spread' | 'twins'> {
  const [die = ''] = dies.value;
  return { die, ...(dies.value.length > 1 ? { spread: dies.value } : {}), ...(twins ? { twins } : {}) };
}

/** Share of a unit that a die pays for. */
export function shareOn(die: string, unit: Pick<Unit, 'die' | 'spread' | 'twins'>): number {
  const { spread = [unit.die], twins = [] } = unit;
  return spread.includes(die) || twins.includes(die) ? 1 / spread.length : 0;
}

/** What fills a stream from memory. */
export function isLoader(unit: Unit): boolean {
  return unit.role === 'load' || unit.role === 'weights' || unit.role === 'cache' || isReadAhead(unit);
}

export interface Unit {
  /** Unique and stable: the kernel's name, with what it is where there are several: 'q', 'q_weights', 'act_to_down'. */
  readonly id: string;
  readonly role: UnitRole;
  /** The spec's kernel whose line shows this unit's cost. */
  readonly kernel: string;
  /** Operators it computes, in order of fusion; empty for movement. */
  readonly operators: readonly Operator[];
  /** Of an array that takes turns: the operators of each; its ports are named after the first of them ('in_q', 'out_q'). */
  readonly turns?: readonly (readonly Operator[])[];
  readonly die: string;
  /** Of a kernel that is laid over several dies: all of them, `die` first; each has an equal share. */
  readonly spread?: readonly string[];
  /** Dies of other cards that have the same unit. */
  readonly twins?: readonly string[];
  /** Hz */
  readonly clock: number;
  readonly instance: Instance;
  /** Memory port of the instance → channels it is tied to. */
  readonly channels: Readonly<Record<string, readonly ChannelRef[]>>;
  /** A loader that reads the next layer's weights while this one's are used: all of the pass is time enough. */
  readonly ahead?: boolean;
  /** Beats of a burst of its memory ports, where the spec says how many. */
  readonly burst?: number;
}

export interface ChannelRef {
  readonly memory: string;
  readonly channel: number;
}

/**
 * Channels of a port that are at work at the same time: what a unit keeps spans them, one behind the other; only a coarsely
 * priced one reads all of them side by side.
 */
export function channelsAtOnce({ role, channels }: Unit, port: string): number {
  const count = channels[port]?.length ?? 0;
  return role === 'operator' ? count : Math.min(1, count);
}

export interface FifoEnd {
  readonly unit: string;
  readonly port: string;
}

export interface Fifo {
  readonly id: string;
  readonly from: FifoEnd;
  readonly to: FifoEnd;
  readonly word: Word;
  /** Words a pass. */
  readonly words: number;
  /** What the spec says; 'auto' is settled by the timeline. */
  readonly asked: number | 'auto';
  readonly storage: StorageKind | 'auto';
  /** Dies on both sides where it crosses. */
  readonly crossing?: readonly [string, string];
  /** The edge of the design that it carries (several FIFOs where units stand between). */
  readonly edge?: Edge;
}

export interface Netlist {
  /** In dataflow order. */
  readonly units: readonly Unit[];
  readonly fifos: readonly Fifo[];
  /** What could not be lowered: the operator has no kernel in the library for these parameters. */
  readonly refused: readonly { readonly kernel: string; readonly reason: string }[];
}

/** How instances are made: the estimator remembers them by their parameters. */
export type InstanceOf = <Parameters>(
  module: KernelModule<Parameters>,
  parameters: Parameters,
  target: Target,
) => Instance;
