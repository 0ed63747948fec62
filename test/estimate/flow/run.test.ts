import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile, type FlowGraph } from '../../../server/estimate/flow/compile.ts';
import type { FlowRun } from '../../../server/estimate/flow/result.ts';
import { runFlow, startFlow } from '../../../server/estimate/flow/run.ts';
import { cutGraphs, flowGraphs, nestedGraphs } from './random-graphs.ts';
import { simulateWords, type WordRun } from './word-simulator.ts';

const run = (graph: FlowGraph): FlowRun => runFlow(compile(graph));

const deeper = (graph: FlowGraph): FlowGraph => ({
  ...graph,
  channels: graph.channels.map((channel) => ({ ...channel, depth: channel.depth + 1 })),
});

/** Relative error of the end of the pass, of each graph that ends in both. */
function errors(graphs: readonly FlowGraph[]): number[] {
  return graphs
    .map((graph) => [run(graph), simulateWords(graph)] as const)
    .filter(([flow, words]) => flow.status === 'finished' && words.finished)
    .map(([flow, words]) => Math.abs(flow.end - words.end) / words.end)
    .sort((a, b) => a - b);
}

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.floor(q * (sorted.length - 1))]!;

/** Writes 8 words to the bypass and then 8 to the main way; the reader alternates: the classical fork and join. */
function forkJoin(bypass: number): FlowGraph {
  return {
    channels: [
      { name: 'bypass', depth: bypass, latency: 0 },
      { name: 'main', depth: 2, latency: 0 },
    ],
    processes: [
      {
        name: 'fork',
        jobs: 4,
        cycles: 16,
        transfers: [
          { channel: 0, direction: 'write', words: 8, first: 0, last: 7 },
          { channel: 1, direction: 'write', words: 8, first: 8, last: 15 },
        ],
      },
      {
        name: 'join',
        jobs: 4,
        cycles: 8,
        transfers: [
          { channel: 0, direction: 'read', words: 8, first: 0, last: 7 },
          { channel: 1, direction: 'read', words: 8, first: 0, last: 7 },
        ],
      },
    ],
  };
}

describe.each([
  ['all jobs of a process alike', false],
  ['last jobs with fewer words, words that leave late', true],
] as const)('the timeline against a word-by-word simulation of random small graphs, %s', (_, irregular) => {
  it('agrees where FIFOs are deep: exactly in most, within the pipelines’ and crossings’ cycles in all', () => {
    fc.assert(
      fc.property(flowGraphs(true, 1, irregular), (graph) => {
        const cycles = graph.channels.reduce((sum, { latency }) => sum + latency + 1, 0);
        const flow = run(graph);
        const words = simulateWords(graph);
        expect(flow.status).toBe('finished');
        expect(Math.abs(flow.end - words.end)).toBeLessThanOrEqual(cycles + graph.processes.length + 1e-6);
      }),
      { numRuns: 500, seed: 2 },
    );
    expect(quantile(errors(fc.sample(flowGraphs(true, 1, irregular), { numRuns: 500, seed: 3 })), 0.5)).toBeLessThan(
      1e-6,
    );
  });

  it('agrees where FIFOs are shallow and hold their writers up', () => {
    const sorted = errors(fc.sample(flowGraphs(false, 1, irregular), { numRuns: 1000, seed: 4 }));
    expect(sorted.length).toBeGreaterThan(750);
    expect(quantile(sorted, 0.5)).toBeLessThan(0.001);
    expect(quantile(sorted, 0.9)).toBeLessThan(0.05);
  });

  it('finds deadlocks where they are, give or take a word of depth', () => {
    const graphs = fc.sample(flowGraphs(false, 1, irregular), { numRuns: 2000, seed: 5 });
    const both = graphs.map((graph) => [graph, run(graph), simulateWords(graph)] as const);
    expect(both.filter(([, , words]) => !words.finished).length).toBeGreaterThan(100);
    const missed = both.filter(([, flow, words]) => flow.status === 'finished' && !words.finished);
    const invented = both.filter(
      ([graph, flow, words]) =>
        words.finished && flow.status !== 'finished' && run(deeper(graph)).status !== 'finished',
    );
    expect(missed.length / graphs.length).toBeLessThan(0.005);
    expect(invented.length / graphs.length).toBeLessThan(0.005);
  });
});

