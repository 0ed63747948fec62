/** Why a pass, a prompt with its tokens, and several cards take as long as they do. */
import type { AcceleratorEstimate, Amount, PartEstimate } from '../estimate/estimate.ts';
import { amount, bandwidth, count, resourceLabels, share, time } from '../format.ts';
import { timesOf } from './explain-kernels.ts';
import { assumptionsOf, type Explanation, figure, fromFormula, resources, sheetOf, timeline } from './explanation.ts';
import { rangeText } from './phase.ts';

export function timingOf(estimate: AcceleratorEstimate): Explanation[] {
  const { accelerator, timing, netlist, generation } = estimate;
  const { repeat, name } = accelerator.model.layer;
  const { batch } = accelerator.phase;
  const { pipeline } = accelerator.split;
  const copies = accelerator.copies.value;
  const assumptions = assumptionsOf('time', estimate);
  const hops = estimate.cards && pipeline > 1 ? ` + ${pipeline - 1} · ${time(estimate.cards.hop)}` : '';
  return [
    figure('clockMHz', accelerator.clock.value / 1e6, 'MHz', {
      formula: accelerator.clock.origin === 'auto' ? 'clock of the device sheet' : 'as the spec says',
      inputs: `${accelerator.clock.value / 1e6}`,
      source: accelerator.clock.origin === 'auto' ? sheetOf(estimate) : 'the spec',
    }),
    estimate.parts && !generation
      ? figure('latencyMs', timing.model * 1e3, 'ms', {
          formula: `Σ of its parts, which follow each other${pipeline > 1 ? '; with (batch − 1) · the card with most, and hops' : ''}`,
          inputs: estimate.parts
            .map(({ passes, estimate: { timing: own } }) => `${rangeText(passes)} ${time(own.model)}`)
            .join(' + '),
          assumptions,
          source: timeline,
        })
      : generation
        ? fromFormula('latencyMs', generation.formula, timing.model * 1e3, 'ms', assumptions)
        : figure('latencyMs', timing.model * 1e3, 'ms', {
            formula:
              '(cards of the pipeline + batch − 1) · passes · (per layer + (copies − 1) · by which a copy is behind) + hops',
            inputs: `(${pipeline} + ${batch} − 1) · ${timing.passes} · (${time(timing.perLayer)} + ${copies - 1} · ${time(timing.behind)})${hops}`,
            assumptions,
            source: timeline,
          }),
    figure('perLayerMs', timing.perLayer * 1e3, 'ms', {
      formula: 'cycle of the last output of one pass ÷ clock, fill and stalls included',
      inputs: `${netlist.units.length} units and ${netlist.fifos.length} FIFOs: ${count(timing.perLayer * accelerator.clock.value)} cycles ÷ ${accelerator.clock.value / 1e6} MHz`,
      assumptions,
      source: timeline,
    }),
    figure('passes', timing.passes, 'passes', {
      formula: estimate.parts
        ? `⌈passes ÷ copies⌉ of each part${pipeline > 1 ? ', on the card with most' : ''}`
        : `⌈layers of ‘${name}’ on a card ÷ copies⌉`,
      inputs: estimate.parts
        ? estimate.parts.map(({ estimate: { timing: own } }) => `${own.passes}`).join(' + ')
        : `⌈⌈${repeat} ÷ ${pipeline}⌉ ÷ ${copies}⌉`,
      source: `model ${accelerator.model.name}`,
    }),
    ...(estimate.parts ?? []).flatMap((part) => partOf(part, assumptions)),
    figure('intervalMs', timing.interval * 1e3, 'ms', {
      formula: `${estimate.parts ? 'Σ over the parts of ' : ''}passes · work of the busiest process or channel · batch where inputs can take turns, else the latency`,
      inputs: `at most ${time(timing.model)}`,
      assumptions: [...assumptions, 'inputs are always ready'],
      source: timeline,
    }),
    ...(timing.closedForm
      ? [
          fromFormula('closedFormMs', timing.closedForm.formula, timing.closedForm.seconds * 1e3, 'ms', [
            'no fill, no stalls',
          ]),
        ]
      : []),
  ];
}

function partOf(
  { passes, estimate: { accelerator, timing } }: PartEstimate,
  assumptions: readonly string[],
): Explanation[] {
  const path = `parts.${rangeText(passes)}`;
  const count = passes.last - passes.first + 1;
  return [
    figure(`${path}.passes`, timing.passes, 'passes', {
      formula: '⌈passes of the part ÷ copies⌉',
      inputs: `⌈${count} ÷ ${accelerator.copies.value}⌉`,
      source: `model ${accelerator.model.name}`,
    }),
    figure(`${path}.perLayerMs`, timing.perLayer * 1e3, 'ms', {
      formula: 'cycle of the last output of one of its passes ÷ clock, fill and stalls included',
      inputs: time(timing.perLayer),
      assumptions,
      source: timeline,
    }),
    figure(`${path}.latencyMs`, timing.model * 1e3, 'ms', {
      formula: `passes · per layer${accelerator.split.pipeline > 1 ? ' of one sequence' : ' · batch'}, copies one behind the other`,
      inputs: `${timing.passes} · ${time(timing.perLayer)}`,
      assumptions,
      source: timeline,
    }),
  ];
}

