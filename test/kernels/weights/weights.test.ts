import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { weights, weightsRefusal } from '../../../server/kernels/weights/index.ts';
import { loaderLayout, type WeightMatrix } from '../../../server/kernels/weights/layout.ts';
import type { WeightsParameters } from '../../../server/kernels/weights/parameters.ts';
import { elementBits } from '../../../server/kernels/word.ts';
import { type Dice, drawn } from '../common/drawn.ts';
import { faultsShow } from '../common/faults.ts';
import { instanceBench } from '../common/instance-bench.ts';
import { type Matrix, randomMatrix, seeded } from '../common/reference.ts';
import { packWeights, type TrainedValues } from './pack-weights.ts';

const u280 = { dspKind: 'DSP48E2', clock: 245e6 };

function shape(
  [blocks, reduction, columns]: readonly [number, number, number],
  [outputs, dot, pack]: readonly [number, number, number],
  rest: Partial<WeightsParameters> = {},
): WeightsParameters {
  return {
    blocks,
    matrices: [{ reduction, columns }],
    array: { tokens: 8, outputs, dot },
    pack,
    weights: 'int4',
    portBits: 512,
    storage: 'memory',
    content: 'weights',
    ...rest,
  };
}

/** Of one array, three shapes behind each other. */
function inTurn(
  [blocks, reduction, columns]: readonly [number, number, number],
  array: readonly [number, number, number],
  rest: Partial<WeightsParameters> = {},
): WeightsParameters {
  const matrices = [
    { reduction, columns },
    { reduction: reduction + 7, columns: Math.ceil(columns / 3) },
    { reduction: Math.ceil(reduction / 2), columns: 2 * columns },
  ];
  return shape([blocks, reduction, columns], array, { ...rest, matrices });
}

const drawnMatrices = (dice: Dice): WeightMatrix[] =>
  Array.from({ length: dice.from(2, 4) }, () => ({ reduction: dice.from(1, 40), columns: dice.from(1, 40) }));