describe('a pass of many rounds', () => {
  it.each([
    ['FIFOs deep', flowGraphs(true, 40)],
    ['FIFOs shallow', flowGraphs(false, 40)],
    ['last jobs with fewer words and words that leave late, FIFOs shallow', flowGraphs(false, 40, true)],
    ['rounds within rounds, FIFOs deep', nestedGraphs(true, 40)],
    ['rounds within rounds, FIFOs shallow', nestedGraphs(false, 40)],
  ] as const)('is the same run through and by steps over rounds that repeat, %s', (_, graphs) => {
    let skipped = 0;
    fc.assert(
      fc.property(graphs, (graph) => {
        const compiled = compile(graph);
        const whole = runFlow(compiled, { repeat: false });
        const stepped = runFlow(compiled);
        expect(stepped.status).toBe(whole.status);
        expect(Math.abs(stepped.end - whole.end)).toBeLessThanOrEqual(1e-4 * whole.end + 1);
        stepped.processes.forEach(({ waits }, p) => {
          const sum = (all: typeof waits) => all.reduce((cycles, wait) => cycles + wait.cycles, 0);
          expect(Math.abs(sum(waits) - sum(whole.processes[p]!.waits))).toBeLessThanOrEqual(1e-3 * whole.end + 1);
        });
        if (stepped.events < whole.events / 2) skipped++;
      }),
      { numRuns: 200, seed: 6 },
    );
    expect(skipped).toBeGreaterThan(50);
  });
});

describe('processes that take turns at the ends of channels', () => {
  it.each([
    ['FIFOs deep', flowGraphs(true)],
    ['FIFOs shallow', flowGraphs(false)],
    ['last jobs with fewer words and words that leave late, FIFOs shallow', flowGraphs(false, 1, true)],
    ['many rounds', flowGraphs(false, 40)],
  ] as const)('take as long as one that does the jobs of all, %s', (_, graphs) => {
    let turns = 0;
    const off: number[] = [];
    fc.assert(
      fc.property(cutGraphs(graphs), ({ whole, cut }) => {
        const [one, several] = [run(whole), run(cut)];
        expect(several.status).toBe(one.status);
        if (one.status !== 'finished') return;
        off.push(Math.abs(several.end - one.end) / one.end);
        // Where two turns meet words may move a little later than in the middle of a process.
        expect(off.at(-1)).toBeLessThanOrEqual(0.02);
        const sum = ({ processes }: FlowRun) =>
          processes.reduce((all, { waits }) => all + waits.reduce((cycles, wait) => cycles + wait.cycles, 0), 0);
        expect(Math.abs(sum(several) - sum(one))).toBeLessThanOrEqual(0.1 * one.end * whole.processes.length);
        if (cut.processes.length > whole.processes.length) turns++;
      }),
      { numRuns: 200, seed: 9 },
    );
    expect(turns).toBeGreaterThan(100);
    expect(
      quantile(
        off.sort((a, b) => a - b),
        0.8,
      ),
    ).toBeLessThan(1e-6);
  });

  it('agree with a simulation of words', () => {
    const cut = fc.sample(cutGraphs(flowGraphs(false, 1, true)), { numRuns: 500, seed: 10 }).map((both) => both.cut);
    const sorted = errors(cut);
    expect(sorted.length).toBeGreaterThan(350);
    expect(quantile(sorted, 0.5)).toBeLessThan(0.001);
    expect(quantile(sorted, 0.9)).toBeLessThan(0.05);
  });
});

describe('a fork and a join', () => {
  it.each([
    [6, false],
    [7, true],
    [8, true],
  ])('with a bypass of %i words: passes %s, as in a simulation of words', (depth, passes) => {
    const words: WordRun = simulateWords(forkJoin(depth));
    expect(words.finished).toBe(passes);
    expect(run(forkJoin(depth)).status).toBe(passes ? 'finished' : 'deadlock');
  });

  it('names who waits for whom', () => {
    expect(run(forkJoin(6)).stuck).toEqual([
      { process: 0, channel: 0, kind: 'full', on: 1 },
      { process: 1, channel: 1, kind: 'empty', on: 0 },
    ]);
  });
});

