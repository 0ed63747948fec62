/** In which iterations of a pipeline an access happens, without going through all of them. */
import { type Access, type Guard, iterations, type Loop, type Pipeline } from './nest.ts';

/**
 * Goes through the iterations of a flattened nest in which an access happens, in order. A guard pins a loop or narrows its
 * range; the loops that are left run freely, so the next iteration is one step of an odometer.
 */
export class IterationWalk {
  /** Number of the iteration; the trip count of the pipeline when there are no more. */
  iteration: number;
  private readonly counts: number[] = [];
  private readonly strides: number[] = [];
  private readonly digits: number[] = [];
  private readonly end: number;

  constructor(pipeline: Pipeline, guard: Access['guard']) {
    let stride = 1;
    let base = 0;
    this.end = pipeline.trip;
    for (const loop of [...pipeline.loops].reverse()) {
      const { from, count } = rangeOf(loop, guard?.[loop.name]);
      base += from * stride;
      if (count > 1) {
        this.counts.push(count);
        this.strides.push(stride);
        this.digits.push(0);
      }
      stride *= iterations(loop);
    }
    this.iteration = base;
  }

  next(): void {
    const { counts, strides, digits } = this;
    for (let i = 0; i < counts.length; i++) {
      if (digits[i]! + 1 < counts[i]!) {
        digits[i]!++;
        this.iteration += strides[i]!;
        return;
      }
      this.iteration -= digits[i]! * strides[i]!;
      digits[i] = 0;
    }
    this.iteration = this.end;
  }
}

function rangeOf(loop: Loop, guard: Guard | undefined): { from: number; count: number } {
  return range(iterations(loop), guard);
}

function range(trip: number, guard: Guard | undefined): { from: number; count: number } {
  if (guard === 'first') return { from: 0, count: 1 };
  if (guard === 'last') return { from: trip - 1, count: 1 };
  if (guard) return { from: guard.from, count: Math.max(1, Math.min(guard.count, trip - guard.from)) };
  return { from: 0, count: trip };
}

/** How often an access happens in one run of the pipeline. */
export function eventsOf(pipeline: Pipeline, guard: Access['guard']): number {
  return pipeline.loops.reduce((events, loop) => events * rangeOf(loop, guard?.[loop.name]).count, 1);
}

/** Where a loop around a pipeline stands. */
export interface Place {
  readonly index: number;
  readonly trip: number;
}

export type Around = ReadonlyMap<string, Place>;

/** Whether an access happens while the loops around the pipeline stand where they stand. */
export function happens(around: Around, guard: Access['guard']): boolean {
  for (const [name, { index, trip }] of around) {
    const condition = guard?.[name];
    if (condition === undefined) continue;
    const { from, count } = range(trip, condition);
    if (index < from || index >= from + count) return false;
  }
  return true;
}

/** In how many rounds of the loops around the pipeline it happens. */
export function timesAround(around: Around, guard: Access['guard']): number {
  let times = 1;
  for (const [name, { trip }] of around) times *= range(trip, guard?.[name]).count;
  return times;
}
