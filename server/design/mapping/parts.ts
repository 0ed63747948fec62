/** The parts of an accelerator's work: phases, repeated layers, and passes that kernels `for` some of them tell apart. */

import type { Passes } from '../design.ts';
import type { LayerGraph, ModelGraph, Phase } from '../workload.ts';
import type { Asked } from './clauses.ts';
import type { Part } from './mapping.ts';

/** A model in one phase. */
interface InPhase {
  readonly graph: ModelGraph;
  readonly targets: Part['targets'];
  readonly phase: Phase;
}

/** What a `for` clause may call the pass over a prompt, or the phase itself; and a token pass of `generate`. */
export const phaseNames = ({ name }: Phase): Phase['name'][] => (name === 'generate' ? ['prefill', name] : [name]);
export const TOKEN_PASS: readonly Phase['name'][] = ['decode', 'generate'];

/** Parts of a phase in the order in which they are computed; the first one stands for the accelerator. */
export function partsOf(
  { graph, targets, phase }: InPhase,
  names: readonly Phase['name'][],
  kernels: readonly Asked[],
): Part[] {
  const { layer, moreLayers, outside, ...more } = graph;
  return [layer, ...moreLayers].flatMap((one, index) =>
    stretchesOf(one, kernels).map((passes, stretch) => {
      // What stands around the layers is computed once.
      const around = index + stretch === 0 ? { outside, moreLayers } : { outside: [], moreLayers: [] };
      return { graph: { ...more, layer: one, ...around }, targets, phase, phaseNames: names, passes };
    }),
  );
}

/** Each stretch of passes is resolved and timed on its own: hundreds of them would block the editor. */
const MAX_STRETCHES = 64;

/** Passes of a layer, cut wherever the kernels that serve them change; behind the last cut allowed, as one stretch. */
function stretchesOf({ name, repeat }: LayerGraph, kernels: readonly Asked[]): Passes[] {
  const ranges = kernels.flatMap(({ passes }) => passes?.value?.filter(({ layer }) => layer === name) ?? []);
  const cuts = new Set([0, ...ranges.flatMap(({ first, last }) => [first, last + 1])]);
  const starts = [...cuts]
    .filter((start) => start < repeat)
    .sort((a, b) => a - b)
    .slice(0, MAX_STRETCHES);
  return starts.map((first, index) => ({ layer: name, first, last: (starts[index + 1] ?? repeat) - 1 }));
}
