/**
 * What of an accelerator cannot be exported, why not, and what to do about it: known from the estimate alone, so that the
 * editor and the report say it before anybody asks for the export.
 */

import { groupsOf } from '../design/defaults/stored.ts';
import { isIntel } from '../design/sheets/device.ts';
import { multiplied } from '../design/sheets/precision.ts';
import type { Operator, OperatorKind, Precision } from '../design/workload.ts';
import { isRowElement, rowElementNames } from '../kernels/rows.ts';
import { elementBits, isInteger } from '../kernels/word.ts';
import { dieOrder } from './die-order.ts';
import type { AcceleratorEstimate } from './estimate.ts';
import type { ChannelRef } from './netlist.ts';

/** One reason: the part of the spec (‘phase generate’), and what is the matter with it. */
export interface Hindrance {
  readonly part: string;
  readonly reason: string;
}

export const inWords = ({ part, reason }: Hindrance): string => `${part}: ${reason}`;

/** Operators that the test bench has a reference for. */
const checkable: ReadonlySet<OperatorKind> = new Set([
  'linear',
  'scores',
  'context',
  'softmax',
  'causal',
  'layernorm',
  'rmsnorm',
  'rope',
  'gelu',
  'silu',
  'relu',
  'add',
  'mul',
  'conv2d',
  'maxpool',
  'avgpool',
  'flatten',
]);

/** Types that have scales. */
const integerWeights: readonly string[] = ['int2', 'int4', 'int8', 'int16'];

/** Why there is no project for this accelerator; empty where there is one. */
export function hindrances(estimate: AcceleratorEstimate): Hindrance[] {
  const { prompt, last } = estimate.generation ?? {};
  if (prompt) return inBoth(hindrances(prompt), last ? hindrances(last) : []);
  const found = [...unsupportedDesign(estimate), ...unsupportedModel(estimate)];
  return found.length > 0 ? found : unsupportedStructure(estimate);
}

/** Of the pass over a prompt and of a token pass; what both say, once. */
function inBoth(prompt: readonly Hindrance[], token: readonly Hindrance[]): Hindrance[] {
  const known = new Set(prompt.map(inWords));
  return [...prompt, ...token.filter((one) => !known.has(inWords(one)))];
}

function unsupportedDesign({ accelerator, netlist, deadlock }: AcceleratorEstimate): Hindrance[] {
  const { device, copies, cards, precision } = accelerator;
  const found = netlist.refused.map(({ kernel, reason }): Hindrance => ({ part: `kernel ${kernel}`, reason }));
  const say = (part: string, reason: string) => found.push({ part, reason });
  const caches = netlist.units.filter(({ role }) => role === 'cache').map((unit) => [unit.kernel, unit] as const);
  for (const { kernel, instance } of new Map(caches).values()) {
    const store = accelerator.kernels.find(({ name }) => name === kernel)?.cache?.value;
    const word = instance.streams.find(({ name }) => name === 'out')?.word;
    if (store?.kind !== 'channels' || !word) continue;
    const bits = word.columns * elementBits[word.element];
    const asked = `port ${store.portBits} bit`;
    if ((store.portBits ?? bits) !== bits)
      say(
        `kernel ${kernel}`,
        `K and V behind ‘${asked}’ are estimated only: a port of the library is a word of the array wide, ${bits} bit; leave ‘${asked}’ out`,
      );
  }
  for (const kernel of accelerator.kernels) {
    if (netlist.refused.some((one) => one.kernel === kernel.name)) continue;
    const type = multiplied(kernel, precision);
    if (type !== precision.activations && (!isRowElement(type) || isInteger(type) !== isInteger(precision.activations)))
      say(
        `kernel ${kernel.name}`,
        `it multiplies ${type} among ${precision.activations}: products of a layer are either all of integers or all in floating point; leave ‘as’ out`,
      );
  }
  if (cards > 1) say(`${cards} cards`, `the export is for one; write ‘device ${device.name}’`);
  if (copies.value > 1)
    say(`copies ${copies.value}`, `the export is of one layer that all passes go through; write ‘copies 1’`);
  if (!isRowElement(precision.activations) || precision.nonlinear !== 'fp32')
    say(
      `precision ${precision.name}`,
      `the export is of ${rowElementNames} activations with fp32 between matrix products; write ‘precision W4A8’, ‘W8A8’, ‘W4A16’ or one of your own`,
    );
  else if (precision.cache !== precision.activations)
    say(
      `precision ${precision.name}`,
      `K and V are kept in the type of the activations, ${precision.activations}, not as ${precision.cache}`,
    );
  if (![...integerWeights, 'fp16', 'bf16', 'fp32'].includes(precision.weights))
    say(`precision ${precision.name}`, `weights are exported as int2, int4, int8 or int16, or as fp16, bf16 or fp32`);
  if (deadlock)
    say(
      `stream ${deadlock.culprit}`,
      `the units wait for each other in a circle: it needs a depth of ${deadlock.depth}`,
    );
  if (isIntel(device.family))
    say(`device ${device.name}`, `the export is for AMD's tools, and its family is ${device.family}`);
  else if (!/^[\w.-]+$/.test(device.part))
    say(
      `device ${device.name}`,
      `the tools need the name of a part, as in ‘part: "xcu280-fsvh2892-2L-e"’, found ‘${device.part}’`,
    );
  return found;
}

