/** A program posed to HiGHS as a mixed-integer program: one binary an option, one continuous variable a time and one for the length of each pass. */
import { cyclesOf, fits, type Program, type Selection } from './program.ts';

/** What is used of HiGHS; a door loads its WebAssembly and hands it in. */
export interface Solver {
  solve(
    problem: string,
    options?: { presolve?: 'off'; mip_rel_gap?: number; mip_max_nodes?: number; output_flag?: boolean },
  ): {
    readonly Status: string;
    readonly ObjectiveValue: number;
    readonly Columns: Readonly<Record<string, object>>;
    readonly Rows: readonly object[];
  };
}

export interface Solution {
  readonly selection: Selection;
  /** Cycles of all passes by the program's own model. */
  readonly cycles: number;
  /** No selection is shorter than this; equal to `cycles` where the optimum is proved. */
  readonly bound: number;
}

/** The program without the demand that a choice is whole. */
export interface Relaxation {
  /** Cycles that no selection goes below. */
  readonly bound: number;
  /** For each option of each variable, cycles that the bound rises by at least where it is chosen. */
  readonly price: readonly (readonly number[])[];
  /** Of each resource, cycles that the bound falls by with one more of it; 0 where it does not bind. */
  readonly saves: readonly number[];
}

/** Times are written in thousands of cycles: the solver's tolerances are absolute. */
const SCALE = 1000;

/**
 * How hard the solver tries: it stops at a proved gap of this share, or after so many nodes of its search; not after a time,
 * so that the answer is the same on every machine.
 */
export interface Effort {
  readonly gap: number;
  readonly nodes: number;
  /** Of the time, the share that a whole resource of the card is worth: of two that are as fast the smaller is the better. */
  readonly thrift?: number;
  /** False: the first good answer will do, with the bound of the relaxed program. */
  readonly proof?: boolean;
}

const exact: Effort = { gap: 0, nodes: 1_000_000 };

/** Programs are small, and dominated options are gone: to simplify them takes longer than to solve them. */
const quiet = { output_flag: false, presolve: 'off' } as const;

/** Options of each variable that the first search is about. */
const FIRST = 6;

/** @returns undefined where nothing fits. */
export function relax(program: Program, solver: Solver): Relaxation | undefined {
  if (program.variables.some(({ options }) => options.length === 0)) return undefined;
  const answer = solver.solve(lpOf(program, true), quiet);
  if (answer.Status !== 'Optimal') return undefined;
  return {
    bound: answer.ObjectiveValue * SCALE,
    price: program.variables.map(({ options }, v) =>
      options.map((_, o) => Math.max(0, figureOf(answer.Columns[binary(v, o)], 'Dual') * SCALE)),
    ),
    saves: rowsOf(program).map((row) => (row === undefined ? 0 : Math.abs(figureOf(answer.Rows[row], 'Dual')) * SCALE)),
  };
}

/**
 * The best selection, with a proof or a bound. First among the options that the relaxed program likes best; then, unless that
 * is good enough, among all that may be part of a better one: an option whose price is more than what is left to gain is not.
 *
 * @returns undefined where nothing fits.
 */
export function solve(
  program: Program,
  solver: Solver,
  effort: Effort = exact,
  relaxed = relax(program, solver),
): Solution | undefined {
  if (!relaxed) return undefined;
  const liked = relaxed.price.map((prices) => [...prices].sort((a, b) => a - b)[FIRST - 1] ?? Number.POSITIVE_INFINITY);
  const worth = (effort.thrift ?? 0) * relaxed.bound;
  const first = among(program, (v, o) => relaxed.price[v]![o]! <= liked[v]!, solver, effort, worth);
  if (first && first.cycles * (1 - effort.gap) <= relaxed.bound)
    return { ...first, bound: Math.min(first.cycles, relaxed.bound) };
  if (first && effort.proof === false) return { ...first, bound: relaxed.bound };
  const gain = (first?.cycles ?? Number.POSITIVE_INFINITY) - relaxed.bound + TOLERANCE * relaxed.bound;
  const second = among(program, (v, o) => relaxed.price[v]![o]! <= gain, solver, effort, worth);
  const best = first && (!second || first.cycles < second.cycles) ? first : second;
  if (!best) return undefined;
  // What the second search has left out is longer than the first found.
  const bound = Math.max(relaxed.bound, Math.min(second?.bound ?? 0, best.cycles));
  return { ...best, bound: Math.min(bound, best.cycles) };
}

/** The solver's own tolerance, relative. */
const TOLERANCE = 1e-6;

