/** Cost law of weights.h: a reader of the port, the scales' table, and the cutting of beats into weight words. */
import { type CoreCount, costOf } from '../cost.ts';
import type { Buffer, Formula, Law, MemoryShape, Process, Target, Transfer } from '../kernel.ts';
import { stages, transfer } from '../rows.ts';
import { elementBits } from '../word.ts';
import { type LoaderLayout, type LoaderShape, loaderLayout } from './layout.ts';
import type { WeightsParameters } from './parameters.ts';

/** Beats that the reader may be ahead: what the port's latency costs is hidden behind them, and an SRL is 32 deep. */
const leastBeats = 32;

/** Of a number of beats or words. */
const SIZE_BITS = 16;

/** The depth of the FIFO of beats: that, or the tiles that are staged. */
export function beatsDepth({ staging, ...shape }: Pick<WeightsParameters, 'staging'> & LoaderShape): number {
  return Math.max(leastBeats, staging ? staging.tiles * loaderLayout(shape).tileBeats : 0);
}

export function weightsLaw(parameters: WeightsParameters, target: Target): Law {
  const { blocks, array, pack, portBits, storage, staging, keptFor = 1 } = parameters;
  const depth = storage === 'memory' ? beatsDepth(parameters) : leastBeats;
  const layout = loaderLayout(parameters);
  const { parts, words, columns: scales, tileColumns, headBeats, bodyBeats, wordsPerBeat, beatsPerWord } = layout;
  // Of several matrices one lies behind the other, and a block of the one is not a block of the other.
  const jobs = parts.length > 1 ? 1 : (parameters.jobs ?? blocks);
  const kept = storage !== 'memory';
  const ahead = kept && parameters.ahead === true;
  const halves = ahead ? 2 : 1;
  const reads = kept ? 1 : blocks;
  const cut = words * beatsPerWord;
  // Blocks of a job.
  const share = blocks / jobs;

  const processes: Process[] = [
    {
      name: 'read_head',
      hardware: 'read',
      jobs: 1,
      cycles: stages.memoryRead + headBeats,
      active: headBeats,
      reads: [transfer('memory', headBeats, stages.memoryRead)],
      writes: [transfer('head', headBeats, stages.memoryRead)],
    },
    ...bodyReaders(parameters, layout),
  ];
  if (ahead) {
    const head = takingOf(blocks * scales, headBeats, stages.memoryRead + 1, false);
    processes.push(takingProcess('turn_scales', head, { from: 'head', beats: headBeats }, ['scales', blocks * scales]));
  } else {
    processes.push(
      {
        name: 'keep_scales',
        hardware: 'scales',
        jobs: 1,
        cycles: headBeats,
        active: headBeats,
        reads: [transfer('head', headBeats, 0)],
        writes: [],
      },
      {
        name: 'send_scales',
        hardware: 'scales',
        jobs,
        cycles: share * scales,
        active: share * scales,
        reads: [],
        writes: [transfer('scales', share * scales, 0)],
        after: 'keep_scales',
      },
    );
  }
  if (ahead) {
    const body = takingOf(blocks * words, cut, loadStart(layout), true);
    processes.push(
      takingProcess('turn_weights', body, { from: 'beats', beats: bodyBeats }, ['weights', blocks * words]),
    );
  } else if (kept) {
    processes.push(
      {
        name: 'keep_weights',
        hardware: 'words',
        jobs: 1,
        cycles: cut,
        active: cut,
        reads: [beatsIn(layout, words, bodyBeats)],
        writes: [],
      },
      {
        name: 'send_weights',
        hardware: 'words',
        jobs,
        cycles: share * words,
        active: share * words,
        reads: [],
        writes: [transfer('weights', share * words, 0)],
        after: 'keep_weights',
      },
    );
  } else processes.push(...cutters(parameters, layout));

  const buffers: Buffer[] = [
    { name: 'head', depth: 2 },
    { name: 'beats', depth },
  ];
  const wordBits = tileColumns * array.dot * elementBits[parameters.weights];
  // Of several matrices, their sizes and places in tables: of words, columns, beats of heads and of bodies.
  const choices = 4 * SIZE_BITS * Math.ceil((parts.length - 1) / 3);
  const memories: MemoryShape[] = [
    { name: 'head', words: 2, bits: portBits, parts: 1, storage: 'registers' },
    { name: 'beats', words: depth, bits: portBits, parts: 1, storage: kept ? 'srl' : (staging?.storage ?? 'srl') },
    { name: 'table', words: headBeats, bits: portBits, parts: halves, storage: headBeats <= 128 ? 'lutram' : 'bram' },
    ...(kept ? [{ name: 'kept', words, bits: wordBits, parts: halves, storage }] : []),
  ];

  // Multiplexers of 4:1 a LUT that pick a column out of a beat of the table and a word out of a beat; a beat held.
  const count: CoreCount = {
    control: 3,
    gates: 64 * Math.ceil((portBits / 64 - 1) / 3) + wordBits * Math.ceil((wordsPerBeat - 1) / 3) + choices,
    registers: portBits * beatsPerWord + wordBits + portBits + 64,
  };
  const beats = headBeats + reads * bodyBeats;
  const bytes = beats * layout.beatBytes;
  return {
    processes,
    buffers,
    logic: costOf(count, target),
    memories,
    // What is asked for, a word a cycle, be it of several beats; but where beats hold several words, a beat a cycle is all that a
    // port can be asked for: of few words, it takes longer to read the head and what fills the last beat than the array to use them.
    traffic: [
      {
        port: 'memory',
        direction: 'read',
        bytes,
        cycles: Math.max(blocks * words * keptFor, beatsPerWord > 1 ? 0 : beats),
      },
    ],
    cycles: passCycles(parameters, layout),
    ...(kept ? { load: loadFormula(parameters, layout) } : {}),
    explanations: [
      {
        symbolic: kept ? 'head + body' : 'head + blocks · body',
        numeric: kept
          ? `${headBeats * layout.beatBytes} + ${bodyBeats * layout.beatBytes}`
          : `${headBeats * layout.beatBytes} + ${blocks} · ${bodyBeats * layout.beatBytes}`,
        value: bytes,
        unit: 'bytes a pass',
        source: 'layout.ts',
      },
      {
        symbolic: 'A · P · D · bits',
        numeric: `${array.outputs} · ${pack} · ${array.dot} · ${elementBits[parameters.weights]}`,
        value: wordBits,
        unit: 'bits a cycle',
        source: 'weights.h',
      },
    ],
  };
}

