/** From a product of attention to the parameters of the library's kernel for it, or the reason why there is none. */
import type { Store } from '../design/design.ts';
import { attend, attendRefusal } from '../kernels/attend/index.ts';
import type { AttendParameters } from '../kernels/attend/parameters.ts';
import { context, contextRefusal } from '../kernels/context/index.ts';
import type { ContextParameters } from '../kernels/context/parameters.ts';
import type { RowElement } from '../kernels/rows.ts';
import { scores, scoresRefusal } from '../kernels/scores/index.ts';
import type { ScoresParameters } from '../kernels/scores/parameters.ts';
import { type Caches, cachesOf } from './caches.ts';
import { attentionOf, type Built, type Shape, type Surroundings } from './shapes.ts';

/** Storage of K or V on the chip, or why it is not there. */
function cacheOf(
  store: Exclude<Store, { kind: 'channels' }> | undefined,
): { storage: ScoresParameters['storage']; double: boolean } | string {
  if (!store) return { storage: 'bram', double: false };
  if (store.storage === 'srl') return 'a cache is kept in lutram, bram or uram, not in srl';
  return { storage: store.storage, double: store.double };
}

function onChip({ piece }: Shape): Exclude<Store, { kind: 'channels' }> | undefined {
  const store = piece.kernel.cache?.value;
  return store?.kind === 'channels' ? undefined : store;
}

/** A product whose K or V streams out of memory. */
function buildAttend(shape: Shape, caches: Caches, output: RowElement, around: Surroundings): Built {
  const { operator } = shape;
  const { rows, heads, keys, array, pack, activations } = attentionOf(shape, around);
  const { headDim } = caches;
  const [reduction, columns] = operator.kind === 'scores' ? [headDim, keys] : [keys, headDim];
  const parameters: AttendParameters = {
    ...{ operator: operator.kind === 'scores' ? 'scores' : 'context', rows, heads, reduction, columns },
    ...{ array, pack, activations, output },
  };
  const refused = attendRefusal(parameters, around.target) ?? caches.refused;
  return refused ? { refused } : { instance: around.instance(attend, parameters) };
}

export function buildScores(shape: Shape, output: RowElement, around: Surroundings): Built {
  const caches = cachesOf(shape, around);
  if (caches) return buildAttend(shape, caches, output, around);
  const cache = cacheOf(onChip(shape));
  if (typeof cache === 'string') return { refused: cache };
  const keyTokens = shape.inputs[1]?.word.tokens ?? 1;
  const parameters: ScoresParameters = {
    ...attentionOf(shape, around),
    ...cache,
    headDim: shape.operator.reduction,
    keyTokens,
    output,
  };
  const refused = scoresRefusal(parameters, around.target);
  return refused ? { refused } : { instance: around.instance(scores, parameters) };
}

export function buildContext(shape: Shape, output: RowElement, around: Surroundings): Built {
  const caches = cachesOf(shape, around);
  if (caches) return buildAttend(shape, caches, output, around);
  const cache = cacheOf(onChip(shape));
  if (typeof cache === 'string') return { refused: cache };
  const parameters: ContextParameters = {
    ...attentionOf(shape, around),
    ...cache,
    headDim: Math.round(shape.operator.columns / Math.max(1, shape.operator.heads)),
    valueTokens: shape.inputs[1]?.word.tokens ?? 1,
    output,
  };
  const refused = contextRefusal(parameters, around.target);
  return refused ? { refused } : { instance: around.instance(context, parameters) };
}
