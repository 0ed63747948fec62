/** The tuner's search: spaces, programs, and winners that the full estimate has confirmed. */
import type { Accelerator, Choice, Design } from '../design/design.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate, Estimate } from '../estimate/estimate.ts';
import type { InstanceOf } from '../estimate/netlist.ts';
import { type Confirmed, confirm, everyDieFits } from './confirm.ts';
import { type Effort, type Relaxation, relax, type Solution, type Solver, solve } from './integer-program.ts';
import { RESOURCES } from './measure.ts';
import type { Measures } from './measures.ts';
import { tokensOf } from './options.ts';
import { type Option, type Program, type Selection, sizeOf, withoutDominated } from './program.ts';
import { reservedShare, type Space, spaceOf } from './space.ts';
import { latencyOf, type Per, secondsOf, type Variant } from './variants.ts';

/** What a door hands in: the spec as it would be after edits, the library's instances, and the solver. */
export interface Workbench {
  evaluate(edits: readonly TextEdit[]): { readonly design: Design; readonly estimate: Estimate };
  /** Whether a caller has named the value of a knob. */
  pinned(choice: Choice): boolean;
  readonly instanceOf: InstanceOf;
  /** What is known already, and what this search adds. */
  readonly measures: Measures;
  readonly solver: Solver;
}

/** What a caller may want of a search that takes a while. */
export interface SearchOptions {
  /** Asked before each step: a search that is called off proposes nothing. */
  readonly signal?: { readonly aborted: boolean };
  /** Share of the work that is done, 0 … 1, and what is being done. */
  progress?(done: number, step: string): void;
}

/** The space of one variant with one number of rows. */
export interface Candidate {
  readonly variant: Variant;
  readonly tokens: number;
  readonly space: Space;
  readonly program: Program;
  readonly relaxed: Relaxation;
}

export interface Winner extends Candidate, Confirmed {
  readonly solution: Solution;
}

/** The best with products in turn, or without, where the winner is of the other kind. */
export interface OtherMapping {
  readonly inTurn: boolean;
  /** Of its best, or a bound of all of them; absent where none fits the card. */
  readonly seconds?: number;
  /** Whether they are those of a design. */
  readonly found: boolean;
  /** Where they are not: some were looked at, and none fits its dies. */
  readonly failed: boolean;
}

/** Gaps below this are less than what the laws themselves are sure of. */
const effort: Effort = { gap: 0.005, nodes: 300, thrift: 0.005 };
/** Where nobody asks how far from the best a design is. */
const quick: Effort = { ...effort, proof: false };

/** A design that takes no more than its bound by this factor is good enough. */
const NEAR = 1.02;

/** Limits are tightened by what a die has too little of, and this. */
const TIGHTER = 0.98;
const MOST_TRIES = 5;

export class Search {
  /** Selections in the spaces, all numbers of rows together. */
  points = 0;
  /** Rounds of the work, and those that are done: each tells its own share. */
  private readonly rounds: number;
  private done = 0;
  private readonly accelerator: Accelerator;
  private readonly variants: readonly Variant[];
  private readonly bench: Workbench;
  private readonly options: SearchOptions;
  /** The best that was seen with products in turn, and without. */
  private readonly seen = new Map<boolean, Winner>();
  private readonly failed = new Set<boolean>();

  /** @param variants of the accelerator; there is one at least */
  constructor(
    accelerator: Accelerator,
    variants: readonly Variant[],
    bench: Workbench,
    options: SearchOptions,
    rounds = 1,
  ) {
    this.rounds = rounds;
    this.accelerator = accelerator;
    this.variants = variants;
    this.bench = bench;
    this.options = options;
  }

  /**
   * What is made short. Variants have other layers on the chip, or on a card, so that only the whole work of them can be compared,
   * unless nothing but the mapping is other; a prompt and its tokens are weighed by how many there are.
   */
  get per(): Per {
    if (this.variants.every(({ work }) => work.length > 1)) return 'generation';
    return this.variants.every(({ edits }) => edits.length === 0) ? 'layer' : 'model';
  }

