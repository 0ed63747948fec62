/**
 * Why each figure is what it is: its formula, the numbers put in, what it takes for granted, and where the formula comes from.
 * Figures are named by their path in the JSON, with names for places in a list: 'kernels.q.cycles', 'dies.slr0.resources.lut'.
 */
import type { ResourceName } from '../design/design.ts';
import type {
  AcceleratorEstimate,
  ChannelEstimate,
  DieEstimate,
  FifoEstimate,
  Formula,
  KernelEstimate,
  Resources,
} from '../estimate/estimate.ts';
import { amount, bandwidth, count, resourceLabels, share, significant, time } from '../format.ts';
import { wordBits } from '../kernels/word.ts';

export interface Explanation {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly formula: string;
  /** The formula with its inputs. */
  readonly inputs: string;
  readonly assumptions: readonly string[];
  readonly source: string;
}

const resources = Object.keys(resourceLabels) as ResourceName[];

const untested = 'no vendor tool was run: loops reach the intervals that their pragmas ask for';
const steady = 'a channel gives the bandwidth of its sheet: no refresh, row misses or arbitration';
const bands = 'LUT and FF are bands: routed over printed LUT of published designs was 0.33 … 1.03';
const timeline =
  'timeline of the netlist: cost laws beside each kernel’s source, run with their FIFOs (docs/estimator.md, Time)';

/** Parts that a sum names before it says how many more there are. */
const namedParts = 12;

/** Every figure of the JSON of one accelerator, in its order. */
export function explanationsOf(estimate: AcceleratorEstimate): Explanation[] {
  return [
    ...timingOf(estimate),
    ...generationOf(estimate),
    ...cardsOf(estimate),
    ...resources.map((name) =>
      figure(`resources.${name}`, estimate.resources[name].used, resourceLabels[name], {
        formula: 'Σ of its dies',
        inputs: estimate.dies.map((die) => `${die.name} ${amount(die.resources[name])}`).join(' + '),
        assumptions: assumptionsOf(name, estimate),
        source: 'the dies below; what is available: device sheet',
      }),
    ),
    ...estimate.dies.flatMap((die) => dieOf(die, estimate)),
    ...estimate.channels.flatMap((channel) => channelOf(channel, estimate)),
    ...estimate.crossings.flatMap(({ between, used, wires, plan, fifos }) =>
      (['used', 'wires', 'plan'] as const).map((name) =>
        figure(`crossings.${between.join('–')}.${name}`, { used, wires, plan }[name], 'wires', {
          formula:
            name === 'used' ? 'Σ bits of the streams that pass the boundary + 2 of handshake each' : 'device sheet',
          inputs: name === 'used' ? fifos.join(' + ') || 'no stream' : `${count(name === 'wires' ? wires : plan)}`,
          source: name === 'used' ? 'words of the netlist’s FIFOs' : sheetOf(estimate),
        }),
      ),
    ),
    ...estimate.closure.flatMap(({ kind, subject, resource, value, limit, source }) =>
      Object.entries({ value, limit }).map(([name, number]) =>
        figure(
          `closure.${[kind, subject, ...(resource ? [resource] : [])].join(' ')}.${name}`,
          number,
          resource ?? kind,
          {
            formula:
              name === 'limit'
                ? 'beyond it, timing closure is unlikely'
                : `the ${resource ?? kind} that the design has`,
            inputs: count(number),
            source,
          },
        ),
      ),
    ),
    ...powerOf(estimate),
    ...estimate.comparisons.flatMap(({ name, kind, seconds, faster, perResult, formula }) => {
      const path = `comparisons.${name} ${kind}`;
      return [
        fromFormula(`${path}.latencyMs`, formula, seconds * 1e3, 'ms'),
        figure(`${path}.faster`, faster, 'times', {
          formula: 'its latency ÷ latency of this accelerator',
          inputs: `${time(seconds)} ÷ ${time(estimate.timing.model)}`,
          source: formula.source,
        }),
        ...(perResult === undefined
          ? []
          : [
              figure(`${path}.millijoulesPerResult`, perResult * 1e3, 'mJ', {
                formula: 'power · latency ÷ results',
                inputs: `power of its sheet · ${time(seconds)} ÷ results of a pass`,
                assumptions: ['it draws the power of its sheet all the time'],
                source: formula.source,
              }),
            ]),
      ];
    }),
    ...estimate.kernels.flatMap((kernel) => kernelOf(kernel, estimate)),
    ...estimate.fifos.flatMap(fifoOf),
  ];
}

