/** A program posed to HiGHS as a mixed-integer program: one binary an option, one continuous variable a time. */
import { cyclesOf, fits, type Program, type Selection } from './program.ts';

/** What is used of HiGHS; a door loads its WebAssembly and hands it in. */
export interface Solver {
  solve(
    problem: string,
    options?: { time_limit?: number; mip_rel_gap?: number; mip_max_nodes?: number; output_flag?: boolean },
  ): {
    readonly Status: string;
    readonly ObjectiveValue: number;
    readonly Columns: Readonly<Record<string, object>>;
  };
}

export interface Solution {
  readonly selection: Selection;
  /** Cycles of the pass by the program's own model. */
  readonly cycles: number;
  /** No selection is shorter than this; equal to `cycles` where the optimum is proved. */
  readonly bound: number;
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
}

const exact: Effort = { gap: 0, nodes: 1_000_000 };

/**
 * The best selection, with a proof or a bound.
 * @returns undefined where nothing fits.
 */
export function solve(program: Program, solver: Solver, { gap, nodes }: Effort = exact): Solution | undefined {
  if (program.variables.some(({ options }) => options.length === 0)) return undefined;
  const answer = solver.solve(lpOf(program, false), { mip_rel_gap: gap, mip_max_nodes: nodes, output_flag: false });
  const selection = program.variables.map(({ options }, v) => {
    const values = options.map((_, o) => primalOf(answer.Columns[binary(v, o)]));
    return values.indexOf(Math.max(...values));
  });
  if (!/^(Optimal|Solution limit reached|Iteration limit reached)$/i.test(answer.Status) || !fits(program, selection))
    return undefined;
  const cycles = cyclesOf(program, selection);
  if (answer.Status === 'Optimal') return { selection, cycles, bound: cycles * (1 - gap) };
  // A run that was cut off has proved no more than the program without whole choices.
  const relaxed = solver.solve(lpOf(program, true), { output_flag: false });
  return { selection, cycles, bound: Math.min(cycles, relaxed.ObjectiveValue * SCALE) };
}

/** The latest time; `end` is a word of the format. */
const LENGTH = 'length';

const binary = (variable: number, option: number): string => `x${variable}_${option}`;

/** An infeasible program has columns without values. */
function primalOf(column: object | undefined): number {
  return column && 'Primal' in column && typeof column.Primal === 'number' ? column.Primal : 0;
}

/** CPLEX's LP format. @param relaxed without the demand that a choice is whole. */
export function lpOf({ variables, arcs, resources, times }: Program, relaxed: boolean): string {
  const time = (index: number): string => `t${index}`;
  const rows: string[] = [];
  variables.forEach(({ options }, v) => {
    rows.push(`${options.map((_, o) => binary(v, o)).join(' + ')} = 1`);
  });
  resources.forEach(({ limit }, r) => {
    const terms = variables.flatMap(({ options }, v) => options.map(({ use }, o) => term(use[r]!, binary(v, o))));
    if (terms.some((one) => one !== '')) rows.push(`${terms.join('')} <= ${number(limit)}`);
  });
  for (const { later, earlier, delays } of arcs) {
    const terms = delays.flatMap(({ variable, slot, sign }) =>
      variables[variable]!.options.map(({ cycles }, o) => term((-sign * cycles[slot]!) / SCALE, binary(variable, o))),
    );
    rows.push(`${time(later)}${earlier === undefined ? '' : ` - ${time(earlier)}`}${terms.join('')} >= 0`);
  }
  for (let index = 0; index < times; index++) rows.push(`${LENGTH} - ${time(index)} >= 0`);
  const binaries = variables.flatMap(({ options }, v) => options.map((_, o) => binary(v, o)));
  return [
    'Minimize',
    ` obj: ${LENGTH}`,
    'Subject To',
    ...rows.map((row, index) => ` c${index}: ${row}`),
    ...(relaxed ? ['Bounds', ...binaries.map((name) => ` 0 <= ${name} <= 1`)] : ['Binary', ` ${binaries.join(' ')}`]),
    'End',
    '',
  ].join('\n');
}

function term(coefficient: number, name: string): string {
  if (coefficient === 0) return '';
  return ` ${coefficient < 0 ? '-' : '+'} ${number(Math.abs(coefficient))} ${name}`;
}

/** Never in exponent form, which not every reader of the format takes. */
function number(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}
