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
  if (guard === 'first') return { from: 0, count: 1 };
  if (guard === 'last') return { from: iterations(loop) - 1, count: 1 };
  if (guard) return { from: guard.from, count: Math.max(1, Math.min(guard.count, iterations(loop) - guard.from)) };
  return { from: 0, count: iterations(loop) };
}

/** How often an access happens in one run of the pipeline. */
export function eventsOf(pipeline: Pipeline, guard: Access['guard']): number {
  return pipeline.loops.reduce((events, loop) => events * rangeOf(loop, guard?.[loop.name]).count, 1);
}

/** Whether it happens at all while the loops around the pipeline stand where they stand. */
export function happens(around: ReadonlyMap<string, { index: number; trip: number }>, guard: Access['guard']): boolean {
  for (const [name, { index, trip }] of around) {
    const condition = guard?.[name];
    if (condition === undefined) continue;
    if (condition === 'first' ? index !== 0 : condition === 'last' ? index !== trip - 1 : outside(index, condition))
      return false;
  }
  return true;
}

function outside(index: number, { from, count }: { readonly from: number; readonly count: number }): boolean {
  return index < from || index >= from + count;
}
