/** The report that `weft estimate` prints and *Show Estimate* opens. */
import type { ResourceName } from '../design/hardware.ts';
import type {
  AcceleratorEstimate,
  ChannelEstimate,
  DieEstimate,
  Generation,
  KernelEstimate,
  Timing,
  Wait,
} from '../estimate/estimate.ts';
import { measure } from '../estimate/metrics.ts';
import { hindrances, inWords } from '../estimate/not-exported.ts';
import {
  amount,
  bandwidth,
  count,
  energy,
  enumeration,
  frequency,
  least,
  power,
  ranges,
  resourceLabels,
  resultOf,
  share,
  significant,
  throughput,
  time,
} from '../format.ts';
import { choicesText } from './choices.ts';
import { phaseText, rangeText } from './phase.ts';
import { table } from './table.ts';

const resources = Object.keys(resourceLabels) as ResourceName[];

export function estimateText(estimate: AcceleratorEstimate): string {
  return [
    heading(estimate),
    timingLines(estimate),
    cardLines(estimate),
    ...kernelTables(estimate),
    resourceTable(estimate),
    crossingTable(estimate),
    channelTable(estimate),
    comparisonTable(estimate),
    caveats(estimate),
    notExported(estimate),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function heading({ accelerator }: AcceleratorEstimate): string {
  const cards = accelerator.cards > 1 ? `${accelerator.cards} × ` : '';
  return `${accelerator.name}: ${accelerator.model.name}, ${phaseText(accelerator.phase)}, ${accelerator.precision.name} on ${cards}${accelerator.device.name} at ${frequency(accelerator.clock.value)}${choicesText(accelerator)}`;
}

function timingLines(estimate: AcceleratorEstimate): string {
  const { timing, accelerator } = estimate;
  if (estimate.deadlock) return 'Latency   none: the units wait for each other in a circle (fifo-deadlock).';
  if (estimate.generation) return generationLines(estimate, estimate.generation);
  const atLeast = estimate.cutOff ? '≥' : '';
  const lines = [
    [
      'Per layer',
      `${atLeast}${time(timing.perLayer)}  one pass of ‘${accelerator.model.layer.name}’, fill and stalls included`,
    ],
    ['Per model', `${atLeast}${time(timing.model)}  ${passesText(timing)}`],
    ...partLines(estimate),
    [
      'Interval',
      `${time(timing.interval)}  from one result of the model to the next, inputs always ready${rateText(estimate)}`,
    ],
    ...(timing.closedForm
      ? [['Closed form', `${time(timing.closedForm.seconds)}  per layer: ${timing.closedForm.formula.symbolic}`]]
      : []),
    ...bottleneckLine(estimate),
    ...engineLine(estimate),
    ...powerLine(estimate),
  ];
  return labelled(lines);
}

/** ': 28.1 tok/s' */
function rateText(estimate: AcceleratorEstimate): string {
  const rate = measure({ name: 'throughput' }, estimate);
  return rate === undefined ? '' : `: ${throughput(rate, estimate.accelerator.phase)}`;
}

const passesText = ({ passes }: Timing): string => `${count(passes)} ${passes === 1 ? 'pass' : 'passes'}`;

/** Parts that are named; the rest of a long list is summed up. */
const NAMED_PARTS = 8;

/** Where passes are not all alike, what each part takes. */
function partLines({ parts = [] }: AcceleratorEstimate): [string, string][] {
  const rest = parts.slice(NAMED_PARTS);
  const seconds = rest.reduce((sum, { estimate }) => sum + estimate.timing.model, 0);
  return [
    ...parts
      .slice(0, NAMED_PARTS)
      .map(({ passes, estimate: { timing } }, index): [string, string] => [
        index === 0 ? 'In parts' : '',
        `${time(timing.model)}  ${rangeText(passes)}: ${passesText(timing)} of ${time(timing.perLayer)}`,
      ]),
    ...(rest.length > 0 ? [['', `${time(seconds)}  ${count(rest.length)} more parts`] as [string, string]] : []),
  ];
}

/** The prompt, the tokens behind it, and how a token takes longer as the past grows. */
function generationLines(estimate: AcceleratorEstimate, generation: Generation): string {
  const { timing, accelerator } = estimate;
  const { firstToken, perToken, samples, error, tokensPerSecond } = generation;
  const { output = 1 } = accelerator.phase;
  const [first, last] = [samples[0], samples.at(-1)];
  const grows =
    first &&
    last &&
    `${time(first.seconds)} behind ${count(first.past)} … ${time(last.seconds)} behind ${count(last.past)}`;
  const passes = output - 1;
  const timed =
    samples.length === passes
      ? 'each pass timed'
      : `${samples.length} passes timed, straight lines between; ${offBy(error / timing.model)}`;
  return labelled([
    ['First token', `${time(firstToken)}  the pass over the prompt, ${time(timing.perLayer)} a layer`],
    ...partLines(estimate),
    ...(grows
      ? [
          ['Per token', `${time(perToken)}  mean of ${count(passes)}: ${grows}`],
          ['', timed],
        ]
      : []),
    ['In all', `${time(timing.model)}  ${significant(tokensPerSecond)} tok/s over prompt and tokens`],
    ...bottleneckLine(estimate),
    ...engineLine(estimate),
    ...powerLine(estimate),
  ]);
}

/** Twelve digits of a straight line are no error. */
function offBy(part: number): string {
  return part < 0.001 ? 'the sum is off by less than 0.1%' : `the sum is off by about ${share(part)}`;
}

/** How the model is cut, what the cards exchange, and what they take together. */
function cardLines({ cards, timing, generation }: AcceleratorEstimate): string {
  if (!cards) return '';
  const { tensor, pipeline, link, collectives, seconds, load, blocking, hop, placed } = cards;
  const pass = generation ? 'the pass over the prompt' : 'a pass';
  const sums = collectives.map(({ operator, kind }) => `${kind} behind ${operator}`).join(', ');
  return labelled([
    [
      'Cards',
      placed
        ? `${cards.cards}, with kernels of their own; the tables are of all cards, a kernel of several of them stands on the first`
        : `${cards.cards}: each operator cut over ${tensor}, layers over ${pipeline}; the tables are of one card`,
    ],
    ...(collectives.length > 0
      ? [
          ['Exchange', `${time(seconds)} of ${pass} over ${link} (${share(load)}): ${sums}`],
          [
            '',
            `rows streamed through: ${time(timing.perLayer)} a layer; each exchange complete before its reader begins: ${time(blocking)}`,
          ],
        ]
      : []),
    ...(pipeline > 1 ? [['Hop', `${time(hop)} from card to card over ${link}`]] : []),
    ['All cards', resources.map((name) => `${amount(cards.resources[name])} ${resourceLabels[name]}`).join(' · ')],
  ]);
}

function bottleneckLine({ bottleneck }: AcceleratorEstimate): string[][] {
  return bottleneck ? [['Bottleneck', `${bottleneck.kernel}: ${bottleneck.reason}`]] : [];
}

function engineLine({ engines }: AcceleratorEstimate): string[][] {
  if (!engines) return [];
  const { used, available, users } = engines;
  const names = users.map(({ kernel }) => kernel).join(', ');
  return [
    [
      'Engines',
      `${count(used)} of ${count(available)} multiply-accumulates a cycle (${share(used / available)}): ${names}; a rate, nothing else of them is counted`,
    ],
  ];
}

/** Always with its label: nothing of it was measured. */
function powerLine({ power: watts, accelerator }: AcceleratorEstimate): string[][] {
  if (!watts) return [];
  const each = resultOf(accelerator.phase);
  const { idle, logic, memory } = watts;
  const parts = `idle ${power(idle)}, logic ${power(logic)}, memory ${power(memory)}${accelerator.cards > 1 ? ' a card' : ''}`;
  return [['Power', `about ${power(watts.watts)}  indicative: ${parts}; about ${energy(watts.perResult)} a ${each}`]];
}

function labelled(lines: readonly (readonly string[])[]): string {
  return lines.map(([label = '', text]) => `${label.padEnd(12)}${text}`).join('\n');
}

/** Of `generate`, the pass over the prompt and the last token: the same unit has other figures in each. */
function kernelTables({ generation, ...estimate }: AcceleratorEstimate): string[] {
  const last = generation?.last;
  if (!last) return [kernelTable(estimate)];
  const prompt = estimate.kernels.filter(({ name }) => !tokensOnly(estimate, name));
  return [
    `The pass over the prompt\n\n${kernelTable({ ...estimate, kernels: prompt })}`,
    `The last token, behind ${count(last.accelerator.phase.past)}\n\n${kernelTable(last)}`,
  ];
}

function tokensOnly({ accelerator }: AcceleratorEstimate, name: string): boolean {
  const phases = accelerator.kernels.find((kernel) => kernel.name === name)?.phases;
  return phases !== undefined && !phases.includes('prefill') && !phases.includes('generate');
}

function kernelTable({ kernels, accelerator }: Pick<AcceleratorEstimate, 'kernels' | 'accelerator'>): string {
  const nameText = (name: string): string => {
    const kernel = accelerator.kernels.find((one) => one.name === name);
    const passes = kernel?.passes ? ` ${kernel.passes.map(rangeText).join(' ')}` : '';
    return `${name}${kernel?.auto ? ' (auto)' : ''}${passes}`;
  };
  return table(
    [
      { head: 'kernel' },
      { head: 'operators' },
      { head: 'die' },
      { head: 'cycles', align: 'right' },
      { head: 'time', align: 'right' },
      { head: 'busy', align: 'right' },
      ...resources.map((name) => ({ head: resourceLabels[name], align: 'right' as const })),
      { head: 'waits for' },
    ],
    kernels.map((kernel) => [
      nameText(kernel.name),
      operatorsText(kernel),
      kernel.die,
      count(kernel.cycles),
      time(kernel.seconds),
      share(kernel.busy),
      ...resources.map((name) => amountOf(kernel, name)(kernel.resources[name])),
      waitText(kernel.waits[0]),
    ]),
  );
}

type Known = Pick<KernelEstimate, 'partial' | 'uncounted'>;

function amountOf({ partial, uncounted }: Known, name: ResourceName): typeof amount {
  return (name === 'dsp' ? uncounted : partial) ? least : amount;
}

function operatorsText(kernel: KernelEstimate): string {
  return kernel.operators.length === 1 && kernel.operators[0] === kernel.name ? '' : kernel.operators.join(' ');
}

/** 'hbm[4] 38%' */
function waitText(wait: Wait | undefined): string {
  return wait && wait.share >= 0.005 ? `${wait.on} ${share(wait.share)}` : '';
}

function resourceTable({ dies, resources: total, available }: AcceleratorEstimate): string {
  const cells = (used: DieEstimate['resources'], of: DieEstimate['available'], known: Known) =>
    resources.map((name) => {
      const taken = amountOf(known, name)(used[name]);
      const filled = taken === '—' ? '' : ` (${share(used[name].used / of[name])})`;
      return of[name] > 0 ? `${taken} of ${count(of[name])}${filled}` : taken;
    });
  const rows = dies.map((die) => [
    die.name,
    die.latency > 0 ? time(die.latency) : '—',
    ...cells(die.resources, die.available, die),
  ]);
  const known = { partial: dies.some((die) => die.partial), uncounted: dies.some((die) => die.uncounted) };
  if (dies.length > 1) rows.push(['card', '', ...cells(total, available, known)]);
  return table(
    [
      { head: 'die' },
      { head: 'latency', align: 'right' },
      ...resources.map((name) => ({ head: resourceLabels[name], align: 'right' as const })),
    ],
    rows,
  );
}

/** hbm[2] before hbm[10]. */
function byNumber(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name.localeCompare(b.name, 'en', { numeric: true });
}

function channelTable({ channels }: AcceleratorEstimate): string {
  if (channels.length === 0) return '';
  return table(
    [
      { head: 'channel' },
      { head: 'demand', align: 'right' },
      { head: 'limit', align: 'right' },
      { head: 'load', align: 'right' },
      { head: 'kernels' },
    ],
    alike([...channels].sort(byNumber)).map(({ name, figures }) => [name, ...figures]),
  );
}

/** Channels that the same kernels use alike are one row, ‘hbm[4..11]’, whose figures are those of each. */
function alike(channels: readonly ChannelEstimate[]): { readonly name: string; readonly figures: readonly string[] }[] {
  const rows = new Map<string, { memory: string; numbers: number[]; figures: string[] }>();
  for (const { name, channel, demand, limit, users } of channels) {
    const memory = name.slice(0, name.lastIndexOf('['));
    const figures = [
      bandwidth(demand),
      bandwidth(limit),
      limit > 0 ? share(demand / limit) : '',
      [...new Set(users.map((user) => user.kernel))].join(' '),
    ];
    const key = [memory, ...figures].join('|');
    const row = rows.get(key) ?? { memory, numbers: [], figures };
    row.numbers.push(channel);
    rows.set(key, row);
  }
  return [...rows.values()].map(({ memory, numbers, figures }) => ({ name: `${memory}[${ranges(numbers)}]`, figures }));
}

function crossingTable({ crossings }: AcceleratorEstimate): string {
  const used = crossings.filter((crossing) => crossing.used > 0);
  if (used.length === 0) return '';
  return table(
    [
      { head: 'crossing' },
      { head: 'wires', align: 'right' },
      { head: 'of', align: 'right' },
      { head: 'planned', align: 'right' },
      { head: 'load', align: 'right' },
    ],
    used.map(({ between, used: taken, wires, plan }) => [
      between.join(' – '),
      count(taken),
      count(wires),
      count(plan),
      wires > 0 ? share(taken / wires) : '',
    ]),
  );
}

/** What each figure is stands beside it: a measured point and a roofline are never taken for each other. */
function comparisonTable({ accelerator, comparisons, power: own, deadlock }: AcceleratorEstimate): string {
  if (comparisons.length === 0 || deadlock) return '';
  return table(
    [
      { head: 'against' },
      { head: 'time', align: 'right' },
      { head: 'here it is', align: 'right' },
      { head: `energy a ${resultOf(accelerator.phase)}`, align: 'right' },
      { head: 'here', align: 'right' },
      { head: 'figure' },
    ],
    comparisons.map(({ name, seconds, faster, perResult, kind, bound, launched }) => [
      name,
      time(seconds),
      faster >= 1 ? `${significant(faster)}× as fast` : `${significant(faster === 0 ? 0 : 1 / faster)}× as long`,
      perResult === undefined ? '—' : energy(perResult),
      own ? energy(own.perResult) : '—',
      kind === 'roofline'
        ? `roofline of dense peaks, ${bound}-bound${launched ? '' : ', launches left out'}`
        : kind === 'estimate'
          ? 'estimate, as this one'
          : kind,
    ]),
  );
}

const MOST_ARRAYS = 12;

function caveats({ accelerator, closure, caveats: notes }: AcceleratorEstimate): string {
  const host =
    accelerator.host.length > 0
      ? [`On the host, not estimated: ${accelerator.host.map((operator) => operator.name).join(', ')}.`]
      : [];
  const arrays = closure.filter(({ kind }) => kind === 'array');
  const large = enumeration(
    arrays.map(({ subject, value }) => `${subject} (${count(value)})`),
    MOST_ARRAYS,
  );
  const closing = [
    ...closure
      .filter(({ kind }) => kind !== 'array')
      .map(
        ({ kind, subject, resource, value, limit }) =>
          `${kind} ${subject}${resource ? `, ${resourceLabels[resource]}` : ''} ${kind === 'clock' ? `${frequency(value)} beyond ${frequency(limit)}` : `${count(value)} beyond ${count(limit)}`}`,
      ),
    ...(arrays[0]
      ? [`more multipliers in one array than the ${count(arrays[0].limit)} of those that closed: ${large}`]
      : []),
  ].map((text) => `timing closure is unlikely: ${text}`);
  const lines = [...host, ...closing, ...notes, 'LUT and FF are bands: synthesis prints more than routing needs.'];
  return lines.map((line) => `· ${line}`).join('\n');
}

/** What stands in the way of *Export HLS*, said before it is asked for. */
function notExported(estimate: AcceleratorEstimate): string {
  const found = hindrances(estimate).map(inWords);
  return found.length === 0 ? '' : ['No HLS export:', ...found.map((line) => `· ${line}`)].join('\n');
}
