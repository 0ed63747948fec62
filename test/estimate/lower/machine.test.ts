/** Kernels that a spec puts on cards of their own. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AcceleratorEstimate } from '../../../server/estimate/estimate.ts';
import { measure } from '../../../server/estimate/metrics.ts';
import { acceleratorJson } from '../../../server/report/json.ts';
import { estimateText } from '../../../server/report/text.ts';
import { analysisOf } from '../../kit/analyses.ts';

const RUNS = 12;

const attention = ['q', 'k', 'v', 'scores', 'softmax', 'context', 'proj', 'add1', 'norm1'];
const feedForward = ['up', 'act', 'down', 'add2', 'norm2'];
const clauses: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['q', 'k', 'v', 'proj', 'up', 'down'].map((name, i) => [name, `array 4 x 8 pack 2 weights hbm[${(i % 4) + 1}]`]),
  ),
  ...{ scores: 'array 4 x 4', context: 'array 4 x 4' },
};

function on(device: string, place: (name: string) => string, lines = ''): AcceleratorEstimate {
  const kernels = [...attention, ...feedForward].map(
    (name) => `kernel ${name} ${clauses[name] ?? 'lanes 4'} on ${place(name)}`,
  );
  const { estimate, diagnostics } = analysisOf(`accelerator a { device ${device} at 245 MHz
    model bert(layers: 4, hidden: 256, heads: 8, ffn: 1024) phase forward(tokens: 64) precision W8A8
    ${kernels.join('\n')} ${lines} }`);
  expect(diagnostics.filter(({ severity, code }) => severity === 'error' || code === 'not-modelled')).toEqual([]);
  return estimate.accelerators[0]!;
}

const apart = on('2 x u280 link qsfp', (name) => `card[${attention.includes(name) ? 0 : 1}].slr0`);
const one = on('u280', () => 'slr0');
const workOf = ({ kernels }: AcceleratorEstimate) => kernels.reduce((sum, { operations }) => sum + operations, 0);

describe('a layer dealt out to two cards by hand', () => {
  test('has its kernels whole, each paid for on its card', () => {
    expect(workOf(apart)).toBe(workOf(one));
    const dsp = (card: number) =>
      apart.dies
        .filter(({ name }) => name.startsWith(`card[${card}].`))
        .reduce((sum, { resources, shell }) => sum + resources.dsp.used - shell.dsp.used, 0);
    const own = (names: readonly string[]) =>
      one.kernels
        .filter(({ name }) => names.includes(name))
        .reduce((sum, { resources }) => sum + resources.dsp.used, 0);
    expect([dsp(0), dsp(1)]).toEqual([own(attention), own(feedForward)]);
    expect(apart.cards!.resources.dsp.used).toBe(dsp(0) + dsp(1) + 2 * one.dies[0]!.shell.dsp.used);
    expect(apart.available.dsp).toBe(2 * one.available.dsp);
    expect(apart.kernels.find(({ name }) => name === 'up')!.die).toBe('card[1].slr0');
  });

  test('sends over the link what the other card reads, and the rows of the next pass back', () => {
    const sends = apart.cards!.collectives;
    expect(sends.map(({ operator, kind }) => `${kind} ${operator}`)).toEqual([
      'send norm1',
      'send norm1',
      'send norm2',
    ]);
    // 64 rows of 256: int8 for ‘up’, fp32 for ‘add2’ and int8 back.
    expect(sends.map(({ sent }) => sent).sort((a, b) => a - b)).toEqual([64 * 256, 64 * 256, 4 * 64 * 256]);
    expect(apart.timing.perLayer).toBeGreaterThan(one.timing.perLayer);
    expect(apart.timing.perLayer).toBeLessThanOrEqual(apart.cards!.blocking * 1.001);
    expect(measure({ name: 'bandwidth', memory: 'qsfp' }, apart)).toBeCloseTo(
      apart.cards!.seconds / apart.timing.perLayer,
      9,
    );
  });

  test('reads from the memory of each card: equal numbers are other channels, and no wires lead from card to card', () => {
    const channels = apart.channels.map(({ name }) => name);
    expect(channels).toContain('card[0].hbm[1]');
    expect(channels).toContain('card[1].hbm[1]');
    expect(
      apart.channels.find(({ name }) => name === 'card[1].hbm[1]')!.users.map(({ kernel }) => kernel),
    ).not.toContain('q');
    expect(apart.crossings.every(({ used }) => used === 0)).toBe(true);
    expect(apart.crossings).toHaveLength(2 * one.crossings.length);
  });

  test('a die of the sheet is the fullest of its name; reports name the cards', () => {
    const use = measure({ name: 'use', resource: 'dsp', die: 'slr0' }, apart)!;
    const shares = apart.dies
      .filter(({ name }) => name.endsWith('slr0'))
      .map(({ resources, available }) => resources.dsp.used / available.dsp);
    expect(shares).toHaveLength(2);
    expect(use).toBe(Math.max(...shares));
    expect(estimateText(apart)).toMatch(/Cards +2, with kernels of their own[\s\S]*card\[1\]\.slr0/);
    expect(acceleratorJson(apart).cards).toMatchObject({ placed: true, cards: 2 });
  });

  test('draws the power of both, idle ones included', () => {
    expect(apart.power!.idle).toBe(one.power!.idle);
    expect(2 * apart.power!.logic * apart.timing.perLayer).toBeCloseTo(one.power!.logic * one.timing.perLayer, 6);
  });
});

test('a kernel of all cards beside kernels of one: cut, on every card, and gathered in front of those', () => {
  const mixed = on('2 x u280 link qsfp', (name) => (feedForward.includes(name) ? 'slr1' : 'card[0].slr0'));
  const up = (estimate: AcceleratorEstimate) => estimate.kernels.find(({ name }) => name === 'up')!;
  expect(up(mixed).operations).toBe(up(one).operations / 2);
  expect(mixed.cards!.collectives.map(({ operator, kind }) => `${kind} ${operator}`)).toEqual([
    'all-reduce down',
    'send norm1',
    'send norm1',
  ]);
  const [first, second] = [0, 1].map((card) => mixed.dies.find(({ name }) => name === `card[${card}].slr1`)!);
  expect(second!.resources.dsp).toEqual(first!.resources.dsp);
  expect(second!.kernels).toContain('up');
});

test('a spec that names every card says what it would say without', () => {
  const named = on('2 x u280 link qsfp', () => 'card[0].slr0, card[1].slr0');
  const plain = on('2 x u280 link qsfp', () => 'slr0');
  expect(named.timing).toEqual(plain.timing);
  expect(named.cards).toEqual(plain.cards);
});

test('an array in turn is not on the timeline: a stream from it into the link says that it changes nothing', () => {
  const { estimate } =
    analysisOf(`accelerator a { device 2 x u280 link qsfp model bert(layers: 2, hidden: 64, heads: 2, ffn: 128)
    phase forward(tokens: 16) kernel all : q, k, v, scores, context, proj array 2 x 4  stream all -> qsfp depth 9 }`);
  expect(estimate.accelerators[0]!.caveats).toContain(
    'stream all -> qsfp: all is priced by arithmetic alone, so it changes nothing',
  );
});

test('a stream into the link is the FIFO in front of it, and one that changes nothing says so', () => {
  const streamed = on(
    '2 x u280 link qsfp',
    (name) => `card[${attention.includes(name) ? 0 : 1}].slr0`,
    'stream norm1 -> qsfp depth 600 in uram  stream q -> qsfp depth 4',
  );
  const fifos = streamed.fifos.length;
  expect(
    streamed.kernels.flatMap(({ parts }) => parts).filter(({ kind }) => kind === 'FIFO in uram').length,
  ).toBeGreaterThan(0);
  expect(fifos).toBe(apart.fifos.length);
  expect(streamed.caveats.filter((text) => /^stream/.test(text))).toEqual([
    'stream q -> qsfp: nothing that q gives goes over the link, so it changes nothing',
  ]);
});

test('wherever kernels are put, the pass ends, no copy of anything is forgotten, and what is sent is what is not there', () => {
  const cards = fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 });
  const places = fc.tuple(...[...attention, ...feedForward].map(() => fc.option(cards, { nil: undefined })));
  fc.assert(
    fc.property(places, (all) => {
      const named = new Map([...attention, ...feedForward].map((name, i) => [name, all[i]]));
      const estimate = on(
        '3 x u280 link qsfp',
        (name) => (named.get(name) ?? []).map((card) => `card[${card}].slr1`).join(', ') || 'slr1',
      );
      const { cards: together, deadlock, dies, kernels, timing } = estimate;
      expect(deadlock).toBeUndefined();
      expect(timing.perLayer).toBeGreaterThan(0);
      expect(timing.perLayer).toBeLessThanOrEqual(together!.blocking * 1.001 + 1e-9);
      const everywhere = [...named.values()].every((own) => own === undefined || own.length === 3);
      expect(together!.placed).toBe(!everywhere);
      if (everywhere) return;
      const counted = dies.reduce((sum, { resources, shell }) => sum + resources.dsp.used - shell.dsp.used, 0);
      const built = kernels.reduce(
        (sum, { name, resources }) => sum + resources.dsp.used * (named.get(name)?.length ?? 3),
        0,
      );
      expect(counted).toBeCloseTo(built, 6);
      for (const { operator, kind } of together!.collectives)
        if (kind === 'send') expect(named.get(operator)?.length ?? 3, operator).toBeLessThan(3);
    }),
    { numRuns: RUNS },
  );
});
