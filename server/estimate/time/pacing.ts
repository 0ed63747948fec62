/**
 * How fast a process may go that moves words through a memory port: its channels give what their sheet says, and the port
 * takes what its bursts bring.
 */
import type { Accelerator } from '../../design/design.ts';
import { portRate } from '../cost/interfaces.ts';
import { channelsAtOnce } from '../netlist.ts';
import type { Pacing } from './timeline.ts';

/** Rates are quotients: what differs by less is the same. */
const same = 1 + 1e-9;

/** Every port as if it were alone on its channels. */
export function aloneAt({ device }: Pick<Accelerator, 'device'>): Pacing {
  const limits = new Map(device.memories.map(({ name, bandwidth }) => [name, bandwidth]));
  return {
    paceOf: (unit, port, rate) => {
      const [first] = unit.channels[port] ?? [];
      if (!first) return 1;
      const bits = unit.instance.memories.find(({ name }) => name === port)?.bits ?? 0;
      // What is priced by arithmetic alone has one port for all of its channels; built, each has one.
      const channel = Math.min(limits.get(first.memory) ?? Number.POSITIVE_INFINITY, portRate({ ...unit, bits }));
      const limit = channel * channelsAtOnce(unit, port);
      return rate > limit * same ? limit / rate : 1;
    },
  };
}
