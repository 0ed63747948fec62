/** Cost law of convert.h: a process a step, two for a change of blocks; each moves a word a cycle on its wider side. */
import { costOf, countOf } from '../cost.ts';
import type { Buffer, Law, MemoryShape, Process, Target } from '../kernel.ts';
import { stages, transfer } from '../rows.ts';
import { elementBits } from '../word.ts';
import type { ConvertParameters } from './index.ts';
import { leastCommonMultiple, type Step, stepsOf, wordsOf, wordsOfHead } from './steps.ts';

interface Priced {
  readonly processes: readonly Process[];
  readonly buffers: readonly Buffer[];
  readonly memories: readonly MemoryShape[];
  /** Cycles between its first word in and its last word out, beyond the words of its slower side. */
  readonly delay: number;
  readonly gates: number;
  readonly registers: number;
}

export function convertLaw(parameters: ConvertParameters, target: Target): Law {
  const steps = stepsOf(parameters);
  const bits = elementBits[parameters.element];
  const priced = steps.map((step, index) => {
    const input = index === 0 ? 'in' : `step${index}`;
    const output = index === steps.length - 1 ? 'out' : `step${index + 1}`;
    return step.kind === 'reblock'
      ? reblock(parameters, step, input, output, bits)
      : columns(parameters, step, input, output, bits);
  });
  const between = steps.slice(1).map((step, index) => ({ name: `step${index + 1}`, word: step.from }));
  const processes = priced.flatMap((step) => step.processes);
  const slowest = Math.max(0, ...processes.map((process) => process.jobs * process.cycles));
  const delay = priced.reduce((sum, step) => sum + step.delay, 0) + Math.max(0, steps.length - 1);
  return {
    processes,
    buffers: [...priced.flatMap((step) => step.buffers), ...between.map(({ name }) => ({ name, depth: 2 }))],
    logic: costOf(
      countOf(
        [processes.length, { control: 1 }],
        ...priced.map(({ gates, registers }) => [1, { gates, registers }] as const),
      ),
      target,
    ),
    memories: [
      ...priced.flatMap((step) => step.memories),
      ...between.map(({ name, word }): MemoryShape => {
        return { name, words: 2, bits: word.tokens * word.columns * bits, parts: 1, storage: 'registers' };
      }),
    ],
    traffic: [],
    cycles: {
      symbolic: 'max(words in, words out) + delay',
      numeric: `max(${wordsOf(parameters, parameters.from)}, ${wordsOf(parameters, parameters.to)}) + ${delay}`,
      value: slowest + delay,
      unit: 'cycles',
      source: 'loops of convert.h, II = 1',
    },
    explanations: [],
  };
}

function columns(parameters: ConvertParameters, step: Step, input: string, output: string, bits: number): Priced {
  const jobs = Math.ceil(parameters.rows / step.from.tokens) * parameters.heads;
  const wordsIn = wordsOfHead(parameters, step.from);
  const wordsOut = wordsOfHead(parameters, step.to);
  const cycles = Math.max(wordsIn, wordsOut);
  const ratio = step.kind === 'gather' ? step.to.columns / step.from.columns : step.from.columns / step.to.columns;
  const wide = Math.max(step.from.columns, step.to.columns) * step.from.tokens * bits;
  const firstOut = step.kind === 'gather' ? Math.min(ratio, wordsIn) - 1 : 0;
  const process: Process = {
    name: step.kind,
    jobs,
    cycles,
    active: cycles,
    reads: [
      { port: input, words: wordsIn, first: 0, last: step.kind === 'gather' ? cycles - 1 : (wordsIn - 1) * ratio },
    ],
    writes: [{ port: output, words: wordsOut, first: firstOut + stages.read, last: cycles - 1 + stages.read }],
  };
  return { processes: [process], buffers: [], memories: [], delay: stages.read, gates: wide, registers: 2 * wide };
}

/**
 * A FIFO a row of a group of least common multiple rows. `deal` writes the rows of a block side by side into theirs;
 * `collect` reads the rows of its block side by side. A word of the group is complete when the last of its rows has it.
 */
function reblock(parameters: ConvertParameters, step: Step, input: string, output: string, bits: number): Priced {
  const { rows, heads } = parameters;
  const words = heads * wordsOfHead(parameters, step.from);
  const group = leastCommonMultiple(step.from.tokens, step.to.tokens);
  const groups = Math.ceil(rows / group);
  const dealt = Math.min(group / step.from.tokens, Math.ceil(rows / step.from.tokens));
  const collected = Math.min(group / step.to.tokens, Math.ceil(rows / step.to.tokens));
  const wordBits = step.from.columns * bits;
  const width = Math.max(step.from.tokens, step.to.tokens) * wordBits;
  const ready = (Math.min(step.to.tokens, dealt * step.from.tokens) / step.from.tokens - 1) * words;
  const waiting = Math.max(0, Math.ceil(ready));
  return {
    processes: [
      {
        name: 'deal',
        jobs: groups,
        cycles: dealt * words,
        active: dealt * words,
        reads: [transfer(input, dealt * words, 0)],
        writes: [transfer('rows', words, waiting + stages.read)],
      },
      {
        name: 'collect',
        jobs: groups,
        cycles: collected * words,
        active: collected * words,
        reads: [transfer('rows', words, 0)],
        writes: [transfer(output, collected * words, stages.read)],
      },
    ],
    buffers: [{ name: 'rows', depth: words }],
    memories: [{ name: 'rows', words, bits: wordBits, parts: group, storage: 'bram' }],
    delay: 2 * stages.read + 1,
    gates: width,
    registers: 2 * width,
  };
}
