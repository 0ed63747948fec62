/** What the figures rest on, in words, for the hover and the report. */
import type { Accelerator, Kernel } from '../design/design.ts';
import { bandwidth, enumeration, time } from '../format.ts';
import { clean } from './amounts.ts';
import { computingCycles } from './lower/coarse.ts';
import type { Lowered } from './lower/lower.ts';
import type { Schedule } from './time/schedule.ts';

export function caveatsOf(
  accelerator: Accelerator,
  lowered: Lowered,
  { run, graph, deadlocked }: Schedule,
  copies: number,
): string[] {
  const { device, cards, phase } = accelerator;
  const notes = [...lowered.caveats];
  for (const kernel of new Set(lowered.apart.map(({ piece }) => piece.kernel))) {
    notes.push(
      `${kernel.name} serves its operators in turn: priced by arithmetic alone, its time added to the rest; LUT, FF and memories are left out`,
    );
    notes.push(...notesOfReading(accelerator, kernel, lowered));
  }
  if (run.status === 'too-long')
    notes.push('the timeline has too many events and was cut off: the latency is a lower bound');
  if (graph.disagreements.length > 0)
    notes.push(`the ends of ${graph.disagreements.join(', ')} differ in words a pass: the reader’s were scaled`);
  if (deadlocked) notes.push('the design deadlocks; the latency is what it would be if every FIFO were deep enough');
  notes.push(...notesOfLoading(lowered), ...notesOfPrefetch(lowered));
  if (copies > 1)
    notes.push(`${copies} layers on the chip: each costs the same, and one more adds an interval to the pass`);
  if (cards > 1) notes.push(...notesOfCards(accelerator));
  if (phase.batch > 1)
    notes.push(`batch ${phase.batch}: the passes of one follow each other; weights are read again for each`);
  if (lowered.whole.units.length > 0)
    notes.push('no vendor tool was run: achieved interval, timing closure and routed LUT and FF are not verified');
  if (device.unverified.length > 0)
    notes.push(`device figures without a verified source: ${device.unverified.join('; ')}`);
  return notes;
}

/** Of turns that take as long as their reading: what their multipliers would ask for. */
function notesOfReading({ device }: Accelerator, kernel: Kernel, { apart }: Lowered): string[] {
  const own = apart.filter(({ piece }) => piece.kernel.name === kernel.name);
  const reading = own.filter(({ instance }) => computingCycles(instance) < instance.law.cycles.value);
  const store = reading.length > 0 ? kernel.weights?.value : undefined;
  if (store?.kind !== 'channels') return [];
  const computing = reading.reduce((sum, { instance }) => sum + computingCycles(instance), 0);
  const bytes = reading.reduce((sum, { instance }) => sum + clean(instance.law.traffic[0]?.bytes ?? 0), 0);
  const needed = bandwidth((bytes * kernel.clock.value) / computing);
  const each = clean(device.memories.find(({ name }) => name === store.memory)?.bandwidth ?? 0);
  const given = bandwidth(each * store.channels.length);
  return [
    `${kernel.name}: memory sets its time: its multipliers would take weights at ${needed}, of which ${store.memory} gives ${given}`,
  ];
}

/** Who knows designs that keep their weights for ever would look for this time in vain. */
function notesOfLoading({ whole }: Lowered): string[] {
  const loads = whole.units.filter(({ instance, ahead }) => instance.law.load && !ahead);
  if (loads.length === 0) return [];
  const names = enumeration([...new Set(loads.map(({ kernel }) => kernel))]);
  const longest = Math.max(...loads.map(({ instance, clock }) => clean((instance.law.load?.value ?? 0) / clock)));
  return [
    `weights of ${names} are kept on the chip for a pass and loaded at the start of each, ${time(longest)} where nothing holds their ports up; none are kept from pass to pass`,
  ];
}

/** The pass is as the ones before and after it: the first one of all has nothing that was read ahead for it. */
function notesOfPrefetch({ whole }: Lowered): string[] {
  const ahead = whole.units.filter((unit) => unit.ahead);
  if (ahead.length === 0) return [];
  const names = enumeration([...new Set(ahead.map(({ kernel }) => kernel))]);
  const first = Math.max(...ahead.map(({ instance, clock }) => clean((instance.law.load?.value ?? 0) / clock)));
  return [
    `weights of ${names} are read while the layer before is computed, the first layer’s in the last pass; after start-up they take ${time(first)} once, which is left out`,
  ];
}

function notesOfCards({ cards, kernels, link, precision, split }: Accelerator): string[] {
  const notes = [
    kernels.some(({ twins }) => twins)
      ? `${cards} cards with kernels of their own: a kernel of several cards is shown once and paid for on each of them; rows between two passes lie on the card that reads them`
      : `${cards} cards: kernels, dies, channels and memories are those of one of them${split.pipeline > 1 ? '' : ', all alike'}`,
  ];
  if (!link)
    return [...notes, 'nothing joins the cards on the device sheet: what goes between them takes no time here'];
  notes.push(
    `partial sums and parts cross ${link.name} as ${precision.activations}; adding them up takes no logic here`,
  );
  if (link.latency === undefined)
    notes.push(
      `the sheet says nothing of the latency of ${link.name}: an exchange takes its bytes over the bandwidth alone`,
    );
  return notes;
}