/** A source whose words go through converters of small jobs, 4 : 1 and 1 : 3, to a reader that takes them in bursts. */
function converters(jobs: number, depth: number): FlowGraph {
  const channels = ['in', 'narrow', 'out'].map((name) => ({ name, depth, latency: 0 }));
  const read = (channel: number, words: number, first: number, last: number) =>
    ({ channel, direction: 'read', words, first, last }) as const;
  const write = (channel: number, words: number, first: number, last: number) =>
    ({ channel, direction: 'write', words, first, last }) as const;
  return {
    channels,
    processes: [
      { name: 'load', jobs, cycles: 4, transfers: [write(0, 4, 72, 75)] },
      { name: 'gather', jobs, cycles: 4, transfers: [read(0, 4, 0, 3), write(1, 1, 4, 4)] },
      { name: 'spread', jobs, cycles: 3, transfers: [read(1, 1, 0, 0), write(2, 3, 1, 3)] },
      { name: 'bursts', jobs: jobs / 8, cycles: 40, transfers: [read(2, 24, 0, 23)] },
    ],
  };
}

describe('jobs that go on where the one before left off', () => {
  it.each([2, 5, 30])('are one job and end within a cycle of a simulation of words, with %i words of room', (depth) => {
    const small = converters(40, depth);
    expect(Math.abs(run(small).end - simulateWords(small).end)).toBeLessThanOrEqual(1);
    const jobs = converters(4000, depth);
    // The reader has some events a job; the three before it have none of their own.
    expect(runFlow(compile(jobs), { repeat: false }).events).toBeLessThan(500 * 16);
  });
});

describe('a reader that takes words ahead', () => {
  /** 12 rows of 8 words, of which two must be there before the first job; the last two jobs find nothing more to read. */
  const rows = (cycles: number): FlowGraph => ({
    channels: [{ name: 'rows', depth: 4, latency: 0 }],
    processes: [
      {
        name: 'image',
        jobs: 12,
        cycles: 8,
        transfers: [{ channel: 0, direction: 'write', words: 8, first: 0, last: 7 }],
      },
      {
        name: 'windows',
        jobs: 12,
        cycles,
        transfers: [{ channel: 0, direction: 'read', words: 8, first: 0, last: cycles - 1, ahead: 16, beyond: 16 }],
      },
    ],
  });

  it('starts with the first word beyond them and keeps its pace', () => {
    const flow = run(rows(20));
    expect(flow).toMatchObject({ status: 'finished' });
    expect(flow.processes[1]!.start).toBeCloseTo(17, 6);
    expect(flow.end).toBeCloseTo(17 + 12 * 20, 6);
    expect(flow.peaks[0]).toBeLessThanOrEqual(6);
  });

  it('waits for its last words, and does not wait for those that nobody sends', () => {
    // Ten rows come as fast as they are sent; then there are two rows of results left to make.
    const flow = run(rows(8));
    expect(flow.status).toBe('finished');
    expect(flow.end).toBeCloseTo(17 + 12 * 8, 2);
  });
});

