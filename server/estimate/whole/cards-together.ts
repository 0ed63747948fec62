/** The estimate of one card of several made into that of all of them. */
import type { Accelerator } from '../../design/design.ts';
import { clean, times } from '../amounts.ts';
import { withEnergy } from '../cost/power.ts';
import type { AcceleratorEstimate, CardsEstimate } from '../estimate.ts';
import { hopSeconds, linkRate, type OneCard } from '../lower/cards.ts';
import { type Collective, secondsOver } from '../lower/link-words.ts';
import { isPlaced } from '../lower/machine.ts';

/** @param alone one pass of the layer on one card if nothing crossed the link, seconds. */
export function onAllCards(
  accelerator: Accelerator,
  { accelerator: own, collectives, caveats }: OneCard,
  estimate: AcceleratorEstimate,
  alone: number,
): AcceleratorEstimate {
  const { link, split, cards: count } = accelerator;
  const machine = isPlaced(accelerator);
  const rate = linkRate(accelerator);
  const bytes = collectives.reduce((sum, { sent }) => sum + sent, 0);
  const over = (one: Collective): number =>
    rate === undefined ? 0 : clean(secondsOver(rate, one)) + (link?.latency ?? 0);
  const seconds = collectives.reduce((sum, one) => sum + over(one), 0);
  const narrow = collectives.filter(({ limit = Infinity }) => rate !== undefined && limit < rate);
  const { perLayer } = estimate.timing;
  const busy = seconds + (split.pipeline > 1 ? hopSeconds(accelerator) / Math.max(1, estimate.timing.passes) : 0);
  const cards: CardsEstimate = {
    cards: count,
    tensor: split.tensor,
    pipeline: split.pipeline,
    link: link?.name ?? 'nothing',
    collectives: collectives.map(({ operator, kind, sent }) => ({ operator, kind, sent })),
    seconds,
    load: perLayer > 0 ? Math.min(1, busy / perLayer) : 0,
    blocking: alone + seconds,
    hop: hopSeconds(accelerator),
    placed: machine,
    resources: machine ? estimate.resources : times(estimate.resources, count),
    formula: {
      symbolic: 'Σ (2 for a sum) · (p − 1)/p · l · columns · b_A/8 ÷ (α · B)',
      numeric: `${Math.round(bytes)} B ÷ (${link?.efficiency ?? 1} · ${(link?.bandwidth ?? 0) / 1e9} GB/s)${narrow.map(({ operator, limit = 0 }) => `, ${operator} at ${(limit / 1e9).toPrecision(3)} GB/s by the width of its stream`).join('')}`,
      value: seconds,
      unit: 's',
      source:
        'all-reduce and all-gather in a ring of p cards; with p = 2 a sum is T_comm = l·d·b_A/(α·B) of arXiv 2312.15159',
    },
  };
  const { power } = estimate;
  return {
    ...estimate,
    accelerator: machine ? own : accelerator,
    cards,
    ...(power ? { power: withEnergy(power, { accelerator, timing: estimate.timing }) } : {}),
    caveats: [...caveats, ...idleStreams(accelerator, collectives, estimate), ...estimate.caveats],
  };
}

/** Streams into the link whose unit has nothing to send, or to bring together. */
function idleStreams(
  { linkStreams, kernels }: Accelerator,
  collectives: OneCard['collectives'],
  { netlist }: AcceleratorEstimate,
): string[] {
  return linkStreams.flatMap(({ unit, link, direction }) => {
    if (direction === 'in') return [];
    const served = kernels.filter(({ name }) => name === unit).flatMap(({ turns }) => turns.flat());
    const names = new Set([unit, ...served.map(({ name }) => name)]);
    const says = (what: string): string[] => [`stream ${unit} -> ${link}: ${what}, so it changes nothing`];
    if (!collectives.some(({ operator }) => names.has(operator)))
      return says(`nothing that ${unit} gives goes over the link`);
    const built = netlist.units.some(
      ({ kernel, operators }) => kernel === unit || operators.some(({ name }) => name === unit),
    );
    return built ? [] : says(`${unit} is priced by arithmetic alone`);
  });
}