export function generationOf(estimate: AcceleratorEstimate): Explanation[] {
  const { generation, accelerator, timing } = estimate;
  if (!generation) return [];
  const { firstToken, perToken, decoding, error, tokensPerSecond, samples, busy, last, formula } = generation;
  const { prompt = 1, output = 1, batch } = accelerator.phase;
  const assumptions = assumptionsOf('time', estimate);
  const of = (name: string, value: number, unit: string, text: string, inputs: string): Explanation =>
    figure(`generate.${name}`, value, unit, { formula: text, inputs, assumptions, source: formula.source });
  return [
    of(
      'firstTokenMs',
      firstToken * 1e3,
      'ms',
      'passes · per layer of the pass over the prompt',
      `${timing.passes} · ${time(timing.perLayer)}`,
    ),
    of('perTokenMs', perToken * 1e3, 'ms', 'all token passes ÷ their number', `${time(decoding)} ÷ ${output - 1}`),
    fromFormula('generate.tokensMs', formula, decoding * 1e3, 'ms', assumptions),
    of(
      'tokensErrorMs',
      error * 1e3,
      'ms',
      '|sum − sum with every other sample|; 0 where every pass is one',
      `${samples.length} samples of ${output - 1} passes`,
    ),
    of(
      'tokensPerSecond',
      tokensPerSecond,
      'tok/s',
      'output · batch ÷ latency',
      `${output} · ${batch} ÷ ${time(timing.model)}`,
    ),
    of('passes', output - 1, 'passes', 'output − 1: the pass over the prompt gives the first token', `${output} − 1`),
    ...samples.flatMap(({ past, seconds }) => [
      of(`samples.${past}.past`, past, 'tokens', 'length of the past of a token pass that is timed', `${past}`),
      of(
        `samples.${past}.ms`,
        seconds * 1e3,
        'ms',
        'timeline of the token pass behind that past, all layers',
        `past ${past}`,
      ),
    ]),
    ...busy.map(({ kernel, share: part }) => {
      const prompts = estimate.kernels.find((one) => one.name === kernel && !last?.kernels.includes(one));
      const tokens = last?.kernels.find(({ name }) => name === kernel);
      return of(
        `kernels.${kernel}.busy`,
        part,
        'share',
        'busy of each pass, weighed by the time that the pass takes',
        [
          ...(prompts ? [`prompt ${share(prompts.busy)} of ${time(firstToken)}`] : []),
          ...(tokens ? [`last token ${share(tokens.busy)}, all tokens ${time(decoding)}`] : []),
        ].join(', '),
      );
    }),
    ...(last
      ? [
          of(
            'lastToken.past',
            last.accelerator.phase.past,
            'tokens',
            'prompt + output − 2',
            `${prompt} + ${output} − 2`,
          ),
          of(
            'lastToken.perLayerMs',
            last.timing.perLayer * 1e3,
            'ms',
            'one pass of the layer for the last token',
            time(last.timing.perLayer),
          ),
          ...last.kernels.flatMap((kernel) => timesOf(kernel, last, 'generate.lastToken.kernels')),
        ]
      : []),
  ];
}

export function cardsOf({ cards, dies, timing, accelerator }: AcceleratorEstimate): Explanation[] {
  if (!cards) return [];
  const { formula, link } = cards;
  const of = (
    name: string,
    value: number | Amount,
    unit: string,
    text: string,
    inputs: string,
    source = formula.source,
  ): Explanation => figure(`cards.${name}`, value, unit, { formula: text, inputs, source });
  const written = (name: string, value: number): Explanation =>
    of(name, value, 'cards', 'as the spec says', `${value}`, 'the spec');
  return [
    written('cards', cards.cards),
    written('tensor', cards.tensor),
    written('pipeline', cards.pipeline),
    ...cards.collectives.map(({ operator, kind, sent }) =>
      of(
        `exchanges.${operator}.bytes`,
        sent,
        'B',
        `${kind === 'send' ? '' : kind === 'all-reduce' ? '2 · (p − 1)/p · ' : '(p − 1)/p · '}rows · columns · bits/8 of the type on the link`,
        cards.placed
          ? `${kind} of ${operator}, p cards with its kernel`
          : `${kind} of ${operator}, p = ${cards.tensor}`,
      ),
    ),
    fromFormula('cards.exchangeMs', formula, cards.seconds * 1e3, 'ms'),
    of(
      'load',
      cards.load,
      'share',
      'time of the link ÷ per layer',
      `${time(cards.seconds)} of ${time(timing.perLayer)}`,
    ),
    of(
      'blockingPerLayerMs',
      cards.blocking * 1e3,
      'ms',
      'per layer without exchanges + exchanges',
      `${time(cards.blocking - cards.seconds)} + ${time(cards.seconds)}`,
    ),
    of(
      'hopMs',
      cards.hop * 1e3,
      'ms',
      'rows · columns · bits/8 ÷ (efficiency · bandwidth) of the link; 0 without a pipeline',
      `${link}: ${bandwidth(accelerator.link?.bandwidth ?? 0)}`,
    ),
    ...resources.map((name) =>
      of(
        `resources.${name}`,
        cards.resources[name],
        resourceLabels[name],
        cards.placed ? 'Σ of the dies of all cards' : 'cards · one card',
        cards.placed
          ? dies.map((die) => amount(die.resources[name])).join(' + ')
          : `${cards.cards} · ${amount(cards.resources[name])} ÷ ${cards.cards}`,
      ),
    ),
  ];
}