describe('who waits for nothing', () => {
  const read = (channel: number, words: number, first = 0) =>
    ({ channel, direction: 'read', words, first, last: first + words - 1 }) as const;
  const write = (channel: number, words: number, first: number, late = 0) =>
    ({ channel, direction: 'write', words, first, last: first + words - 1, late }) as const;

  it('starts with the pass, however deep the pipelines in front of its reader are', () => {
    // 500 cycles of pipelines lead to the product; its weights come from memory meanwhile, behind a head.
    const graph: FlowGraph = {
      channels: [2, 2, 2, 2, 64].map((depth, c) => ({ name: `c${c}`, depth, latency: 0 })),
      processes: [
        { name: 'source', jobs: 1, cycles: 8, transfers: [write(0, 8, 0)] },
        { name: 'deep', jobs: 1, cycles: 8, transfers: [read(0, 8), write(1, 8, 500, 500)] },
        { name: 'product', jobs: 1, cycles: 8, transfers: [read(1, 8), read(2, 8), write(3, 8, 10, 10)] },
        { name: 'store', jobs: 1, cycles: 8, transfers: [read(3, 8)] },
        { name: 'head', jobs: 1, cycles: 80, transfers: [write(4, 8, 72)] },
        { name: 'table', jobs: 1, cycles: 8, transfers: [read(4, 8)] },
        { name: 'weights', jobs: 1, cycles: 80, transfers: [write(2, 8, 72)], after: 4 },
      ],
    };
    const flow = run(graph);
    const words = simulateWords(graph);
    expect(flow.end).toBeCloseTo(words.end, 6);
    expect(flow.processes[6]!.start).toBeCloseTo(80, 6);
    expect(flow.end).toBeLessThan(530);
  });

  it('goes on to the next whole word beside one that stands in the middle of it', () => {
    // 6 : 1, then 1 : 3, in bursts that are far apart: the product gets its three words, and no third of the next keeps it.
    const graph: FlowGraph = {
      channels: [2, 2, 2, 2].map((depth, c) => ({ name: `c${c}`, depth, latency: 0 })),
      processes: [
        { name: 'source', jobs: 4, cycles: 400, transfers: [write(0, 6, 0), write(3, 1, 0)] },
        { name: 'gather', jobs: 4, cycles: 6, transfers: [read(0, 6), write(1, 1, 6, 1)] },
        { name: 'spread', jobs: 4, cycles: 3, transfers: [read(1, 1), write(2, 3, 1, 1)] },
        { name: 'product', jobs: 4, cycles: 300, transfers: [read(2, 3)] },
      ],
    };
    expect(Math.abs(run(graph).end - simulateWords(graph).end)).toBeLessThanOrEqual(1);
  });
});

describe('a barrier', () => {
  it('keeps a process back until the other has done all its jobs', () => {
    const { processes, status } = run({
      channels: [],
      processes: [
        { name: 'store', jobs: 4, cycles: 100, transfers: [] },
        { name: 'product', jobs: 2, cycles: 10, transfers: [], after: 0 },
      ],
    });
    expect(status).toBe('finished');
    expect(processes[1]).toMatchObject({ start: 400, end: 420, barrier: 400 });
  });
});

describe('hostile graphs', () => {
  const anything = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300),
  );
  const transfer = fc.record({
    channel: fc.integer({ min: 0, max: 1 }),
    direction: fc.constantFrom('read' as const, 'write' as const),
    words: anything,
    first: anything,
    last: anything,
  });
  it('end, and show no NaN and nothing below zero', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            name: fc.constant('p'),
            jobs: anything,
            cycles: anything,
            transfers: fc.array(transfer, { maxLength: 3 }),
          }),
          {
            maxLength: 3,
          },
        ),
        anything,
        (processes, depth) => {
          const channels = [0, 1].map((i) => ({ name: `c${i}`, depth, latency: 0 }));
          const flow = runFlow(compile({ processes, channels }), { budget: 20_000 });
          expect(Number.isFinite(flow.end) && flow.end >= 0).toBe(true);
          for (const value of flow.peaks) expect(value).toBeGreaterThanOrEqual(0);
          for (const { start, end } of flow.processes) expect(start >= 0 && end >= 0).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a run that is left before its end', () => {
  it('is left only where it surely ends later, and goes on as if it had not been', () => {
    let left = 0;
    fc.assert(
      fc.property(nestedGraphs(false, 40), fc.double({ min: 0.2, max: 1.2, noNaN: true }), (graph, share) => {
        const whole = run(graph);
        const running = startFlow(compile(graph));
        const cycle = whole.end * share;
        const early = running.until(cycle);
        if (early) expect(early).toEqual(whole);
        else {
          left++;
          expect(whole.status === 'finished' ? whole.end : Number.POSITIVE_INFINITY).toBeGreaterThan(cycle);
          expect(running.soFar().status).toBe('too-long');
          const rest = running.until(Number.POSITIVE_INFINITY);
          expect(rest?.status).toBe(whole.status);
          expect(rest?.end).toBeCloseTo(whole.end, 3);
          expect(rest?.events).toBe(whole.events);
        }
      }),
      { numRuns: 300, seed: 8 },
    );
    expect(left).toBeGreaterThan(50);
  });
});