/**
 * Bursts of the bodies: one matrix behind the other, each once a block. What is read once is one run over all of them.
 */
function bodyReaders({ blocks, storage, jobs = blocks }: WeightsParameters, layout: LoaderLayout): Process[] {
  const { memoryRead } = stages;
  const once = storage !== 'memory' || blocks === 1;
  const share = once ? 1 : blocks / jobs;
  const runs = once ? [layout.bodyBeats] : layout.parts.map(({ bodyBeats }) => bodyBeats);
  const names = runs.map((_, run) => (run === 0 ? 'read_body' : `read_body${run}`));
  return runs.map((beats, run): Process => {
    const cycles = share * (memoryRead + beats);
    const bursts = { words: share * beats, first: memoryRead, last: cycles - 1 };
    return {
      name: names[run]!,
      hardware: 'read',
      jobs: once ? 1 : jobs,
      cycles,
      active: share * beats,
      reads: [{ port: 'memory', ...bursts }],
      writes: [{ port: 'beats', ...bursts }],
      after: run === 0 ? 'read_head' : names[run - 1]!,
    };
  });
}

/** When the beats of so many words are taken: one before the first word of it, or word by word. */
function beatsIn({ wordsPerBeat, beatsPerWord }: LoaderLayout, words: number, beats: number): Transfer {
  const last = beatsPerWord === 1 ? (Math.ceil(words / wordsPerBeat) - 1) * wordsPerBeat : words * beatsPerWord - 1;
  return { port: 'beats', words: beats, first: 0, last };
}

/**
 * Cuts the beats of a block: of one matrix, and of all that follow it as long as their words fill whole beats, for they are one run
 * then. Of several blocks each matrix has a run of its own.
 */
function cutters({ blocks, jobs = blocks }: WeightsParameters, layout: LoaderLayout): Process[] {
  const { wordsPerBeat, beatsPerWord } = layout;
  const runs: { words: number; beats: number }[] = [];
  for (const { tiles, steps, bodyBeats } of layout.parts) {
    const last = runs.at(-1);
    if (last && blocks === 1 && last.words % wordsPerBeat === 0) {
      last.words += tiles * steps;
      last.beats += bodyBeats;
    } else runs.push({ words: tiles * steps, beats: bodyBeats });
  }
  const share = blocks / jobs;
  return runs.map(({ words, beats }, run): Process => {
    const cut = words * beatsPerWord;
    const taken = beatsIn(layout, words, beats);
    return {
      name: run === 0 ? 'cut_words' : `cut_words${run}`,
      hardware: 'words',
      jobs,
      cycles: share * cut,
      active: share * cut,
      reads: [{ ...taken, words: share * beats, last: (share - 1) * cut + taken.last }],
      writes: [transfer('weights', share * words, beatsPerWord - 1, beatsPerWord)],
      ...(run === 0 ? {} : { after: run === 1 ? 'cut_words' : `cut_words${run - 1}` }),
    };
  });
}

/** When a loader takes beats while it sends, as weights_ahead.h has it (struct taking). */
interface Taking {
  readonly start: number;
  readonly pace: number;
  readonly takes: number;
  readonly iterations: number;
  /** With what the first beat is waited for. */
  readonly cycles: number;
}

