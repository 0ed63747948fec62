/** Cost law of rmsnorm.h: squares, factors, scale; one word a cycle (or every `ii`) through each. */
import { coresOf, costOf, countOf } from '../cost.ts';
import type { Law, Process, Target } from '../kernel.ts';
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
import type { RmsnormParameters } from './parameters.ts';

export function rmsnormLaw(parameters: RmsnormParameters, target: Target): Law {
  const { rows, columns, word, ii, input, output } = parameters;
  const tensor = { rows, columns, word };
  const lanes = word.tokens * word.columns;
  const jobs = blocksOf(tensor);
  const words = wordsOfBlock(tensor);
  const partials = partialWords(ii, words);

  const squareDepth =
    stages.read + inputStages(input) + stages.fmul + levels(word.columns) * stages.fadd + stages.carriedSum;
  const factorDepth = stages.fmul + stages.fadd + stages.rsqrt;
  const scaleDepth = stages.read + 2 * stages.fmul + outputStages(output);
  const factor = reductionCycles(partials, word.tokens, factorDepth);
  const interval = Math.max(words * ii, factor);

  const squares = flatLoop('squares', jobs, words, ii, squareDepth, ['in'], ['row']);
  const scale = flatLoop('scale', jobs, words, 1, scaleDepth, ['row'], ['out']);
  const processes: Process[] = [
    {
      ...squares,
      writes: [...squares.writes, transfer('partial_square', partials, (words - partials) * ii + squareDepth, ii)],
    },
    reduction('factors', jobs, { port: 'partial_square', words: partials }, word.tokens, factorDepth, 'factor'),
    {
      name: 'gains',
      jobs: 1,
      cycles: words,
      active: words,
      reads: [transfer('parameters', words, 0)],
      writes: [],
    },
    { ...scale, reads: [...scale.reads, transfer('factor', 1, 0)], after: 'gains' },
  ];

  const rowDepth = words + factor + rowSlack;
  const tokenBits = word.tokens * elementBits.fp32;
  const shared = Math.ceil(lanes / ii);
  const sums = sumCores(word.tokens, word.columns, ii);
  const count = countOf(
    [1, { control: 3 }],
    [shared, inputCores(input)],
    [shared, { fmul: 1 }],
    [1, sums],
    // the reduction: carried sums, times 1/columns, plus epsilon, reciprocal square root
    [1, { faddCarried: word.tokens, fmul: 1, fadd: 1, multiply: 2, gates: 170, registers: 160 }],
    [lanes, { fmul: 2 }],
    [lanes, outputCores(output)],
  );
  const cores = coresOf(target);
  const logic = costOf(count, target);
  const last = Math.max(0, (words - partials) * ii);
  const fill = last + squareDepth + 1 + factor + 1 + words - 1 + scaleDepth + 1;
  const conversions = (isInteger(input) ? shared : 0) + (isInteger(output) ? lanes : 0);
  return {
    processes,
    buffers: [
      { name: 'row', depth: rowDepth },
      { name: 'partial_square', depth: 2 * partialSums(ii) },
      { name: 'factor', depth: 2 },
    ],
    logic,
    memories: [
      { name: 'row', words: rowDepth, bits: lanes * elementBits.fp32, parts: 1, storage: 'bram' },
      { name: 'gains', words, bits: word.columns * elementBits.fp32, parts: 1, storage: 'bram' },
      { name: 'partial_square', words: 2 * partialSums(ii), bits: tokenBits, parts: 1, storage: 'srl' },
      { name: 'factor', words: 2, bits: tokenBits, parts: 1, storage: 'srl' },
    ],
    traffic: [],
    cycles: {
      symbolic: '(blocks − 1) · max(words · ii, factor) + fill',
      numeric: `(${jobs} − 1) · max(${words} · ${ii}, ${factor}) + ${fill}`,
      value: (jobs - 1) * interval + fill,
      unit: 'cycles',
      source: 'loops of rmsnorm.h: its three processes overlap over row blocks; fill = the first block through all',
    },
    explanations: [
      {
        symbolic: 'words = columns / columns of a word',
        numeric: `⌈${columns} / ${word.columns}⌉`,
        value: words,
        unit: 'words a row block',
        source: 'rmsnorm.h',
      },
      {
        symbolic: '⌈lanes / ii⌉ · mul + tree + factor + lanes · 2 mul + conversions',
        numeric: `${shared} · ${cores.fmul.dsp} + ${sums.fadd ?? 0} · ${cores.fadd.dsp} + ${cores.fmul.dsp + cores.fadd.dsp + 2} + ${lanes} · 2 · ${cores.fmul.dsp} + ${conversions} · ${cores.fmul.dsp}`,
        value: logic.dsp.used,
        unit: 'DSP',
        source: `${cores.fadd.source}; ${cores.fmul.source}; rsqrt.h: 2 integer multiplies`,
      },
    ],
  };
}
