/**
 * The tuner's question as plain data: which option of each kernel makes its passes shortest within what the card has.
 *
 * Times are a longest path: a process starts when the first words of its inputs are there, ends when it has done its own
 * work and what its last input still needs, and waits for complete K and V where its law says so. That is the dataflow
 * timeline without back-pressure and without channels that are shared: never longer than it. One cycle is one cycle of the
 * common clock.
 */

/** A delay that depends on what is chosen: `sign` · slot of the chosen option. */
export interface Delay {
  readonly variable: number;
  readonly slot: number;
  readonly sign: 1 | -1;
}

/** time[later] − time[earlier] ≥ sum of delays; without `earlier` the later time is counted from the start of the pass. */
export interface Arc {
  readonly later: number;
  readonly earlier?: number;
  readonly delays: readonly Delay[];
}

export interface Option {
  readonly label: string;
  /** Cycles, by slot of the variable. */
  readonly cycles: readonly number[];
  /** Of each resource of the program, in its order. */
  readonly use: readonly number[];
}

export interface Variable {
  readonly name: string;
  readonly options: readonly Option[];
}

/** A kind of passes, done so many times one after the other. */
export interface Pass {
  readonly count: number;
  /** Number of time variables. */
  readonly times: number;
  readonly arcs: readonly Arc[];
  /** Copies of the pass behind it, each of which begins when the one before it has come to this time. */
  readonly behind?: { readonly time: number; readonly copies: number };
}

export interface Program {
  readonly variables: readonly Variable[];
  readonly passes: readonly Pass[];
  readonly resources: readonly { readonly name: string; readonly limit: number }[];
}

/** Which option of each variable. */
export type Selection = readonly number[];

/**
 * Cycles that a selection makes of all passes: of each the longest path, and what the copies behind it add.
 * @returns Infinity where the arcs form a circle that never settles.
 */
export function cyclesOf({ variables, passes }: Program, selection: Selection): number {
  return passes.reduce((sum, pass) => sum + pass.count * lengthOf(pass, variables, selection), 0);
}

function lengthOf({ arcs, times, behind }: Pass, variables: Program['variables'], selection: Selection): number {
  const at = new Float64Array(times);
  const delay = arcs.map(({ delays }) =>
    delays.reduce((sum, { variable, slot, sign }) => {
      return sum + sign * variables[variable]!.options[selection[variable]!]!.cycles[slot]!;
    }, 0),
  );
  for (let round = 0; round <= times; round++) {
    let changed = false;
    for (let index = 0; index < arcs.length; index++) {
      const { later, earlier } = arcs[index]!;
      const least = (earlier === undefined ? 0 : at[earlier]!) + delay[index]!;
      if (least <= at[later]! + 1e-9) continue;
      at[later] = least;
      changed = true;
    }
    if (!changed) {
      const copies = behind ? behind.copies * at[behind.time]! : 0;
      return at.reduce((most, time) => Math.max(most, time), 0) + copies;
    }
  }
  return Number.POSITIVE_INFINITY;
}

/** What a selection takes of each resource. */
export function useOf({ variables, resources }: Program, selection: Selection): number[] {
  return resources.map((_, r) => variables.reduce((sum, { options }, v) => sum + options[selection[v]!]!.use[r]!, 0));
}

export function fits(program: Program, selection: Selection): boolean {
  return useOf(program, selection).every((used, r) => used <= program.resources[r]!.limit + 1e-6);
}

/** How many selections there are. */
export function sizeOf({ variables }: Program): number {
  return variables.reduce((all, { options }) => all * options.length, 1);
}

/** Without the options of a variable that another one of it beats in nothing but is beaten in something: no optimum is lost. */
export function withoutDominated(program: Program): Program {
  if (program.variables.some(({ options }) => options.length === 0)) return program; // nothing fits anyway
  const signs = program.variables.map(({ options }) => (options[0]?.cycles ?? []).map(() => new Set<1 | -1>()));
  for (const { delays } of program.passes.flatMap(({ arcs }) => arcs))
    for (const { variable, slot, sign } of delays) signs[variable]![slot]!.add(sign);
  return {
    ...program,
    variables: program.variables.map((variable, v) => {
      const keys = variable.options.map(({ cycles, use }) => [
        ...use,
        // A slot that also shortens a path has no better direction: only an equal one does not make it worse.
        ...cycles.flatMap((value, slot) => [...signs[v]![slot]!].map((sign) => sign * value)),
      ]);
      const beaten = (a: number, b: number): boolean =>
        keys[b]!.every((value, i) => value <= keys[a]![i]!) &&
        (keys[b]!.some((value, i) => value < keys[a]![i]!) || b < a);
      return { ...variable, options: variable.options.filter((_, a) => !keys.some((_, b) => b !== a && beaten(a, b))) };
    }),
  };
}
