import { beforeAll, describe, expect, it } from 'vitest';
import { attention, attentionRefusal } from '../../../server/kernels/attention/index.ts';
import type { AttentionParameters } from '../../../server/kernels/attention/parameters.ts';
import { cacheRefusal } from '../../../server/kernels/cache/index.ts';
import { cacheLayout, cachePorts } from '../../../server/kernels/cache/layout.ts';
import { spill } from '../../../server/kernels/spill/index.ts';
import { spillLayout } from '../../../server/kernels/spill/layout.ts';
import type { SpillParameters } from '../../../server/kernels/spill/parameters.ts';
import { drawn } from '../common/drawn.ts';
import { exp, reciprocal } from '../common/golden.ts';
import { type Matrix, randomMatrix, seeded, streamOrder, toInt8 } from '../common/reference.ts';
import { type Case, type Result, simulate, simulateFaults } from '../row-bench.ts';

const target = { dspKind: 'DSP48E2', clock: 300e6 };
const f = Math.fround;

const common = { pack: 1, causal: false, activations: 'int8', output: 'fp32' } as const;
const shapes: Readonly<Record<string, AttentionParameters>> = {
  'whole tiles': {
    ...common,
    ...{ rows: 4, keys: 24, heads: 2, headDim: 16, tile: 8, array: { tokens: 4, outputs: 4, dot: 1 } },
  },
  'causal, ragged rows and keys, two products a DSP': {
    ...common,
    ...{ rows: 13, keys: 13, heads: 2, headDim: 16, tile: 8, array: { tokens: 2, outputs: 2, dot: 4 } },
    ...{ pack: 2, causal: true, output: 'int8' },
  },
  'one tile, wide arrays': {
    ...common,
    ...{
      rows: 3,
      keys: 14,
      heads: 1,
      headDim: 24,
      tile: 16,
      array: { tokens: 2, outputs: 16, dot: 2 },
      output: 'int8',
    },
  },
  ...drawn(
    (dice): AttentionParameters => {
      const dot = dice.of([1, 2, 4]);
      const rows = dice.from(1, 12);
      return {
        ...{ rows, keys: rows, heads: dice.from(1, 2), headDim: dot * dice.from(4, 10), tile: dice.of([4, 8, 16]) },
        ...{ array: { tokens: dice.from(1, 4), outputs: dice.of([1, 2, 4]), dot }, pack: dice.from(1, 2) },
        ...{ causal: dice.of([true, false]), activations: 'int8', output: dice.of(['int8', 'fp32']) },
      };
    },
    (parameters) => attentionRefusal(parameters, target),
  ),
};
const names = Object.keys(shapes);
const scalars = { score_scale: f(2 ** -8), scale: f(0.75) };

/** q, k and v of every head, and what the kernel is asked to give. */
function problemOf(p: AttentionParameters, index: number) {
  const random = seeded(index + 11);
  const heads = Array.from({ length: p.heads }, () => ({
    q: randomMatrix(p.rows, p.headDim, 8, random),
    k: randomMatrix(p.keys, p.headDim, 8, random),
    v: randomMatrix(p.keys, p.headDim, 8, random),
  }));
  return { heads, expected: heads.map(({ q, k, v }) => online(p, q, k, v)) };
}

const at = (m: Matrix, row: number, column: number): number => m.values[row * m.columns + column]!;

/** Scores of a row: exact sums, scaled once; what it does not see is left out. */
function scoresOf(p: AttentionParameters, q: Matrix, k: Matrix, row: number): number[] {
  const seen = p.causal ? Math.min(p.keys, row + 1) : p.keys;
  return Array.from({ length: seen }, (_, key) => {
    let sum = 0;
    for (let d = 0; d < p.headDim; d++) sum += at(q, row, d) * at(k, key, d);
    return f(sum * scalars.score_scale);
  });
}

const evenly = (x: number): number => {
  const below = Math.floor(x);
  return x - below > 0.5 || (x - below === 0.5 && below % 2 !== 0) ? below + 1 : below;
};

/** The recurrence at the head of attention.h in single precision, row by row. */
function online(p: AttentionParameters, q: Matrix, k: Matrix, v: Matrix): number[][] {
  return Array.from({ length: p.rows }, (_, row) => {
    const scores = scoresOf(p, q, k, row);
    let greatest = Number.NEGATIVE_INFINITY;
    let total = 0;
    let context = Array.from({ length: p.headDim }, () => 0);
    for (let first = 0; first < p.keys; first += p.tile) {
      const tile = scores.slice(first, first + p.tile);
      const moved = Math.max(greatest, ...tile);
      const factor = first === 0 ? 0 : exp(f(greatest - moved));
      greatest = moved;
      const steps = tile.map((s) => evenly(f(exp(f(s - moved)) * 127)));
      const next = (before: number, sum: number): number => f(f(before * factor) + sum);
      total = next(
        total,
        steps.reduce((sum, step) => sum + step, 0),
      );
      context = context.map((before, c) =>
        next(
          before,
          steps.reduce((sum, step, i) => sum + step * at(v, first + i, c), 0),
        ),
      );
    }
    const inverse = f(reciprocal(total) * scalars.scale);
    return context.map((column) => (p.output === 'int8' ? toInt8(f(column * inverse)) : f(column * inverse)));
  });
}