  /** Seconds of that which is made short. */
  seconds(estimate: AcceleratorEstimate): number {
    return latencyOf(estimate, this.per);
  }

  /** The same of passes of so many cycles together. */
  secondsOf(variant: Variant, cycles: number): number {
    return this.per === 'layer' ? cycles / variant.card.clock.value : secondsOf(variant, cycles);
  }

  private least({ variant, relaxed }: Candidate): number {
    return this.secondsOf(variant, relaxed.bound);
  }

  get aborted(): boolean {
    return this.options.signal?.aborted === true;
  }

  say(done: number, step: string): void {
    this.options.progress?.((this.done + done) / this.rounds, step);
  }

  nextRound(): void {
    this.done++;
  }

  /** One a variant and number of rows side by side, in the order of their bounds; none where nothing fits the card. */
  candidates(): Candidate[] {
    const all = this.variants.flatMap((variant) => tokensOf(variant.card).map((tokens) => ({ variant, tokens })));
    const found = all.flatMap(({ variant, tokens }, index): Candidate[] => {
      if (this.aborted) return [];
      this.say((0.5 * index) / all.length, ['options with', ...titleOf(variant, tokens)].join(' '));
      const space = spaceOf(variant.work, tokens, this.bench);
      this.points += sizeOf(space.program);
      const program = withoutDominated(space.program);
      const relaxed = relax(program, this.bench.solver);
      return relaxed ? [{ variant, tokens, space, program, relaxed }] : [];
    });
    return found.sort((a, b) => this.least(a) - this.least(b));
  }

  /** The fastest, until none that is left can be faster; `bound` in seconds. */
  fastest(candidates: readonly Candidate[]): { best: Winner | undefined; bound: number } {
    let best: Winner | undefined;
    let bound = Number.POSITIVE_INFINITY;
    for (const [index, candidate] of candidates.entries()) {
      const { variant, tokens } = candidate;
      const least = this.least(candidate);
      if (this.aborted) break;
      if (best && least >= this.seconds(best.estimate)) {
        bound = Math.min(bound, least);
        break;
      }
      this.say(0.5 + (0.5 * index) / candidates.length, ['the best with', ...titleOf(variant, tokens)].join(' '));
      const solution = solve(candidate.program, this.bench.solver, effort, candidate.relaxed);
      if (!solution) continue;
      bound = Math.min(bound, this.secondsOf(variant, solution.bound));
      const found = this.confirmed(candidate, solution);
      const mapping = isInTurn(variant);
      if (!found) this.failed.add(mapping);
      if (!found) continue;
      best = this.faster(found, best);
      this.seen.set(mapping, this.faster(found, this.seen.get(mapping)));
    }
    return { best, bound };
  }

  private faster(one: Winner, other: Winner | undefined): Winner {
    return !other || this.seconds(one.estimate) < this.seconds(other.estimate) ? one : other;
  }

  /** What becomes of the mapping that the winner has not; undefined where there is no other. */
  otherMapping({ variant }: Winner, candidates: readonly Candidate[]): OtherMapping | undefined {
    const inTurn = !isInTurn(variant);
    if (!this.variants.some((one) => isInTurn(one) === inTurn)) return undefined;
    const found = this.seen.get(inTurn);
    if (found) return { inTurn, seconds: this.seconds(found.estimate), found: true, failed: false };
    const first = candidates.find((one) => isInTurn(one.variant) === inTurn);
    return { inTurn, found: false, failed: this.failed.has(inTurn), ...(first ? { seconds: this.least(first) } : {}) };
  }