const shapes: Readonly<Record<string, WeightsParameters>> = {
  'four words a beat': shape([3, 24, 64], [16, 1, 2]),
  'a beat a word': shape([2, 32, 32], [16, 4, 2]),
  'more beats than the FIFO holds': shape([2, 96, 96], [8, 1, 2]),
  'two words a beat, a FIFO that runs dry': shape([3, 100, 65], [8, 4, 2]),
  'two beats a word': shape([2, 32, 32], [16, 8, 2]),
  'words that leave part of a beat': shape([2, 10, 30], [5, 3, 1], { portBits: 64 }),
  'words of half a byte': shape([2, 7, 3], [1, 1, 1], { portBits: 64 }),
  'int8 through a narrow port': shape([2, 12, 24], [4, 1, 2], { weights: 'int8', portBits: 128 }),
  'int16 weights': shape([1, 9, 8], [4, 2, 1], { weights: 'int16', portBits: 256 }),
  'staged in URAM, a tile': shape([3, 600, 65], [8, 4, 2], { staging: { storage: 'uram', tiles: 1 } }),
  'two beats a word, staged in block RAM, two tiles': shape([3, 160, 64], [16, 8, 2], {
    staging: { storage: 'bram', tiles: 2 },
  }),
  'kept in URAM': shape([3, 24, 64], [16, 1, 2], { storage: 'uram' }),
  'two beats a word, kept in block RAM': shape([2, 32, 32], [16, 8, 2], { storage: 'bram' }),
  'the next layer’s, kept in URAM': shape([3, 24, 64], [16, 1, 2], { storage: 'uram', ahead: true, owner: 'one' }),
  'two beats a word of the next layer, one block': shape([1, 32, 32], [16, 8, 2], {
    ...{ storage: 'bram', ahead: true, owner: 'two' },
  }),
  'the next layer’s, spread over many blocks': shape([40, 10, 30], [5, 3, 1], {
    ...{ portBits: 64, storage: 'lutram', ahead: true, owner: 'three' },
  }),
  'three in turn, read once': inTurn([1, 24, 64], [16, 1, 2]),
  'three in turn, read once a block': inTurn([3, 24, 64], [16, 1, 2]),
  'three in turn, words that leave part of a beat': inTurn([1, 10, 30], [5, 3, 1], { portBits: 64 }),
  'three in turn, two beats a word, staged': inTurn([2, 60, 64], [16, 8, 2], {
    staging: { storage: 'bram', tiles: 1 },
  }),
  'three in turn, kept in URAM': inTurn([3, 24, 64], [16, 1, 2], { storage: 'uram' }),
  'three in turn, of the next layer': inTurn([3, 10, 30], [5, 3, 1], {
    ...{ portBits: 128, storage: 'lutram', ahead: true, owner: 'four' },
  }),
  ...drawn((dice) => {
    const storage = dice.of(['memory', 'memory', 'uram', 'bram', 'lutram'] as const);
    const staging = { storage: dice.of(['uram', 'bram', 'lutram'] as const), tiles: dice.from(1, 2) };
    return shape(
      [dice.from(1, 4), dice.from(1, 60), dice.from(1, 50)],
      [dice.from(1, 8), dice.from(1, 5), dice.from(1, 3)],
      {
        storage,
        ...(storage !== 'memory' && dice.from(0, 1) === 1 ? { ahead: true, owner: 'drawn' } : {}),
        ...(storage === 'memory' && dice.from(0, 1) === 1 ? { staging } : {}),
        weights: dice.of(['int2', 'int4', 'int8', 'int16']),
        portBits: dice.of([64, 128, 256, 512]),
        ...(dice.from(0, 2) === 0 ? {} : { matrices: drawnMatrices(dice) }),
      },
    );
  }, weightsRefusal),
};
const names = Object.keys(shapes);
const instances = Object.values(shapes).map((parameters) => weights.instantiate(parameters, u280));

type Problem = { readonly w: Matrix; readonly values: TrainedValues };

function problemsOf({ matrices, weights: element }: WeightsParameters, seed: number): Problem[] {
  const random = seeded(seed);
  return matrices.map(({ reduction, columns }) => {
    const w = randomMatrix(reduction, columns, elementBits[element], random);
    const scales = Array.from({ length: 2 * columns }, () => random(-1000, 1000) / 64);
    return {
      w,
      values: {
        weight: (k, n) => w.values[k * columns + n]!,
        multiplier: (n) => scales[2 * n]!,
        bias: (n) => scales[2 * n + 1]!,
      },
    };
  });
}

/** Heads of all matrices, behind them their bodies. */
function memoryOf(parameters: WeightsParameters, problems: readonly Problem[]): Uint8Array {
  const images = parameters.matrices.map((matrix, m) => packWeights({ ...parameters, ...matrix }, problems[m]!.values));
  const { parts } = loaderLayout(parameters);
  const headBytes = parts.map(({ headBeats, beatBytes }) => headBeats * beatBytes);
  return Uint8Array.from([
    ...images.flatMap((image, m) => [...image.subarray(0, headBytes[m])]),
    ...images.flatMap((image, m) => [...image.subarray(headBytes[m])]),
  ]);
}

/** What linear.h asks for, written from its header comment. */
function expected({ blocks, matrices, array, pack }: WeightsParameters, problems: readonly Problem[]) {
  const wide = array.outputs * pack;
  const stream: number[] = [];
  const scales: number[] = [];
  matrices.forEach(({ reduction, columns }, m) => {
    const { w, values } = problems[m]!;
    for (let block = 0; block < blocks; block++)
      for (let tile = 0; tile < columns; tile += wide) {
        for (let step = 0; step < reduction; step += array.dot)
          for (let k = step; k < step + array.dot; k++)
            for (let n = tile; n < tile + wide; n++)
              stream.push(k < reduction && n < columns ? w.values[k * columns + n]! : 0);
        for (let n = tile; n < tile + wide; n++)
          scales.push(n < columns ? values.multiplier(n) : 0, n < columns ? values.bias(n) : 0);
      }
  });
  return { weights: stream, scales };
}

