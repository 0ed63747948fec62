/**
 * Cost law of convert.h: a process a step, two for a change of blocks; each moves a word a cycle on its wider side.
 *
 * Cycles: a group is what passes through without a remainder (a block of a head, or the lcm(T1, T2) rows of a change of
 * blocks). Groups follow each other at the pace of the slowest process; the last one takes its way through all of them.
 */
import { costOf, countOf } from '../cost.ts';
import type { Buffer, Formula, Job, Law, MemoryShape, Process, Target } from '../kernel.ts';
import { leaving, stages, transfer, type WordShape } from '../rows.ts';
import { elementBits } from '../word.ts';
import type { ConvertParameters } from './parameters.ts';
import { leastCommonMultiple, type Step, stepsOf, wordsOfHead } from './steps.ts';

/** A group on its way through one process, in cycles. */
interface Passage {
  /** Iterations. */
  readonly duration: number;
  /** From its first read to its first write. */
  readonly fill: number;
  /** From its last read of new input to its last write. */
  readonly tail: number;
}

interface Priced {
  readonly processes: readonly Process[];
  readonly buffers: readonly Buffer[];
  readonly memories: readonly MemoryShape[];
  readonly gates: number;
  /** Passages of a group of that many rows, a process each. */
  passages(rows: number): readonly Passage[];
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
  return {
    processes,
    buffers: [...priced.flatMap((step) => step.buffers), ...between.map(({ name }) => ({ name, depth: 2 }))],
    logic: costOf(
      countOf(
        [processes.length, { control: 1 }],
        ...priced.map(({ gates }) => [1, { gates, registers: 2 * gates }] as const),
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
    cycles: cyclesOf(parameters, (rows) => priced.flatMap((step) => step.passages(rows))),
    explanations: [],
  };
}

function cyclesOf({ rows, from, to }: ConvertParameters, passages: (rows: number) => readonly Passage[]): Formula {
  const group = leastCommonMultiple(from.tokens, to.tokens);
  const groups = Math.ceil(rows / group);
  const whole = passages(group);
  const interval = Math.max(...whole.map(({ duration }) => duration));
  let ends: readonly number[] = whole.map(() => 0);
  for (let g = 1; g < groups; g++) ends = pass(whole, ends);
  ends = pass(passages(rows - (groups - 1) * group), ends);
  const value = ends[ends.length - 1]! + stages.read;
  return {
    symbolic: '(groups − 1) · words of a group + latency of the last',
    numeric: `(${groups} − 1) · ${interval} + ${value - (groups - 1) * interval}`,
    value,
    unit: 'cycles',
    source: 'loops of convert.h, II = 1; a group is lcm(T1, T2) rows',
  };
}

/**
 * When each process is done with a group, given when it was done with the one before. A process starts when its first
 * word is there, and ends a tail behind the last; a FIFO takes a cycle.
 */
function pass(passages: readonly Passage[], before: readonly number[]): readonly number[] {
  let arrival = 0;
  let complete = 0;
  return passages.map(({ duration, fill, tail }, process) => {
    const start = Math.max(before[process]!, arrival);
    const end = Math.max(start + duration, process === 0 ? 0 : complete + 1 + tail);
    arrival = start + fill + 1;
    complete = end;
    return end;
  });
}

function columns(parameters: ConvertParameters, step: Step, input: string, output: string, bits: number): Priced {
  const { rows, heads } = parameters;
  const wordsIn = wordsOfHead(parameters, step.from);
  const wordsOut = wordsOfHead(parameters, step.to);
  const gather = step.kind === 'gather';
  const ratio = gather ? step.to.columns / step.from.columns : step.from.columns / step.to.columns;
  const cycles = gather ? wordsIn : wordsOut;
  // a word leaves `gather` with the last of its parts, and `spread` reads one before the first of its parts leaves
  const first = gather ? Math.min(ratio, wordsIn) - 1 : 0;
  const last = gather ? 0 : wordsOut - (wordsIn - 1) * ratio - 1;
  const late = stages.read;
  const process: Process = {
    name: step.kind,
    jobs: Math.ceil(rows / step.from.tokens) * heads,
    cycles,
    active: cycles,
    reads: [{ port: input, words: wordsIn, first: 0, last: cycles - 1 - last }],
    writes: [{ port: output, words: wordsOut, first: first + late, last: cycles - 1 + late, late }],
  };
  return {
    processes: [process],
    buffers: [],
    memories: [],
    gates: Math.max(step.from.columns, step.to.columns) * step.from.tokens * bits,
    passages: (group) => [
      {
        duration: Math.ceil(group / step.from.tokens) * heads * cycles,
        fill: first + stages.read,
        tail: last + stages.read,
      },
    ],
  };
}

/**
 * A FIFO a row of a group of least common multiple rows. `deal` writes the rows of a block side by side into theirs;
 * `collect` reads the rows of its block side by side. A word of a block is complete when the last of its rows has it, and
 * `deal` has room for one when the slowest of the rows that it goes to has: see `bindingRows`.
 */
function reblock(parameters: ConvertParameters, step: Step, input: string, output: string, bits: number): Priced {
  const { rows, heads } = parameters;
  const words = heads * wordsOfHead(parameters, step.from);
  const group = leastCommonMultiple(step.from.tokens, step.to.tokens);
  const groups = Math.ceil(rows / group);
  const blocks = (count: number) => ({
    dealt: Math.ceil(count / step.from.tokens),
    collected: Math.ceil(count / step.to.tokens),
  });
  /** Cycles until `deal` comes to the last rows that the first block of `collect` needs. */
  const waiting = (count: number) => (Math.ceil(Math.min(step.to.tokens, count) / step.from.tokens) - 1) * words;
  /** Blocks of `collect` that need rows of the last block of `deal`, besides one. */
  const remaining = (count: number) =>
    blocks(count).collected - 1 - Math.floor(((blocks(count).dealt - 1) * step.from.tokens) / step.to.tokens);
  const whole = Math.min(group, rows);
  /** Rows of the last group. */
  const left = rows - (groups - 1) * group;
  const binding = new Set(
    [...bindingRows(banksOf(step, whole)), ...bindingRows(banksOf(step, left))].map(({ row }) => row),
  );
  const banks = (count: number) => banksOf(step, count).filter(({ row }) => binding.has(row));
  const deal = (count: number): Job => {
    const length = blocks(count).dealt * words;
    return {
      cycles: length,
      active: length,
      reads: [transfer(input, length, 0)],
      writes: banks(count).map((bank) => leaving(`row${bank.row}`, words, bank.deal * words, stages.read)),
    };
  };
  const collect = (count: number): Job => {
    const length = blocks(count).collected * words;
    return {
      cycles: length,
      active: length,
      reads: banks(count).map((bank) => transfer(`row${bank.row}`, words, bank.collect * words)),
      writes: [leaving(output, length, 0, stages.read)],
    };
  };
  const wordBits = step.from.columns * bits;
  const process = (name: string, job: (count: number) => Job): Process => ({
    name,
    jobs: groups,
    ...job(whole),
    ...(left < whole ? { rest: job(left) } : {}),
  });
  return {
    processes: [process('deal', deal), process('collect', collect)],
    buffers: banks(whole).map(({ row }) => ({ name: `row${row}`, depth: 2 * words })),
    memories: [{ name: 'rows', words: 2 * words, bits: wordBits, parts: group, storage: 'bram' }],
    gates: Math.max(step.from.tokens, step.to.tokens) * wordBits,
    passages: (count) => [
      { duration: blocks(count).dealt * words, fill: waiting(count) + stages.read, tail: stages.read },
      {
        duration: blocks(count).collected * words,
        fill: stages.read,
        tail: remaining(count) * words + stages.read,
      },
    ],
  };
}

interface Bank {
  readonly row: number;
  /** Block of the group in which its words are written, and the one in which they are read. */
  readonly deal: number;
  readonly collect: number;
}

/** FIFOs of a group of so many rows, the padding of both sides left out: one of those of the same two blocks, which go in step. */
function banksOf({ from, to }: Step, rows: number): readonly Bank[] {
  const banks: Bank[] = [];
  const padded = ({ tokens }: WordShape): number => Math.ceil(rows / tokens) * tokens;
  for (let row = 0; row < Math.min(padded(from), padded(to)); row++) {
    const [deal, collect] = [Math.floor(row / from.tokens), Math.floor(row / to.tokens)];
    const last = banks.at(-1);
    if (last?.deal !== deal || last.collect !== collect) banks.push({ row, deal, collect });
  }
  return banks;
}

/**
 * Those that can hold anybody up. Of those that a block of `collect` reads,
 * the last one written says when it may go on, unless an earlier block waited for it; of those that a block of `deal` writes,
 * the last one read says when there is room, unless an earlier block needed it. From 4 rows to 1: the first and the last.
 */
function bindingRows(banks: readonly Bank[]): readonly Bank[] {
  return banks.filter(({ deal, collect }) => {
    const later = (one: Bank): boolean => one.deal > deal && one.collect === collect;
    const earlier = (one: Bank): boolean => one.deal < deal && one.collect === collect;
    const readBefore = (one: Bank): boolean => one.deal === deal && one.collect < collect;
    const readAfter = (one: Bank): boolean => one.deal === deal && one.collect > collect;
    return (!banks.some(later) && !banks.some(readBefore)) || (!banks.some(earlier) && !banks.some(readAfter));
  });
}
