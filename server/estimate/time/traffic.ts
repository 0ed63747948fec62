/** What a kernel moves through memory, as a search asks it: without a timeline, its windows are those of the bound. */
import type { Accelerator } from '../../design/design.ts';
import { clean } from '../amounts.ts';
import type { Lowered } from '../lower/lower.ts';
import { channelsAtOnce, isReadAhead, type Unit, type UnitRole } from '../netlist.ts';
import type { Readers, TimedUnit } from './bound.ts';
import { activeCycles, channelName, portRateBelow } from './channels.ts';
import { readersIn } from './readers.ts';
import type { Graph } from './timeline.ts';

export interface Traffic {
  readonly channel: string;
  readonly limit: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Read ahead, once a pass: it has as long as its kernel is at work. */
  readonly whole: boolean;
  /** The next layer's: it has all of the pass. */
  readonly pass: boolean;
  /** A store or a load of rows: wanted while it moves itself, not while its kernel works. */
  readonly unit?: number;
  /** Who takes in what a loader reads: it is wanted while they work. */
  readonly readers?: readonly Readers[];
  readonly role: UnitRole;
}

/** Who takes in what a loader sends, as the bound times it. */
export function timedReaders(
  { units, fifos }: Lowered['whole'],
  graph: Graph,
  timed: readonly TimedUnit[],
): (unit: Unit) => readonly Readers[] | undefined {
  const index = new Map(units.map(({ id }, u) => [id, u]));
  const readersOf = readersIn(units, fifos, graph);
  return ({ id }) => {
    const found = readersOf(index.get(id)!).flatMap((p): Readers[] => {
      const unit = timed[graph.processes[p]!.unit]!;
      // The bound leaves out processes without jobs.
      const place = unit.processes.findIndex((process) => process.index === p);
      return place < 0 ? [] : [{ unit, processes: [place] }];
    });
    return found.length > 0 ? found : undefined;
  };
}

export function trafficOf(
  kernel: string,
  { whole }: Lowered,
  { device }: Accelerator,
  readersOf: (unit: Unit) => readonly Readers[] | undefined,
): Traffic[] {
  const own = whole.units.filter((unit) => unit.kernel === kernel);
  const operators = own.filter(({ role }) => role === 'operator');
  const active = Math.max(0, ...operators.map((unit) => activeCycles(unit) / unit.clock));
  return own.flatMap((unit, index) =>
    unit.instance.law.traffic.flatMap(({ port, bytes, cycles }) => {
      const refs = unit.channels[port] ?? [];
      const rows = unit.role === 'load' || unit.role === 'store';
      const readers = unit.role === 'weights' || unit.role === 'cache' ? readersOf(unit) : undefined;
      const moved = bytes / channelsAtOnce(unit, port);
      return refs.map((ref) => {
        const limit = clean(device.memories.find(({ name }) => name === ref.memory)?.bandwidth ?? 0);
        const alone = Math.max(clean(cycles / unit.clock), clean(moved / portRateBelow(unit, port, limit)));
        return {
          channel: channelName(ref),
          limit,
          bytes: moved,
          seconds: rows ? Math.max(alone, active) : alone,
          whole: isReadAhead(unit),
          pass: unit.ahead === true,
          ...(rows ? { unit: index } : {}),
          ...(readers ? { readers } : {}),
          role: unit.role,
        };
      });
    }),
  );
}