/** The best selection of some of the options; `bound` is of these alone, and 0 where the solver has given up. */
function among(
  program: Program,
  keeps: (variable: number, option: number) => boolean,
  solver: Solver,
  { gap, nodes }: Effort,
  worth: number,
): Solution | undefined {
  const kept = program.variables.map(({ options }, v) => options.flatMap((_, o) => (keeps(v, o) ? [o] : [])));
  const part: Program = {
    ...program,
    variables: program.variables.map((one, v) => ({ ...one, options: kept[v]!.map((o) => one.options[o]!) })),
  };
  const answer = solver.solve(lpOf(part, false, worth), { ...quiet, mip_rel_gap: gap, mip_max_nodes: nodes });
  if (!/^(Optimal|Solution limit reached|Iteration limit reached)$/i.test(answer.Status)) return undefined;
  const selection = part.variables.map(({ options }, v) => {
    const values = options.map((_, o) => figureOf(answer.Columns[binary(v, o)], 'Primal'));
    return kept[v]![values.indexOf(Math.max(...values))]!;
  });
  if (!fits(program, selection)) return undefined;
  const cycles = cyclesOf(program, selection);
  return { selection, cycles, bound: answer.Status === 'Optimal' ? cycles * (1 - gap) : 0 };
}

const binary = (variable: number, option: number): string => `x${variable}_${option}`;

/** An infeasible program has columns without values. */
function figureOf(column: object | undefined, name: 'Primal' | 'Dual'): number {
  const figures: Readonly<Record<string, unknown>> = { ...column };
  const value = figures[name];
  return typeof value === 'number' ? value : 0;
}

/**
 * CPLEX's LP format.
 *
 * @param relaxed without the demand that a choice is whole
 * @param worth cycles that all of a resource is worth
 */
export function lpOf({ variables, passes, resources }: Program, relaxed: boolean, worth = 0): string {
  const rows: string[] = [];
  variables.forEach(({ options }, v) => {
    rows.push(`${options.map((_, o) => binary(v, o)).join(' + ')} = 1`);
  });
  resources.forEach(({ limit }, r) => {
    if (!isUsed(variables, r)) return;
    const terms = variables.flatMap(({ options }, v) => options.map(({ use }, o) => term(use[r]!, binary(v, o))));
    rows.push(`${terms.join('')} <= ${number(limit)}`);
  });
  const objective = passes.flatMap(({ arcs, times, behind, count }, p) => {
    const time = (index: number): string => `t${p}_${index}`;
    for (const { later, earlier, delays } of arcs) {
      const terms = delays.flatMap(({ variable, slot, sign }) =>
        variables[variable]!.options.map(({ cycles }, o) => term((-sign * cycles[slot]!) / SCALE, binary(variable, o))),
      );
      rows.push(`${time(later)}${earlier === undefined ? '' : ` - ${time(earlier)}`}${terms.join('')} >= 0`);
    }
    const length = `length${p}`;
    for (let index = 0; index < times; index++) rows.push(`${length} - ${time(index)} >= 0`);
    return [term(count, length), ...(behind ? [term(count * behind.copies, time(behind.time))] : [])];
  });
  const priceOf = (use: readonly number[]): number =>
    resources.reduce((sum, { limit }, r) => sum + (limit > 0 ? use[r]! / limit : 0), 0) * (worth / SCALE);
  const prices = variables.flatMap(({ options }, v) => options.map(({ use }, o) => term(priceOf(use), binary(v, o))));
  const binaries = variables.flatMap(({ options }, v) => options.map((_, o) => binary(v, o)));
  return [
    'Minimize',
    ` obj:${objective.join('')}${worth > 0 ? prices.join('') : ''}`,
    'Subject To',
    ...rows.map((row, index) => ` c${index}: ${row}`),
    ...(relaxed ? ['Bounds', ...binaries.map((name) => ` 0 <= ${name} <= 1`)] : ['Binary', ` ${binaries.join(' ')}`]),
    'End',
    '',
  ].join('\n');
}

/** Whether an option takes some of a resource; otherwise it has no row. */
function isUsed(variables: Program['variables'], resource: number): boolean {
  return variables.some(({ options }) => options.some(({ use }) => use[resource] !== 0));
}

/** Place of each resource's row among those of the format. */
function rowsOf({ variables, resources }: Program): (number | undefined)[] {
  let next = variables.length;
  return resources.map((_, r) => (isUsed(variables, r) ? next++ : undefined));
}

function term(coefficient: number, name: string): string {
  if (coefficient === 0) return '';
  return ` ${coefficient < 0 ? '-' : '+'} ${number(Math.abs(coefficient))} ${name}`;
}

/** Never in exponent form, which not every reader of the format takes. */
function number(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}
