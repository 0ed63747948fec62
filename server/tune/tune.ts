/**
 * The tuner: the best hardware for what a spec leaves open, as edits of the spec, with a bound that nothing beats.
 *
 * For each number of rows side by side a program of the kernels' cost laws is solved; the full timeline confirms the winners in
 * the order of their bounds, until no other number of rows can be better. Nothing is random: the same spec has the same answer.
 */
import type { Accelerator } from '../design/design.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { builtKernels } from '../estimate/lower/pieces.ts';
import { enumeration, time } from '../format.ts';
import { everyDieFits } from './confirm.ts';
import { clauseOf, type Proposal, streamOf } from './edits.ts';
import { type Axis, figureOf, frontBeside, leanerThan } from './front.ts';
import { bestFor, type Goal, isFastestEnough } from './goal.ts';
import { isOpen } from './options.ts';
import { useOf } from './program.ts';
import { type OtherMapping, Search, type SearchOptions, type Winner, type Workbench } from './search.ts';
import type { Heads } from './turns.ts';
import { type Per, type Variants, variantsOf } from './variants.ts';

/** A design as text: what changes, and the edits that write it. */
export interface Change {
  readonly tokens: number;
  readonly edits: readonly TextEdit[];
  /** What is other of the accelerator as a whole: 'copies 3', 'rows = 8'. */
  readonly statements: readonly string[];
  readonly changes: readonly { readonly kernel: string; readonly clause: string }[];
  /** Statements of streams that are deeper than the timeline makes them by itself. */
  readonly streams: readonly string[];
}

export interface Tuned extends Change {
  readonly per: Per;
  /** Seconds of one pass of the layer, of the work of one input, or of all tokens: as the spec stands, and with the edits. */
  readonly before: number;
  readonly after: number;
  /** No choice of what is open takes less, by the cost laws with FIFOs without bound and channels that are not shared. */
  readonly bound: number;
  /** Selections in the space, all numbers of rows together. */
  readonly points: number;
  readonly use: readonly Use[];
  /** What of this accelerator stays as it is written, or as it is without a word. */
  readonly notSearched: readonly string[];
  /** Where the layer could be mapped in another way: how fast the best of these is. */
  readonly otherMapping?: OtherMapping;
  /** Where the spec asks for more than a short pass. */
  readonly goal?: Goal;
  /** Designs of which none is beaten in all axes that were asked for, by the first of these. */
  readonly front?: Front;
}

export interface Front {
  readonly axes: readonly Axis[];
  /** Of the spec as it stands, by the axes. */
  readonly asItStands: readonly number[];
  readonly points: readonly (Change & { readonly figures: readonly number[] })[];
}

/** How much of a resource the winner takes, and what more of it would buy. */
export interface Use {
  readonly resource: string;
  readonly used: number;
  readonly limit: number;
  /** Seconds that one more unit would save, by the program without whole choices; 0 where it does not bind. */
  readonly saves: number;
}

export interface NotTuned {
  readonly reason: string;
}

export interface TuneOptions extends SearchOptions {
  /** Also the designs between the fastest and the leanest, by these. */
  readonly front?: readonly Axis[];
}

const ABORTED = 'the search was called off';

