/** Cards and kernels with parts missing or absurd, more so than a text can say them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Accelerator, Kernel, Setting } from '../../server/design/design.ts';
import type { Die, Memory } from '../../server/design/hardware.ts';
import { createEvaluator } from '../../server/estimate/evaluate.ts';
import { createEstimator } from '../../server/estimate/index.ts';
import { bert, designOf, specText } from './example.ts';
import { impossible } from './impossible.ts';

const absurd = fc.constantFrom(0, -1, 0.5, 3, 1e9, 1e300, Number.NaN, Number.POSITIVE_INFINITY);
/** What a clause may say: the resolver lets through what is finite and not below zero. */
const written = fc.constantFrom(0, 0.5, 3, 7, 1e9);
const setting = (value: number): Setting<number> => ({ value, origin: 'written' });

const cards = fc.record(
  {
    memories: fc.constant<Memory[]>([]),
    dies: fc.constantFrom<'none' | 'empty' | 'no blocks'>('none', 'empty', 'no blocks'),
    bandwidth: absurd,
    clock: written,
    copies: written,
    batch: absurd,
    repeat: absurd,
    lanes: written,
    pack: written,
    ii: absurd,
    side: written,
    operators: fc.constant('none'),
  },
  { requiredKeys: [] },
);

type Card = typeof cards extends fc.Arbitrary<infer Value> ? Value : never;

const emptied = (die: Die, card: Card): Die => ({
  ...die,
  resources:
    card.dies === 'empty'
      ? { dsp: 0, bram36: 0, uram: 0, lut: 0, ff: 0 }
      : card.dies === 'no blocks'
        ? { ...die.resources, bram36: 0, uram: 0 }
        : die.resources,
});

function changed(base: Accelerator, card: Card): Accelerator {
  const kernel = (one: Kernel): Kernel => ({
    ...one,
    ...(card.clock === undefined ? {} : { clock: setting(card.clock) }),
    ...(card.pack === undefined ? {} : { pack: setting(card.pack) }),
    ...(card.ii === undefined ? {} : { ii: setting(card.ii) }),
    ...(one.lanes && card.lanes !== undefined ? { lanes: setting(card.lanes) } : {}),
    ...(one.array && card.side !== undefined
      ? { array: { ...one.array, value: { ...one.array.value, outputs: card.side } } }
      : {}),
  });
  const { device, model } = base;
  return {
    ...base,
    clock: card.clock === undefined ? base.clock : setting(card.clock),
    copies: card.copies === undefined ? base.copies : setting(card.copies),
    phase: { ...base.phase, batch: card.batch ?? base.phase.batch },
    model: {
      ...model,
      layer: {
        ...model.layer,
        repeat: card.repeat ?? model.layer.repeat,
        operators: card.operators ? [] : model.layer.operators,
      },
    },
    kernels: card.operators ? [] : base.kernels.map(kernel),
    edges: card.operators ? [] : base.edges,
    device: {
      ...device,
      dies: card.dies === 'none' ? [] : device.dies.map((die) => emptied(die, card)),
      memories: card.memories ?? device.memories.map((one) => ({ ...one, bandwidth: card.bandwidth ?? one.bandwidth })),
    },
  };
}

test.each([
  ['the example', bert],
  ['a token of GPT-2', specText('gpt2_decode')],
  ['VGG-16', specText('vgg16_zcu102')],
])('%s on an absurd card has no figure that is NaN, infinite or below zero', (_, text) => {
  const design = designOf(text);
  const [base] = design.accelerators as [Accelerator];
  fc.assert(
    fc.property(cards, (card) => {
      const [estimate] = createEstimator().estimate({ ...design, accelerators: [changed(base, card)] }).accelerators;
      const { accelerator: _accelerator, netlist: _netlist, fifos, ...rest } = estimate!;
      const own = fifos.map(({ fifo: _fifo, ...fifo }) => fifo);
      // What the card itself says of its dies and channels is not the estimate's.
      const figures = { ...rest, own, available: {}, dies: rest.dies.map(({ available: _available, ...die }) => die) };
      expect(impossible(figures, 'estimate', [])).toEqual([]);
      expect(impossible(createEvaluator(estimate!)({}), 'point', [])).toEqual([]);
    }),
    { numRuns: 20, seed: 3 },
  );
});
