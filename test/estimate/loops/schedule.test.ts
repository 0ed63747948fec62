import { describe, expect, it } from 'vitest';
import { coresFor, latenciesOf } from '../../../server/estimate/loops/cores.ts';
import { pipelinedCycles } from '../../../server/estimate/loops/cycles.ts';
import { type Loop, type Nest, pipelinesOf, stepsOf } from '../../../server/estimate/loops/nest.ts';
import { addressDsps, operatorDsps } from '../../../server/estimate/loops/resources.ts';
import { type Schedule, scheduleOf } from '../../../server/estimate/loops/schedule.ts';

const table = coresFor('xcu280-fsvh2892-2L-e', 3.33)!;
const latencies = latenciesOf(table);

const loop = (name: string, trip: number, parent: string | null, more: Partial<Loop> = {}): Loop => ({
  name,
  trip,
  parent,
  pipelined: false,
  unrolled: false,
  ...more,
});

/** A matrix product whose loops stand in the given order, each with copies unrolled inside; c is kept on chip. */
function product(order: readonly string[], copies: Readonly<Record<string, number>> = {}, trip = 64): Nest {
  const kept = order.map((name, i) => loop(name, trip, order[i - 1] ?? null, { pipelined: i === order.length - 1 }));
  const unrolled: Loop[] = [];
  for (const [name, count] of Object.entries(copies))
    unrolled.push(loop(`${name}u`, count, unrolled.at(-1)?.name ?? order.at(-1)!, { unrolled: true }));
  const innermost = unrolled.at(-1)?.name ?? order.at(-1)!;
  const many = Object.values(copies).reduce((all, count) => all * count, 1);
  const access = (array: string, indices: readonly string[]) => ({
    array,
    order: [...indices, ...indices.map((name) => `${name}u`)].filter(
      (name) => order.includes(name) || unrolled.some((one) => one.name === name),
    ),
    loop: innermost,
    distinct: 1,
    transfers: 0,
  });
  return {
    name: 'product',
    loops: [...kept, ...unrolled],
    operators: ['fmul', 'fadd'].map((operator) => ({ operator, loop: innermost, copies: many })),
    reads: [access('a', ['i', 'k']), access('b', ['k', 'j']), access('c', ['i', 'j'])],
    writes: [access('c', ['i', 'j'])],
    locals: ['c'],
  };
}

function schedule(nest: Nest, ports = new Map<string, number>()): Schedule {
  return scheduleOf(nest, pipelinesOf(stepsOf(nest))[0]!.pipeline, latencies, ports);
}

describe('the interval of a pipeline', () => {
  it('is that of a fabric add where a sum waits for itself, and 1 where it does not', () => {
    expect(schedule(product(['i', 'j', 'k']))).toMatchObject({ interval: 4, limit: 'recurrence' });
    expect(schedule(product(['i', 'k', 'j']))).toMatchObject({ interval: 1, sum: { distance: 64, inFabric: false } });
    expect(schedule(product(['k', 'i', 'j']))).toMatchObject({ interval: 1, sum: { distance: 64 * 64 } });
  });

  it('grows with the terms that are added to one sum', () => {
    expect(schedule(product(['i', 'j', 'k'], { i: 4, j: 4, k: 4 })).interval).toBe(12);
    expect(schedule(product(['i', 'j', 'k'], { i: 2, j: 2, k: 16 })).interval).toBe(16);
    expect(schedule(product(['i', 'k', 'j'], { i: 2, j: 2, k: 16 }, 16))).toMatchObject({ interval: 2 });
  });

  it('is longer for a loop that nobody asked to pipeline: DSP adds, and a memory between them', () => {
    const asked = product(['i', 'j', 'k']);
    const plain: Nest = { ...asked, loops: asked.loops.map((one) => ({ ...one, pipelined: false })) };
    expect(schedule(plain).interval).toBe(latencies.add + 2);
  });

  it('obeys the ports of an array at the interface: two for each bank', () => {
    const wide = product(['i', 'k', 'j'], { j: 8 });
    expect(schedule(wide, new Map([['b', 1]]))).toMatchObject({ interval: 4, limit: 'ports' });
    expect(schedule(wide, new Map([['b', 4]])).interval).toBe(1);
  });

  it('is not below what a pragma asks', () => {
    const asked = product(['i', 'k', 'j']);
    const slower = { ...asked, loops: asked.loops.map((one) => ({ ...one, interval: 3 })) };
    expect(schedule(slower)).toMatchObject({ interval: 3, limit: 'pragma' });
  });

  it('of a sum in a variable and of a maximum', () => {
    const sum = { ...product(['i', 'k']), writes: [] };
    expect(schedule(sum).interval).toBe(4);
    const maximum = product(['i', 'k']);
    const compared = { ...maximum, operators: [{ operator: 'fcmp', loop: 'k', copies: 1 }] };
    expect(schedule(compared).interval).toBe(2);
  });
});

