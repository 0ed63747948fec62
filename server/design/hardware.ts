/** Devices as their sheets say them. Bits, bytes, bytes a second, hertz, watts. */
import type { Span } from '../diagnostic.ts';

export type ResourceName = 'dsp' | 'bram36' | 'uram' | 'lut' | 'ff';

export type ResourceCount = Readonly<Record<ResourceName, number>>;

export interface Die {
  readonly name: string;
  readonly resources: ResourceCount;
  /** The vendor's planning figures, where there are any: closure gets unlikely beyond them. */
  readonly plan?: ResourceCount;
  readonly span?: Span;
}

export interface Memory {
  /** 'hbm', 'ddr' */
  readonly name: string;
  readonly channels: { readonly first: number; readonly last: number };
  /** Bytes a channel. */
  readonly capacity: number;
  /** Bytes a second a channel. */
  readonly bandwidth: number;
  /** Widest port in bits. */
  readonly portBits: number;
  /** Dies that its ports are next to. */
  readonly dies: string[];
  readonly span?: Span;
}

/** A card as its data sheet says. */
export interface Device {
  readonly name: string;
  readonly span: Span;
  /** The whole declaration. */
  readonly sheet: Span;
  readonly doc?: string;
  readonly part: string;
  readonly family: string;
  /** 'DSP48E2', 'DSP58', … decides the packing and the operator cores. */
  readonly dspKind: string;
  /** Clock where the spec gives none, and the ceiling, in Hz. */
  readonly clock: number;
  readonly clockCeiling?: number;
  readonly dies: Die[];
  readonly crossings: { readonly between: readonly [string, string]; readonly wires: number; readonly plan: number }[];
  readonly memories: Memory[];
  readonly links: {
    readonly name: string;
    readonly ports: number;
    readonly bandwidth: number;
    readonly efficiency: number;
    /** Seconds from card to card, where the sheet says so. */
    readonly latency?: number;
    /** Die that its ports are next to. */
    readonly die?: string;
  }[];
  readonly shell?: { readonly die: string; readonly resources: ResourceCount };
  /** Of several cards seen as one machine: those of the others. */
  readonly furtherShells?: readonly { readonly die: string; readonly resources: ResourceCount }[];
  /** Multiply-accumulates a cycle that do not come from DSPs (AI engines, tensor blocks), at `rateClock`. */
  readonly engines?: { readonly count: number; readonly macsPerCycle: number; readonly clock: number };
  readonly idlePower?: number;
  /** Watts that the board may draw. */
  readonly boardPower?: number;
  /** Joules of a busy primitive and cycle, and of a byte to or from memory, where the sheet says so. */
  readonly energy: Readonly<Partial<Record<ResourceName | 'byte', number>>>;
  /** Figures of the sheet whose source is missing or recalled, by key, in words. */
  readonly unverified: string[];
  /** Sources as the sheet cites them. */
  readonly sources: string[];
}
