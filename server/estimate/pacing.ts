/** How fast a process may go that moves words through a memory port: its channels give what their sheet says, and no more. */
import type { Accelerator } from '../design/design.ts';
import type { Pacing } from './timeline.ts';

/** Every port as if it were alone on its channels. */
export function aloneAt({ device }: Pick<Accelerator, 'device'>): Pacing {
  const limits = new Map(device.memories.map(({ name, bandwidth }) => [name, bandwidth]));
  return {
    paceOf: (unit, port, rate) => {
      const refs = unit.channels[port] ?? [];
      const limit = refs.reduce((sum, { memory }) => sum + (limits.get(memory) ?? Number.POSITIVE_INFINITY), 0);
      return refs.length > 0 && rate > limit ? limit / rate : 1;
    },
  };
}
