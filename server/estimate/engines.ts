/** Engines beside the logic (AI engines, tensor blocks) as a rate: what kernels `on engines` ask of it, and what there is. */
import type { Accelerator } from '../design/design.ts';
import { clean } from './amounts.ts';
import { engineMacs } from './closed-form.ts';
import type { EnginesEstimate } from './estimate.ts';
import { builtKernels } from './lower/pieces.ts';
import { copiesOf } from './time/copies.ts';

/** Undefined where no kernel is on engines. */
export function enginesOf(accelerator: Accelerator): EnginesEstimate | undefined {
  const { engines } = accelerator.device;
  const clock = accelerator.clock.value;
  const users = builtKernels(accelerator).filter((kernel) => kernel.engines && kernel.array);
  if (!engines || users.length === 0 || !(clock > 0)) return undefined;
  const copies = copiesOf(accelerator);
  const of = users.map(({ name, array, pack, replicate, twins = [], clock: own }) => {
    const { tokens, outputs, dot } = array!.value;
    const macs = tokens * outputs * dot * pack.value * replicate.value * copies * (1 + twins.length);
    return { kernel: name, macs: clean((macs * own.value) / clock) };
  });
  const { count, macsPerCycle } = engines;
  const available = clean(engineMacs(count, macsPerCycle, engines.clock, clock));
  return {
    used: of.reduce((sum, { macs }) => sum + macs, 0),
    available,
    users: of,
    formula: {
      symbolic: 'engines · multiply-accumulates a cycle of theirs · their clock ÷ the clock',
      numeric: `${count} · ${macsPerCycle} · ${engines.clock / 1e6} MHz ÷ ${clock / 1e6} MHz`,
      value: available,
      unit: 'multiply-accumulates a cycle',
      source: 'device sheet; arXiv 2312.15159, M_tot of engines',
    },
  };
}