  /** The fastest that takes no more of each resource than this; of the number of rows whose bound is lowest then. */
  within(candidates: readonly Candidate[], limits: ReadonlyMap<string, number>): Winner | undefined {
    if (this.aborted) return undefined;
    const tight = candidates.flatMap((candidate): Candidate[] => {
      const resources = candidate.program.resources.map((one) => ({
        ...one,
        limit: Math.min(one.limit, limits.get(one.name) ?? Number.POSITIVE_INFINITY),
      }));
      const program = { ...candidate.program, resources };
      const relaxed = relax(program, this.bench.solver);
      return relaxed ? [{ ...candidate, program, relaxed }] : [];
    });
    for (const candidate of tight.sort((a, b) => this.least(a) - this.least(b))) {
      const solution = solve(candidate.program, this.bench.solver, quick, candidate.relaxed);
      const found = solution && this.confirmed(candidate, solution);
      if (found) return found;
    }
    return undefined;
  }

  /**
   * The winner as the full estimate sees it; where it keeps weights on the chip and is not near its bound, or the best that keeps
   * none there: that all which is kept comes through one channel, beside the rows, costs more than the program knows.
   */
  private confirmed(candidate: Candidate, solved: Solution): Winner | undefined {
    const { variant, space, program } = candidate;
    const found = this.tightened(candidate, solved);
    const near = NEAR * this.secondsOf(variant, solved.bound);
    if (!keeps(space, program, solved.selection) || (found && this.seconds(found.estimate) <= near)) return found;
    const streamed = { ...candidate, program: withoutKept(space, program) };
    const other = solve(streamed.program, this.bench.solver, quick);
    const second = other && this.tightened(streamed, other);
    return !found || (second && this.seconds(second.estimate) < this.seconds(found.estimate)) ? second : found;
  }

  /** The same with limits as tight as the dies need. */
  private tightened(candidate: Candidate, solved: Solution): Winner | undefined {
    const { accelerator, bench } = this;
    const evaluate = (edits: readonly TextEdit[]): AcceleratorEstimate | undefined =>
      bench.evaluate(edits).estimate.accelerators.find((one) => one.accelerator.name === accelerator.name);
    let { program }: Pick<Candidate, 'program'> = candidate;
    let solution: Solution | undefined = solved;
    for (let tries = 0; tries < MOST_TRIES && solution && !this.aborted; tries++) {
      const found = confirm(accelerator, candidate, { program, selection: solution.selection }, evaluate, (estimate) =>
        this.seconds(estimate),
      );
      if (!found) return undefined;
      if (everyDieFits(found.estimate)) return { ...candidate, ...found, program, solution };
      program = tighter(program, found.estimate);
      solution = solve(program, bench.solver, quick);
    }
    return undefined;
  }
}

const isInTurn = ({ heads }: Variant): boolean => heads !== undefined;

/** Whether an option keeps weights on the chip. */
function isKept({ kernels }: Space, variable: number, { label }: Option): boolean {
  return typeof kernels[variable]!.options[Number(label)]!.weights === 'string';
}

function keeps(space: Space, { variables }: Program, selection: Selection): boolean {
  return variables.some(({ options }, v) => isKept(space, v, options[selection[v]!]!));
}

function withoutKept(space: Space, program: Program): Program {
  const variables = program.variables.map((variable, v) => ({
    ...variable,
    options: variable.options.filter((option) => !isKept(space, v, option)),
  }));
  return { ...program, variables };
}

function titleOf(variant: Variant, tokens: number): string[] {
  return [`${tokens} rows side by side`, ...variant.statements, ...(isInTurn(variant) ? ['products in turn'] : [])];
}

/** With less of what some die has too little of. */
function tighter(program: Program, { dies, accelerator: { reserves } }: AcceleratorEstimate): Program {
  const over = RESOURCES.map((name) =>
    dies.reduce((most, { name: die, resources, available }) => {
      const there = available[name] * (1 - reservedShare(reserves, name, die));
      return Math.max(most, resources[name].used / Math.max(1, there));
    }, 0),
  );
  return {
    ...program,
    resources: program.resources.map((one, r) => {
      const much = over[r] ?? 0;
      return much > 1 ? { ...one, limit: (TIGHTER / much) * one.limit } : one;
    }),
  };
}
