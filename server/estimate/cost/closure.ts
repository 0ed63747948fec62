/**
 * Whether timing closure is likely: what is known of routed designs, held against this one. A die beyond the vendor's planning
 * figures, an array larger than those that closed, a boundary with too many wires, a clock beyond what the silicon can.
 */
import type { Accelerator } from '../../design/design.ts';
import type { ResourceName } from '../../design/hardware.ts';
import { wordBits } from '../../kernels/word.ts';
import type { Closure, CrossingEstimate, DieEstimate } from '../estimate.ts';
import type { Fifo } from '../netlist.ts';

/** Shares of a die beyond which closure gets unlikely, where the sheet has no planning figures (UltraFast, as cited in FINN). */
const limits: Readonly<Record<ResourceName, number>> = { lut: 0.7, ff: 0.5, bram36: 0.8, uram: 0.8, dsp: 0.8 };

/**
 * Routed evidence on UltraScale+ (arXiv 2312.15159 and its artifact): three arrays of 8 × 16 on a die closed at 250 MHz, a single
 * one of 16 × 16 did not.
 */
const evidence = { clock: 250e6, closed: 8 * 16, open: 16 * 16 } as const;

/** Two handshake wires beside the data of a stream. */
const handshake = 2;

export function crossingsOf({ device }: Accelerator, fifos: readonly Fifo[], copies: number): CrossingEstimate[] {
  const order = device.dies.map(({ name }) => name);
  return device.crossings.map(({ between, wires, plan }) => {
    const [low, high] = between.map((name) => order.indexOf(name)).sort((a, b) => a - b) as [number, number];
    // A stream from one end of the card to the other passes each boundary on its way.
    const over = fifos.filter(({ crossing }) => {
      if (!crossing) return false;
      const ends = crossing.map((name) => order.indexOf(name)).sort((a, b) => a - b) as [number, number];
      return ends[0] <= low && high <= ends[1];
    });
    const used = over.reduce((sum, { word }) => sum + wordBits(word) + handshake, 0) * copies;
    return { between, used, wires, plan, fifos: over.map(({ id }) => id) };
  });
}

export function closureOf(
  accelerator: Accelerator,
  dies: readonly DieEstimate[],
  crossings: readonly CrossingEstimate[],
): Closure[] {
  return [...clocksOf(accelerator), ...fullDies(accelerator, dies), ...wide(crossings), ...largeArrays(accelerator)];
}

function clocksOf({ device, clock, kernels }: Accelerator): Closure[] {
  const { clockCeiling: ceiling } = device;
  if (ceiling === undefined) return [];
  const source = `ceiling of the device sheet: ${device.name}`;
  const over = kernels.filter((kernel) => !kernel.onHost && kernel.clock.value > ceiling);
  const all = over.filter((kernel) => kernel.clock.value !== clock.value);
  const finding = (name: string | undefined, value: number): Closure => ({
    kind: 'clock',
    subject: name ?? accelerator,
    ...(name === undefined ? {} : { kernel: name }),
    value,
    limit: ceiling,
    source,
  });
  return [
    ...(clock.value > ceiling ? [finding(undefined, clock.value)] : []),
    ...all.map((kernel) => finding(kernel.name, kernel.clock.value)),
  ];
}

const accelerator = 'the accelerator';

function fullDies({ device }: Accelerator, dies: readonly DieEstimate[]): Closure[] {
  return dies.flatMap(({ name, resources, available, shell }) => {
    const plan = device.dies.find((die) => die.name === name)?.plan;
    return (Object.keys(limits) as ResourceName[]).flatMap((resource): Closure[] => {
      const limit = plan?.[resource] ? plan[resource] : limits[resource] * available[resource];
      // The planning figures are of what a platform's shell leaves.
      const used = resources[resource].used - (plan?.[resource] ? shell[resource].used : 0);
      // What does not fit at all is another finding.
      if (!(limit > 0) || used <= limit || resources[resource].used > available[resource]) return [];
      const source = plan?.[resource]
        ? `planning figures of the device sheet (UG1120): ${device.name} ${name}`
        : 'UltraFast recommendation, as cited in FINN (platforms.py)';
      return [{ kind: 'die', subject: name, die: name, resource, value: used, limit, source }];
    });
  });
}

function wide(crossings: readonly CrossingEstimate[]): Closure[] {
  return crossings
    .filter(({ used, plan }) => plan > 0 && used > plan)
    .map(({ between, used, plan }) => ({
      kind: 'crossing',
      subject: between.join(' – '),
      value: used,
      limit: plan,
      source: 'planning figure of the device sheet for the wires of a boundary (UG1120, as cited in FINN)',
    }));
}

function largeArrays({ device, kernels }: Accelerator): Closure[] {
  if (device.dspKind !== 'DSP48E2') return [];
  return kernels.flatMap(({ name, array, clock, onHost, engines, dies }): Closure[] => {
    if (!array || onHost || engines || clock.value < evidence.clock) return [];
    const size = array.value.tokens * array.value.outputs * array.value.dot;
    if (size < evidence.open) return [];
    return [
      {
        kind: 'array',
        subject: name,
        kernel: name,
        ...(dies.value[0] === undefined ? {} : { die: dies.value[0] }),
        written: array.origin !== 'auto',
        value: size,
        limit: evidence.closed,
        source:
          'three arrays of 8 × 16 on a die closed at 250 MHz, a single 16 × 16 did not: routed designs of arXiv 2312.15159',
      },
    ];
  });
}
