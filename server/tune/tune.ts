/**
 * The tuner: the best hardware for what a spec leaves open, as edits of the spec, with a bound that nothing beats.
 *
 * For each number of rows side by side an integer program is solved exactly on the kernels' cost laws; the full timeline
 * confirms the winners in the order of their bounds, until no other number of rows can be better.
 */
import type { Accelerator, Design } from '../design/design.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate, Estimate } from '../estimate/estimate.ts';
import type { InstanceOf } from '../estimate/netlist.ts';
import { type Choice, clauseOf, editsOf } from './edits.ts';
import { type Effort, type Solution, type Solver, solve } from './integer-program.ts';
import { isOpen, tokensOf } from './options.ts';
import { placementOf } from './placement.ts';
import { type Program, sizeOf, useOf, withoutDominated } from './program.ts';
import { RESOURCES, type Space, spaceOf } from './space.ts';

/** What a door hands in: the spec as it would be after edits, the library's instances, and the solver. */
export interface Workbench {
  evaluate(edits: readonly TextEdit[]): { readonly design: Design; readonly estimate: Estimate };
  readonly instanceOf: InstanceOf;
  readonly solver: Solver;
}

export interface Tuned {
  /** Seconds of one pass of the layer: as the spec stands, and with the edits. */
  readonly before: number;
  readonly after: number;
  /** No choice of what is open takes less, by the cost laws with FIFOs without bound and channels that are not shared. */
  readonly bound: number;
  /** Selections in the space, all numbers of rows together. */
  readonly points: number;
  readonly tokens: number;
  readonly edits: readonly TextEdit[];
  readonly changes: readonly { readonly kernel: string; readonly clause: string }[];
  readonly use: readonly Use[];
}

/** How much of a resource the winner takes, and what a tenth more of it would buy. */
export interface Use {
  readonly resource: string;
  readonly used: number;
  readonly limit: number;
  /** Share of the bound that a tenth more would save; 0 where it does not bind. */
  readonly gain: number;
}

export interface NotTuned {
  readonly reason: string;
}

/** Gaps below this are less than what the laws themselves are sure of. */
const effort: Effort = { gap: 0.02, nodes: 300 };

/** Limits are tightened by this each time a die does not fit. */
const TIGHTER = 0.85;
const MOST_TRIES = 4;
/** A resource of which less is used cannot bind. */
const NEARLY = 0.85;

export function tune(accelerator: Accelerator, now: AcceleratorEstimate, bench: Workbench): Tuned | NotTuned {
  if (!accelerator.kernels.some(isOpen))
    return { reason: 'nothing is left open: every array and every number of lanes is written' };
  const candidates = tokensOf(accelerator).flatMap((tokens) => {
    const space = spaceOf(accelerator, tokens, bench.instanceOf);
    const program = withoutDominated(space.program);
    const solution = solve(program, bench.solver, effort);
    return solution ? [{ tokens, space, program, solution, points: sizeOf(space.program) }] : [];
  });
  if (candidates.length === 0)
    return { reason: 'nothing that is open fits the card; the diagnostics say what is too much' };
  const clock = accelerator.clock.value;
  const bound = Math.min(...candidates.map(({ solution }) => solution.bound)) / clock;
  let best: Confirmed | undefined;
  for (const candidate of candidates.sort((a, b) => a.solution.bound - b.solution.bound)) {
    if (best && candidate.solution.bound / clock >= best.seconds) break;
    const found = confirmed(accelerator, candidate, bench);
    if (found && (!best || found.seconds < best.seconds)) best = found;
  }
  const before = now.timing.perLayer;
  if (!best) return { reason: 'no choice that fits the card as a whole fits its dies' };
  if (best.seconds >= before && everyDieFits(now))
    return {
      reason: `what is open is as good as the tuner finds: ${bound > 0 ? ((before / bound - 1) * 100).toFixed(1) : '0'}% above the bound`,
    };
  return {
    before,
    after: best.seconds,
    bound: Math.min(bound, best.seconds),
    points: candidates.reduce((sum, { points }) => sum + points, 0),
    tokens: best.tokens,
    edits: best.edits,
    changes: [...best.choices].flatMap(([kernel, choice]) => {
      const clause = clauseOf(choice);
      return clause === '' ? [] : [{ kernel, clause }];
    }),
    use: useOfWinner(best, bench),
  };
}

