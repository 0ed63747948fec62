/** Seeded faults: slips that somebody could make in a header. Each must change what comes out, or end the program. */
import { expect, it } from 'vitest';
import type { Instance } from '../../../server/kernels/kernel.ts';
import { type Fault, type Inputs, instanceBench, type Results } from './instance-bench.ts';

/** An instance that a fault is put into, and how to tell that it gives what it should. */
export interface Trial {
  readonly instance: Instance;
  readonly inputs: Inputs;
  isRight(results: Results): boolean;
}

/** Faults by what is wrong with them, each `at` one of the trials; a test each, one program for all. */
export function faultsShow<Name extends string | number>(
  faults: Readonly<Record<string, Fault & { readonly at: Name }>>,
  trialOf: (at: Name) => Trial,
): void {
  const { buildFaulty } = instanceBench();
  const seeded = Object.entries(faults).map(([name, { at, ...fault }]) => ({ name, fault, trial: trialOf(at) }));
  const program = buildFaulty(seeded.map(({ fault, trial }) => ({ ...fault, instance: trial.instance })));

  it.each(seeded.map(({ name, trial }, which) => ({ name, trial, which })))('$name', async ({ trial, which }) => {
    const { inputs, isRight } = trial;
    const { code } = await (await program).attempt(which, inputs);
    if (code !== 0) return;
    expect(isRight(await (await program).simulate(which, inputs))).toBe(false);
  });
}
