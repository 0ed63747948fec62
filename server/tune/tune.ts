/**
 * The tuner: the best hardware for what a spec leaves open, as edits of the spec, with a bound that nothing beats.
 *
 * For each number of rows side by side a program of the kernels' cost laws is solved; the full timeline confirms the winners in
 * the order of their bounds, until no other number of rows can be better.
 */
import type { Accelerator, Design } from '../design/design.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate, Estimate } from '../estimate/estimate.ts';
import type { InstanceOf } from '../estimate/netlist.ts';
import { builtKernels } from '../estimate/pieces.ts';
import { type Confirmed, confirm, everyDieFits } from './confirm.ts';
import { clauseOf, streamOf } from './edits.ts';
import { type Effort, type Relaxation, relax, type Solution, type Solver, solve } from './integer-program.ts';
import { RESOURCES } from './measure.ts';
import { isOpen, tokensOf } from './options.ts';
import { type Program, sizeOf, useOf, withoutDominated } from './program.ts';
import { type Space, spaceOf } from './space.ts';

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
  /** Statements of streams that are deeper than the timeline makes them by itself. */
  readonly streams: readonly string[];
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
const effort: Effort = { gap: 0.01, nodes: 300, thrift: 0.005 };

/** Limits are tightened by what a die has too little of, and this. */
const TIGHTER = 0.98;
const MOST_TRIES = 5;
/** A resource of which less is used cannot bind. */
const NEARLY = 0.85;

/** What a caller may want of a search that takes a while. */
export interface TuneOptions {
  /** Asked before each step: a search that is called off says so, and proposes nothing. */
  readonly signal?: { readonly aborted: boolean };
  /** Share of the work that is done, 0 … 1, and what is being done. */
  progress?(done: number, step: string): void;
}

export function tune(
  accelerator: Accelerator,
  now: AcceleratorEstimate,
  bench: Workbench,
  options: TuneOptions = {},
): Tuned | NotTuned {
  return new Tuning(accelerator, now, bench, options).result();
}

/** The space of one number of rows. */
interface Candidate {
  readonly tokens: number;
  readonly space: Space;
  readonly program: Program;
  readonly relaxed: Relaxation;
}

interface Winner extends Candidate, Confirmed {
  readonly solution: Solution;
}

class Tuning {
  private readonly accelerator: Accelerator;
  private readonly now: AcceleratorEstimate;
  private readonly bench: Workbench;
  private readonly options: TuneOptions;

  constructor(accelerator: Accelerator, now: AcceleratorEstimate, bench: Workbench, options: TuneOptions) {
    this.accelerator = accelerator;
    this.now = now;
    this.bench = bench;
    this.options = options;
  }

  result(): Tuned | NotTuned {
    const { accelerator, now, bench } = this;
    if (!builtKernels(accelerator).some(isOpen))
      return { reason: 'nothing is left open: arrays, lanes and memory channels are written' };
    const spaces = this.spaces();
    if (this.aborted) return { reason: ABORTED };
    const candidates = spaces.flatMap((space): Candidate[] => {
      const program = withoutDominated(space.program);
      const relaxed = relax(program, bench.solver);
      return relaxed ? [{ tokens: space.tokens, space, program, relaxed }] : [];
    });
    if (candidates.length === 0)
      return { reason: 'nothing that is open fits the card; the diagnostics say what is too much' };
    const { best, bound } = this.search(candidates.sort((a, b) => a.relaxed.bound - b.relaxed.bound));
    if (this.aborted) return { reason: ABORTED };
    const before = now.timing.perLayer;
    if (!best) return { reason: 'no choice that fits the card as a whole fits its dies' };
    const after = best.estimate.timing.perLayer;
    if (after >= before && everyDieFits(now))
      return {
        reason: `what is open is as good as the tuner finds: ${bound > 0 ? ((before / bound - 1) * 100).toFixed(1) : '0'}% above the bound`,
      };
    return {
      before,
      after,
      bound: Math.min(bound, after),
      points: spaces.reduce((sum, { program }) => sum + sizeOf(program), 0),
      tokens: best.tokens,
      edits: best.edits,
      changes: [...best.proposal.kernels].flatMap(([kernel, change]) => {
        const clause = clauseOf(change);
        return clause === '' ? [] : [{ kernel, clause }];
      }),
      streams: best.proposal.streams.map(streamOf),
      use: this.useOf(best),
    };
  }