describe('steps of a nest', () => {
  it('flatten what holds nothing else, and repeat what does', () => {
    const loops = [loop('i', 10, null), loop('a', 20, 'i'), loop('b', 30, 'i')];
    const nest: Nest = { ...product(['i']), loops };
    expect(stepsOf(nest)).toMatchObject([{ kind: 'repeat', body: [{ trip: 20 }, { trip: 30 }] }]);
    expect(stepsOf({ ...nest, loops: loops.slice(0, 2) })).toMatchObject([{ kind: 'pipeline', trip: 200 }]);
  });

  it('count partly unrolled loops by their rounds, and do not flatten what is left over', () => {
    const half = (trip: number) => [loop('i', 10, null), loop('j', trip, 'i', { pipelined: true, factor: 20 })];
    expect(stepsOf({ ...product(['i']), loops: half(400) })).toMatchObject([{ trip: 200 }]);
    expect(stepsOf({ ...product(['i']), loops: half(390) })).toMatchObject([{ kind: 'repeat', body: [{ trip: 20 }] }]);
  });
});

describe('resources of a pipeline', () => {
  it('share operators over the interval', () => {
    const counts = [
      { operator: 'fmul', uses: 64 },
      { operator: 'fadd', uses: 64 },
    ];
    expect(operatorDsps(counts, 1, undefined, table)).toBe(64 * 3 + 64 * 2);
    expect(operatorDsps(counts, 16, undefined, table)).toBe(4 * 3 + 4 * 2);
    const sum = { lanes: 16, terms: 4, distance: 16, chain: 3, inFabric: true };
    expect(operatorDsps(counts, 1, sum, table)).toBe(64 * 3 + 16 * 2);
    expect(operatorDsps([{ operator: 'ftan', uses: 1 }], 1, undefined, table)).toBeUndefined();
  });

  it('take DSPs for addresses only where a row is no power of two', () => {
    const array = { rows: 200, rowWords: 220, rowLoop: 1, columnLoop: 0 };
    expect(addressDsps([array, { ...array, rowWords: 256 }])).toBe(1);
    expect(addressDsps([{ ...array, rowLoop: 0, columnLoop: 1 }])).toBe(1);
    expect(addressDsps([{ ...array, rowLoop: 0, columnLoop: 1, rows: 410 }])).toBe(0);
  });
});

it('a pipelined module takes (trip − 1)·II + depth + 1 cycles', () => {
  expect(pipelinedCycles(768, 4, 23)).toBe(3092); // row_exp_bucket_sum of jichengzh/fpt_LLM
  expect(pipelinedCycles(0, 4, 23)).toBe(1);
});

it('cores are known for the parts and clocks that reports show, and no others', () => {
  expect(coresFor('xcv80-lsva4737-2MHP-e-S', 4)?.cores.fadd).toEqual({ dsp: 1, stages: 1 });
  expect(coresFor('xck26-sfvc784-2LV-c', 10)?.cores.fexp?.stages).toBe(8);
  for (const [part, clock] of [
    ['xcu280-fsvh2892-2L-e', 5],
    ['5SGXEA7', 3.33],
    ['', Number.NaN],
  ] as const)
    expect(coresFor(part, clock)).toBeUndefined();
});
