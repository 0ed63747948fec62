/** What a line comes to: a stream's FIFOs, a requirement's values, a region's kernels, a channel's load, a die's fill. */
import type * as tree from '../../../grammar/tree.ts';
import type { AnyNode } from '../../../grammar/walk.ts';
import type { Kernel } from '../../design/design.ts';
import type { ResourceName } from '../../design/hardware.ts';
import { isMatrixProduct } from '../../design/operators.ts';
import type { Definition } from '../../design/problem.ts';
import type { Operator } from '../../design/workload.ts';
import type { AcceleratorEstimate, ChannelEstimate, DieEstimate, FifoEstimate } from '../../estimate/estimate.ts';
import { withoutCard } from '../../estimate/lower/machine.ts';
import { evaluate } from '../../estimate/metrics.ts';
import {
  amount,
  bandwidth,
  bytes,
  count,
  enumeration,
  resourceLabels,
  share,
  significant,
  time,
} from '../../format.ts';
import { wordBits } from '../../kernels/word.ts';
import { figure, metricsOf, nameOf } from '../../rules/requirement-failed.ts';
import { latencyTitle, resourcesTitle } from '../code-lens.ts';

const lines = (parts: readonly string[]): string => parts.join('  \n'); // two spaces end a line of Markdown

export function streamHover(node: tree.Stream, file: string, { fifos }: AcceleratorEstimate): string | undefined {
  const built = fifos.filter(({ fifo: { edge } }) => edge?.span?.file === file && edge.span.start === node.range.start);
  return built.length === 0 ? undefined : fifoTable(built);
}

export function fifoTable(built: readonly FifoEstimate[]): string {
  return [
    '| FIFO | word | depth | fills to | in | cost |',
    '| --- | ---: | ---: | ---: | --- | --- |',
    ...built.map(({ fifo, depth, peak, storage, resources }) => {
      const cost = (['bram36', 'uram', 'lut'] as const)
        .filter((name) => resources[name].used > 0)
        .map((name) => `${amount(resources[name])} ${resourceLabels[name]}`);
      const crossing = fifo.crossing ? `, ${fifo.crossing.join(' → ')}` : '';
      return `| ${fifo.from.unit} → ${fifo.to.unit}${crossing} | ${count(wordBits(fifo.word))} bits | ${count(depth)}${fifo.asked === 'auto' ? ' (auto)' : ''} | ${count(peak)} | ${storage} | ${cost.join(' · ')} |`;
    }),
    '',
    `${count(built[0]!.fifo.words)} words a pass. *The depth is what the timeline needs, or what is written; the cost that of a Vitis HLS 2023.2 stream (docs/estimator.md).*`,
  ].join('\n');
}

export function requirementHover(
  { range }: tree.Node,
  file: string,
  estimate: AcceleratorEstimate,
): string | undefined {
  const { requirements, objectives } = estimate.accelerator;
  const found = [...requirements, ...objectives].find(
    ({ span }) => span.file === file && span.start >= range.start && span.end <= range.end,
  );
  if (!found) return undefined;
  const now = metricsOf(found.expression).map((metric) => `${nameOf(metric)} is **${figure(metric, estimate)}** now`);
  const value = evaluate(found.expression, estimate);
  const verdict =
    'direction' in found
      ? []
      : [value === undefined ? 'It cannot be told.' : value === 0 ? 'It does not hold.' : 'It holds.'];
  return lines([...now, ...verdict]);
}

/** What is declared, in figures of the accelerator around or, in a model, of nothing but its text. */
export function figuresOf({ sort, name }: Definition, estimate: AcceleratorEstimate): string | undefined {
  switch (sort) {
    case 'accelerator':
      return estimate.accelerator.name === name ? acceleratorFigures(estimate) : undefined;
    case 'region':
      return regionFigures(name, estimate);
    case 'operator':
      return operatorFigures(name, estimate);
    case 'layer':
    case 'model':
      return modelFigures(estimate);
    case 'device':
      return deviceFigures(estimate);
    case 'die':
      return dieFigures(name, estimate);
    case 'memory':
      return memoryFigures(name, estimate);
    default:
      return undefined;
  }
}

