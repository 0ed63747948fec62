/** Cost law of layernorm.h: sums, means, deviations, factors, normalise; one word a cycle (or every `ii`) through each. */
import { coresOf, costOf, countOf } from '../cost.ts';
import type { Buffer, Formula, Law, MemoryShape, Process, Target } from '../kernel.ts';
import { partialSums, partialWords, reduction, reductionCycles, sumCores } from '../partialsums.ts';
import {
  blocksOf,
  flatLoop,
  inputCores,
  inputStages,
  levels,
  outputCores,
  outputStages,
  rowSlack,
  stages,
  transfer,
  wordsOfBlock,
} from '../rows.ts';
import { elementBits, isInteger } from '../word.ts';
import type { LayernormParameters } from './parameters.ts';

export function layernormLaw(parameters: LayernormParameters, target: Target): Law {
  const { rows, columns, word, ii, input, outputs } = parameters;
  const tensor = { rows, columns, word };
  const lanes = word.tokens * word.columns;
  const jobs = blocksOf(tensor);
  const words = wordsOfBlock(tensor);
  const partials = partialWords(ii, words);
  const tree = levels(word.columns);

  const sumDepth = stages.read + inputStages(input) + tree * stages.fadd + stages.carriedSum;
  const meanDepth = stages.fmul;
  const deviationDepth = stages.read + stages.fadd + stages.fmul + tree * stages.fadd + stages.carriedSum;
  const factorDepth = stages.fmul + stages.fadd + stages.rsqrt;
  const output = outputs.find(isInteger) ?? outputs[0] ?? 'fp32';
  const normaliseDepth = stages.read + 2 * stages.fmul + stages.fadd + outputStages(output);

  const row = words * ii;
  const mean = reductionCycles(partials, word.tokens, meanDepth);
  const factor = reductionCycles(partials, word.tokens, factorDepth);
  const interval = Math.max(row, mean, factor);
  const outs = outputs.map((_, index) => outputPort(index));

  const withPartials = (process: Process, port: string, depth: number): Process => ({
    ...process,
    writes: [...process.writes, transfer(port, partials, (words - partials) * ii + depth, ii)],
  });
  const alsoReads = (process: Process, port: string): Process => ({
    ...process,
    reads: [...process.reads, transfer(port, 1, 0)],
  });
  const processes: Process[] = [
    withPartials(flatLoop('sums', jobs, words, ii, sumDepth, ['in'], ['row']), 'partial_sum', sumDepth),
    reduction('means', jobs, { port: 'partial_sum', words: partials }, word.tokens, meanDepth, 'mean'),
    withPartials(
      alsoReads(flatLoop('deviations', jobs, words, ii, deviationDepth, ['row'], ['centred']), 'mean'),
      'partial_square',
      deviationDepth,
    ),
    reduction('factors', jobs, { port: 'partial_square', words: partials }, word.tokens, factorDepth, 'factor'),
    {
      name: 'gains',
      jobs: 1,
      cycles: words,
      active: words,
      reads: [transfer('parameters', words, 0)],
      writes: [],
    },
    {
      ...alsoReads(flatLoop('normalise', jobs, words, 1, normaliseDepth, ['centred'], outs), 'factor'),
      after: 'gains',
    },
  ];

  const rowDepth = words + mean + rowSlack;
  const centredDepth = words + factor + rowSlack;
  const tokenBits = word.tokens * elementBits.fp32;
  const buffers: Buffer[] = [
    { name: 'row', depth: rowDepth },
    { name: 'partial_sum', depth: 2 * partialSums(ii) },
    { name: 'mean', depth: 2 },
    { name: 'centred', depth: centredDepth },
    { name: 'partial_square', depth: 2 * partialSums(ii) },
    { name: 'factor', depth: 2 },
  ];
  const memories: MemoryShape[] = [
    { name: 'row', words: rowDepth, bits: lanes * elementBits.fp32, parts: 1, storage: 'bram' },
    { name: 'centred', words: centredDepth, bits: lanes * elementBits.fp32, parts: 1, storage: 'bram' },
    { name: 'gains', words, bits: 2 * word.columns * elementBits.fp32, parts: 1, storage: 'bram' },
    ...['partial_sum', 'partial_square'].map((name): MemoryShape => {
      return { name, words: 2 * partialSums(ii), bits: tokenBits, parts: 1, storage: 'srl' };
    }),
    ...['mean', 'factor'].map((name): MemoryShape => ({ name, words: 2, bits: tokenBits, parts: 1, storage: 'srl' })),
  ];

  const shared = Math.ceil(lanes / ii);
  const sums = sumCores(word.tokens, word.columns, ii);
  const count = countOf(
    [1, { control: 5 }],
    [shared, inputCores(input)],
    [2, sums],
    [shared, { fadd: 1, fmul: 1 }],
    // the two reductions: carried sums, times 1/columns, plus epsilon, reciprocal square root
    [1, { faddCarried: 2 * word.tokens, fmul: 2, fadd: 1, multiply: 2, gates: 170, registers: 160 }],
    [lanes, { fmul: 2, fadd: 1 }],
    ...outputs.map((element) => [lanes, outputCores(element)] as const),
  );

  const last = Math.max(0, (words - partials) * ii);
  const fill = last + sumDepth + 1 + mean + 1 + last + deviationDepth + 1 + factor + 1 + words - 1 + normaliseDepth + 1;
  const cycles: Formula = {
    symbolic: '(blocks − 1) · max(words · ii, mean, factor) + fill',
    numeric: `(${jobs} − 1) · max(${words} · ${ii}, ${mean}, ${factor}) + ${fill}`,
    value: (jobs - 1) * interval + fill,
    unit: 'cycles',
    source:
      'loops of layernorm.h: its five processes overlap over row blocks; fill = the first block through all of them',
  };
  const cores = coresOf(target);
  const logic = costOf(count, target);
  const explanations: Formula[] = [
    {
      symbolic: 'words = columns / columns of a word',
      numeric: `⌈${columns} / ${word.columns}⌉`,
      value: words,
      unit: 'words a row block',
      source: 'layernorm.h',
    },
    {
      symbolic: '⌈lanes / ii⌉ · (sub + mul) + 2 trees + mean and factor + lanes · (2 mul + add) + conversions',
      numeric: `${shared} · (${cores.fadd.dsp} + ${cores.fmul.dsp}) + 2 · ${sums.fadd ?? 0} · ${cores.fadd.dsp} + ${2 * cores.fmul.dsp + cores.fadd.dsp + 2} + ${lanes} · (2 · ${cores.fmul.dsp} + ${cores.fadd.dsp}) + ${
        (isInteger(input) ? shared * cores.fmul.dsp : 0) +
        outputs.filter((o) => isInteger(o)).length * lanes * cores.fmul.dsp
      }`,
      value: logic.dsp.used,
      unit: 'DSP',
      source: `${cores.fadd.source}; ${cores.fmul.source}; rsqrt.h: 2 integer multiplies`,
    },
  ];
  return { processes, buffers, logic, memories, traffic: [], cycles, explanations };
}

/** 'out', 'out2' */
export function outputPort(index: number): string {
  return index === 0 ? 'out' : `out${index + 1}`;
}