/** The operands in the order of the two arrays; whatever lies behind the last key is noise. */
function streamsOf(p: AttentionParameters, heads: ReturnType<typeof problemOf>['heads']) {
  const { tokens, outputs, dot } = p.array;
  const wide = outputs * p.pack;
  const noise = seeded(3);
  const rest = () => noise(-128, 127);
  const streams = { q: [] as number[], keys: [] as number[], values: [] as number[] };
  const whole = Math.ceil(p.keys / p.tile) * p.tile;
  for (let block = 0; block < p.rows; block += tokens)
    for (const { q, k, v } of heads) {
      const values = q.values.slice(block * p.headDim, (block + tokens) * p.headDim);
      const rows = { rows: Math.min(tokens, p.rows - block), columns: p.headDim, values };
      streams.q.push(...streamOrder(rows, tokens, dot, rest));
      for (let key = 0; key < whole; key += wide)
        for (let d = 0; d < p.headDim; d++)
          for (let n = key; n < key + wide; n++) streams.keys.push(n < p.keys ? at(k, n, d) : rest());
      for (let first = 0; first < whole; first += p.tile)
        for (let column = 0; column < p.headDim; column += wide)
          for (let key = first; key < first + p.tile; key++)
            for (let c = column; c < column + wide; c++)
              streams.values.push(key < p.keys && c < p.headDim ? at(v, key, c) : rest());
    }
  return streams;
}

/** Block, head, column, row of the block. */
function resultOf(p: AttentionParameters, out: ArrayLike<number>): number[][][] {
  const { tokens } = p.array;
  return Array.from({ length: p.heads }, (_, head) =>
    Array.from({ length: p.rows }, (_, row) =>
      Array.from({ length: p.headDim }, (_, column) => {
        const job = Math.floor(row / tokens) * p.heads + head;
        return out[(job * p.headDim + column) * tokens + (row % tokens)]!;
      }),
    ),
  );
}

const spills: Readonly<Record<string, SpillParameters>> = {
  'keys, heads shared': {
    ...{ of: 'keys', rows: 11, blockRows: 4, capacity: 16, heads: 4, kvHeads: 2, headDim: 8, tileColumns: 4, dot: 4 },
    ...{ span: 0, ports: 2, port: 1, element: 'int8', content: 'K' },
  },
  'keys in spans': {
    ...{ of: 'keys', rows: 10, blockRows: 8, capacity: 16, heads: 2, kvHeads: 2, headDim: 8, tileColumns: 4, dot: 2 },
    ...{ span: 8, ports: 1, port: 0, element: 'int8', content: 'K' },
  },
  'values, all at once': {
    ...{ of: 'values', rows: 9, blockRows: 4, capacity: 9, heads: 2, kvHeads: 1, headDim: 16, tileColumns: 8, dot: 2 },
    ...{ span: 0, ports: 2, port: 0, element: 'int8', content: 'V' },
  },
  'values in spans, room for more': {
    ...{
      of: 'values',
      rows: 16,
      blockRows: 4,
      capacity: 24,
      heads: 2,
      kvHeads: 2,
      headDim: 16,
      tileColumns: 8,
      dot: 1,
    },
    ...{ span: 8, ports: 1, port: 0, element: 'int8', content: 'V' },
  },
  'keys staged in block RAM, a head': {
    ...{ of: 'keys', rows: 24, blockRows: 8, capacity: 24, heads: 2, kvHeads: 1, headDim: 16, tileColumns: 4, dot: 4 },
    ...{ span: 0, ports: 1, port: 0, element: 'int8', content: 'K', staging: { storage: 'bram', heads: 1 } },
  },
  ...drawn(
    (dice): SpillParameters => {
      const of = dice.of(['keys', 'values'] as const);
      const dot = dice.of([1, 2, 4]);
      const tileColumns = dice.of([2, 4, 8, 16]);
      const headDim = (of === 'keys' ? dot : tileColumns) * dice.from(1, 4);
      const rows = dice.from(1, 14);
      const kvHeads = dice.from(1, 2);
      const ports = cachePorts({ of, keys: rows, headDim, tileColumns, dot, element: 'int8' }, dice.from(1, 3));
      const unit = of === 'keys' ? tileColumns : dot;
      return {
        ...{ of, rows, blockRows: dice.from(1, 5), capacity: rows + dice.from(0, 9), heads: kvHeads * dice.from(1, 2) },
        ...{ kvHeads, headDim, tileColumns, dot, span: unit * dice.from(0, 2), ports, port: dice.from(0, ports - 1) },
        ...{ element: 'int8', content: 'K or V' },
      };
    },
    (parameters) => cacheRefusal({ ...parameters, keys: parameters.capacity }),
  ),
};
const spillNames = Object.keys(spills);