function acceleratorFigures(estimate: AcceleratorEstimate): string {
  const notes = estimate.caveats.map((note) => `- ${note}`);
  return [latencyTitle(estimate), '', resourcesTitle(estimate), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

function regionFigures(name: string, { accelerator, kernels, timing }: AcceleratorEstimate): string | undefined {
  const region = accelerator.regions.find((one) => one.name === name);
  const own = kernels.filter((kernel) => region?.kernels.includes(kernel.name));
  if (own.length === 0) return undefined;
  const sum = (resource: ResourceName) => own.reduce((all, kernel) => all + kernel.resources[resource].used, 0);
  const first = Math.min(...own.map(({ start }) => start));
  const last = Math.max(...own.map(({ end }) => end));
  const slowest = own.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  return lines([
    `**At work** from ${time(first)} to ${time(last)} of the layer’s ${time(timing.perLayer)}`,
    `**Slowest** ${slowest.name}, ${time(slowest.seconds)}`,
    (Object.keys(resourceLabels) as ResourceName[])
      .filter((resource) => sum(resource) > 0)
      .map(
        (resource) =>
          `${resource === 'lut' || resource === 'ff' ? '≈' : ''}${count(sum(resource))} ${resourceLabels[resource]}`,
      )
      .join(' · '),
  ]);
}

function operatorFigures(name: string, { accelerator: { model, kernels } }: AcceleratorEstimate): string | undefined {
  const operator = [...model.layer.operators, ...model.outside].find((one) => one.name === name);
  if (!operator) return undefined;
  const kernel = kernels.find(({ turns }) => turns.flat().some((one) => one.name === name));
  return lines([operatorText(operator), kernel ? mappedTo(kernel) : '**On the host**: listed, not estimated']);
}

function operatorText({ inputs, shape, macs, weights, parameters, kind, heads }: Operator): string {
  const from = inputs.map((input) => `${input.name} [${input.shape.join(', ')}]`).join(', ');
  return [
    `\`${from} → [${shape.join(', ')}]\``,
    ...(isMatrixProduct(kind) ? [`**${amountOf(macs)}** multiply-accumulates`] : []),
    ...(weights > 0 ? [`${amountOf(weights)} weights`] : []),
    ...(parameters > 0 ? [`${amountOf(parameters)} other trained values`] : []),
    ...(heads > 1 ? [`${heads} heads`] : []),
  ].join(' · ');
}

const mappedTo = ({ name, auto, dies }: Kernel): string =>
  `**Kernel** ${name}${auto ? ', which no line names' : ''}, on ${dies.value.join(', ') || 'the host'}`;

function amountOf(value: number): string {
  if (value >= 1e9) return `${significant(value / 1e9)} G`;
  return value >= 1e6 ? `${significant(value / 1e6)} M` : count(value);
}

function modelFigures({ accelerator: { model, phase } }: AcceleratorEstimate): string {
  const { layer } = model;
  const sum = (of: (operator: Operator) => number) => layer.operators.reduce((all, one) => all + of(one), 0);
  const trained = sum(({ weights, parameters }) => weights + parameters);
  return lines([
    `**${layer.repeat} passes** of ${layer.name}, ${layer.operators.length} operators`,
    `**A pass** of ${count(phase.tokens)} ${phase.tokens === 1 ? 'token' : 'tokens'}: ${amountOf(sum(({ macs }) => macs))} multiply-accumulates, ${amountOf(trained)} trained values`,
    `**All passes** ${amountOf(layer.repeat * sum(({ macs }) => macs))} multiply-accumulates, ${amountOf(layer.repeat * trained)} trained values`,
  ]);
}

function deviceFigures({ accelerator: { device }, dies }: AcceleratorEstimate): string {
  const names: readonly ResourceName[] = ['dsp', 'bram36', 'uram', 'lut', 'ff'];
  return [
    `| | ${names.map((name) => resourceLabels[name]).join(' | ')} |`,
    `| --- | ${names.map(() => '---:').join(' | ')} |`,
    ...dies.map(
      ({ name, available, resources }) =>
        `| ${name} | ${names.map((one) => (available[one] > 0 ? `${count(available[one])} (${share(resources[one].used / available[one])})` : '—')).join(' | ')} |`,
    ),
    '',
    lines([
      'In brackets: what this accelerator takes.',
      ...device.memories.map(
        ({ name, channels, bandwidth: each, capacity }) =>
          `**${name}** ${count(channels.last - channels.first + 1)} × ${bandwidth(each)}, ${bytes(capacity)} each`,
      ),
      ...(device.unverified.length > 0 ? [`**Unverified** ${device.unverified.join('; ')}`] : []),
    ]),
  ].join('\n');
}

/** Of a die; of several cards that are told apart, of that die on each of them. */
function dieFigures(name: string, { dies, kernels }: AcceleratorEstimate): string | undefined {
  const [first, ...others] = dies.filter((one) => withoutCard(one.name) === name);
  if (!first || others.length === 0) return first && oneDie(first, kernels);
  return lines([first, ...others].flatMap((die) => [`**${die.name}**`, oneDie(die, kernels)]));
}

function oneDie(die: DieEstimate, kernels: AcceleratorEstimate['kernels']): string {
  const fill = (Object.keys(resourceLabels) as ResourceName[])
    .filter((one) => die.available[one] > 0)
    .map((one) => `${resourceLabels[one]} ${share(die.resources[one].used / die.available[one])}`);
  const own = kernels.filter((kernel) => kernel.die === die.name).map((kernel) => kernel.name);
  return lines([`**Filled** ${fill.join(' · ')}`, ...(own.length > 0 ? [`**Kernels** ${enumeration(own, 12)}`] : [])]);
}

function memoryFigures(name: string, { channels, accelerator }: AcceleratorEstimate): string | undefined {
  const memory = accelerator.device.memories.find((one) => withoutCard(one.name) === name);
  if (!memory) return undefined;
  const own = channels.filter((one) => withoutCard(one.memory) === name).sort((a, b) => a.channel - b.channel);
  const all = memory.channels.last - memory.channels.first + 1;
  return lines([`**Used** ${own.length} of ${all} channels`, ...own.map(channelText)]);
}

function channelText({ name, demand, limit, users }: ChannelEstimate): string {
  const names = [...new Set(users.map(({ kernel }) => kernel))];
  return `**${name}** ${bandwidth(demand)} of ${bandwidth(limit)} (${share(limit > 0 ? demand / limit : 0)})${names.length > 0 ? `: ${enumeration(names)}` : ''}`;
}

/** The channels that a place names: `hbm[3]`, `hbm[0..7]`. */
export function placeHover(path: readonly AnyNode[], text: string, estimate: AcceleratorEstimate): string | undefined {
  const part = path.find((node) => node.kind === 'part') as (AnyNode & tree.PlacePart) | undefined;
  if (!part?.index) return undefined;
  const memory = estimate.accelerator.device.memories.find(({ name }) => withoutCard(name) === part.name.text);
  if (!memory) return undefined;
  const numbers = [...text.slice(part.range.start, part.range.end).matchAll(/(\d+)(?:\s*\.\.\s*(\d+))?/g)].flatMap(
    ([, from, to = from]) => {
      const [first, last] = [Number(from), Math.min(Number(to), memory.channels.last)];
      return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
    },
  );
  const loads = numbers.map((channel): string => {
    // Of several cards that are told apart, the busiest.
    const load = estimate.channels
      .filter((one) => withoutCard(one.memory) === part.name.text && one.channel === channel)
      .sort((a, b) => b.demand - a.demand)[0];
    const kept = estimate.memories.find(
      (one) => one.memory === (load?.memory ?? memory.name) && one.channel === channel,
    );
    const space = kept ? `, ${bytes(kept.bytes)} of ${bytes(kept.capacity)} kept` : '';
    return load
      ? channelText(load) + space
      : `**${memory.name}[${channel}]** free, ${bandwidth(memory.bandwidth)}${space}`;
  });
  return loads.length > 0 ? lines(loads.slice(0, 16)) : undefined;
}