type Why = Pick<Explanation, 'formula' | 'inputs' | 'source'> & { readonly assumptions?: readonly string[] };

function figure(name: string, value: number, unit: string, { assumptions = [], ...why }: Why): Explanation {
  return { figure: name, value, unit, ...why, assumptions };
}

function fromFormula(
  name: string,
  { symbolic, numeric, source }: Formula,
  value: number,
  unit: string,
  assumptions: readonly string[] = [],
): Explanation {
  return figure(name, value, unit, { formula: symbolic, inputs: numeric, source, assumptions });
}

function sheetOf({ accelerator: { device } }: AcceleratorEstimate): string {
  return `sheet of ${device.name}: ${device.sources.join('; ') || 'it cites nothing'}`;
}

/** What a figure of this resource, or of time, takes for granted. */
function assumptionsOf(name: ResourceName | 'time', { dies, kernels }: Pick<AcceleratorEstimate, 'dies' | 'kernels'>) {
  const unknown = kernels.filter(({ partial }) => partial).map((kernel) => kernel.name);
  const least = unknown.length > 0 && dies.some(({ partial }) => partial);
  return [
    ...(name === 'time' ? [untested, steady] : []),
    ...(name === 'lut' || name === 'ff' ? [bands] : []),
    ...(least && name !== 'dsp' && name !== 'time'
      ? [`not known of ${unknown.join(', ')}: what is shown is the least`]
      : []),
    ...(least && name === 'time' ? [`by arithmetic alone: ${unknown.join(', ')}`] : []),
  ];
}

