/** Who takes in what a loader sends: processes of a graph, past what only joins the shares of several ports. */
import { wordBits } from '../../kernels/word.ts';
import type { Fifo, Unit } from '../netlist.ts';
import type { Graph } from './timeline.ts';

/**
 * Indices of the processes that read the stream in which a unit sends most: the scales of weights go to an epilogue that is
 * still at work when the array has gone on to its next turn. The unit by its index.
 */
export function readersIn(
  units: readonly Unit[],
  fifos: readonly Fifo[],
  { processes, fifoOf }: Graph,
): (unit: number) => readonly number[] {
  const sent = units.map(() => new Map<number, { channel: number; bits: number }>());
  const readers = new Map<number, number[]>();
  processes.forEach(({ unit, transfers }, p) => {
    for (const { channel, direction } of transfers) {
      const fifo = fifos[fifoOf[channel]!];
      if (!fifo) continue;
      if (direction === 'write') sent[unit]!.set(channel, { channel, bits: wordBits(fifo.word) * fifo.words });
      else readers.set(channel, [...(readers.get(channel) ?? []), p]);
    }
  });
  const found = new Map<number, readonly number[]>();
  const readersOf = (unit: number): readonly number[] => {
    const known = found.get(unit);
    if (known) return known;
    // Streams never form a circle of joins; if one did, nobody would read it.
    found.set(unit, []);
    const streams = [...(sent[unit]?.values() ?? [])];
    const most = Math.max(0, ...streams.map(({ bits }) => bits));
    const all = streams.flatMap(({ channel, bits }): readonly number[] => {
      const own = bits < most ? [] : (readers.get(channel) ?? []);
      const next = processes[own[0] ?? -1]?.unit;
      return next !== undefined && units[next]!.role === 'join' ? readersOf(next) : own;
    });
    found.set(unit, all);
    return all;
  };
  return readersOf;
}