const { build } = instanceBench();

describe.each(['sequential', 'fibres'] as const)('weights.h, %s', (mode) => {
  const program = build(instances, mode);

  it.each(names.map((name, index) => ({ name, index })))('sends what memory holds: $name', async ({ name, index }) => {
    const parameters = shapes[name]!;
    const problem = problemsOf(parameters, index + 1);
    const memory = memoryOf(parameters, problem);
    const { outputs, cycles } = await (await program).simulate(index, { streams: {}, memories: { memory } });
    expect(outputs).toEqual(expected(parameters, problem));
    if (mode === 'fibres') expect(cycles).toBe(instances[index]!.law.cycles.value);
  });
});

describe('the layout in memory', () => {
  it('is what the documentation of layout.ts says, byte for byte', () => {
    const image = packWeights(
      { ...shape([1, 2, 3], [2, 1, 1], { portBits: 64 }), reduction: 2, columns: 3 },
      {
        weight: (k, n) => 1 + n + 3 * k,
        multiplier: (n) => n + 1,
        bias: (n) => -n,
      },
    );
    const view = new DataView(image.buffer);
    // Head: 3 columns padded to 4, a beat of 8 bytes each. Body: 4 words of one byte, 8 to a beat.
    expect(image.length).toBe(4 * 8 + 8);
    expect([0, 4, 8, 12, 16, 20, 24, 28].map((at) => view.getFloat32(at, true))).toEqual([1, -0, 2, -1, 3, -2, 0, 0]);
    expect([...image.slice(32)]).toEqual([0x21, 0x54, 0x03, 0x06, 0, 0, 0, 0]);
  });

  it('takes 4.5 bits a weight of a W4 layer: four bits, and 8 bytes a column', () => {
    const layout = loaderLayout(shape([64, 768, 768], [16, 1, 2]));
    expect(layout.bytes).toBe((768 * 768) / 2 + 768 * 8);
    expect(layout.wordsPerBeat).toBe(4);
  });
});

it('weights.h has no undefined behaviour at its edges, and needs no optimisation', async () => {
  const name = 'words that leave part of a beat';
  const parameters = shapes[name]!;
  const program = await build([instances[names.indexOf(name)]!], 'sanitized');
  const outcome = await program.attempt(0, {
    streams: {},
    memories: { memory: memoryOf(parameters, problemsOf(parameters, 1)) },
  });
  expect(outcome.stderr).toBe('');
  expect(outcome.code).toBe(0);
});

