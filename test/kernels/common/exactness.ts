/** What the attention products are held to: exact in both ways of simulation, in the cycles of their law, and faults show. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Instance } from '../../../server/kernels/kernel.ts';
import { faultsShow } from './faults.ts';
import { instanceBench } from './instance-bench.ts';

type Bench = ReturnType<typeof instanceBench>;
type Program = Awaited<ReturnType<Bench['build']>>;
type Inputs = Parameters<Program['simulate']>[1];
type Outputs = Awaited<ReturnType<Program['simulate']>>['outputs'];

export interface ExactKernel {
  readonly header: string;
  readonly cases: readonly { readonly name: string; readonly instance: Instance }[];
  /** A problem for a case: what goes in, what the reference says, and the same values out of the streams. */
  problem(
    index: number,
    seed: number,
  ): {
    readonly inputs: Inputs;
    readonly expected: readonly number[];
    result(outputs: Outputs): readonly number[];
  };
  /** The case that reaches the edges of the arrays. */
  readonly edge: string;
  readonly faults: Parameters<typeof faultsShow<string>>[0];
}

export function describeExactKernel({ header, cases, problem, edge, faults }: ExactKernel): void {
  const { build } = instanceBench();
  const instances = cases.map(({ instance }) => instance);
  const indexOf = (name: string) => cases.findIndex((each) => each.name === name);

  describe.each(['sequential', 'fibres'] as const)(`${header}, %s`, (mode) => {
    const program = build(instances, mode);

    it.each(cases.map(({ name }, index) => ({ name, index })))('multiplies exactly: $name', async ({ index }) => {
      const { inputs, expected, result } = problem(index, index + 1);
      const { outputs, cycles } = await (await program).simulate(index, inputs);
      expect(result(outputs)).toEqual(expected);
      // The test bench's first words can be read in cycle 1, not 0.
      if (mode === 'fibres') expect(cycles).toBe(instances[index]!.law.cycles.value + 1);
    });
  });

  it(`${header} has no undefined behaviour at its edges, and needs no optimisation`, async () => {
    const index = indexOf(edge);
    const program = await build([instances[index]!], 'sanitized');
    const outcome = await program.attempt(0, problem(index, 1).inputs);
    expect(outcome.stderr).toBe('');
    expect(outcome.code).toBe(0);
  });

  describe('a fault does not pass', () => {
    faultsShow(faults, (name) => {
      const index = indexOf(name);
      const { inputs, expected, result } = problem(index, 1);
      return {
        instance: instances[index]!,
        inputs,
        isRight: ({ outputs }) => isDeepStrictEqual(result(outputs), expected),
      };
    });
  });
}
