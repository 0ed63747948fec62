/** What a spec asks of its hardware besides a short pass: `minimize`, `maximize`, `require`. */
import type { Accelerator } from '../design/design.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { evaluate } from '../estimate/metrics.ts';
import { type Axis, leanerThan } from './front.ts';
import type { Candidate, Search, Winner } from './search.ts';
import type { Per } from './variants.ts';

/** How the winner does on what the spec asks for. */
export interface Goal {
  /** 'minimize use(dsp)'; absent where nothing but `require` asks. */
  readonly objective?: string;
  /** In base units, of the spec as it stands and of the winner. */
  readonly before?: number;
  readonly after?: number;
  /** Requirements that no design of those that were estimated holds, as written. */
  readonly unmet: readonly string[];
  /** Designs that were estimated in full to choose from. */
  readonly designs: number;
}

/** Resources whose fronts a design is picked from where the shortest pass is not what is asked for. */
const picked: readonly Axis[] = ['dsp', 'lut', 'energy'];

/** Whether the fastest design is the answer: nothing else is asked for, and what is required it holds. */
export function isFastestEnough(
  { objectives, requirements }: Accelerator,
  fastest: AcceleratorEstimate,
  per: Per,
): boolean {
  const other = objectives.filter(({ direction, expression }) => {
    const metric = expression.kind === 'metric' ? expression.metric : undefined;
    // Of one variant a short pass is short work.
    const layer = metric?.scope === undefined || (metric.scope.sort === 'layer' && per === 'layer');
    return !(direction === 'minimize' && metric?.name === 'latency' && layer);
  });
  return other.length === 0 && requirements.every(({ expression }) => evaluate(expression, fastest) !== 0);
}

/**
 * Of designs that are as fast as ever less hardware allows, the one that holds most of what is required, and of these the best by
 * the objectives, in their order. An objective that has no figure decides nothing.
 */
export function bestFor(
  { objectives, requirements }: Accelerator,
  now: AcceleratorEstimate,
  fastest: Winner,
  candidates: readonly Candidate[],
  search: Search,
): { readonly winner: Winner; readonly goal: Goal } {
  const designs = leanerThan(fastest, picked, candidates, search);
  const unmetBy = (estimate: AcceleratorEstimate): string[] =>
    requirements.flatMap(({ expression, text }) => (evaluate(expression, estimate) === 0 ? [text] : []));
  const score = (estimate: AcceleratorEstimate): number[] => [
    unmetBy(estimate).length,
    ...objectives.map(({ direction, expression }) => {
      const value = evaluate(expression, estimate) ?? 0;
      return direction === 'maximize' ? -value : value;
    }),
    search.seconds(estimate),
  ];
  const winner = designs.reduce((best, one) => (isBelow(score(one.estimate), score(best.estimate)) ? one : best));
  const [first] = objectives;
  const before = first && evaluate(first.expression, now);
  const after = first && evaluate(first.expression, winner.estimate);
  return {
    winner,
    goal: {
      ...(first ? { objective: `${first.direction} ${first.text}` } : {}),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      unmet: unmetBy(winner.estimate),
      designs: designs.length,
    },
  };
}

function isBelow(one: readonly number[], other: readonly number[]): boolean {
  const at = one.findIndex((value, i) => value !== other[i]);
  return at >= 0 && one[at]! < other[at]!;
}