/** What comes in, what lies in memory behind it, and what goes out of it; by the description in spill.h and cache.h. */
function spillProblem(p: SpillParameters, index: number) {
  const rows = randomMatrix(p.rows, p.kvHeads * p.headDim, 8, seeded(index + 31));
  const { lanes, outer, inner, jobs } = spillLayout(p);
  const value = (key: number, head: number, column: number): number =>
    key < p.rows ? at(rows, key, head * p.headDim + column) : 0;
  const beat = (head: number, o: number, i: number): number[] =>
    Array.from({ length: lanes * p.dot }, (_, n) => {
      const across = o * p.tileColumns + p.port * lanes + (n % lanes);
      const along = i * p.dot + Math.floor(n / lanes);
      return p.of === 'keys' ? value(across, head, along) : value(along, head, across);
    });
  const memory: number[] = [];
  for (let head = 0; head < p.kvHeads; head++)
    for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) memory.push(...beat(head, o, i));
  const unit = p.of === 'keys' ? p.tileColumns : p.dot;
  const whole = Math.ceil((p.span || p.rows) / unit);
  const out: number[] = [];
  for (let job = 0; job < jobs; job++) {
    const head = Math.floor((job % p.heads) / (p.heads / p.kvHeads));
    for (let first = 0; first < Math.ceil(p.rows / unit); first += whole)
      if (p.of === 'keys')
        for (let o = first; o < first + whole; o++) for (let i = 0; i < inner; i++) out.push(...beat(head, o, i));
      else for (let o = 0; o < outer; o++) for (let i = first; i < first + whole; i++) out.push(...beat(head, o, i));
  }
  const shape = p.of === 'keys' ? ([p.tileColumns, p.dot] as const) : ([p.dot, p.tileColumns] as const);
  return { memory, out, row: streamOrder(rows, shape[0], shape[1], () => 99) };
}

const problems = names.map((name, index) => problemOf(shapes[name]!, index));
const spillProblems = spillNames.map((name, index) => spillProblem(spills[name]!, index));
const cases: Case[] = [
  ...names.map((name, index) => {
    const streams = streamsOf(shapes[name]!, problems[index]!.heads);
    const inputs = Object.fromEntries(Object.entries(streams).map(([port, values]) => [port, Int8Array.from(values)]));
    return { instance: attention.instantiate(shapes[name]!, target), inputs, scalars };
  }),
  ...spillNames.map((name, index) => {
    const { memory, row } = spillProblems[index]!;
    return {
      instance: spill.instantiate(spills[name]!, target),
      inputs: { memory: Int8Array.from(memory), row: Int8Array.from(row) },
    };
  }),
];
/** Which of the cases has this name. */
const caseOf = (name: string): number => [...names, ...spillNames].indexOf(name);
const faults = [
  [
    'the mask is one key too wide',
    'attention.h',
    'causal, ragged rows and keys, two products a DSP',
    'key <= row',
    'key <= row + 1',
  ],
  ['a context that is not rescaled', 'attention.h', 'whole tiles', 'before[r] * factor[r]', 'before[r]'],
  ['the sum forgets a key', 'attention.h', 'whole tiles', 'k <= 1', 'k <= 2'],
  ['the greatest of the last tile only', 'attention.h', 'whole tiles', 'tile == 0 && k == 0', 'k == 0'],
  ['heads that share the wrong one', 'spill.h', 'keys, heads shared', 'head / (HEADS / KV_HEADS)', 'head % KV_HEADS'],
  ['keys of one span read for all', 'spill.h', 'keys in spans', 'span * outer + o', 'o'],
  [
    'the share of another port',
    'spill.h',
    'keys, heads shared',
    'i / LANES * TILE + key',
    'i / LANES * TILE + i % LANES',
  ],
  ['what fills up the last block', 'spill.h', 'values, all at once', 'block * D + key < ROWS', 'true'],
  ['columns where keys should be', 'spill.h', 'values, all at once', '(FIRST + i % LANES) * D + key', 'i'],
  [
    'values without room for later passes',
    'spill.h',
    'values in spans, room for more',
    'group * room',
    'group * blocks',
  ],
] as const;
let sequential: Result[];
let faulty: Result[];
let fibres: Result[];
let sanitized: Result[];

