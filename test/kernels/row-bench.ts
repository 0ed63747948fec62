/** Row and movement kernels in every way to run, with tensors as typed arrays in stream order. */
import type { ElementType } from '../../server/design/workload.ts';
import type { Instance } from '../../server/kernels/kernel.ts';
import { type Fault, type Inputs, openInstanceBench, type Results } from './common/instance-bench.ts';
import { seeded } from './common/reference.ts';

export type Elements = Float32Array | Int8Array;

export interface Case {
  readonly instance: Instance;
  /** Elements of every input stream and of every memory that is read, words one after the other. */
  readonly inputs: Readonly<Record<string, Elements>>;
  readonly scalars?: Readonly<Record<string, number>>;
}

export interface Result {
  /** Elements of every output stream, and of every memory that is written. */
  readonly outputs: Readonly<Record<string, Elements>>;
  /** Modelled cycles; 0 in sequential mode. */
  readonly cycles: number;
}

const ways = ['sequential', 'fibres', 'sanitized'] as const;
type Way = (typeof ways)[number];

/** Runs all cases, a program a way; results in the order of the cases. */
export async function simulateEveryWay(cases: readonly Case[]): Promise<Readonly<Record<Way, Result[]>>> {
  const [sequential, fibres, sanitized] = await Promise.all(ways.map((way) => simulate(cases, way)));
  return { sequential: sequential!, fibres: fibres!, sanitized: sanitized! };
}

/** Runs all cases; a fault is put into one header first. */
export async function simulate(cases: readonly Case[], way: Way, fault?: Fault): Promise<Result[]> {
  const bench = openInstanceBench();
  try {
    const instances = cases.map(({ instance }) => instance);
    const program = await bench.build(instances, way, fault);
    const results: Result[] = [];
    for (const [index, each] of cases.entries())
      results.push(resultOf(each.instance, await program.simulate(index, inputsOf(each))));
    return results;
  } finally {
    await bench.close();
  }
}

export interface SeededFault extends Fault {
  /** The case that it is tried on. */
  readonly at: Case;
}

/** One program with all these faults in it: what it makes of the cases without any, and what each fault makes of its case. */
export async function simulateFaults(
  cases: readonly Case[],
  faults: readonly SeededFault[],
): Promise<{ readonly right: Result[]; readonly wrong: Result[] }> {
  const bench = openInstanceBench();
  try {
    const instances = cases.map(({ instance }) => instance);
    const program = await bench.build(instances, 'sequential', faults);
    const result = async (at: Case, fault: number): Promise<Result> =>
      resultOf(at.instance, await program.simulate(cases.indexOf(at), inputsOf(at), fault));
    const right: Result[] = [];
    for (const each of cases) right.push(await result(each, 0));
    const wrong: Result[] = [];
    for (const [index, { at }] of faults.entries()) wrong.push(await result(at, index + 1));
    return { right, wrong };
  } finally {
    await bench.close();
  }
}

/** What each fault makes of its case, or how its program ended; one program, in which each has headers of its own. */
export async function simulateFaulty(faults: readonly SeededFault[]): Promise<(Result | string)[]> {
  const bench = openInstanceBench();
  try {
    const program = await bench.buildFaulty(faults.map(({ at, ...fault }) => ({ ...fault, instance: at.instance })));
    const results: (Result | string)[] = [];
    for (const [index, { at }] of faults.entries()) {
      const { code } = await program.attempt(index, inputsOf(at));
      results.push(
        code === 0 ? resultOf(at.instance, await program.simulate(index, inputsOf(at))) : `ends with ${code}`,
      );
    }
    return results;
  } finally {
    await bench.close();
  }
}

function inputsOf({ instance, inputs, scalars = {} }: Case): Inputs {
  const streams: Record<string, readonly number[]> = {};
  const memories: Record<string, Uint8Array> = {};
  for (const { name, direction } of instance.streams) if (direction === 'in') streams[name] = [...inputs[name]!];
  for (const { name, direction } of instance.memories)
    if (direction === 'read') memories[name] = new Uint8Array(inputs[name]!.buffer.slice(0));
  return { streams, memories, scalars };
}

function resultOf(instance: Instance, { outputs: streams, memories, cycles }: Results): Result {
  const outputs: Record<string, Elements> = {};
  for (const { name, word } of instance.streams)
    if (streams[name]) outputs[name] = arrayOf(word.element, streams[name].length).map((_, i) => streams[name]![i]!);
  for (const { name, element } of instance.memories)
    if (memories[name]) {
      const { buffer } = memories[name];
      outputs[name] = element === 'fp32' ? new Float32Array(buffer) : new Int8Array(buffer);
    }
  return { outputs, cycles };
}

export function arrayOf(element: ElementType, length: number): Elements {
  return element === 'fp32' ? new Float32Array(length) : new Int8Array(length);
}

/** Reproducible pseudo-random numbers, −1 … 1. */
export function uniform(seed: number): () => number {
  const next = seeded(seed);
  return () => next(-(2 ** 23), 2 ** 23) / 2 ** 23;
}
