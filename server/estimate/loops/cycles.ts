/** Cycles of loops that are modules of their own, as an HLS tool reports them. */

/**
 * A pipelined loop in a module of its own: (trip − 1)·II + depth + 1. The depth counts the cycles of an iteration, first and
 * last included; the one more is the module's start. Exact in all single-loop modules of the public reports.
 */
export function pipelinedCycles(trip: number, interval: number, depth: number): number {
  return trip > 0 ? (trip - 1) * interval + depth + 1 : 1;
}

/** The state machine around such a module waits a cycle for its start and one for its end. */
export const callCycles = 2;

/** A loop that is not pipelined: its iterations one after another, and a cycle for the module around it. */
export function sequentialCycles(trip: number, iteration: number): number {
  return trip * iteration + 1;
}