function timingOf(estimate: AcceleratorEstimate): Explanation[] {
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
    generation
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
      formula: `⌈layers of ‘${name}’ on a card ÷ copies⌉`,
      inputs: `⌈⌈${repeat} ÷ ${pipeline}⌉ ÷ ${copies}⌉`,
      source: `model ${accelerator.model.name}`,
    }),
    figure('intervalMs', timing.interval * 1e3, 'ms', {
      formula: 'passes · work of the busiest process · batch where inputs can take turns, else the latency',
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

function generationOf(estimate: AcceleratorEstimate): Explanation[] {
  const { generation, accelerator, timing } = estimate;
  if (!generation) return [];
  const { firstToken, perToken, decoding, error, tokensPerSecond, samples, last, formula } = generation;
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

function cardsOf({ cards, timing, accelerator }: AcceleratorEstimate): Explanation[] {
  if (!cards) return [];
  const { formula, link } = cards;
  const of = (
    name: string,
    value: number,
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
        `${kind === 'all-reduce' ? '2 · ' : ''}(p − 1)/p · rows · columns · bits/8`,
        `${kind} of ${operator}, p = ${cards.tensor}`,
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
        cards.resources[name].used,
        resourceLabels[name],
        'cards · one card',
        `${cards.cards} · ${amount(cards.resources[name])} ÷ ${cards.cards}`,
      ),
    ),
  ];
}

function dieOf(die: DieEstimate, estimate: AcceleratorEstimate): Explanation[] {
  const { name, shell, latency } = die;
  return [
    ...resources.map((resource) => {
      const users = estimate.kernels
        .filter((kernel) => kernel.die === name && kernel.resources[resource].used > 0)
        .map((kernel) => `${kernel.name} ${amount(kernel.resources[resource])}`);
      const all = shell[resource].used > 0 ? [...users, `shell ${amount(shell[resource])}`] : users;
      return figure(`dies.${name}.resources.${resource}`, die.resources[resource].used, resourceLabels[resource], {
        formula: 'copies · Σ of what stands on it + shell + ports of a network',
        inputs: shortened(all),
        assumptions: assumptionsOf(resource, estimate),
        source: 'cost laws and memories of its units; shell and what is available: device sheet',
      });
    }),
    figure(`dies.${name}.latencyMs`, latency * 1e3, 'ms', {
      formula: 'its units alone, inputs always ready, outputs always taken: first input to last output',
      inputs: shortened([...die.kernels]),
      assumptions: [untested, steady],
      source: timeline,
    }),
  ];
}

function shortened(parts: readonly string[]): string {
  if (parts.length === 0) return 'nothing';
  const more = parts.length - namedParts;
  return `${parts.slice(0, namedParts).join(' + ')}${more > 0 ? ` + ${more} more` : ''}`;
}

function channelOf({ name, demand, limit, users }: ChannelEstimate, estimate: AcceleratorEstimate): Explanation[] {
  return [
    figure(`channels.${name}.demandGBps`, demand / 1e9, 'GB/s', {
      formula: 'Σ bytes moved ÷ time in which the kernel issues, over the users at work at the same time',
      inputs: shortened(users.map((user) => `${user.kernel}.${user.port} ${bandwidth(user.demand)}`)),
      assumptions: [steady],
      source: 'traffic of the cost laws, windows of the timeline',
    }),
    figure(`channels.${name}.limitGBps`, limit / 1e9, 'GB/s', {
      formula: 'device sheet',
      inputs: bandwidth(limit),
      source: sheetOf(estimate),
    }),
  ];
}

function powerOf({ power, accelerator, timing }: AcceleratorEstimate): Explanation[] {
  if (!power) return [];
  const { formula, idle, logic, memory, watts, perResult } = power;
  const assumptions = ['indicative: not measured, and not calibrated on a design'];
  const of = (name: string, value: number, unit: string, text: string, inputs: string): Explanation =>
    figure(`power.${name}`, value, unit, { formula: text, inputs, assumptions, source: formula.source });
  return [
    fromFormula('power.watts', formula, watts, 'W', assumptions),
    of('idleWatts', idle, 'W', 'idle power of the sheet, of a range its middle', accelerator.device.name),
    of('logicWatts', logic, 'W', 'Σ busy · primitives · energy of a cycle · clock', 'kernels below'),
    of('memoryWatts', memory, 'W', 'bytes of a pass ÷ its time · energy of a byte', time(timing.perLayer)),
    of(
      'millijoulesPerResult',
      perResult * 1e3,
      'mJ',
      'power · interval ÷ results',
      `${significant(watts)} W · ${time(timing.interval)}`,
    ),
  ];
}

/** Cycles, time and share of a kernel in the pass of an estimate. */
function timesOf(kernel: KernelEstimate, estimate: AcceleratorEstimate, list = 'kernels'): Explanation[] {
  const path = `${list}.${kernel.name}`;
  const assumptions = kernel.partial ? [`the library has no kernel for it: arithmetic alone`] : [untested];
  const { formula, cycles, clock, seconds, busy } = kernel;
  return [
    fromFormula(`${path}.cycles`, formula, cycles, 'cycles', assumptions),
    figure(`${path}.ms`, seconds * 1e3, 'ms', {
      formula: 'cycles ÷ clock',
      inputs: `${count(cycles)} ÷ ${clock / 1e6} MHz`,
      assumptions,
      source: formula.source,
    }),
    figure(`${path}.busy`, busy, 'share', {
      formula: 'cycles in which its busiest process issues (of an array in turn, all its turns) ÷ the layer’s time',
      inputs: `${share(busy)} of ${time(estimate.timing.perLayer)}`,
      assumptions,
      source: timeline,
    }),
  ];
}

function kernelOf(kernel: KernelEstimate, estimate: AcceleratorEstimate): Explanation[] {
  const path = `kernels.${kernel.name}`;
  const known = resources.filter((name) => name === 'dsp' || !kernel.partial || kernel.resources[name].used > 0);
  return [
    figure(`${path}.ops`, kernel.operations, 'operations', {
      formula: '2 · Σ multiply-accumulates of its operators in one pass',
      inputs: kernel.operators.join(' + '),
      source: `shapes of model ${estimate.accelerator.model.name}`,
    }),
    ...timesOf(kernel, estimate),
    ...(kernel.load
      ? [fromFormula(`${path}.loadCycles`, kernel.load.formula, kernel.load.cycles, 'cycles', [steady])]
      : []),
    ...known.map((name) => {
      const taken = kernel.parts.filter((part) => part.resources[name].used > 0);
      const why = kernel.explanations.filter(({ unit }) => unit.toLowerCase().includes(labelOf(name)));
      return figure(`${path}.${name}`, kernel.resources[name].used, resourceLabels[name], {
        formula: [
          'Σ of its units, their memories and ports, and the FIFOs in front',
          ...why.map(({ symbolic }) => symbolic),
        ].join('; '),
        inputs: shortened(taken.map((part) => `${part.name} (${part.kind}) ${amount(part.resources[name])}`)),
        assumptions: [
          ...(name === 'lut' || name === 'ff' ? [bands] : []),
          ...(kernel.partial ? ['the library has no kernel for a part of it: what is shown is the least'] : []),
        ],
        source: [sourceOf(name), ...new Set(why.map(({ source }) => source))].join('; '),
      });
    }),
    ...waitsOf(kernel).map(({ list, on, kind, share: part }) =>
      figure(`${path}.${list}.${on} ${kind}.share`, part, 'share', {
        formula: 'cycles that the busiest process (of a chain, of the kernel that waits) lost ÷ the layer’s time',
        inputs: `${kind} ${on}`,
        assumptions: [untested, steady],
        source: timeline,
      }),
    ),
  ];
}

/** What it waits for, and what that waits for in turn. */
function waitsOf({ waits, chain }: KernelEstimate) {
  return [
    ...waits.map((wait) => ({ list: 'waits', ...wait })),
    ...chain.map(({ kernel, on, ...wait }) => ({ list: 'waitChain', ...wait, on: `${kernel} ${on}` })),
  ];
}

function labelOf(name: ResourceName): string {
  return name === 'bram36' ? 'bram' : name;
}

function sourceOf(name: keyof Resources): string {
  switch (name) {
    case 'dsp':
      return 'operators of each kernel’s source by their cores (docs/estimator.md, Resources)';
    case 'bram36':
      return 'shapes of memories in RAMB18 (UG573; 82 published report rows)';
    case 'uram':
      return 'shapes of memories in URAM288 (UG573; 82 published report rows)';
    default:
      return 'logic laws beside each kernel’s source, ports and FIFOs of published reports';
  }
}

function fifoOf({ fifo, depth, peak, storage }: FifoEstimate): Explanation[] {
  const path = `fifos.${fifo.id}`;
  const asked = fifo.asked === 'auto';
  return [
    figure(`${path}.depth`, depth, 'words', {
      formula: asked
        ? 'as shallow as nobody waits in a circle, deeper where the pass gets faster by it'
        : 'as the spec says',
      inputs: asked ? `most words at once ${count(peak)}` : `${fifo.asked}`,
      source: asked ? timeline : 'the spec',
    }),
    figure(`${path}.peak`, peak, 'words', {
      formula: 'most words in it at once in one pass',
      inputs: `${count(fifo.words)} words a pass through ${fifo.id}`,
      source: timeline,
    }),
    figure(`${path}.bits`, wordBits(fifo.word), 'bits', {
      formula: 'tokens · columns · bits of the type',
      inputs: `${fifo.word.tokens} · ${fifo.word.columns} · ${fifo.word.element}, in ${storage}`,
      source: 'the word of the ports that it joins',
    }),
  ];
}

/** One explanation on a few lines. */
export function explanationText({
  figure: name,
  value,
  unit,
  formula,
  inputs,
  assumptions,
  source,
}: Explanation): string {
  return [
    `${name} = ${significant(value, 6)} ${unit}`,
    `  = ${formula}`,
    `  = ${inputs}`,
    ...assumptions.map((one) => `  assumed: ${one}`),
    `  from: ${source}`,
  ].join('\n');
}

/**
 * The figures that a person asks for: a kernel, die or channel ('q', 'slr1', 'hbm[4]'), a figure of one ('q.lut'), or of the
 * accelerator ('latency'); with the accelerator's name in front where they like.
 */
export function explanationsFor(estimate: AcceleratorEstimate, asked: string | undefined): Explanation[] {
  const all = explanationsOf(estimate);
  if (asked === undefined) return all;
  const { name } = estimate.accelerator;
  if (asked === name) return all.filter(({ figure: one }) => !one.includes('.') || one.startsWith('power.'));
  const wanted = asked.startsWith(`${name}.`) ? asked.slice(name.length + 1) : asked;
  // 'latency' is the accelerator's before it is that of a die; 'slr1.dsp' is 'dies.slr1.resources.dsp'.
  const own = all.filter(({ figure: one }) => !one.includes('.') && one.startsWith(wanted));
  return own.length > 0 ? own : all.filter(({ figure: one }) => isAbout(one.split('.'), wanted.split('.')));
}

/** Whether the parts asked for are parts of the path, in this order; the last one may leave its unit out. */
function isAbout(path: readonly string[], asked: readonly string[]): boolean {
  let found = 0;
  for (const part of path) {
    const wanted = asked[found];
    if (wanted === undefined) break;
    const last = found === asked.length - 1 && found > 0;
    if (part === wanted || (last && part.startsWith(wanted))) found++;
  }
  return found === asked.length;
}