/** The space of one number of rows with its best selection by the laws. */
interface Candidate {
  readonly tokens: number;
  readonly space: Space;
  readonly program: Program;
  readonly solution: Solution;
}

interface Confirmed extends Candidate {
  readonly seconds: number;
  readonly edits: readonly TextEdit[];
  readonly choices: ReadonlyMap<string, Choice>;
}

/** The winner as the full estimate sees it, with limits as tight as the dies need. */
function confirmed(accelerator: Accelerator, candidate: Candidate, bench: Workbench): Confirmed | undefined {
  let { program, solution }: Pick<Candidate, 'program' | 'solution'> = candidate;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const choices = choicesOf(accelerator, candidate.space, program, solution);
    const edits = editsOf(accelerator, choices);
    const after = bench.evaluate(edits).estimate.accelerators.find((one) => one.accelerator.name === accelerator.name);
    if (after && !after.deadlock && everyDieFits(after))
      return { ...candidate, program, solution, seconds: after.timing.perLayer, edits, choices };
    const resources = program.resources.map((one) => ({ ...one, limit: TIGHTER * one.limit }));
    program = { ...program, resources };
    const tighter = solve(program, bench.solver, effort);
    if (!tighter) return undefined;
    solution = tighter;
  }
  return undefined;
}

/** What each kernel is to be, and on which die where no kernel says one. */
function choicesOf(
  accelerator: Accelerator,
  space: Space,
  program: Program,
  { selection }: Solution,
): Map<string, Choice> {
  const chosen = program.variables.map(({ name, options }, v) => ({ name, option: options[selection[v]!]! }));
  const dies = accelerator.device.dies.map(({ name }) => name);
  const open = dies.length > 1 && accelerator.kernels.every((kernel) => kernel.dies.origin === 'auto');
  const ordered = space.order.flatMap((name) => chosen.find((one) => one.name === name)?.option ?? []);
  const placed = open ? placementOf(ordered, space.dieLimits) : [];
  return new Map(
    chosen.map(({ name, option }) => {
      const die = placed[space.order.indexOf(name)];
      const known = space.kernels
        .find((one) => one.name === name)
        ?.options.find(({ clause }) => clause === option.label);
      return [name, { option: known ?? { clause: '' }, ...(die === undefined ? {} : { die: dies[die]! }) }];
    }),
  );
}

/** What the winner takes of each resource, and what more of those that bind would buy. */
function useOfWinner({ program, solution }: Confirmed, bench: Workbench): Use[] {
  const used = useOf(program, solution.selection);
  return RESOURCES.map((resource, r): Use => {
    const { limit } = program.resources[r]!;
    const gain = used[r]! < NEARLY * limit ? 0 : gainOf(program, r, solution.cycles, bench);
    return { resource, used: used[r]!, limit, gain };
  });
}

/** What a tenth more of a resource would buy. */
function gainOf(program: Program, resource: number, cycles: number, { solver }: Workbench): number {
  const resources = program.resources.map((one, r) => (r === resource ? { ...one, limit: one.limit * 1.1 } : one));
  const freer = solve({ ...program, resources }, solver, effort);
  return freer && cycles > 0 ? Math.max(0, 1 - freer.cycles / cycles) : 0;
}

function everyDieFits({ dies }: AcceleratorEstimate): boolean {
  return dies.every((die) => RESOURCES.every((name) => die.resources[name].used <= die.available[name]));
}
