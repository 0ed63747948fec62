/** The tops of a design: one a die, with the streams inside it and the ports it shows to the outside. */

import { dieOrder, placesOf } from '../estimate/die-order.ts';
import type { AcceleratorEstimate, FifoEstimate } from '../estimate/estimate.ts';
import type { ChannelRef, Unit } from '../estimate/netlist.ts';
import type { MemoryPort } from '../kernels/kernel.ts';
import { identifier, topIdentifier } from './names.ts';

/** A FIFO between two units: a stream inside a top, or AXI stream ports of two tops. */
export interface TopStream {
  readonly name: string;
  readonly estimate: FifoEstimate;
}

/**
 * A FIFO between dies stands behind the port of the die that reads it, as a stream of that top: so it has the depth and the
 * storage that were asked for, and is where it was priced. What the linker puts between the ports is only the way there.
 */
export interface TopPort extends TopStream {
  readonly direction: 'in' | 'out';
  /** Name of the FIFO behind an input port; of an output port: its own. */
  readonly inner: string;
}

/** Words of the linker's own FIFO between two tops: the least that there is (AXI4-Stream Data FIFO, PG085). */
export const linkDepth = 16;

export interface TopMemory {
  /** Argument, bundle and name in the link configuration. */
  readonly name: string;
  readonly unit: Unit;
  readonly port: MemoryPort;
  readonly channels: readonly ChannelRef[];
  /** Name of the buffer that it leads to: its own, or that of the port through which a cache reads what it writes here. */
  readonly buffer: string;
  /** All layers lie behind the port and the argument `layer` chooses; otherwise the host points it at this pass's rows. */
  readonly perLayer: boolean;
}

export interface TopScalar {
  readonly name: string;
  readonly unit: Unit;
  readonly scalar: Unit['instance']['scalars'][number];
}

export interface Top {
  /** Function, file and kernel name for the tools. */
  readonly name: string;
  readonly die: string;
  /** In dataflow order. */
  readonly units: readonly Unit[];
  readonly streams: readonly TopStream[];
  readonly ports: readonly TopPort[];
  readonly memories: readonly TopMemory[];
  readonly scalars: readonly TopScalar[];
}

/** Tops in the order in which data passes them; there must be one (see dieOrder). */
export function topsOf(estimate: AcceleratorEstimate): Top[] {
  const { units } = estimate.netlist;
  const placeOf = placesOf(estimate);
  const modules = new Set(units.map((unit) => identifier(unit.id)));
  return (dieOrder(estimate) ?? []).map((place) => {
    const own = units.filter(({ id }) => placeOf.get(id) === place);
    const { die } = own[0]!;
    const streams: TopStream[] = [];
    const ports: TopPort[] = [];
    for (const fifo of estimate.fifos) {
      const stream = { name: streamName(fifo.fifo.id, modules), estimate: fifo };
      const from = placeOf.get(fifo.fifo.from.unit) === place;
      const to = placeOf.get(fifo.fifo.to.unit) === place;
      if (from && to) streams.push(stream);
      else if (from) ports.push({ ...stream, direction: 'out', inner: stream.name });
      else if (to) ports.push({ ...stream, direction: 'in', inner: `${stream.name}_fifo` });
    }
    return {
      name: topName(estimate, die, own, modules),
      die,
      units: own,
      streams,
      ports,
      memories: own.flatMap(memoriesOf),
      scalars: own.flatMap(scalarsOf),
    };
  });
}

function streamName(id: string, modules: ReadonlySet<string>): string {
  const name = identifier(id);
  return modules.has(name) ? `${name}_stream` : name;
}

/** The region's name where everything on the die is of one region, otherwise the die's. */
function topName(
  estimate: AcceleratorEstimate,
  die: string,
  units: readonly Unit[],
  modules: ReadonlySet<string>,
): string {
  const regionOf = new Map(estimate.accelerator.kernels.map((kernel) => [kernel.name, kernel.region]));
  const regions = new Set(units.map((unit) => regionOf.get(unit.kernel)));
  const [region] = regions;
  const turning = units.find(({ turns }) => turns);
  return topIdentifier(
    turning ? `${turning.id}_array` : regions.size === 1 && region !== undefined ? region : die,
    modules,
  );
}

function memoriesOf(unit: Unit): TopMemory[] {
  const { memories } = unit.instance;
  const nameOf = (port: MemoryPort): string =>
    identifier(memories.length === 1 ? `${unit.id}_mem` : `${unit.id}_${port.name}_mem`);
  return memories.map((port) => ({
    name: nameOf(port),
    unit,
    port,
    channels: unit.channels[port.name] ?? [],
    buffer: nameOf(unit.role === 'cache' ? memories[0]! : port),
    perLayer: isPerLayer(unit),
  }));
}

/** Trained values of all layers lie behind the port. */
export function isTrained({ unit, perLayer }: TopMemory): boolean {
  return perLayer && unit.role !== 'cache';
}

/** Some of its loaders read the weights of the next layer: the argument `next` says which that is. */
export function readsAhead({ units }: Top): boolean {
  return units.some(({ ahead }) => ahead);
}

/** All layers' values lie behind its ports, and the argument `layer` says which are meant. */
export function isPerLayer({ role }: Unit): boolean {
  return role === 'weights' || role === 'parameters' || role === 'cache';
}

function scalarsOf(unit: Unit): TopScalar[] {
  return unit.instance.scalars
    .filter((scalar) => !isLayerOffset(unit, scalar.name))
    .map((scalar) => ({ name: identifier(`${unit.id}_${scalar.name}`), unit, scalar }));
}

/** Trained vectors of all layers lie behind one port: where a layer's begin follows from `layer`, the host does not say. */
export function isLayerOffset(unit: Unit, scalar: string): boolean {
  return unit.role === 'parameters' && scalar === 'offset';
}
