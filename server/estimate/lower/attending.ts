/** From a product of attention to the parameters of the library's kernel for it, or the reason why there is none. */
import type { Kernel, Store } from '../../design/design.ts';
import { attend, attendRefusal } from '../../kernels/attend/index.ts';
import type { AttendParameters } from '../../kernels/attend/parameters.ts';
import { attention, attentionRefusal } from '../../kernels/attention/index.ts';
import type { AttentionParameters } from '../../kernels/attention/parameters.ts';
import { context, contextRefusal } from '../../kernels/context/index.ts';
import type { ContextParameters } from '../../kernels/context/parameters.ts';
import { heads, headsRefusal } from '../../kernels/heads/index.ts';
import type { Headed } from '../../kernels/heads/parameters.ts';
import type { RowElement } from '../../kernels/rows.ts';
import { scores, scoresRefusal } from '../../kernels/scores/index.ts';
import type { ScoresParameters } from '../../kernels/scores/parameters.ts';
import { type Caches, cachesOf } from './caches.ts';
import { attentionOf, type Built, type Shape, type Surroundings } from './shapes.ts';

/** Storage of K or V on the chip. */
function cacheOf(
  store: Exclude<Store, { kind: 'channels' }> | undefined,
): Pick<ScoresParameters, 'storage' | 'double'> {
  return store ? { storage: store.storage, double: store.double } : { storage: 'bram', double: false };
}

function onChip({ piece }: Shape): Exclude<Store, { kind: 'channels' }> | undefined {
  const store = piece.kernel.cache?.value;
  return store?.kind === 'channels' ? undefined : store;
}

/** As many of a kernel as `replicate` says, each with heads of its own; undefined where it is one. */
export function overHeads(headed: Headed, { piece }: Shape, around: Surroundings): Built | undefined {
  const instances = piece.kernel.replicate.value;
  if (instances === 1) return undefined;
  const parameters = { ...headed, instances };
  const refused = headsRefusal(parameters);
  return refused ? { refused } : { instance: around.instance(heads, parameters) };
}

/** A product whose K or V streams out of memory. */
function buildAttend(shape: Shape, caches: Caches, output: RowElement, around: Surroundings): Built {
  const { operator, piece } = shape;
  if (piece.kernel.replicate.value > 1) return { refused: fromMemory(piece.kernel) };
  const { rows, heads, keys, headDim, array, pack, activations } = attentionOf(shape, around);
  const [reduction, columns] = operator.kind === 'scores' ? [headDim, keys] : [keys, headDim];
  const parameters: AttendParameters = {
    ...{ operator: operator.kind === 'scores' ? 'scores' : 'context', rows, heads, reduction, columns },
    ...{ array, pack, activations, output },
  };
  const refused = attendRefusal(parameters, around.target) ?? caches.refused;
  return refused ? { refused } : { instance: around.instance(attend, parameters) };
}

export function buildScores(shape: Shape, output: RowElement, around: Surroundings): Built {
  const [caches] = cachesOf(shape, around);
  if (caches) return buildAttend(shape, caches, output, around);
  const cache = cacheOf(onChip(shape));
  const keyTokens = shape.inputs[1]?.word.tokens ?? 1;
  const parameters: ScoresParameters = {
    ...attentionOf(shape, around),
    ...cache,
    keyTokens,
    output,
  };
  const refused = scoresRefusal(parameters, around.target);
  if (refused) return { refused };
  const several = overHeads({ kernel: 'scores', of: parameters }, shape, around);
  return several ?? { instance: around.instance(scores, parameters) };
}

export function buildContext(shape: Shape, output: RowElement, around: Surroundings): Built {
  const [caches] = cachesOf(shape, around);
  if (caches) return buildAttend(shape, caches, output, around);
  const cache = cacheOf(onChip(shape));
  const parameters: ContextParameters = {
    ...attentionOf(shape, around),
    ...cache,
    valueTokens: shape.inputs[1]?.word.tokens ?? 1,
    output,
  };
  const refused = contextRefusal(parameters, around.target);
  if (refused) return { refused };
  const several = overHeads({ kernel: 'context', of: parameters }, shape, around);
  return several ?? { instance: around.instance(context, parameters) };
}

/** Out of memory K and V come in the order of one array: a wider one has as many multipliers. */
function fromMemory({ name, array, replicate }: Kernel): string {
  const { tokens, outputs, dot } = array?.value ?? { tokens: 1, outputs: 1, dot: 1 };
  const wide = [tokens, outputs * replicate.value, ...(dot > 1 ? [dot] : [])].join(' x ');
  return `K and V that come from memory come for one ${name}, not for ${replicate.value} with heads of their own; ‘array ${wide}’ multiplies as much and reads the same channels side by side`;
}

/** Scores, softmax and context in one unit, a tile of keys at a time. */
export function buildTiled(shape: Shape, output: RowElement, around: Surroundings): Built {
  const { kernel, operators } = shape.piece;
  if (kernel.replicate.value > 1) return { refused: fromMemory(kernel) };
  const { kvHeads: _, ...sizes } = attentionOf(shape, around);
  const tile = kernel.tile?.value;
  const caches = cachesOf(shape, around);
  if (sizes.rows === 1)
    return {
      refused: 'a pass of one row keeps one row of scores: tiled attention is for passes of more; leave ‘tile’ out',
    };
  if (caches.length === 0)
    return { refused: 'tiled attention reads K and V from memory: say where they are kept, as in ‘cache hbm[8..9]’' };
  if (tile?.outputs === undefined) return { refused: 'how many keys a tile has is not said: write ‘tile auto x 128’' };
  if (tile.tokens !== undefined && tile.tokens !== sizes.array.tokens)
    return { refused: `a tile has the ${sizes.array.tokens} tokens of its array, not ${tile.tokens}` };
  if (tile.reduction !== undefined && tile.reduction !== sizes.headDim)
    return { refused: `a tile has the ${sizes.headDim} columns of a head, not ${tile.reduction}` };
  const causal = operators.some(({ kind }) => kind === 'causal');
  const parameters: AttentionParameters = { ...sizes, tile: tile.outputs, causal, output };
  const refused =
    attentionRefusal(parameters, around.target) ?? caches.map((each) => each.refused).find((reason) => reason);
  return refused ? { refused } : { instance: around.instance(attention, parameters) };
}
