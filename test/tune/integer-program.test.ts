/** HiGHS finds what trying everything finds. */
import highs from 'highs';
import { describe, expect, test } from 'vitest';
import { lpOf, solve } from '../../server/tune/integer-program.ts';
import {
  type Arc,
  cyclesOf,
  fits,
  type Program,
  type Selection,
  sizeOf,
  withoutDominated,
} from '../../server/tune/program.ts';

const solver = await highs();

/** Numbers that are the same at each run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** Selections that the first and the last of the spaces may have: each has a little more than the one before it. */
const SMALLEST = 100;
const LARGEST = 100_000;

/**
 * A pipeline with a barrier and a bypass: more DSPs make a kernel faster, more lanes cost block RAM. In some of them, copies of the
 * pass follow it; in some, options fill memories on the chip through one port.
 */
function randomProgram(seed: number): Program {
  const random = generator(seed * 7919 + 1);
  const whole = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const kernels = whole(3, 6);
  const most = SMALLEST * (LARGEST / SMALLEST) ** (seed / SEEDS);
  const fills = random() < 0.4;
  let size = 1;
  const variables = Array.from({ length: kernels }, (_, k) => {
    // As many options as leave two for each kernel behind it.
    const room = most / size / 2 ** (kernels - 1 - k);
    const options = Math.max(2, Math.min(Math.floor(room), Math.ceil(most ** (1 / kernels)) + whole(-1, 2)));
    size *= options;
    return {
      name: `k${k}`,
      options: Array.from({ length: options }, (_, o) => {
        const dsp = 2 ** o * whole(1, 3);
        const work = Math.round((whole(200, 900) * 1000) / dsp);
        return {
          label: `${k}.${o}`,
          cycles: [work, Math.round(work / whole(4, 64)), whole(0, 40), o % 2 === 0 ? 0 : whole(1000, 9000)],
          use: [dsp, whole(1, 12), whole(50, 400)],
        };
      }),
    };
  });
  const start = (k: number) => 2 * k;
  const end = (k: number) => 2 * k + 1;
  const arcs = variables.flatMap((_, k) => {
    const own = [{ later: end(k), earlier: start(k), delays: [{ variable: k, slot: 0, sign: 1 as const }] }];
    if (k === 0) return own;
    const source = random() < 0.3 ? whole(0, k - 1) : k - 1;
    const barrier = random() < 0.25;
    return [
      ...own,
      barrier
        ? { later: start(k), earlier: end(source), delays: [] }
        : {
            later: start(k),
            earlier: start(source),
            delays: [
              { variable: source, slot: 1, sign: 1 as const },
              { variable: k, slot: 2, sign: -1 as const },
            ],
          },
      { later: end(k), earlier: end(source), delays: [{ variable: k, slot: 1, sign: 1 as const }] },
    ];
  });
  const limits = [0, 1, 2].map((r) => {
    const least = variables.reduce((sum, { options }) => sum + Math.min(...options.map(({ use }) => use[r]!)), 0);
    const most = variables.reduce((sum, { options }) => sum + Math.max(...options.map(({ use }) => use[r]!)), 0);
    return Math.round(least + (most - least) * (0.1 + 0.6 * random()));
  });
  const filling = {
    later: 2 * kernels,
    delays: variables.map((_, variable) => ({ variable, slot: 3, sign: 1 as const })),
  };
  return {
    variables,
    passes: [
      {
        count: 1,
        times: 2 * kernels + Number(fills),
        arcs: fills ? [...arcs, filling] : arcs,
        ...(random() < 0.4 ? { behind: { time: start(whole(1, kernels - 1)), copies: whole(1, 5) } } : {}),
      },
      // Short ones behind it, one kernel after the other.
      ...(random() < 0.4 ? [{ count: whole(2, 40), times: kernels, arcs: inTurn(kernels) }] : []),
    ],
    resources: ['dsp', 'bram', 'lut'].map((name, r) => ({ name, limit: limits[r]! })),
  };
}

function inTurn(kernels: number): Arc[] {
  return Array.from({ length: kernels }, (_, variable) => ({
    later: variable,
    ...(variable === 0 ? {} : { earlier: variable - 1 }),
    delays: [{ variable, slot: 1, sign: 1 as const }],
  }));
}

function exhaustive(program: Program): number {
  let best = Number.POSITIVE_INFINITY;
  const selection: number[] = program.variables.map(() => 0);
  for (;;) {
    if (fits(program, selection)) best = Math.min(best, cyclesOf(program, selection));
    let v = 0;
    while (v < selection.length && ++selection[v]! === program.variables[v]!.options.length) selection[v++] = 0;
    if (v === selection.length) return best;
  }
}

const tried = new Map<number, number>();

/** What trying every selection of a space finds, tried once. */
function bestOf(seed: number): number {
  const best = tried.get(seed) ?? exhaustive(randomProgram(seed));
  tried.set(seed, best);
  return best;
}

const SEEDS = 50;
const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);

test('the generated spaces are of every size up to 10^5, with and without copies, memories that are filled, and passes of a second kind', () => {
  const programs = seeds.map(randomProgram);
  const sizes = programs.map(sizeOf);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(LARGEST);
  expect(Math.max(...sizes)).toBeGreaterThan(0.6 * LARGEST);
  for (const [low, high] of [
    [0, 1e3],
    [1e3, 1e4],
    [1e4, LARGEST],
  ] as const)
    expect(sizes.filter((size) => size > low && size <= high).length).toBeGreaterThan(5);
  for (const odd of [
    ({ passes: [first] }: Program) => first?.behind !== undefined,
    ({ passes: [first] }: Program) => first!.times % 2 === 1,
    ({ passes }: Program) => passes.length > 1,
  ]) {
    expect(programs.filter(odd).length).toBeGreaterThan(10);
    expect(programs.filter((one) => !odd(one)).length).toBeGreaterThan(10);
  }
});

describe('equals exhaustive search', () => {
  test.each(seeds)('space %i', (seed) => {
    const program = randomProgram(seed);
    const best = bestOf(seed);
    const found = solve(program, solver);
    if (best === Number.POSITIVE_INFINITY) expect(found).toBeUndefined();
    else {
      expect(found?.cycles).toBeCloseTo(best, 3);
      expect(found?.bound).toBe(found?.cycles);
      expect(fits(program, found!.selection)).toBe(true);
    }
  });

  test('options that are beaten in everything are no loss', () => {
    for (const seed of seeds) {
      const program = randomProgram(seed);
      expect(exhaustive(withoutDominated(program)), `space ${seed}`).toBe(bestOf(seed));
    }
  });
});

test('a circle of delays never settles', () => {
  const option = { label: '', cycles: [5], use: [] };
  const delays = [{ variable: 0, slot: 0, sign: 1 as const }];
  const program = {
    variables: [{ name: 'k', options: [option] }],
    resources: [],
    passes: [
      {
        count: 1,
        times: 2,
        arcs: [
          { later: 1, earlier: 0, delays },
          { later: 0, earlier: 1, delays },
        ],
      },
    ],
  };
  expect(cyclesOf(program, [0] satisfies Selection)).toBe(Number.POSITIVE_INFINITY);
  expect(solve(program, solver)).toBeUndefined();
});

test('figures are written without exponents', () => {
  const program = { ...randomProgram(3), resources: [{ name: 'dsp', limit: 1e9 }] };
  expect(lpOf(program, false)).not.toMatch(/\de[+-]?\d/);
});
