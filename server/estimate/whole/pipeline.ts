/** Parts of a model on the cards of a pipeline: each card has the kernels of the passes that it takes. */
import type { Passes } from '../../design/design.ts';
import type { ResourceName } from '../../design/hardware.ts';
import { passesACard } from '../../design/mapping/stages.ts';
import type { Resources } from '../../kernels/kernel.ts';
import { times, total } from '../amounts.ts';
import type { AcceleratorEstimate, MemoryEstimate } from '../estimate.ts';
import { together } from './together.ts';

export const lengthOf = ({ first, last }: Passes): number => last - first + 1;

/** Passes of each part on each card of a pipeline: they are taken in their order, as many a card. */
export function dealtOut(parts: readonly Passes[], cards: number): number[][] {
  const each = passesACard(
    parts.reduce((sum, part) => sum + lengthOf(part), 0),
    cards,
  );
  let behind = 0;
  return parts.map((part) => {
    const [from, to] = [behind, behind + lengthOf(part)];
    behind = to;
    return Array.from({ length: cards }, (_, card) =>
      Math.max(0, Math.min(to, (card + 1) * each) - Math.max(from, card * each)),
    );
  });
}

/** The hardware of several parts on one card. */
export function mergedOf(first: AcceleratorEstimate, more: readonly AcceleratorEstimate[]): AcceleratorEstimate {
  let merged = first;
  for (const part of more) merged = { ...merged, ...together(merged, part, 'each') };
  return merged;
}

interface Fullest {
  /** What stands on that card; kernels, and what is asked of channels, are shown of all cards. */
  readonly hardware: Pick<AcceleratorEstimate, 'dies' | 'resources' | 'memories' | 'crossings' | 'closure'>;
  /** Of all cards together. */
  readonly ofAll: Resources;
  readonly caveat: string;
}

/** The card of a pipeline of which most is taken. */
export function fullestCard(parts: readonly AcceleratorEstimate[], pipeline: number): Fullest | undefined {
  const dealt = dealtOut(
    parts.map(({ accelerator }) => accelerator.passes),
    pipeline,
  );
  const stages = Array.from({ length: pipeline }, (_, stage) => {
    const [first, ...more] = parts.flatMap((part, index) => {
      const passes = dealt[index]!;
      return passes[stage]! > 0 ? [withLayers(part, passes[stage]! / Math.max(...passes))] : [];
    });
    return first && { stage, card: mergedOf(first, more) };
  }).filter((stage) => stage !== undefined);
  const [first] = stages;
  if (!first) return undefined;
  const { stage, card } = stages.reduce((a, b) => (fullness(b.card) > fullness(a.card) ? b : a));
  const { dies, resources, memories, crossings, closure } = card;
  const tensor = card.accelerator.split.tensor;
  const name = tensor > 1 ? `card[${stage * tensor}] to card[${(stage + 1) * tensor - 1}]` : `card[${stage}]`;
  return {
    hardware: { dies, resources, memories, crossings, closure },
    ofAll: total(stages.map((one) => times(one.card.resources, tensor))),
    caveat: `pipeline: each card has the kernels of its own layers; dies, memories and totals are those of ${name}, of which most is taken`,
  };
}

/** A part on a card that has a share of the layers of the card with most of it: so much of what memory holds of each layer. */
function withLayers(part: AcceleratorEstimate, share: number): AcceleratorEstimate {
  if (share === 1) return part;
  const memories = part.memories.map((memory): MemoryEstimate => {
    const contents = memory.contents.map((entry) =>
      entry.layers ? { ...entry, bytes: entry.bytes * share, layers: Math.round(entry.layers * share) } : entry,
    );
    return { ...memory, contents, bytes: contents.reduce((sum, { bytes }) => sum + bytes, 0) };
  });
  return { ...part, memories };
}

const names: readonly ResourceName[] = ['dsp', 'bram36', 'uram', 'lut', 'ff'];

/** Share of the resource and the die of which most is taken. */
function fullness({ dies }: AcceleratorEstimate): number {
  const shares = dies.flatMap(({ resources, available }) =>
    names.map((name) => resources[name].used / Math.max(1, available[name])),
  );
  return Math.max(0, ...shares);
}
