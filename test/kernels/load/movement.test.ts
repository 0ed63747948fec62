import { beforeAll, describe, expect, it } from 'vitest';
import { fork } from '../../../server/kernels/fork/index.ts';
import type { ForkParameters } from '../../../server/kernels/fork/parameters.ts';
import { type LoadParameters, load, parameters as vectors } from '../../../server/kernels/load/index.ts';
import { store } from '../../../server/kernels/store/index.ts';
import { elementBits } from '../../../server/kernels/word.ts';
import { drawn, drawnElement, drawnWord } from '../common/drawn.ts';
import { type Case, type Elements, type Result, simulateEveryWay } from '../row-bench.ts';
import { elementsOf } from '../tensor.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };

const shapes: Record<string, LoadParameters> = {
  'eight int8 words a beat': { rows: 16, columns: 24, word: { tokens: 8, columns: 1 }, element: 'int8', content: 'x' },
  'a word a beat': { rows: 16, columns: 32, word: { tokens: 8, columns: 8 }, element: 'int8', content: 'x' },
  'four beats a word': { rows: 8, columns: 24, word: { tokens: 8, columns: 8 }, element: 'fp32', content: 'x' },
  'words that leave the end of a beat unused': {
    ...{ rows: 5, columns: 37, word: { tokens: 1, columns: 12 } },
    ...{ element: 'int8', content: 'x' },
  },
  'a last beat that is not full': {
    rows: 3,
    columns: 5,
    word: { tokens: 1, columns: 4 },
    element: 'fp32',
    content: 'x',
  },
  'a narrow port': {
    ...{ rows: 4, columns: 20, word: { tokens: 4, columns: 4 } },
    ...{ element: 'int8', portBits: 64, content: 'x' },
  },
  ...drawn(
    (dice): LoadParameters => ({
      ...{
        rows: dice.from(1, 20),
        columns: dice.from(1, 40),
        word: { tokens: dice.from(1, 9), columns: dice.from(1, 9) },
      },
      ...{ element: drawnElement(dice), portBits: dice.of([64, 128, 256, 512]), content: 'x' },
    }),
  ),
};
const names = Object.keys(shapes);
const first = 3; // beats in front of the pass, which must not be touched

const kind = (element: string, length: number): Elements =>
  element === 'fp32' ? new Float32Array(length) : new Int8Array(length);
const counted = (elements: Elements): Elements => elements.map((_, index) => (index % 251) - 125) as Elements;

/** Elements of memory in beats, of a stream in words: word by word from the rule of load.h. */
function inMemory(p: LoadParameters, stream: Elements, length: number): Elements {
  const beat = (p.portBits ?? 512) / elementBits[p.element];
  const wide = p.word.tokens * p.word.columns;
  const memory = kind(p.element, length);
  const wordsOfBeat = Math.max(1, Math.floor(beat / wide));
  const beatsOfWord = Math.ceil(wide / beat);
  for (let w = 0; w * wide < stream.length; w++) {
    const at = Math.floor(w / wordsOfBeat) * beatsOfWord * beat + (w % wordsOfBeat) * wide;
    memory.set(stream.subarray(w * wide, (w + 1) * wide), at);
  }
  return memory;
}

const streams = names.map((name) => counted(kind(shapes[name]!.element, elementsOf(shapes[name]!))));
const memories = names.map((name, index) => {
  const p = shapes[name]!;
  const [port] = load.instantiate(p, target).memories;
  return inMemory(p, streams[index]!, (port!.bytes * 8) / elementBits[p.element]);
});
const loads: Case[] = names.map((name, index) => {
  return {
    instance: load.instantiate(shapes[name]!, target),
    inputs: { memory: memories[index]! },
    scalars: { offset: 0 },
  };
});
const stores: Case[] = names.map((name, index) => {
  return {
    instance: store.instantiate(shapes[name]!, target),
    inputs: { in: streams[index]! },
    scalars: { offset: 0 },
  };
});

const behind: Case = (() => {
  const p = shapes['a word a beat']!;
  const { memories: ports, ...instance } = load.instantiate(p, target);
  const grown = {
    ...instance,
    memories: ports.map((port) => ({ ...port, bytes: port.bytes + (first * port.bits) / 8 })),
  };
  const memory = new Int8Array(memories[1]!.length + first * 64).fill(99);
  memory.set(memories[1]!, first * 64);
  return { instance: grown, inputs: { memory }, scalars: { offset: first } };
})();

const gains: Case = {
  instance: vectors.instantiate({ columns: 10, vectors: 2, lanes: 4, content: 'gain and bias' }, target),
  inputs: { memory: new Float32Array(32).map((_, index) => index / 3) },
  scalars: { offset: 0 },
};

const forked: Readonly<Record<string, ForkParameters>> = {
  'three readers': { rows: 7, columns: 9, word: { tokens: 2, columns: 2 }, element: 'int8', copies: 3 },
  ...drawn((dice) => ({
    ...{ rows: dice.from(1, 20), columns: dice.from(1, 40), word: drawnWord(dice) },
    ...{ element: drawnElement(dice), copies: dice.from(1, 6) },
  })),
};
const forks: Case[] = Object.values(forked).map((p) => ({
  instance: fork.instantiate(p, target),
  inputs: { in: counted(kind(p.element, elementsOf(p))) },
}));

let sequential: Result[];
let fibres: Result[];
let sanitized: Result[];
const all = [...loads, ...stores, behind, gains, ...forks];

beforeAll(async () => {
  ({ sequential, fibres, sanitized } = await simulateEveryWay(all));
}, 120_000);

describe.each(names.map((name, index) => ({ name, index })))('rows in memory: $name', ({ index }) => {
  it('are read into words', () => {
    expect(sequential[index]!.outputs.out).toEqual(streams[index]);
  });
  it('are written as they are read', () => {
    expect(sequential[names.length + index]!.outputs.memory).toEqual(memories[index]);
  });
});

it('begins at the beat that the host says', () => {
  expect(sequential[2 * names.length]!.outputs.out).toEqual(streams[1]);
});

it('gives gain and bias of a column side by side', () => {
  const { words } = gains.instance.streams[0]!;
  expect(words).toBe(3);
  expect(sequential[2 * names.length + 1]!.outputs.out).toEqual(
    new Float32Array(24).map((_, index) => (index < 16 ? index : index + 0) / 3),
  );
});

it.each(Object.keys(forked))('copies every word of a fork to each consumer: %s', (name) => {
  const at = Object.keys(forked).indexOf(name);
  const outputs = Object.values(sequential[2 * names.length + 2 + at]!.outputs);
  expect(outputs).toHaveLength(forked[name]!.copies);
  for (const output of outputs) expect(output).toEqual(forks[at]!.inputs.in);
});

it('gives the same every way, in the cycles of the laws', () => {
  for (const [index, { instance }] of all.entries()) {
    expect(fibres[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(sanitized[index]!.outputs).toEqual(sequential[index]!.outputs);
    const input = instance.streams.some((port) => port.direction === 'in') ? 1 : 0;
    expect(fibres[index]!.cycles, `${instance.kernel} ${index}`).toBe(instance.law.cycles.value + input);
  }
});
