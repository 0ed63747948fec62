/** What cannot be exported, and what to do about it. */

import { isIntel } from '../design/device.ts';
import type { OperatorKind } from '../design/workload.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { ChannelRef } from '../estimate/netlist.ts';
import { isRowElement, rowElementNames } from '../kernels/rows.ts';
import { dieOrder } from './tops.ts';

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

/** Types with one scale an output channel. */
const integerWeights: readonly string[] = ['int2', 'int4', 'int8', 'int16'];

/** Reasons why there is no project for this accelerator; empty where there is one. */
export function refusals(estimate: AcceleratorEstimate): string[] {
  const reasons = [...unsupportedDesign(estimate), ...unsupportedModel(estimate)];
  return reasons.length > 0 ? reasons : unsupportedStructure(estimate);
}

function unsupportedDesign({ accelerator, netlist, deadlock }: AcceleratorEstimate): string[] {
  const { phase, device, copies, cards, precision } = accelerator;
  const reasons = netlist.refused.map(({ kernel, reason }) => `kernel ${kernel}: ${reason}`);
  for (const name of new Set(netlist.units.filter(({ ahead }) => ahead).map(({ kernel }) => kernel)))
    reasons.push(
      `kernel ${name}: weights that are read a layer ahead (‘double’) are estimated only, the loader of the library reads them at the start of a pass; leave ‘double’ out`,
    );
  if (cards > 1) reasons.push(`${cards} cards: the export is for one; write ‘device ${device.name}’`);
  if (copies.value > 1)
    reasons.push(`copies ${copies.value}: the export is of one layer that all passes go through; write ‘copies 1’`);
  if (phase.name === 'generate')
    reasons.push('phase generate is passes of two kinds, and the export is of one: write ‘phase prefill(tokens: …)’');
  if (!isRowElement(precision.activations) || precision.nonlinear !== 'fp32')
    reasons.push(
      `precision ${precision.name}: the export is of ${rowElementNames} activations with fp32 between matrix products; write ‘precision W4A8’, ‘W8A8’, ‘W4A16’ or one of your own`,
    );
  else if (precision.cache !== precision.activations)
    reasons.push(
      `precision ${precision.name}: K and V are kept in the type of the activations, ${precision.activations}, not as ${precision.cache}`,
    );
  if (![...integerWeights, 'fp16', 'bf16', 'fp32'].includes(precision.weights) || precision.group > 0)
    reasons.push(
      `precision ${precision.name}: weights are exported as int2, int4, int8 or int16 with one scale an output channel, or as fp16, bf16 or fp32`,
    );
  if (deadlock)
    reasons.push(
      `the units wait for each other in a circle: stream ${deadlock.culprit} needs a depth of ${deadlock.depth}`,
    );
  if (isIntel(device.family))
    reasons.push(`device ${device.name}: the export is for AMD's tools, and its family is ${device.family}`);
  else if (!/^[\w.-]+$/.test(device.part))
    reasons.push(
      `device ${device.name}: the tools need the name of a part, as in ‘part: "xcu280-fsvh2892-2L-e"’, found ‘${device.part}’`,
    );
  return reasons;
}

function unsupportedModel({ accelerator, netlist }: AcceleratorEstimate): string[] {
  const { layer } = accelerator.model;
  const built = new Set(netlist.units.flatMap((unit) => unit.operators.map((operator) => operator.name)));
  const reasons: string[] = [];
  for (const operator of layer.operators) {
    if (!checkable.has(operator.kind))
      reasons.push(`operator ${operator.name}: the test bench has no reference for ${operator.kind}`);
    else if (!built.has(operator.name) && netlist.refused.length === 0)
      reasons.push(`operator ${operator.name} is not on the FPGA: the export is of the whole layer; give it a kernel`);
  }
  if (layer.inputs.length !== 1)
    reasons.push(`layer ${layer.name} has ${layer.inputs.length} inputs: the export is of layers with one`);
  return reasons;
}

function unsupportedStructure(estimate: AcceleratorEstimate): string[] {
  const { netlist } = estimate;
  const reasons: string[] = [];
  const stores = netlist.units.filter((unit) => unit.role === 'store');
  if (stores.length !== 1)
    reasons.push(`${stores.length} units write to memory: the export is of a layer with one result`);
  if (!dieOrder(estimate))
    reasons.push(
      'two dies feed each other, and one top a die cannot be simulated in order: move a kernel so that data passes each die once',
    );
  for (const unit of netlist.units) {
    for (const port of unit.instance.memories) {
      const refused = spanRefusal(unit.channels[port.name] ?? []);
      if (refused) reasons.push(`kernel ${unit.kernel}: port ${port.name} ${refused}`);
    }
  }
  return reasons;
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
