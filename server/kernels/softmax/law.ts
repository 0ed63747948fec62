/** Cost law of softmax.h: four processes, one word a cycle (or every `ii` cycles) through each of them. */
import { exponentialUnit } from '../common/exp.ts';
import { coresOf, costOf, countOf } from '../cost.ts';
import type { Buffer, Formula, Law, MemoryShape, Target } from '../kernel.ts';
import { partialSums, partialWords, reduction, reductionCycles, sumCores } from '../partialsums.ts';
import { blocksOf, flatLoop, levels, roundingCores, roundingStages, stages, transfer, wordsOfBlock } from '../rows.ts';
import { elementBits, isInteger } from '../word.ts';
import type { SoftmaxParameters } from './parameters.ts';

/** Words that a FIFO of a row takes beyond the row, so that the next row comes in while this one waits for its maximum. */
export const rowSlack = 16;

export function softmaxLaw(parameters: SoftmaxParameters, target: Target): Law {
  const { rows, heads, keys, word, ii, output } = parameters;
  const tensor = { rows, columns: keys, word };
  const lanes = word.tokens * word.columns;
  const jobs = blocksOf(tensor) * heads;
  const words = wordsOfBlock(tensor);
  const partials = partialWords(ii, words);
  const tree = levels(word.columns);

  const maximumDepth = stages.read + (tree + 1) * stages.maximum;
  const exponentialDepth = stages.read + stages.fadd + stages.exp + tree * stages.fadd + stages.carriedSum;
  const inverseDepth = stages.reciprocal + (isInteger(output) ? stages.fmul : 0);
  const normaliseDepth = stages.read + stages.fmul + roundingStages(output);

  const row = words * ii;
  const inverse = reductionCycles(partials, word.tokens, inverseDepth);
  const interval = Math.max(row, inverse);

  const maximum = flatLoop('row_maximum', jobs, words, 1, maximumDepth, ['in'], ['row']);
  const exponentials = flatLoop('exponentials', jobs, words, ii, exponentialDepth, ['row'], ['exponential']);
  const normalise = flatLoop('normalise', jobs, words, 1, normaliseDepth, ['exponential'], ['out']);
  const lastMaximum = words - 1 + maximumDepth;
  const processes = [
    { ...maximum, writes: [...maximum.writes, transfer('maximum', 1, lastMaximum)] },
    {
      ...exponentials,
      reads: [...exponentials.reads, transfer('maximum', 1, 0)],
      writes: [...exponentials.writes, transfer('partial', partials, (words - partials) * ii + exponentialDepth, ii)],
    },
    reduction('inverses', jobs, { port: 'partial', words: partials }, word.tokens, inverseDepth, 'inverse'),
    { ...normalise, reads: [...normalise.reads, transfer('inverse', 1, 0)] },
  ];

  const rowDepth = words + rowSlack;
  const exponentialFifo = words + inverse + rowSlack;
  const buffers: Buffer[] = [
    { name: 'row', depth: rowDepth },
    { name: 'maximum', depth: 2 },
    { name: 'exponential', depth: exponentialFifo },
    { name: 'partial', depth: 2 * partialSums(ii) },
    { name: 'inverse', depth: 2 },
  ];
  const memories: MemoryShape[] = [
    { name: 'row', words: rowDepth, bits: lanes * elementBits.fp32, parts: 1, storage: 'bram' },
    { name: 'exponential', words: exponentialFifo, bits: lanes * elementBits.fp32, parts: 1, storage: 'bram' },
    { name: 'maximum', words: 2, bits: word.tokens * 32, parts: 1, storage: 'srl' },
    { name: 'partial', words: 2 * partialSums(ii), bits: word.tokens * 32, parts: 1, storage: 'srl' },
    { name: 'inverse', words: 2, bits: word.tokens * 32, parts: 1, storage: 'srl' },
  ];

  const shared = Math.ceil(lanes / ii);
  const count = countOf(
    [1, { control: 4, maximum: lanes }],
    [shared, { fadd: 1, ...exponentialUnit }],
    [1, sumCores(word.tokens, word.columns, ii)],
    [1, { faddCarried: word.tokens, multiply: 2, gates: 150, registers: 150, fmul: isInteger(output) ? 1 : 0 }],
    [lanes, { fmul: 1 }],
    [lanes, roundingCores(output)],
  );

  const fill =
    lastMaximum +
    1 +
    exponentialDepth +
    Math.max(0, (words - partials) * ii) +
    1 +
    inverse +
    1 +
    normaliseDepth +
    words;
  const cycles: Formula = {
    symbolic: '(blocks · heads − 1) · max(words · ii, inverse) + fill',
    numeric: `(${blocksOf(tensor)} · ${heads} − 1) · max(${words} · ${ii}, ${inverse}) + ${fill}`,
    value: (jobs - 1) * interval + fill,
    unit: 'cycles',
    source:
      'loops of softmax.h: maximum, exponentials, inverses and normalise overlap over rows; fill = the first row through all four',
  };
  const cores = coresOf(target);
  const logic = costOf(count, target);
  const explanations: Formula[] = [
    {
      symbolic: 'words = keys / columns of a word',
      numeric: `⌈${keys} / ${word.columns}⌉`,
      value: words,
      unit: 'words a row block and head',
      source: 'softmax.h',
    },
    {
      symbolic: '⌈lanes / ii⌉ · (sub + exp) + tree + inverse + lanes · mul',
      numeric: `${shared} · (${cores.fadd.dsp} + ${exponentialUnit.multiply}) + ${Math.ceil((word.tokens * (word.columns - 1)) / ii)} · ${cores.fadd.dsp} + ${2 + (isInteger(output) ? cores.fmul.dsp : 0)} + ${lanes} · ${cores.fmul.dsp}`,
      value: logic.dsp.used,
      unit: 'DSP',
      source: `${cores.fadd.source}; ${cores.fmul.source}; exp.h: ${exponentialUnit.multiply} integer multiplies`,
    },
  ];
  return { processes, buffers, logic, memories, traffic: [], cycles, explanations };
}
