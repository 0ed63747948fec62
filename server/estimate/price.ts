/**
 * What a kernel would take and how long it would work, by its laws alone: no timeline, no waiting, no FIFOs. Fast enough to
 * price every entry of a list while it opens.
 */
import type { Accelerator, Kernel } from '../design/design.ts';
import type { Resources } from '../kernels/kernel.ts';
import { clean, total } from './amounts.ts';
import { costOf } from './assemble.ts';
import { onOneCard } from './lower/cards.ts';
import { lower } from './lower/lower.ts';
import type { InstanceOf } from './netlist.ts';

export interface Price {
  readonly resources: Resources;
  /** Of its slowest unit, one pass. */
  readonly cycles: number;
  readonly seconds: number;
  /** The library has no such kernel: logic and memories are then left out. */
  readonly refused?: string;
}

/** @param kernel as it would be, in the place of the one of its name */
export function priceOf(accelerator: Accelerator, kernel: Kernel, instanceOf: InstanceOf): Price {
  const kernels = neighbourhood(accelerator, kernel).map((one) => (one.name === kernel.name ? kernel : one));
  const names = new Set(kernels.map(({ name }) => name));
  const edges = accelerator.edges.filter(({ from, to }) =>
    [from, to].every((end) => end.kind !== 'operator' || names.has(end.kernel)),
  );
  const card = onOneCard({ ...accelerator, kernels, edges });
  const { whole, coarse, apart, netlist } = lower(card.accelerator, instanceOf, card.collectives);
  const hasUram = accelerator.device.dies.some(({ resources }) => resources.uram > 0);
  const own = whole.units.filter(
    (unit) => unit.kernel === kernel.name && unit.role !== 'convert' && unit.role !== 'fork',
  );
  const aside = apart.filter(({ piece }) => piece.kernel.name === kernel.name).map(({ instance }) => instance);
  const cycles = [
    ...own.filter(({ role }) => role === 'operator').map(({ instance }) => clean(instance.law.cycles.value)),
    0,
  ];
  const inTurn = aside.reduce((sum, { law }) => sum + clean(law.cycles.value), 0);
  const refused = netlist.refused.find((one) => one.kernel === kernel.name)?.reason;
  const all = Math.max(...cycles) + inTurn;
  return {
    resources: total([
      ...own.map((unit) => (coarse.has(unit.id) ? unit.instance.law.logic : costOf(unit, hasUram))),
      ...aside.map(({ law }) => law.logic),
    ]),
    cycles: all,
    seconds: clean(all / kernel.clock.value),
    ...(refused !== undefined && { refused }),
  };
}

/**
 * The kernels that decide how a kernel is built: itself, what feeds it, up to the product whose rows it takes over, and the
 * layer's first product, after which rows lie in memory.
 */
function neighbourhood({ kernels, model }: Accelerator, kernel: Kernel): Kernel[] {
  const of = new Map(kernels.flatMap((one) => one.turns.flat().map(({ name }) => [name, one] as const)));
  const found = new Set<Kernel>();
  const follow = (one: Kernel | undefined): void => {
    if (!one || found.has(one)) return;
    found.add(one);
    if (one.array && one.name !== kernel.name) return;
    for (const { name } of one.turns.flat().flatMap(({ inputs }) => inputs)) follow(of.get(name));
  };
  follow(kernels.find(({ name }) => name === kernel.name));
  follow(model.layer.operators.map(({ name }) => of.get(name)).find((one) => one?.array));
  return kernels.filter((one) => found.has(one));
}