beforeAll(async () => {
  const seeds = faults.map(([, header, name, from, to]) => ({ header, from, to, at: cases[caseOf(name)]! }));
  ({ right: sequential, wrong: faulty } = await simulateFaults(cases, seeds));
  fibres = await simulate(cases, 'fibres');
  sanitized = await simulate(cases, 'sanitized');
}, 300_000);

describe.each(names.map((name, index) => ({ name, index })))('attention: $name', ({ name, index }) => {
  const p = shapes[name]!;

  it('is the recurrence in single precision, bit by bit', () => {
    expect(resultOf(p, sequential[index]!.outputs.out!)).toEqual(problems[index]!.expected);
  });

  it('is softmax(q k) v within what steps of 1/127 of the greatest lose', () => {
    const found = resultOf(p, sequential[index]!.outputs.out!);
    problems[index]!.heads.forEach(({ q, k, v }, head) => {
      for (let row = 0; row < p.rows; row++) {
        const scores = scoresOf(p, q, k, row);
        const e = scores.map((s) => Math.exp(s - Math.max(...scores)));
        const sum = e.reduce((a, b) => a + b, 0);
        for (let c = 0; c < p.headDim; c++) {
          const exact = (scalars.scale * e.reduce((a, b, key) => a + b * at(v, key, c), 0)) / sum;
          // Half a step a key, of weights that sum up to `sum`, times values of at most 128; half a step of the result.
          const bound = (scalars.scale * 2 * scores.length * 0.5 * 128) / 127 / sum + 0.51;
          expect(Math.abs(found[head]![row]![c]! - Math.max(-128, Math.min(127, exact)))).toBeLessThan(bound);
        }
      }
    });
  });

  it('gives the same every way, in the cycles of its law', () => {
    expect(fibres[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(sanitized[index]!.outputs).toEqual(sequential[index]!.outputs);
    expect(fibres[index]!.cycles).toBe(attention.instantiate(p, target).law.cycles.value);
  });
});

describe.each(spillNames.map((name, index) => ({ name, index })))('spill: $name', ({ name, index }) => {
  const p = spills[name]!;
  const which = names.length + index;

  it('leaves K or V in memory as a decode step wants it', () => {
    const { memory } = spillProblems[index]!;
    expect([...sequential[which]!.outputs.grown!]).toEqual(memory);
    expect(memory).toHaveLength(cacheBytes(p));
  });

  it('gives every job its head in the order of the array', () => {
    expect([...sequential[which]!.outputs.out!]).toEqual(spillProblems[index]!.out);
  });

  it('gives the same every way, in the cycles of its law', () => {
    expect(fibres[which]!.outputs).toEqual(sequential[which]!.outputs);
    expect(sanitized[which]!.outputs).toEqual(sequential[which]!.outputs);
    expect(fibres[which]!.cycles).toBe(spill.instantiate(p, target).law.cycles.value);
  });
});

/** Bytes of the cache that a decode step reads. */
function cacheBytes({ capacity, ...rest }: SpillParameters): number {
  const { lanes, outer, inner } = cacheLayout({ ...rest, keys: capacity });
  return rest.kvHeads * outer * inner * lanes * rest.dot;
}

describe('a fault does not pass', () => {
  it.each(faults.map(([name, , at], fault) => ({ name, index: caseOf(at), fault })))('$name', ({ index, fault }) => {
    expect(faulty[fault]!.outputs).not.toEqual(sequential[index]!.outputs);
  });
});

describe('tiled attention', () => {
  const gpt2: AttentionParameters = {
    ...common,
    ...{ rows: 1024, keys: 1024, heads: 16, headDim: 64, tile: 128, array: { tokens: 8, outputs: 16, dot: 1 } },
    ...{ pack: 2, causal: true, output: 'int8' },
  };

  it('needs no more memory for more keys', () => {
    const bits = (keys: number) => {
      const { memories } = attention.instantiate({ ...gpt2, keys }, target).law;
      return memories.reduce((sum, { words, bits, parts }) => sum + words * bits * parts, 0);
    };
    expect(bits(65_536)).toBe(bits(128));
  });

  it('is refused with the reason', () => {
    expect(attentionRefusal(gpt2, target)).toBeUndefined();
    expect(attentionRefusal({ ...gpt2, tile: 48 }, target)).toContain(
      'a tile of 48 keys does not hold whole tiles of 32',
    );
    expect(
      attentionRefusal({ ...gpt2, headDim: 8, pack: 1, array: { tokens: 8, outputs: 8, dot: 1 } }, target),
    ).toContain('heads of 8 columns are too few');
    expect(attentionRefusal({ ...gpt2, array: { tokens: 8, outputs: 16, dot: 3 }, tile: 96 }, target)).toContain(
      'dot products of 3 do not divide the head dimension 64',
    );
  });
});
