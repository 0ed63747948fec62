/**
 * A compiled graph laid out for the run: what an event reads stands side by side in typed arrays. Only what joins two
 * processes is laid out; a channel with one end never holds anybody up.
 */
import type { Compiled, Gate, Slot } from './flow.ts';

export interface Layout {
  readonly jobs: Float64Array;
  readonly pace: Float64Array;
  /** The process that must have ended before, -1 for none. */
  readonly after: Int32Array;
  /** Index of a process’s first corner among all corners, and how many segments lie between its corners. */
  readonly corners: Int32Array;
  readonly segments: Int32Array;

  /** Of each corner: its cycle, the slots that move in the segment behind it, and the gates at it: from one index to the next. */
  readonly cycle: Float64Array;
  readonly slots: Int32Array;
  readonly gates: Int32Array;

  readonly slotChannel: Int32Array;
  readonly slotRate: Float64Array;
  readonly slotWrites: Uint8Array;
  /** Process at the other end. */
  readonly slotOther: Int32Array;

  readonly gateChannel: Int32Array;
  readonly gateWrites: Uint8Array;
  readonly gateWord: Float64Array;
  readonly gatePerJob: Float64Array;
  /** Words a cycle in the segment behind, 0 where no more follow. */
  readonly gateRate: Float64Array;

  readonly writer: Int32Array;
  readonly reader: Int32Array;
  readonly depth: Float64Array;
  readonly credit: Float64Array;
}

export function layOut({ programs, links }: Compiled): Layout {
  const joins = ({ channel }: Slot): boolean => (links[channel]?.writer ?? -1) >= 0 && links[channel]!.reader >= 0;
  const corners = programs.flatMap((program) => program.corners.map((cycle, corner) => ({ program, cycle, corner })));
  const slots = corners.map(({ program, corner }) => program.moving[corner]!.filter(joins));
  const gates = corners.map(({ program, corner }) => program.gates[corner]!.filter(({ slot }) => joins(slot)));
  const allSlots = slots.flat();
  const allGates = gates.flat();
  return {
    jobs: Float64Array.from(programs, ({ jobs }) => jobs),
    pace: Float64Array.from(programs, ({ pace }) => pace),
    after: Int32Array.from(programs, ({ after }) => after),
    corners: starts(programs, ({ corners: own }) => own.length),
    segments: Int32Array.from(programs, ({ corners: own }) => own.length - 1),
    cycle: Float64Array.from(corners, ({ cycle }) => cycle),
    slots: starts(slots, ({ length }) => length),
    gates: starts(gates, ({ length }) => length),
    slotChannel: Int32Array.from(allSlots, ({ channel }) => channel),
    slotRate: Float64Array.from(allSlots, ({ rate }) => rate),
    slotWrites: Uint8Array.from(allSlots, ({ write }) => Number(write)),
    slotOther: Int32Array.from(allSlots, ({ channel, write }) => links[channel]![write ? 'reader' : 'writer']),
    gateChannel: Int32Array.from(allGates, ({ slot }) => slot.channel),
    gateWrites: Uint8Array.from(allGates, ({ slot }) => Number(slot.write)),
    gateWord: Float64Array.from(allGates, ({ word }) => word),
    gatePerJob: Float64Array.from(allGates, ({ slot }) => slot.perJob),
    gateRate: Float64Array.from(allGates, (gate: Gate) => (gate.opens ? gate.slot.rate : 0)),
    writer: Int32Array.from(links, ({ writer }) => writer),
    reader: Int32Array.from(links, ({ reader }) => reader),
    depth: Float64Array.from(links, ({ depth }) => depth),
    credit: Float64Array.from(links, ({ credit }) => credit),
  };
}

/** Where each one’s part begins in an array of all, and where the last one’s ends. */
function starts<Part>(parts: readonly Part[], size: (part: Part) => number): Int32Array {
  const begin = new Int32Array(parts.length + 1);
  parts.forEach((part, i) => {
    begin[i + 1] = begin[i]! + size(part);
  });
  return begin;
}
