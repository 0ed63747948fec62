/** Where a kernel could keep its weights, its K or its V: how many memory channels, or which memory on the chip. */
import { NEARLY_ENOUGH } from '../design/defaults/balance.ts';
import { bitsACycle, channelsFor } from '../design/defaults/channels.ts';
import { weightPorts } from '../design/defaults/ports.ts';
import type { Kept } from '../design/defaults/stored.ts';
import type { Accelerator, Setting, StorageKind, Store } from '../design/design.ts';

/** So many memory channels, one port each; or a memory on the chip. */
export type Place = number | OnChip;
export type OnChip = Exclude<StorageKind, 'srl'>;

type Channels = Extract<Store, { kind: 'channels' }>;

/** The channels of a setting that nobody has written. */
export function openChannels(setting: Setting<Store> | undefined): Channels | undefined {
  return setting?.origin === 'auto' && setting.value.kind === 'channels' ? setting.value : undefined;
}

/** Bits of a block of each memory (UG573), of a LUT as memory (UG574). */
const blockBits = { uram: 288 * 1024, bram: 36 * 1024, lutram: 64 } as const;
/** Share of a die's LUTs beyond which they are no place to keep things: they are what everything else is made of. */
const LUTS_TO_KEEP = 0.002;

/** Memories of a die that could hold so many bytes, if nothing else were there. */
export function memoriesFor(bytes: number, { device: { dies } }: Accelerator): OnChip[] {
  const room: Readonly<Record<OnChip, number>> = {
    uram: Math.max(0, ...dies.map(({ resources }) => resources.uram)),
    bram: Math.max(0, ...dies.map(({ resources }) => resources.bram36)),
    lutram: LUTS_TO_KEEP * Math.max(0, ...dies.map(({ resources }) => resources.lut)),
  };
  return (['uram', 'bram', 'lutram'] as const).filter((one) => 8 * bytes <= room[one] * blockBits[one]);
}

/** Memories on the chip instead of the one in which K or V is by default. */
export function otherMemories(cache: Setting<Store> | undefined, bytes: number, accelerator: Accelerator): OnChip[] {
  if (cache?.origin !== 'auto' || cache.value.kind !== 'on-chip') return [];
  const { storage } = cache.value;
  return memoriesFor(bytes, accelerator).filter((one) => one !== storage);
}

interface Wanting {
  /** Columns of a tile, and bytes that the array takes a cycle. */
  readonly columns: number;
  readonly bytes: number;
  /** Bytes of all layers. */
  readonly all: number;
  readonly spans: boolean;
  /** A narrower array is an option too: one that would mostly wait is none. */
  readonly narrower: boolean;
}

/**
 * Channels of ports that keep an array busy, and no fewer than hold what is kept; undefined where nothing is open. Each port has an
 * equal share of the columns of a tile, and where `spans` its share may take neighbouring channels. Also fewer where the array would wait little: a beat of 512 bits a cycle is often a little more than a
 * channel gives.
 */
export function portsOf(
  open: Channels | undefined,
  { columns, bytes, all, spans, narrower }: Wanting,
  clock: number,
  { device }: Accelerator,
): (number | undefined)[] {
  const memory = open && device.memories.find(({ name }) => name === open.memory);
  if (!memory) return [undefined];
  const need = channelsFor(all, memory);
  const each = bitsACycle(memory, clock) / 8;
  const able = Array.from({ length: memory.channels.last - memory.channels.first + 1 }, (_, index) => index + 1)
    .filter((channels) => channels >= need)
    .map((channels) => ({ channels, ...(spans ? weightPorts(columns, channels, need) : { ports: channels, span: 1 }) }))
    .filter(({ channels, ports, span }) => ports * span === channels && columns % ports === 0)
    .sort((a, b) => a.ports - b.ports);
  const enough = able.find(({ ports }) => ports * each >= bytes) ?? able.at(-1);
  if (!enough || (narrower && enough.ports * each < NEARLY_ENOUGH * bytes)) return [];
  const fewer = able.filter(({ ports }) => ports * each >= NEARLY_ENOUGH * bytes && ports < enough.ports).slice(-1);
  return [...fewer, enough].map(({ channels }) => channels);
}

/** What the size of what is kept for every pass through the layer depends on. */
export function ofAllLayers({ precision, phase, model }: Accelerator): Kept {
  return { precision, phase, repeat: model.layer.repeat };
}