  private get aborted(): boolean {
    return this.options.signal?.aborted === true;
  }

  private spaces(): Space[] {
    const all = tokensOf(this.accelerator);
    return all.flatMap((tokens, index) => {
      if (this.aborted) return [];
      this.options.progress?.((0.5 * index) / all.length, `options with ${tokens} rows side by side`);
      return [spaceOf(this.accelerator, tokens, this.bench.instanceOf)];
    });
  }

  /** In the order of their bounds, until none that is left can be better. */
  private search(candidates: readonly Candidate[]): { best: Winner | undefined; bound: number } {
    const clock = this.accelerator.clock.value;
    let best: Winner | undefined;
    let bound = Number.POSITIVE_INFINITY;
    for (const [index, candidate] of candidates.entries()) {
      const least = candidate.relaxed.bound / clock;
      if (this.aborted) break;
      if (best && least >= best.estimate.timing.perLayer) {
        bound = Math.min(bound, least);
        break;
      }
      this.options.progress?.(0.5 + (0.5 * index) / candidates.length, `the best with ${candidate.tokens} rows`);
      const solution = solve(candidate.program, this.bench.solver, effort, candidate.relaxed);
      if (!solution) continue;
      bound = Math.min(bound, solution.bound / clock);
      const found = this.confirmed(candidate, solution);
      if (found && (!best || found.estimate.timing.perLayer < best.estimate.timing.perLayer)) best = found;
    }
    return { best, bound };
  }

  /** The winner as the full estimate sees it, with limits as tight as the dies need. */
  private confirmed(candidate: Candidate, solved: Solution): Winner | undefined {
    const { accelerator, bench } = this;
    const { space } = candidate;
    const evaluate = (edits: readonly TextEdit[]): AcceleratorEstimate | undefined =>
      bench.evaluate(edits).estimate.accelerators.find((one) => one.accelerator.name === accelerator.name);
    let { program }: Pick<Candidate, 'program'> = candidate;
    let solution: Solution | undefined = solved;
    let best: Winner | undefined;
    for (let tries = 0; tries < MOST_TRIES && solution && !this.aborted; tries++) {
      if (best && solution.cycles / accelerator.clock.value >= best.estimate.timing.perLayer) break;
      const found = confirm(accelerator, space, program, solution.selection, evaluate);
      if (!found) break;
      const fits = everyDieFits(found.estimate);
      if (fits && (!best || found.estimate.timing.perLayer < best.estimate.timing.perLayer))
        best = { ...candidate, ...found, program, solution };
      if (fits) break;
      program = tighter(program, found.estimate);
      solution = solve(program, bench.solver, effort);
    }
    return best;
  }

  /** What the winner takes of each resource, and what more of those that bind would buy. */
  private useOf({ program, solution }: Winner): Use[] {
    const used = useOf(program, solution.selection);
    return program.resources.map(({ name: resource, limit }, r): Use => {
      const gain = used[r]! < NEARLY * limit ? 0 : this.gainOf(program, r, solution.cycles);
      return { resource, used: used[r]!, limit, gain };
    });
  }

  /** What a tenth more of a resource would buy. */
  private gainOf(program: Program, resource: number, cycles: number): number {
    const resources = program.resources.map((one, r) => (r === resource ? { ...one, limit: one.limit * 1.1 } : one));
    const freer = solve({ ...program, resources }, this.bench.solver, effort);
    return freer && cycles > 0 ? Math.max(0, 1 - freer.cycles / cycles) : 0;
  }
}

/** With less of what some die has too little of. */
function tighter(program: Program, { dies }: AcceleratorEstimate): Program {
  const over = RESOURCES.map((name) =>
    dies.reduce(
      (most, { resources, available }) => Math.max(most, resources[name].used / Math.max(1, available[name])),
      0,
    ),
  );
  return {
    ...program,
    resources: program.resources.map((one, r) => {
      const much = over[r] ?? 0;
      return much > 1 ? { ...one, limit: (TIGHTER / much) * one.limit } : one;
    }),
  };
}

const ABORTED = 'the search was called off';