export function tune(
  accelerator: Accelerator,
  now: AcceleratorEstimate,
  bench: Workbench,
  options: TuneOptions = {},
): Tuned | NotTuned {
  const estimated = (edits: readonly TextEdit[]): AcceleratorEstimate | undefined =>
    bench.evaluate(edits).estimate.accelerators.find((one) => one.accelerator.name === accelerator.name);
  const open = variantsOf(now, bench.pinned, estimated);
  if (open.variants.length === 1 && !builtKernels(accelerator).some(isOpen))
    return { reason: 'nothing is left open: arrays, lanes and memory channels are written' };
  const axes = options.front ?? [];
  const silent = axes.find((axis) => figureOf(axis, now, 'layer') === undefined);
  if (silent)
    return { reason: `there is no front by ${silent}: the sheet of ${accelerator.device.name} has no idle power` };
  const asks = accelerator.objectives.length + accelerator.requirements.length > 0;
  const search = new Search(accelerator, open.variants, bench, options, 1 + Number(asks) + Number(axes.length > 0));
  const candidates = search.candidates();
  if (search.aborted) return { reason: ABORTED };
  if (candidates.length === 0)
    return { reason: 'nothing that is open fits the card; the diagnostics say what is too much' };
  const { best: fastest, bound } = search.fastest(candidates);
  if (search.aborted) return { reason: ABORTED };
  if (!fastest) return { reason: 'no choice that fits the card as a whole fits its dies' };
  search.nextRound();
  const asked = isFastestEnough(accelerator, fastest.estimate, search.per)
    ? undefined
    : bestFor(accelerator, now, fastest, candidates, search);
  const winner = asked?.winner ?? fastest;
  if (asks) search.nextRound();
  const front =
    axes.length > 0 ? frontBeside(now, leanerThan(fastest, axes, candidates, search), axes, search.per) : [];
  if (search.aborted) return { reason: ABORTED };
  if (axes.length > 0 && front.length === 0)
    return { reason: `the spec as it stands beats all that the tuner finds in ${enumeration(axes)}` };
  const before = search.seconds(now);
  const after = search.seconds(winner.estimate);
  if (!asked && axes.length === 0 && after >= before && everyDieFits(now)) return { reason: asGood(before, bound) };
  const otherMapping = search.otherMapping(winner, candidates);
  return {
    per: search.per,
    before,
    after,
    bound,
    points: search.points,
    ...changeOf(winner),
    use: usesOf(winner, search),
    notSearched: notSearchedOf(accelerator, open),
    ...(otherMapping ? { otherMapping } : {}),
    ...(asked ? { goal: asked.goal } : {}),
    ...(axes.length > 0
      ? {
          front: {
            axes,
            asItStands: axes.map((axis) => figureOf(axis, now, search.per) ?? 0),
            points: front.map(({ design, figures }) => ({ ...changeOf(design), figures })),
          },
        }
      : {}),
  };
}

/** Why nothing is proposed. A spec may take more of its card than the tuner lets a design take, and be faster by it. */
export function asGood(before: number, bound: number): string {
  if (before < bound)
    return `as it stands it takes ${time(before)}; of what the tuner looks for, which keeps to the shares of the card that close, nothing takes less than ${time(bound)}`;
  return `what is open is as good as the tuner finds: ${bound > 0 ? ((before / bound - 1) * 100).toFixed(1) : '0'}% above the bound`;
}

function changeOf({ variant: { statements, heads }, tokens, edits, proposal }: Winner): Change {
  return { tokens, edits, statements, changes: changesOf(proposal, heads), streams: proposal.streams.map(streamOf) };
}

function changesOf({ kernels }: Proposal, heads?: Heads): Change['changes'] {
  return [...kernels].flatMap(([kernel, change]) => {
    const clause = clauseOf(change);
    return clause === '' ? [] : [{ kernel: heads?.get(kernel) ?? kernel, clause }];
  });
}

function notSearchedOf(accelerator: Accelerator, { combinations, tried, variants }: Variants): string[] {
  const { cards, split, phase, further } = accelerator;
  return [
    'the memories of streams',
    ...(accelerator.copies.span ? [] : ['copies (‘copies auto’ asks for them)']),
    ...(cards > 1 && split.tensor * split.pipeline === 1 ? ['the split over cards'] : []),
    ...(tried < combinations
      ? [`${combinations - tried} of ${combinations} combinations of the values of choose`]
      : []),
    ...(further.length > 0 ? ['kernels for passes behind the first part of the model'] : []),
    ...(phase.name === 'generate' && !variants.every(({ work }) => work.length > 1)
      ? ['the token passes of generate']
      : []),
  ];
}

/** How much the winner takes of each resource, and what one more of those that bind would buy. */
function usesOf({ variant, program, solution, relaxed }: Winner, search: Search): Use[] {
  const used = useOf(program, solution.selection);
  const least = search.secondsOf(variant, 0);
  return program.resources.map(({ name: resource, limit }, r): Use => {
    return { resource, used: used[r]!, limit, saves: search.secondsOf(variant, relaxed.saves[r]!) - least };
  });
}
