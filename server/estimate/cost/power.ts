/**
 * Power and energy, indicative: what the board draws when idle, and an energy for each busy primitive and cycle and for each
 * byte to or from memory. Nothing of it was measured for a design of Weft; the coefficients are the device sheet's, or the
 * assumed ones here.
 */
import type { Accelerator } from '../../design/design.ts';
import type { ResourceName } from '../../design/hardware.ts';
import { clean } from '../amounts.ts';
import type { AcceleratorEstimate, PowerEstimate } from '../estimate.ts';
import { cardsOf } from '../lower/machine.ts';
import type { Unit } from '../netlist.ts';

/**
 * Joules, assumed: orders of magnitude of a 16 nm part at a toggle rate of an eighth, with routing and clock; HBM2 at about
 * 5 pJ a bit. No published design stands behind them, so figures made of them are labelled as indicative.
 */
const assumed: Readonly<Record<ResourceName | 'byte', number>> = {
  dsp: 5e-12,
  bram36: 12e-12,
  uram: 20e-12,
  lut: 0.05e-12,
  ff: 0.01e-12,
  byte: 40e-12,
};

const names = ['dsp', 'bram36', 'uram', 'lut', 'ff'] as const;

/** Watts of one pass of the layer, over and over; undefined where the sheet has no idle power to begin with. */
export function powerOf(
  { device, cards, kernels: placed }: Accelerator,
  { kernels, timing }: Pick<AcceleratorEstimate, 'kernels' | 'timing'>,
  units: readonly Unit[],
  copies: number,
): Pick<PowerEstimate, 'idle' | 'logic' | 'memory'> | undefined {
  if (device.idlePower === undefined) return undefined;
  const each = { ...assumed, ...device.energy };
  // Where the cards are told apart, what a kernel draws is spread over all of them.
  const shares = new Map(
    placed.flatMap((kernel) => (kernel.twins ? [[kernel.name, cardsOf(kernel, cards).length / cards]] : [])),
  );
  const shareOf = (kernel: string): number => shares.get(kernel) ?? 1;
  const logic = kernels.reduce((sum, { name: kernel, resources, clock, busy }) => {
    const cycle = names.reduce((all, name) => all + resources[name].used * each[name], 0);
    return sum + cycle * clock * busy * shareOf(kernel);
  }, 0);
  const bytes = units.reduce((sum, { kernel, instance }) => {
    return sum + instance.law.traffic.reduce((all, traffic) => all + clean(traffic.bytes), 0) * shareOf(kernel);
  }, 0);
  const memory = timing.perLayer > 0 ? (bytes / timing.perLayer) * each.byte : 0;
  return { idle: device.idlePower, logic: clean(logic * copies), memory: clean(memory * copies) };
}

/** Power of all cards, with the energy of a result: a token, or what the model gives instead. */
export function withEnergy(
  parts: Pick<PowerEstimate, 'idle' | 'logic' | 'memory'>,
  { accelerator, timing, generation }: Pick<AcceleratorEstimate, 'accelerator' | 'timing' | 'generation'>,
): PowerEstimate {
  const { cards, phase, device } = accelerator;
  const watts = (parts.idle + parts.logic + parts.memory) * cards;
  const { tokens, batch, results = tokens, output = 1 } = phase;
  const made = Math.max(1, (generation ? output : results) * batch);
  const seconds = generation ? timing.model : timing.interval;
  const own = Object.keys(device.energy).length > 0 ? 'energies of the device sheet' : 'assumed energies';
  const each = (value: number): string => value.toFixed(1);
  return {
    ...parts,
    watts: clean(watts),
    perResult: clean((watts * seconds) / made),
    formula: {
      symbolic: 'cards · (idle + Σ busy · primitives · energy · clock + bytes a second · energy)',
      numeric: `${cards} · (${each(parts.idle)} + ${each(parts.logic)} + ${each(parts.memory)})`,
      value: clean(watts),
      unit: 'W',
      source: `indicative: idle power of the device sheet, ${own}; nothing was measured`,
    },
  };
}

/** Of `generate`: each pass at its own power, for as long as it takes. `mean` is over its whole time. */
export function averagePower(
  idle: number,
  mean: (of: (pass: AcceleratorEstimate) => number) => number,
): Pick<PowerEstimate, 'idle' | 'logic' | 'memory'> {
  return { idle, logic: mean(({ power }) => power?.logic ?? 0), memory: mean(({ power }) => power?.memory ?? 0) };
}