describe('a fault does not pass', () => {
  const faults = {
    'words of a beat in the wrong order': {
      at: 'four words a beat',
      header: 'weights.h',
      from: 'place * LAYOUT::word_bytes + i',
      to: '(LAYOUT::words_per_beat - 1 - place) * LAYOUT::word_bytes + i',
    },
    'the head is read as weights': {
      at: 'four words a beat',
      header: 'weights.h',
      from: 'memory[begin + i]',
      to: 'memory[i]',
    },
    'multiplier and bias exchanged': {
      at: 'four words a beat',
      header: 'weights.h',
      from: 'place * 8 + part * 4 + byte',
      to: 'place * 8 + (1 - part) * 4 + byte',
    },
    'beats of a word swapped': {
      at: 'two beats a word',
      header: 'weights.h',
      from: '- part * PORT_BYTES',
      to: '- (LAYOUT::beats_per_word - 1 - part) * PORT_BYTES',
    },
    'the half that is being filled is sent': {
      at: 'the next layer’s, kept in URAM',
      header: 'weights_ahead.h',
      from: 'weights.write(kept[second ? 1 : 0][sent])',
      to: 'weights.write(kept[second ? 0 : 1][sent])',
    },
    'halves that are never exchanged': {
      at: 'the next layer’s, spread over many blocks',
      header: 'weights_ahead.h',
      from: 'scales.write(scale_of<PORT_BYTES>(table[second ? 1 : 0][beat], place));',
      to: 'scales.write(scale_of<PORT_BYTES>(table[0][beat], place));',
    },
    'one that stops before the last word is there': {
      at: 'two beats a word of the next layer, one block',
      header: 'weights_ahead.h',
      from: 'left(TAKES)',
      to: 'left(TAKES - 1)',
    },
    'a block that begins where the one before ended': {
      at: 'the next layer’s, spread over many blocks',
      header: 'weights_ahead.h',
      from: 'sent = last ? round.next(words) : sent + 1;',
      to: 'sent = last ? round.next(words) + 1 : sent + 1;',
    },
    'scales of the matrix before': {
      at: 'three in turn, read once',
      header: 'weights.h',
      from: 'first += LAYOUT::head_beats(m);',
      to: '',
    },
    'the body of the first matrix again': {
      at: 'three in turn, read once a block',
      header: 'weights.h',
      from: 'begin += length;',
      to: '',
    },
  };
  faultsShow(faults, (name) => {
    const parameters = shapes[name]!;
    const problem = problemsOf(parameters, 1);
    const memory = memoryOf(parameters, problem);
    return {
      instance: instances[names.indexOf(name)]!,
      inputs: { streams: {}, memories: { memory } },
      isRight: ({ outputs }) => isDeepStrictEqual(outputs, expected(parameters, problem)),
    };
  });
});

describe('what a loader costs', () => {
  it('moves 16 bytes a cycle for an array of 8 x 16 with two 4-bit weights a DSP', () => {
    const [traffic] = weights.instantiate(shape([64, 768, 768], [16, 1, 2]), u280).law.traffic;
    expect(traffic!.bytes / traffic!.cycles).toBeCloseTo(16, 1);
  });

  it('reads kept weights once a pass', () => {
    const kept = weights.instantiate(shape([64, 768, 768], [16, 1, 2], { storage: 'uram' }), u280);
    expect(kept.law.traffic[0]!.bytes).toBe(kept.memories[0]!.bytes);
  });

  it('keeps weights twice to read those of the next layer meanwhile: nobody waits for them', () => {
    const of = (ahead: boolean) =>
      weights.instantiate(shape([64, 768, 768], [16, 1, 2], { storage: 'uram', ahead }), u280).law;
    const [once, twice] = [of(false), of(true)];
    const parts = ({ memories }: typeof once) => memories.map(({ name, parts }) => `${name} ${parts}`);
    expect(parts(once)).toEqual(['head 1', 'beats 1', 'table 1', 'kept 1']);
    expect(parts(twice)).toEqual(['head 1', 'beats 1', 'table 2', 'kept 2']);
    const sender = ({ processes }: typeof once, port: string) =>
      processes.find(({ writes }) => writes.some((write) => write.port === port))!;
    for (const port of ['scales', 'weights']) {
      expect(sender(once, port).after).toMatch(/^keep_/);
      expect(sender(twice, port).after).toBeUndefined();
    }
    // A word a cycle for each of 64 blocks, and a load that is a 64th of it and its start.
    expect(twice.cycles.value).toBe(64 * 24 * 768);
    expect(once.cycles.value).toBe(64 * 24 * 768 + once.load!.value);
    expect(twice.load!.value).toBe(once.load!.value);
    expect(twice.traffic).toEqual(once.traffic);
  });

  it('has ports of 64 to 512 bits', () => {
    expect(weightsRefusal(shape([1, 8, 8], [4, 1, 1], { portBits: 96 }))).toContain('not 96');
    expect(weightsRefusal(shape([1, 8, 8], [4, 1, 1], { portBits: 256 }))).toBeUndefined();
  });
});