/** The head comes in one go, for the body waits behind it; the body is spread over the pass. */
function takingOf(sends: number, takes: number, latency: number, spread: boolean): Taking {
  const start = sends >= latency + takes ? latency : 0;
  const pace = spread ? Math.max(1, Math.trunc((sends - start) / takes)) : 1;
  const iterations = Math.max(sends, start + takes * pace);
  return { start, pace, takes, iterations, cycles: iterations + latency - start };
}

/** One loop that sends one half and takes the other. */
function takingProcess(
  name: string,
  { start, pace, takes, iterations }: Taking,
  { from, beats }: { readonly from: string; readonly beats: number },
  [to, sends]: readonly [port: string, words: number],
): Process {
  return {
    name,
    jobs: 1,
    cycles: iterations,
    active: iterations,
    reads: [{ port: from, words: beats, first: start, last: start + (takes - 1) * pace }],
    writes: [transfer(to, sends, 0)],
  };
}

/** From the first request to the last word kept. */
function loadFormula({ ahead }: WeightsParameters, layout: LoaderLayout): Formula {
  const { words, beatsPerWord } = layout;
  const start = loadStart(layout);
  return {
    symbolic: 'start + tiles · K/D · beats a word',
    numeric: `${start} + ${wordsText(layout)} · ${beatsPerWord}`,
    value: start + words * beatsPerWord,
    unit: ahead
      ? 'cycles to load the next layer’s weights, while this one is computed'
      : 'cycles to load a layer’s weights, before its first row',
    source: ahead ? 'two halves: one is sent, the other filled' : 'loops of weights.h: read once a pass',
  };
}

/** The head and the first beat of the body, each behind the latency of memory. */
function loadStart({ headBeats }: LoaderLayout): number {
  return 2 * stages.memoryRead + headBeats + 1;
}

/**
 * Cycles of a pass whose takers are always ready. A burst begins `latency` cycles after it is asked for; the reader asks for
 * the next block's when the last beat of this one is in the FIFO, which then still holds up to its depth of beats.
 */
function passCycles(parameters: WeightsParameters, layout: LoaderLayout): Formula {
  const { blocks, storage, ahead } = parameters;
  const { parts, words, columns, headBeats, wordsPerBeat, beatsPerWord } = layout;
  const latency = stages.memoryRead;
  const cut = words * beatsPerWord;
  const text = wordsText(layout);
  const start = loadStart(layout);
  const scales = latency + headBeats + 1 + blocks * columns;
  if (storage !== 'memory' && ahead) {
    const body = takingOf(blocks * words, cut, start, true);
    const ofScales = takingOf(blocks * columns, headBeats, latency + 1, false);
    const wait = start - body.start;
    return {
      symbolic: 'wait + max(start + pace · tiles · K/D · beats a word, blocks · tiles · K/D)',
      numeric: `${wait} + max(${body.start} + ${body.pace} · ${text} · ${beatsPerWord}, ${blocks} · ${text})`,
      value: Math.max(body.cycles, ofScales.cycles),
      unit: 'cycles',
      source: 'weights_ahead.h: the next layer’s weights are read while this one’s are sent once a block',
    };
  }
  if (storage !== 'memory')
    return {
      symbolic: 'start + tiles · K/D · beats a word + blocks · tiles · K/D',
      numeric: `${start} + ${text} · ${beatsPerWord} + ${blocks} · ${text}`,
      value: Math.max(start + cut + blocks * words, scales),
      unit: 'cycles',
      source: 'loops of weights.h: read once a pass, then sent once a block',
    };
  const bodies = parts.map(({ tiles, steps, bodyBeats }) => {
    const own = tiles * steps * beatsPerWord;
    const unusedWords = (bodyBeats / beatsPerWord) * wordsPerBeat - tiles * steps;
    const ranDry = wordsPerBeat > 1 ? latency + 2 + unusedWords - (beatsDepth(parameters) + 1) * wordsPerBeat : 0;
    return { own, block: Math.max(own, latency + bodyBeats, own + ranDry) };
  });
  const last = bodies.at(-1)!;
  const before = blocks === 1 ? cut - last.own : bodies.reduce((sum, { block }) => sum + blocks * block, -last.block);
  const source =
    'loops of weights.h: read from memory once a block; a block takes its words, its beats and a burst, or the FIFO runs dry';
  return {
    symbolic: 'start + (blocks − 1) · block + tiles · K/D · beats a word',
    numeric:
      parts.length > 1
        ? `${start} + ${before} + ${last.own}`
        : `${start} + (${blocks} − 1) · ${last.block} + ${text} · ${beatsPerWord}`,
    value: Math.max(start + before + last.own, scales),
    unit: 'cycles',
    source,
  };
}

/** '24 · 768', of several matrices their sum. */
function wordsText({ parts, words }: LoaderLayout): string {
  const [only] = parts;
  return parts.length === 1 ? `${only!.tiles} · ${only!.steps}` : String(words);
}
