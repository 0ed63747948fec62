/** What cannot be exported, and what to do about it. */
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { dieOrder } from './tops.ts';

/** Greatest depth of the FIFO that the linker puts between two kernels (AXI4-Stream Data FIFO, PG085). */
const deepestLinkFifo = 32_768;

/** Reasons why there is no project for this accelerator; empty where there is one. */
export function refusals(estimate: AcceleratorEstimate): string[] {
  const { accelerator, netlist } = estimate;
  const reasons = netlist.refused.map(({ kernel, reason }) => `kernel ${kernel}: ${reason}`);
  const { phase } = accelerator;
  if (netlist.units.length === 0)
    reasons.push('no operator is on the FPGA: give it a kernel, or leave the model’s kernels out');
  if (accelerator.cards > 1)
    reasons.push(`${accelerator.cards} cards: the export is for one; write ‘device ${accelerator.device.name}’`);
  if (accelerator.copies.value > 1)
    reasons.push(
      `copies ${accelerator.copies.value}: the export is of one layer that all passes go through; write ‘copies 1’`,
    );
  if (phase.past > 0)
    reasons.push(
      `phase ${phase.name} looks back on ${phase.past} rows: a cache that outlives the pass is estimated but not exported; write ‘phase forward(tokens: …)’`,
    );
  if (estimate.deadlock)
    reasons.push(
      `the units wait for each other in a circle: stream ${estimate.deadlock.culprit} needs a depth of ${estimate.deadlock.depth}`,
    );
  if (reasons.length > 0) return reasons;

  if (!dieOrder(estimate))
    reasons.push(
      'two dies feed each other, and one top a die cannot be simulated in order: move a kernel so that data passes each die once',
    );
  const dieOf = new Map(netlist.units.map((unit) => [unit.id, unit.die]));
  for (const { fifo, depth } of estimate.fifos)
    if (dieOf.get(fifo.from.unit) !== dieOf.get(fifo.to.unit) && depth > deepestLinkFifo)
      reasons.push(
        `stream ${fifo.id} crosses dies and needs ${depth} words; the linker’s FIFO holds ${deepestLinkFifo}`,
      );
  for (const unit of netlist.units)
    for (const port of unit.instance.memories) {
      const channels = unit.channels[port.name] ?? [];
      if (channels.length !== 1)
        reasons.push(
          `kernel ${unit.kernel}: port ${port.name} is tied to ${channels.length} memory channels, a port has one`,
        );
    }
  if (!accelerator.device.part) reasons.push(`device ${accelerator.device.name} names no part for the tools`);
  return reasons;
}
