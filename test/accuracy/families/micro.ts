import { fifoStorage, printedFifo } from '../../../server/estimate/cost/fifo.ts';
import { chooseStorage, type MemoryLaw, ramb18Halves, uramBlocks } from '../../../server/estimate/cost/memory.ts';
import type { Question } from '../data.ts';
import { type Family, type Prediction, result } from '../score.ts';

function size({ params }: Question, first: string): { depth: number; bits: number } | undefined {
  const depth = params[first];
  const { bits } = params;
  return isCount(depth) && isCount(bits) ? { depth, bits } : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

const noSize: Prediction = { refused: 'words and bits are not given as whole numbers above zero' };

function memoryLaw(tool: string): MemoryLaw {
  return /2022|2021|2020|2019/.test(tool) ? 'hls-2022.2' : 'hls-2023.2';
}

/**
 * An array that the report of a dataflow region lists is a channel between two of its processes: a ping-pong pair, which the
 * report prints in one line, as one memory of twice the words (two of 1,280 × 32 are one URAM, two of 13,456 × 32 are 53
 * RAMB18, not twice 26). An array in the report of a process or of a plain function is one memory. Stream-HLS calls the
 * region that joins its nodes `forward`; Allo names it a dataflow region.
 */
function isPair({ reportOf }: Question): boolean {
  return reportOf === 'forward' || /(^|_)dataflow(_|$)/.test(reportOf);
}

function predictMemory(question: Question): Prediction {
  const shape = size(question, 'words');
  if (!shape) return noSize;
  const { bits } = shape;
  const words = shape.depth * (isPair(question) ? 2 : 1);
  const law = memoryLaw(question.tool);
  const bound = /_(BRAM|URAM|LUTRAM)_/.exec(String(question.params.ram_type))?.[1]?.toLowerCase();
  // Only the releases from 2023.2 on put a memory into URAM that nobody bound there.
  const storage = bound ?? chooseStorage(words, bits, law === 'hls-2023.2');
  if (storage === 'uram') return { value: halvesPerUram * uramBlocks(words, bits) };
  return { value: storage === 'bram' ? ramb18Halves(words, bits, law) : 0 };
}

/** RAMB18 halves and URAMs in one figure: a URAM has the bits of sixteen. */
const halvesPerUram = 16;

export const microMemory: Family = {
  name: 'micro-memory',
  quantity: 'BRAM18 and URAM',
  goal: '95 % exact',
  tolerance: 0,
  model:
    'One memory by words and bits: the storage that the tool chooses or that is bound, then blocks by their aspect ratios. ' +
    'An array of a dataflow region is a ping-pong pair, which the report prints in one line, as one memory of twice the words: ' +
    'the name of the report that the row cites says whether it is that of a region. A row that cites none is one array.',
  predict: predictMemory,
  measured: (answers) => {
    const [bram, uram] = [result(answers, 'csynth', 'BRAM_18K'), result(answers, 'csynth', 'URAM')];
    return bram === undefined || uram === undefined ? undefined : bram + halvesPerUram * uram;
  },
};

/** In 2023.2 the report shows one block for every FIFO that is deeper than a block. */
const wronglyReported = ({ tool, params }: Question): boolean => tool.includes('2023.2') && Number(params.depth) > 512;

const fifo =
  (pick: 'lut' | 'ff' | 'blocks') =>
  (question: Question): Prediction => {
    const shape = size(question, 'depth');
    if (!shape) return noSize;
    if (pick !== 'blocks' && /2022\.2|2021|2020|2019/.test(question.tool) && shape.depth <= 2)
      return { value: smallestUntil2022[pick] };
    const printed = printedFifo(shape.depth, shape.bits, fifoStorage(shape.depth, 'auto'));
    return { value: pick === 'blocks' ? printed.ramb18 + halvesPerUram * printed.uram : printed[pick] };
  };

/**
 * Until 2022.2 the report has one figure for the smallest FIFO, whatever its width: 99 FF stand beside 32 and beside 65 bits
 * in public reports of these releases; its 67 LUT are those of the one row there is.
 */
const smallestUntil2022 = { lut: 67, ff: 99 } as const;

const fifoModel =
  'One FIFO by depth and bits, as the report of the tool version prints it: two registers a bit, shift registers, LUT memory, ' +
  'block memory. Rows of 2023.2 deeper than 512 are left out: that report counts one block whatever the depth.';

export const microFifo: readonly Family[] = [
  {
    name: 'micro-fifo',
    quantity: 'BRAM18 and URAM',
    goal: 'exact',
    tolerance: 0,
    model: fifoModel,
    leaveOut: wronglyReported,
    predict: fifo('blocks'),
    measured: microMemory.measured,
  },
  {
    name: 'micro-fifo',
    quantity: 'LUT',
    goal: 'within 10 %',
    tolerance: 0.1,
    model: fifoModel,
    leaveOut: wronglyReported,
    predict: fifo('lut'),
    measured: (answers) => result(answers, 'csynth', 'LUT'),
  },
  {
    name: 'micro-fifo',
    quantity: 'FF',
    goal: 'within 10 %',
    tolerance: 0.1,
    model: fifoModel,
    leaveOut: wronglyReported,
    predict: fifo('ff'),
    measured: (answers) => result(answers, 'csynth', 'FF'),
  },
];