function unsupportedModel({ accelerator, netlist }: AcceleratorEstimate): Hindrance[] {
  const { layer } = accelerator.model;
  const built = new Set(netlist.units.flatMap((unit) => unit.operators.map((operator) => operator.name)));
  const found: Hindrance[] = [];
  const say = (part: string, reason: string) => found.push({ part, reason });
  for (const operator of layer.operators) {
    if (!checkable.has(operator.kind))
      say(`operator ${operator.name}`, `the test bench has no reference for ${operator.kind}`);
    else if (!built.has(operator.name) && netlist.refused.length === 0)
      say(`operator ${operator.name}`, 'it is not on the FPGA, and the export is of the whole layer; give it a kernel');
  }
  const inLayer = new Set(layer.operators.map(({ name }) => name));
  for (const { kernel, operators } of netlist.units)
    for (const { name } of operators)
      if (!inLayer.has(name))
        say(
          `kernel ${kernel}`,
          `${name} is outside of the layer that repeats, and the export is of that layer; write ‘kernel ${kernel} : ${name}  on host’`,
        );
  for (const { kernel, operators, instance } of netlist.units)
    for (const operator of operators)
      if (operator.weights > 0 && withoutGroups(operator, instance.kernel, accelerator.precision))
        say(
          `kernel ${kernel}`,
          `${operator.name} has weights in groups of ${accelerator.precision.group} with a scale each, which linears with an array of their own have; give it one, or leave ‘group’ out`,
        );
  for (const part of accelerator.further)
    say(
      `layer ${part.model.layer.name}`,
      part.model.layer.name === layer.name
        ? `its passes ${part.passes.first} to ${part.passes.last} have kernels of their own, and the export is of hardware that all passes go through; leave ‘for ${layer.name}[…]’ out`
        : `it repeats beside ${layer.name}, and the export is of one such layer`,
    );
  if (layer.inputs.length !== 1)
    say(`layer ${layer.name}`, `it has ${layer.inputs.length} inputs, and the export is of layers with one`);
  return found;
}

/** Whether the spec has groups of weights, and the kernel one scale a column all the same. */
function withoutGroups(operator: Operator, kernel: string, precision: Precision): boolean {
  const { group, weights } = precision;
  const wanted = group > 0 && group < operator.reduction && integerWeights.includes(weights);
  return wanted && (kernel !== 'linear' || groupsOf(operator, precision) === 1);
}

function unsupportedStructure(estimate: AcceleratorEstimate): Hindrance[] {
  const { netlist } = estimate;
  const found: Hindrance[] = [];
  const say = (part: string, reason: string) => found.push({ part, reason });
  const stores = netlist.units.filter((unit) => unit.role === 'store');
  if (stores.length !== 1)
    say('memory', `${stores.length} units write to it, and the export is of a layer with one result`);
  if (!dieOrder(estimate))
    say(
      'dies',
      'two of them feed each other, and one top a die cannot be simulated in order: move a kernel so that data passes each die once',
    );
  for (const unit of netlist.units) {
    for (const port of unit.instance.memories) {
      const refused = spanRefusal(unit.channels[port.name] ?? []);
      if (refused) say(`kernel ${unit.kernel}`, `port ${port.name} ${refused}`);
    }
  }
  return found;
}

/** A port has one channel, or several of HBM that follow each other: what the linker can tie it to. */
function spanRefusal(channels: readonly ChannelRef[]): string | undefined {
  const [first] = channels;
  if (!first) return 'is tied to no memory channel';
  if (channels.length === 1) return undefined;
  const list = channels.map(({ memory, channel }) => `${memory}[${channel}]`).join(', ');
  if (first.memory !== 'hbm') return `spans ${list}: only channels of HBM are one range of addresses`;
  if (channels.some(({ channel }, i) => channel !== first.channel + i))
    return `spans ${list}: the linker ties a port to channels that follow each other, as in ‘weights hbm[0..${channels.length - 1}]’`;
  return undefined;
}
