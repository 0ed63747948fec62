/** Cards of a pipeline: each has as many passes through the repeated layers as the others, in their order. */

import type { Accelerator, Passes } from '../design.ts';
import type { KnownLayer } from '../sheets/places.ts';
import type { Environment } from '../terms/expression.ts';
import type { Asked } from './clauses.ts';

type Split = Accelerator['split'];

/** Passes that a card of a pipeline takes at most; the last ones have fewer where it does not divide. */
export function passesACard(all: number, cards: number): number {
  return Math.ceil(all / cards);
}

/**
 * Of a pipeline, `on card[1]` says which passes a kernel serves: those that its cards have. What is wrong with that is
 * reported, and the kernel then serves what its `for` says.
 */
export function onStages(asked: Asked, layers: readonly KnownLayer[], split: Split, env: Environment): Asked {
  const { cards, ...rest } = asked;
  if (split.pipeline <= 1 || !cards) return asked;
  const stages = cards.value && stagesOf(cards.value, split);
  const wrong = (found: string, expected: string): Asked => {
    const span = cards.span;
    env.report.problem({ code: 'invalid-value', span, subject: 'on', found, expected });
    return rest;
  };
  if (!cards.value) return rest;
  const named = cards.value.map((card) => `card[${card}]`).join(', ');
  if (!stages) {
    const [first = 0] = cards.value;
    const from = first - (first % split.tensor);
    const together = Array.from({ length: split.tensor }, (_, card) => `card[${from + card}]`).join(' and ');
    return wrong(named, `${together}: ‘tensor ${split.tensor}’ cuts every operator over all cards of a stage`);
  }
  const there = stages.flatMap((stage) => passesOf(stage, layers, split.pipeline));
  const served = asked.passes?.value;
  const passes = served ? served.flatMap((range) => there.flatMap((own) => common(range, own) ?? [])) : there;
  if (passes.length === 0) return wrong(named, `a card that has these passes: here it is ${inWords(there)}`);
  return { ...rest, passes: { value: passes, origin: cards.origin, span: cards.span } };
}

/** Stages of the pipeline; undefined where only some of the cards that share one are named. */
function stagesOf(cards: readonly number[], { tensor }: Split): number[] | undefined {
  const stages = [...new Set(cards.map((card) => Math.floor(card / tensor)))].sort((a, b) => a - b);
  return stages.length * tensor === new Set(cards).size ? stages : undefined;
}

function passesOf(stage: number, layers: readonly KnownLayer[], pipeline: number): Passes[] {
  const each = passesACard(
    layers.reduce((sum, { repeat }) => sum + repeat, 0),
    pipeline,
  );
  let behind = 0;
  return layers.flatMap(({ name, repeat }): Passes[] => {
    const [first, last] = [stage * each - behind, (stage + 1) * each - 1 - behind];
    behind += repeat;
    return common({ layer: name, first: 0, last: repeat - 1 }, { layer: name, first, last }) ?? [];
  });
}

function common(a: Passes, b: Passes): [Passes] | undefined {
  const range = { layer: a.layer, first: Math.max(a.first, b.first), last: Math.min(a.last, b.last) };
  return a.layer === b.layer && range.first <= range.last ? [range] : undefined;
}

function inWords(passes: readonly Passes[]): string {
  return passes.map(({ layer, first, last }) => `${layer}[${first}..${last}]`).join(', ') || 'none';
}
